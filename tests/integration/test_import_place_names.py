"""Files that write places in many ways: what is certain goes in, what is likely is proposed, each name once."""

import json

import jsonschema
import pytest
from sqlalchemy import select

from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction
from govdesk.tables import Incident
from tests.support import named_county
from tests.support.importing import run
from tests.support.named_county import PROFILE, lines


@pytest.fixture
def county():
    return named_county.build()


def placed(engine):
    with read_transaction(engine) as connection:
        return {row.source_ref: row.place_code for row in connection.execute(select(Incident.__table__))}


def test_spellings_that_are_certain_go_in_and_are_counted(county, tmp_path):
    report = run(county, tmp_path, lines("城关镇,东门村", "城关,東門村", "河西乡,东门村委会", ",河西乡温塘", "河西鄉,温塘村", ",罗溪（城关镇）"), PROFILE)
    assert (report.inserted, report.rejected, report.place_proposals) == (6, 0, [])
    assert list(placed(county).values()) == ["990101901001", "990101901001", "990101902001", "990101902002", "990101902002", "990101901003"]
    told = next(item for item in report.warnings if item.code == "place_written_otherwise")
    assert dict(told.values)["n"] == "5"


def test_what_is_likely_is_rejected_and_proposed_once_for_all_its_rows(county, tmp_path):
    report = run(county, tmp_path, lines("城关镇,箩溪村", "城关镇,罗溪村", "城关镇,箩溪村", "城关镇,石桥村", "河西乡,东门社区"), PROFILE)
    assert (report.inserted, report.rejected) == (1, 4)
    assert [item.code for item in report.errors] == ["place_proposed"] * 4
    assert "罗溪村 (城关镇)" in report.errors[0].message("zh")
    assert (report.errors[0].column, report.errors[0].value, report.errors[0].line) == ("村", "箩溪村", 2)
    first = report.place_proposals[0]
    assert (first.text, first.parent_text, first.parent_code, first.n_rows, first.first_line, first.sheet) == (
        "箩溪村", "城关镇", "990101901", 2, 2, None)
    assert [(one.candidates[0].name, one.candidates[0].township, one.candidates[0].why) for one in report.place_proposals] == [
        ("罗溪村", "城关镇", "sound"), ("石桥村", "河西乡", "elsewhere"), ("东门村", "河西乡", "kind")]


def test_ambiguous_names_and_unknown_townships_are_errors_of_their_own(county, tmp_path):
    report = run(county, tmp_path, lines(",东门村", "城管镇,罗溪村", "城管镇,东门村", "火星,罗溪村"), PROFILE)
    assert [item.code for item in report.errors] == ["place_ambiguous", "place_parent_unknown", "place_parent_unknown", "place_parent_unknown"]
    assert [item.column for item in report.errors] == ["村", "乡镇", "乡镇", "乡镇"]
    ambiguous, town, mars = report.place_proposals
    assert {one.township for one in ambiguous.candidates} == {"城关镇", "河西乡"}
    assert not ambiguous.can_choose
    assert (town.text, town.level, town.n_rows, town.candidates[0].name) == ("城管镇", "township", 2, "城关镇")
    assert mars.candidates == ()


def test_exact_profile_takes_only_the_register(county, tmp_path):
    report = run(county, tmp_path, lines("城关镇,罗溪", "城关镇,罗溪村"), PROFILE.replace('from = "村"', 'from = "村"\nmatch = "exact"'))
    assert (report.inserted, report.errors[0].code, report.place_proposals) == (1, "place_unknown", [])


def test_report_keeps_to_its_schema(county, tmp_path):
    report = run(county, tmp_path, lines("城关镇,箩溪村", ",东门村", "城管镇,罗溪村", "城关镇,罗溪村"), PROFILE, commit=False)
    schema = json.loads((ROOT / "docs/schemas/import-report.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(report.as_json())), schema)


def test_numbers_of_persons_are_masked_in_proposals(county, tmp_path):
    report = run(county, tmp_path, lines("城关镇,罗溪村13800138000"), PROFILE, commit=False)
    assert "13800138000" not in json.dumps(report.as_json(), ensure_ascii=False)
    assert report.place_proposals[0].candidates[0].name == "罗溪村"

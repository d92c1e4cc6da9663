"""Each sentence an importer of records can say is said, in both languages, by a file that deserves it."""

import tomllib

import pytest
from sqlalchemy import insert

from govdesk.ingest import drafts
from govdesk.ingest.readers import FileRefusedError
from govdesk.settings import ROOT
from govdesk.storage.engine import get_engine, write_transaction
from govdesk.tables import Place, PlaceChange
from govdesk.tables.places import ALWAYS
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, POINT, VILLAGE, about, incident, run

BY_NAME = """about = "incidents"
name = "t"
sample = true
[fields]
source_ref = { from = "source_ref" }
stream = { from = "stream" }
reported_at = { from = "reported_at" }
"""
PLACE_NAME = BY_NAME + '[place.name]\nfrom = "place_code"\nlevel = "village"\n'
PLACE_POINT = BY_NAME + '[place.point]\nlevel = "village"\n[point]\nlon = { from = "lon" }\nlat = { from = "lat" }\n'
STEPS = "source_ref,incident_ref,kind,occurred_at,note\n"
TWIN = "双名村"

#: code → profile, content.
CASES = {
    "value_missing": (INCIDENTS, HEAD + incident(stream="")),
    "code_unknown": (INCIDENTS, HEAD + incident(stream="reqest")),
    "hint": (INCIDENTS, HEAD + incident(stream="reqest")),
    "category_unknown": (INCIDENTS, HEAD + incident(category="request_roda")),
    "category_of_other_stream": (INCIDENTS, HEAD + incident(category="neighbour")),
    "category_empty": (INCIDENTS, HEAD + incident(category="")),
    "date_unreadable": (INCIDENTS, HEAD + incident(on="soon")),
    **{code: (INCIDENTS, HEAD + incident(on=text)) for code, text in {
        "date_without_year": "3月5日", "date_without_day": "2026年3月", "date_range": "2026.3.5-3.7", "date_ambiguous": "05/03/2026",
        "date_impossible": "2026-02-31", "date_lunar": "正月初五", "date_unsure": "3月上旬", "date_only_time": "09:30",
        "date_from_serial": "46086", "date_short_year": "26.3.1", "date_order_taken": "25/02/2026", "cell_same_as_above": "同上",
        "cell_formula_error": "#REF!"}.items()},
    "date_year_added": (INCIDENTS + "[file]\nyear = 2026\n", HEAD + incident(on="2月5日")),
    "date_zero_lost": (INCIDENTS + "[file]\nyear = 2026\n", HEAD + incident(on="2.1")),
    **{code: (INCIDENTS, "stream,place_code,occurred_on,n_people\n" + f"request,{VILLAGE},2026-03-01,{text}\n") for code, text in {
        "number_is_share": "50%", "number_range": "10-20", "number_unsure": "约20"}.items()},
    **{code: (INCIDENTS + '[fields.summary]\nfrom = "text"\n', HEAD.strip() + ",text\n" + incident().strip() + f",{text}\n") for code, text in {
        "text_simplified": "鄰裡糾紛", "text_repaired": "ÖÐ¹úÖÐ¹ú", "phonetics_removed": "環(huán)境", "text_broken": "锟斤拷锟斤拷"}.items()},
    "column_dropped": (INCIDENTS, HEAD.strip() + ",联系电话\n" + incident().strip() + ",13800138000\n"),
    "text_narrowed": (INCIDENTS, HEAD + incident(ref="Ａ１")),
    "text_broken_needed": (INCIDENTS, HEAD + incident(stream="锟斤拷锟斤拷")),
    "date_too_old": (INCIDENTS, HEAD + incident(on="1900-01-01")),
    "date_in_future": (INCIDENTS, HEAD + incident(on="2027-01-01")),
    "reported_before_occurred": (INCIDENTS, HEAD + incident(on="2026-03-05")),
    "place_missing": (INCIDENTS, HEAD + incident(place="")),
    "place_unknown": (INCIDENTS, HEAD + incident(place="990101001009")),
    "place_ambiguous": (PLACE_NAME, HEAD + incident(place=TWIN)),
    "place_proposed": (PLACE_NAME, HEAD + incident(place="第1镇5村")),
    "place_parent_unknown": (PLACE_NAME + '[place.parent]\nfrom = "category"\n', HEAD + incident(place=TWIN, category="第9真")),
    "place_written_otherwise": (PLACE_NAME, HEAD + incident(place="第1鎮1村")),
    "place_not_at_point": (PLACE_POINT, HEAD + incident(lon="111.361", lat="27.121")),
    "place_by_fallback": (PLACE_POINT.replace("[place.point]", '[place.code]\nfrom = "place_code"\n[place.point]'),
                          HEAD + incident(place="zz", lon=POINT[0], lat=POINT[1])),
    "place_not_valid": (INCIDENTS, HEAD + incident(place=f"{VILLAGE}-01", on="2026-10-01", at="2026-10-01")),
    "place_replaced": (INCIDENTS, HEAD + incident(place=f"{VILLAGE}-01a", on="2025-10-01", at="2025-10-01")),
    "point_unusable": (INCIDENTS, HEAD + incident(lon="east", lat="27")),
    "point_outside_county": (INCIDENTS, HEAD + incident(lon="100", lat="27")),
    "key_twice": (INCIDENTS, HEAD + incident() + incident(on="2026-02-01")),
    "reference_empty": (INCIDENTS, HEAD + incident(ref="")),
    "text_too_long": (INCIDENTS, HEAD + incident(ref="x" * 81)),
    "cells_missing": (INCIDENTS, HEAD + incident() + "A2,request\n"),
    "cells_extra": (INCIDENTS, HEAD + incident().strip() + ",more\n"),
    "weight_invalid": (INCIDENTS, "stream,place_code,occurred_on,weight\n" + f"request,{VILLAGE},2026-03-01,2\n"),
    "number_unreadable": (INCIDENTS, "stream,place_code,occurred_on,n_people\n" + f"request,{VILLAGE},2026-03-01,five\n"),
    "number_out_of_range": (INCIDENTS, "stream,place_code,occurred_on,severity\n" + f"request,{VILLAGE},2026-03-01,9\n"),
    "unit_unknown": (INCIDENTS, "stream,place_code,occurred_on,handling_unit\n" + f"request,{VILLAGE},2026-03-01,U-X\n"),
    "recorded_in_future": (INCIDENTS, "stream,place_code,occurred_on,recorded_at\n" + f"request,{VILLAGE},2026-03-01,2027-01-01\n"),
    "recorded_before_reported": (INCIDENTS, "stream,place_code,occurred_on,recorded_at\n" + f"request,{VILLAGE},2026-03-01,2026-02-01\n"),
    "repeat_unknown": (INCIDENTS, "stream,place_code,occurred_on,repeat_of\n" + f"request,{VILLAGE},2026-03-01,X\n"),
    "rows_skipped": (INCIDENTS + '[[only]]\nfrom = "source_ref"\nvalues = ["A2"]\n', HEAD + incident() + incident("A2")),
    "value_unlisted": (INCIDENTS + '[fields.stream]\nfrom = "stream"\nvalues = { x = "request" }\n', HEAD + incident()),
    "text_cut": (INCIDENTS + '[fields.summary]\nfrom = "category"\n[fields.category]\nconstant = "request_road"\n',
                 HEAD + incident(category="长" * 5001)),
    "closed_before_reported": (INCIDENTS + '[fields.closed_at]\nfrom = "source_ref"\n', HEAD + incident(ref="2026-02-01")),
    "outcome_without_closing": (INCIDENTS + '[fields.outcome]\nconstant = "settled"\n', HEAD + incident()),
    "warnings_more": (INCIDENTS, HEAD + "".join(incident(f"A{n}", on="2026-03-05") for n in range(101))),
    "errors_more": (INCIDENTS, HEAD + "".join(incident(f"A{n}", on="never") for n in range(6))),
    "incident_unknown": (about("steps"), STEPS + "S1,nothing,close,2026-03-01,\n"),
    "step_before_report": (about("steps", incident_source='"tiny"'), STEPS + "S1,T0000001,close,1999-03-01,\n"),
    "step_edited": (about("steps", source='"tiny"').replace('source = "t"\n', ""), STEPS + "T0000001-0,T0000001,close,2026-03-01,\n"),
    "yes_no_unreadable": (about("mediations"), "incident_ref,channel,method,level,started_on,is_settled\nx,people,joint,village,2026-03-01,perhaps\n"),
    "ends_before_start": (about("nil_returns"), f"place_code,period_from,period_to\n{VILLAGE},2026-03-01,2026-03-01\n"),
    "post_unknown": (about("vacancies"), "post_code,from_on\nP9,2026-03-01\n"),
}
REFUSED = {
    "file_without_content": (INCIDENTS, ""),
    "file_without_rows": (INCIDENTS, HEAD),
    "file_unreadable": (INCIDENTS, b"PK\x03\x04 no workbook"),
    "header_missing": (INCIDENTS, ",,,\n"),
    "header_ambiguous": (INCIDENTS, "stream,stream,place_code,occurred_on\n"),
    "tables_abreast": (
        'about = "incidents"\nname = "t"\nsource = "t"\nsample = true\n[file]\nheader_row = 1\nheader_rows = 2\n'
        '[fields.stream]\nfrom = "l stream"\n[fields.occurred_on]\nfrom = "l occurred_on"\n'
        '[place.code]\nfrom = "l place_code"\n',
        "l,l,l,r,r,r\n" + "stream,place_code,occurred_on," * 2 + "\n"),
    "column_missing": (INCIDENTS, "streem,place_code,occurred_on\n"),
    "column_personal": (INCIDENTS + '[fields.handling_unit]\nfrom = "姓名"\n', HEAD.strip() + ",姓名\n" + incident().strip() + ",张示例\n"),
    "encoding_unknown": (INCIDENTS + '[file]\nencoding = "klingon"\n', HEAD),
    "crs_differs": (INCIDENTS + '[point]\ncrs = "gcj02"\nlon = { from = "lon" }\nlat = { from = "lat" }\n', HEAD + incident()),
}
#: Said elsewhere in the tests: a workbook's sheet, a database without places.
ELSEWHERE = {"sheet_missing", "places_missing", "place_by_alias", "place_proposals_limited"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """A tiny county with two villages of one name, in a database that all cases share."""
    engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('codes') / 'codes.db'}")
    tiny_county.build(engine, n_incidents=3)
    with write_transaction(engine) as connection:
        connection.execute(insert(Place), [
            {"code": f"990101{town}009", "valid_from": ALWAYS, "name": TWIN, "level": "village", "parent_code": f"990101{town}",
             "initials": "", "lon": 111.2, "lat": 27.05} for town in ("002", "003")])
        assert connection.execute(PlaceChange.__table__.select()).all()
    yield engine
    engine.dispose()


def sentences(report):
    found = {}
    for item in [*report.errors, *report.warnings]:
        found[item.code] = item
        assert item.message("zh")
        assert item.message("en")
    return found


def test_a_choice_of_rows_minds_no_blank_inside_a_word(engine, tmp_path):
    profile = INCIDENTS + '[[only]]\nfrom = "state"\nvalues = ["有效"]\n'
    rows = "".join(incident(f"A{at}").strip() + f",{state}\n" for at, state in enumerate(("有效", "有 效", "有　效", "无效")))
    assert run(engine, tmp_path, HEAD.strip() + ",state\n" + rows, profile, commit=False).inserted == 3


@pytest.mark.parametrize("code", [code for code in CASES if code not in ("hint", "errors_more")])
def test_note_is_said(engine, tmp_path, code):
    profile, content = CASES[code]
    report = run(engine, tmp_path, content, profile, commit=False)
    assert code in sentences(report)


def test_hint_names_the_nearest_code(engine, tmp_path):
    report = run(engine, tmp_path, CASES["hint"][1], commit=False)
    assert "request" in dict(report.errors[0].values)["hint"]


def test_unreadable_coordinate_is_never_quoted(engine, tmp_path):
    report = run(engine, tmp_path, HEAD + incident(lon="111.12345x", lat="27.54321"), commit=False)
    assert "111.12345" not in str([item.as_json() for item in [*report.errors, *report.warnings]])
    assert report.accepted == 1


def test_errors_are_bounded(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(drafts, "ERRORS_KEPT", 3)
    report = run(engine, tmp_path, CASES["errors_more"][1], commit=False)
    assert [item.code for item in report.errors] == ["date_unreadable"] * 3 + ["errors_more"]
    assert report.rejected == 6


@pytest.mark.parametrize("code", list(REFUSED))
def test_file_is_refused(engine, tmp_path, code):
    profile, content = REFUSED[code]
    with pytest.raises(FileRefusedError) as refused:
        run(engine, tmp_path, content, profile, commit=False)
    assert refused.value.note.code == code
    assert refused.value.note.message("zh")


def test_every_sentence_for_records_has_a_case():
    text = (ROOT / "locales" / "en" / "note.toml").read_text(encoding="utf-8")
    ours = set(tomllib.loads(text[text.index("# Records:"):]))
    shared = {"column_missing", "encoding_unknown"}
    unseen = ours - set(CASES) - set(REFUSED) - ELSEWHERE
    assert not {code for code in unseen if code not in shared}

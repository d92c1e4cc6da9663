"""reconcile-places: 364 against 346, lists with any header, files of records by their profile."""

import json

import jsonschema
import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from govdesk.cli import app
from govdesk.settings import ROOT
from govdesk.storage.engine import get_engine, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Place
from govdesk.tables.places import ALWAYS
from govdesk.terms import DataKind
from tests.support import named_county
from tests.support.dongkou_book import read_rows
from tests.support.importing import run
from tests.support.named_county import PROFILE, lines


def call(tmp_path, content, *options, name="list.csv"):
    path, report = tmp_path / name, tmp_path / "r.json"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["reconcile-places", str(path), "--report", str(report), *options])
    return result.exit_code, result.output, json.loads(report.read_text(encoding="utf-8"))


@pytest.fixture
def dongkou():
    """The register of the sample county of names, imported as the documents say."""
    engine = get_engine()
    create_database(engine, Properties(kind=DataKind.REAL, zone="Asia/Shanghai", title_zh="洞口县", title_en="Dongkou", crs="gcj02"))
    folder = ROOT / "data/sample/dongkou"
    for options in (["--geometry", str(folder / "county_gcj02.geojson"), "--code-property", "adcode", "--level", "county"],
                    [str(folder / "townships.csv"), "--level", "township", "--parent", "430525", "--crs", "wgs84", "--convert"],
                    [str(folder / "villages.csv"), "--level", "village"]):
        assert CliRunner().invoke(app, ["import-places", *options, "--commit"]).exit_code == 0
    return engine


def test_346_of_364_villages_are_reconciled(dongkou, tmp_path):
    places = {one.code: one for one in read_rows()}
    villages = [one for one in places.values() if one.level == "village"]
    rows = [(places[one.parent_code].name, one.name) for one in villages[:-20]]
    rows[0] = ("文昌街道办事处", "桔城社區居委会")
    rows[1] = ("文昌街道", "龙三社区")
    rows += [rows[5], ("高沙镇", "罗溪村")]
    status, output, found = call(tmp_path, "序号,所属乡镇,村（社区）\n" + "".join(f"{n},{a},{b}\n" for n, (a, b) in enumerate(rows, 1)))
    assert (status, found["n_rows"], found["n_known"]) == (0, 346, 364)
    jsonschema.validate(found, json.loads((ROOT / "docs/schemas/reconciliation-report.json").read_text(encoding="utf-8")))
    # The last 20 villages hold none of 罗溪瑶族乡: its village stands twice, the second time elsewhere.
    assert (found["n_matched"], found["n_unknown"], found["n_doubled"], found["n_missing"]) == (343, 1, 2, 21)
    assert found["ways"] == {"exact": 342, "normal": 1}
    assert found["unknown"][0]["candidates"][0]["name"] == "龙山社区"
    assert "364 places of the register = 343 matched + 0 elsewhere + 21 missing" in output


def test_a_file_of_records_is_reconciled_by_its_profile(tmp_path):
    named_county.build()
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")
    content = lines("城关镇,东门村", "城关镇,东门村", "城关,東门村", "河西乡,罗溪村")
    status, _, found = call(tmp_path, content, "--profile", str(tmp_path / "p.toml"))
    assert (status, found["n_rows"], found["n_matched"], found["n_elsewhere"], found["n_doubled"]) == (0, 3, 1, 1, 1)


def test_headers_may_be_named_and_a_list_without_any_is_refused(tmp_path):
    named_county.build()
    status, _, found = call(tmp_path, "哪里\n东门社区\n", "--name-column", "哪里")
    assert (status, found["n_matched"]) == (0, 1)
    status, output, _ = call(tmp_path, "哪里\n东门社区\n")
    assert (status, "column_missing" in output) == (3, True)
    assert call(tmp_path, "哪里\n东门社区\n", "--name-column", "那里")[0] == 3
    assert call(tmp_path, "村\n")[0] == 3


def test_a_list_with_a_title_above_and_a_sum_below_is_read(tmp_path):
    named_county.build()
    status, _, found = call(tmp_path, "测试县行政村一览表,,\n序号,乡镇,村名\n1,城关镇,东门村\n2,河西乡,温塘村\n合计,,2\n")
    assert (status, found["n_rows"], found["n_matched"]) == (0, 2, 2)


def test_a_code_like_a_telephone_number_is_found_and_an_unknown_number_is_masked(tmp_path):
    engine = named_county.build()
    with write_transaction(engine) as connection:
        connection.execute(insert(Place), {"code": "058825100201", "name": "甲村", "level": "village", "parent_code": "990101901",
                                           "valid_from": ALWAYS, "initials": "", "lon": 111.0, "lat": 27.0})
    _, output, found = call(tmp_path, "代码,村\n０５８８２５１００２０１,甲村\n13800138000,\n")
    assert (found["ways"], found["n_unknown"]) == ({"code": 1}, 1)
    assert "13800138000" not in output + json.dumps(found)


def test_an_import_says_how_much_of_the_county_its_file_speaks_of(tmp_path):
    engine = named_county.build()
    report = run(engine, tmp_path, lines("城关镇,东门村", "城关镇,罗溪村", "城关镇,罗溪村", "河西乡,火星"), PROFILE, commit=False)
    told = report.as_json()["places"]
    absent = told.pop("absent")
    assert told == {"level": "village", "n_known": 7, "n_in_file": 2, "townships_without": [
        {"code": "990101001", "name": "第1镇"}, {"code": "990101902", "name": "河西乡"}]}
    assert len(absent) == 5
    assert {"parent": "河西乡", "name": "石桥村"} in absent
    assert {"parent": "河西乡", "name": "东门村"} in absent  # the other one of that name
    assert {"parent": "城关镇", "name": "东门村"} not in absent

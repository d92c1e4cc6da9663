"""A file full of personal data goes in, and none of it is anywhere afterwards: tables, report, notes, log."""

import json
import logging

import pytest
from sqlalchemy import MetaData, inspect, select

from govdesk.ingest.kept_report import write_report
from govdesk.ingest.readers import FileRefusedError
from tests.support.importing import HEAD, INCIDENTS, VILLAGE, codes, incident, run
from tests.support.privacy_suite import suite

PROSE = INCIDENTS + '[fields.summary]\nfrom = "诉求内容"\n'
PEOPLE = [
    ("张示例", "430599198803031819", "13800138000", "石榴村3组15号", "6217997001122334455", "汉族"),
    ("欧阳示范", "43059920110421643X", "138-0013-8001", "解放路88号", "6228481234567890128", "回族"),
    ("王试样", "430599195408276046", "0739-7220001", "幸福小区12栋3单元402室", "6217997001122334466", "汉族"),
]
HEADERS = "姓名,身份证号,联系电话,家庭住址,银行卡号,民族"
SECRETS = {cell for person in PEOPLE for cell in person[:5]}


@pytest.fixture
def county(tiny_engine):
    return tiny_engine


def everything(engine):
    """Return every cell of every table as one text."""
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        assert {"incidents", "row_notes", "import_batches", "audit_events"} <= set(inspect(engine).get_table_names())
        return repr([[tuple(row) for row in connection.execute(select(table))] for table in tables.sorted_tables])


def _row(ref, prose, person, **more):
    return incident(ref, **more).strip() + ',"' + prose + '",' + ",".join(person) + "\n"


def _file(*rows):
    return HEAD.strip() + ",诉求内容," + HEADERS + "\n" + "".join(rows)


def _prose(person):
    name, number, phone, home, card, _ = person
    return f"反映人{name}（身份证{number}），电话{phone}，住{home}，卡号{card}，要求修路"


def test_nothing_personal_is_left_anywhere(county, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    rows = [_row(f"P{n}", _prose(person), person) for n, person in enumerate(PEOPLE)]
    rows.append(_row("P7", _prose(PEOPLE[0]), PEOPLE[0], on="张示例 13800138000"))
    rows.append(_row("P8", _prose(PEOPLE[1]), PEOPLE[1], place="户主张示例 430599198803031819"))
    rows.append(_row(PEOPLE[0][1], "无", PEOPLE[2]))
    report = run(county, tmp_path, _file(*rows), PROSE, name="张示例 13800138000.csv")
    left = everything(county) + json.dumps(report.as_json(), ensure_ascii=False) + caplog.text
    left += write_report(report, {}) + repr(report)
    assert {secret for secret in SECRETS if secret in left} == set()
    assert "要求修路" in left
    assert report.inserted == 4
    assert report.rejected == 2


def test_columns_about_persons_are_told_and_kinds_counted(county, tmp_path):
    rows = [_row(f"P{n}", _prose(person), person) for n, person in enumerate(PEOPLE)]
    report = run(county, tmp_path, _file(*rows), PROSE)
    dropped = {item.column: dict(item.values)["what"] for item in report.warnings if item.code == "column_dropped"}
    assert list(dropped) == HEADERS.split(",")
    assert dropped["联系电话"] == "电话号码"
    assert report.masked == 3
    assert report.masked_kinds == {"card": 3, "house": 3, "identity": 3, "name": 3, "phone": 3}
    assert report.as_json()["masked_kinds"] == report.masked_kinds


def test_column_without_a_header_is_told_by_its_cells(county, tmp_path):
    rows = [incident(f"P{n}").strip() + f",1380013800{n}\n" for n in range(5)]
    report = run(county, tmp_path, HEAD.strip() + ",备注一\n" + "".join(rows))
    assert [item.column for item in report.warnings if item.code == "column_dropped"] == ["备注一"]


@pytest.mark.parametrize(("field", "header", "cells"), [
    ("source_ref", "身份证号", ["1", "2", "3"]),
    ("source_ref", "编号", ["430599198803031819", "430599195408276046", "430599195803145484"]),
    ("handling_unit", "联系人", ["a", "b", "c"]),
    ("category", "民族", ["汉族", "回族", "苗族"]),
    ("n_people", "年龄", ["52", "61", "38"]),
    ("summary", "姓名", ["张示例", "李示例", "王示例"]),
])
def test_profile_that_reads_persons_is_refused(county, tmp_path, field, header, cells):
    head = HEAD.strip().replace("source_ref", "ref").replace("category", "cat") + f",{header}\n"
    rows = [incident(f"P{n}").strip() + f",{cell}\n" for n, cell in enumerate(cells)]
    profile = INCIDENTS + f'[fields.{field}]\nfrom = "{header}"\n'
    before = everything(county)
    with pytest.raises(FileRefusedError) as refused:
        run(county, tmp_path, head + "".join(rows), profile)
    assert refused.value.note.code == "column_personal"
    assert header in refused.value.note.message("zh")
    assert not {cell for cell in cells if len(cell) > 10 and cell in str(refused.value)}
    assert everything(county) == before


def test_phones_may_stand_in_a_sentence_and_an_address_may_name_a_place(county, tmp_path):
    profile = INCIDENTS + '[fields.summary]\njoin = ["诉求", "联系电话"]\n'
    content = HEAD.strip() + ",诉求,联系电话\n" + "".join(
        incident(f"P{n}").strip() + f",要求修路,1380013800{n}\n" for n in range(5))
    report = run(county, tmp_path, content, profile)
    assert (report.inserted, report.masked_kinds) == (5, {"phone": 5})
    assert "column_dropped" not in codes(report)


def test_column_that_only_chooses_rows_is_refused_as_well(county, tmp_path):
    profile = INCIDENTS + '[[only]]\nfrom = "性别"\nvalues = ["女"]\n'
    with pytest.raises(FileRefusedError) as refused:
        run(county, tmp_path, HEAD.strip() + ",性别\n" + incident().strip() + ",女\n", profile)
    assert refused.value.note.code == "column_personal"


def test_headers_in_a_refusal_show_nothing_personal(county, tmp_path):
    head = HEAD.strip().replace("occurred_on,reported_at", "张示例,登记13800138000")
    with pytest.raises(FileRefusedError) as refused:
        run(county, tmp_path, head + "\n" + incident())
    assert refused.value.note.code == "column_missing"
    said = refused.value.note.message("zh") + repr(refused.value.note)
    assert "stream" in said
    assert not {cell for cell in ("张示例", "13800138000") if cell in said}


def test_header_with_a_number_is_masked_in_notes(county, tmp_path):
    profile = INCIDENTS + '[fields.occurred_on]\nfrom = "日期 13800138000"\n'
    content = HEAD.replace("occurred_on", "日期 13800138000") + incident(on="soon")
    report = run(county, tmp_path, content, profile)
    assert [item.column for item in report.errors] == ["日期 ***"]


def test_cell_of_a_personal_column_is_never_quoted(county, tmp_path):
    profile = INCIDENTS + '[place]\norder = ["name"]\n[place.name]\nfrom = "家庭住址"\nlevel = "village"\n'
    content = HEAD.strip() + ",家庭住址\n" + incident().strip() + ",石榴村朝阳屋场\n"
    report = run(county, tmp_path, content, profile)
    assert [(item.code, item.value) for item in report.errors] == [("place_unknown", "***")]
    assert "朝阳" not in json.dumps(report.as_json()["errors"], ensure_ascii=False)


def test_file_is_refused_by_its_headers_before_a_row_is_read(county, tmp_path):
    with pytest.raises(FileRefusedError) as refused:
        run(county, tmp_path, HEAD.strip() + ",姓名\n", INCIDENTS + '[fields.handling_unit]\nfrom = "姓名"\n')
    assert refused.value.note.code == "column_personal"


def test_every_string_of_the_suite_goes_through_the_importer(county, tmp_path):
    strings = [one for one in suite() if one.spans]
    lines = [incident(f"S{n}").strip() + ',"' + one.text.replace('"', '""') + '"\n' for n, one in enumerate(strings)]
    report = run(county, tmp_path, HEAD.strip() + ",诉求内容\n" + "".join(lines), PROSE)
    assert report.inserted == len(strings)
    left = everything(county)
    due = {one.text[start:end] for one in strings for start, end, kind in one.spans if kind in ("identity", "phone", "card")}
    assert {number for number in due if number in left} == set()
    assert VILLAGE in left

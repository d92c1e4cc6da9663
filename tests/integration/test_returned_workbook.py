"""The workbook that came back, corrected and imported again: only what was corrected is touched."""

import json
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from govdesk.actions.importing import import_records
from govdesk.cli import app
from govdesk.ingest.returned_workbook import ReturnOptions, write_returned_workbook
from govdesk.rules.access import SYSTEM
from tests.support import corpus
from tests.support.importing import INCIDENTS, VILLAGE

PHONE = "13800138000"
PROFILE = INCIDENTS.replace("own_names = true\n", "") + """
[fields]
source_ref = { from = "编号" }
stream = { from = "种类" }
category = { from = "类别" }
occurred_on = { from = "发生日期" }
reported_at = { from = "上报时间" }
summary = { from = "内容" }
[place]
code = { from = "地区" }
"""
HEADERS = ["编号", "种类", "类别", "地区", "发生日期", "上报时间", "内容"]
#: Row in the sheet → column and what is wrong.
BAD = {5: (5, "三月"), 12: (4, "没有这个村"), 20: (2, ""), 31: (3, "road?")}
GOOD = {5: datetime.fromisoformat("2026-03-04"), 12: VILLAGE, 20: "request", 31: "request_road"}


def rows():
    """Yield 30 rows of a township's sheet: numbers with leading zeros, real dates, phones in the text."""
    for number in range(30):
        row = [f"00{number:02d}", "request", "request_road", VILLAGE,
               datetime.fromisoformat(f"2026-03-{1 + number % 28:02d}"), datetime.fromisoformat(f"2026-04-01T09:30:{number:02d}"),
               f"第{number}件，电话 {PHONE}" if number % 7 == 0 else f"第{number}件"]
        if number + 2 in BAD:
            column, text = BAD[number + 2]
            row[column - 1] = text
        yield row


def write_xlsx(path):
    book = Workbook()
    book.active.append(HEADERS)
    for row in rows():
        book.active.append(row)
    book.active.column_dimensions["G"].width = 50
    book.save(path)
    return path


def write_csv(path):
    lines = [",".join(str(cell) for cell in row) for row in (HEADERS, *rows())]
    path.write_text("\n".join(lines) + "\n", encoding="gb18030")
    return path


@pytest.fixture
def command(tiny_engine, tmp_path):
    """Return what imports a file by the command line and gives the report."""
    (tmp_path / "p.toml").write_text(PROFILE, encoding="utf-8")

    def call(path, *more):
        report = tmp_path / "report.json"
        done = CliRunner().invoke(app, ["import-incidents", str(path), "--profile", str(tmp_path / "p.toml"), "--commit",
                                        "--report", str(report), *more])
        assert done.exit_code == 0, done.output
        return json.loads(report.read_text(encoding="utf-8"))

    return call


@pytest.mark.parametrize("write", [write_xlsx, write_csv])
def test_corrected_workbook_touches_only_what_was_corrected(command, tmp_path, write):
    source, back = write(tmp_path / "source"), tmp_path / "back.xlsx"
    first = command(source, "--return", str(back))
    assert (first["inserted"], first["rejected"], first["masked"]) == (26, 4, 5)
    assert sorted(item["line"] for item in first["errors"]) == sorted(BAD)
    book = load_workbook(back)
    sheet = book.worksheets[0]
    marked = {(cell.row, cell.column) for row in sheet.iter_rows() for cell in row if cell.comment}
    assert marked == {(row, column) for row, (column, _) in BAD.items()}
    assert PHONE not in str([cell.value for row in sheet.iter_rows() for cell in row])
    for row, (column, _) in BAD.items():
        sheet.cell(row, column).value = GOOD[row]
    book.save(back)
    again = command(back)
    assert (again["inserted"], again["unchanged"], again["updated"], again["rejected"]) == (4, 26, 0, 0)
    assert again["read"] == 30


def test_small_workbook_of_bad_rows_is_imported_alone(command, tmp_path, monkeypatch):
    monkeypatch.setattr("govdesk.ingest.returned_workbook.MOST_ROWS", 10)
    source, back = write_csv(tmp_path / "source"), tmp_path / "back.xlsx"
    command(source, "--return", str(back))
    book = load_workbook(back)
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet["H"]] == ["govdesk 原行号", "5", "12", "20", "31"]
    for at, row in enumerate(sorted(BAD), 2):
        sheet.cell(at, BAD[row][0]).value = GOOD[row]
    book.save(back)
    again = command(back)
    assert (again["read"], again["inserted"], again["rejected"]) == (4, 4, 0)


def test_number_that_was_masked_is_still_no_number(command, tmp_path):
    source, back = tmp_path / "a.csv", tmp_path / "back.xlsx"
    source.write_text(",".join(HEADERS) + "\n" + f"{PHONE},request,request_road,{VILLAGE},2026-03-01,2026-03-02,甲\n"
                      + f"13900139000,request,request_road,{VILLAGE},2026-03-01,2026-03-02,乙\n", encoding="utf-8")
    assert command(source, "--return", str(back))["inserted"] == 2
    again = command(back)
    assert (again["inserted"], again["unchanged"], again["rejected"]) == (0, 2, 0)


def test_workbook_that_cannot_be_written_loses_nothing(command, tmp_path):
    source = write_csv(tmp_path / "source")
    assert command(source, "--return", str(tmp_path / "nowhere" / "back.xlsx"))["inserted"] == 26


#: Titles, two header rows, garbled text, lines inside cells, a DOS end, subtotals, gzip, several sheets, other formats.
HABITS = ["s05_two_header_rows.xlsx", "s66_utf8_as_latin1.csv", "s70_quotes_and_breaks.csv", "s81_dos_end.csv",
          "t15_ledger_gb18030_breaks_subtotals.csv", "t23_petition_gz_breaks_twice.csv.gz",
          "s25_sheet_a_month.xlsx", "s58_gbk_tsv_called.xls", "s59_web_page_called.xls", "s75_typed.parquet",
          "s76_old_workbook.xls"]


@pytest.mark.parametrize("name", HABITS)
def test_what_offices_send_comes_back_and_in_again_without_a_change(empty_engine, tmp_path, name):
    corpus.build(empty_engine)
    expected = corpus.read_expected(name)
    profile, source = corpus.read_profile(expected["profile"]), corpus.CORPUS / "files" / expected["file"]
    first = import_records(empty_engine, by=SYSTEM, path=source, profile=profile, commit=True)
    back = tmp_path / "back.xlsx"
    write_returned_workbook(source, first, back, "zh", ReturnOptions(
        profile.file, source.name, profile.name, datetime.fromisoformat("2026-11-22")))
    again = import_records(empty_engine, by=SYSTEM, path=back, profile=profile, commit=True)
    assert (again.inserted, again.updated, again.rejected) == (0, 0, first.rejected)
    assert again.unchanged + again.duplicates == first.accepted + first.duplicates
    notes = load_workbook(back).worksheets[-1]
    links = sum(cell.hyperlink is not None for row in notes.iter_rows() for cell in row)
    assert links == sum(item.line is not None for item in first.errors + first.warnings)


#: Running numbers that would be personal in a sentence: of region and date, of a telephone's form, of a flat's.
NUMBERS = ["430525202303050017", "0745-2345678", "湘A12345", "12栋3单元402室", "李大爷01", "电话2345678"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_running_numbers_come_back_as_they_are_kept(command, tmp_path, kind):
    lines = [HEADERS, *([ref, "request", "request_road", VILLAGE, "2026-03-01", "2026-04-01 09:30:00", f"第{at}件"]
                        for at, ref in enumerate([*NUMBERS, PHONE])),
             ["X1", "request", "road?", VILLAGE, "2026-03-01", "2026-04-01 09:30:00", "坏"]]
    source, back = tmp_path / f"source.{kind}", tmp_path / "back.xlsx"
    if kind == "csv":
        source.write_text("\n".join(map(",".join, lines)) + "\n", encoding="utf-8")
    else:
        book = Workbook()
        for line in lines:
            book.active.append(line)
        book.save(source)
    assert command(source, "--return", str(back))["inserted"] == len(NUMBERS) + 1
    book = load_workbook(back)
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 1).value for row in range(2, len(NUMBERS) + 3)] == [*NUMBERS, "***"]
    sheet.cell(len(lines), 3).value = "request_road"
    book.save(back)
    again = command(back)
    assert (again["inserted"], again["updated"], again["unchanged"]) == (1, 0, len(NUMBERS) + 1)

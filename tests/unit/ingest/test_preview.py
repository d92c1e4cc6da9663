"""A preview shows what will be read, with the rows and columns of the file."""

import openpyxl
import pandas as pd

from govdesk.ingest.preview import read_preview
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.wanted_headers import WantedHeader

MOBILE = "13800138000"


def test_a_workbook_is_shown_with_its_titles_headers_and_rows_aside(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "三月"
    for row in (["台账 " + MOBILE], [None, "编号", "村", "人数"], [None, "A1", "东门村", 1], [None, "A2", None, 2], [None, "合计", None, 3],
                [None, "A3", "西门村", 1]):
        sheet.append(row)
    sheet.merge_cells("C3:C4")
    book.create_sheet("说明").append(["请按月填写"])
    book["说明"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    found = read_preview(tmp_path / "a.xlsx", FileSection(), wanted=(WantedHeader(("编号",)), WantedHeader(("村",))))
    first, second = found.sheets
    assert (found.format, found.encoding, found.n_bytes) == ("xlsx", None, (tmp_path / "a.xlsx").stat().st_size)
    assert (first.name, first.header_rows, first.headers, first.columns) == ("三月", (2,), ["", "编号", "村", "人数"], [1, 2, 3, 4])
    assert (first.lines, first.rows) == ([3, 4, 6], [["", "A1", "东门村", "1"], ["", "A2", "东门村", "2"], ["", "A3", "西门村", "1"]])
    assert [(line, kind) for line, kind, _ in first.aside] == [(1, "title"), (5, "total")]
    assert (first.bound, first.confidence, first.n_rows) == ({0: 1, 1: 2}, 1.0, 6)
    assert MOBILE not in repr((first.title_lines, first.aside))
    assert (second.name, second.is_hidden) == ("说明", True)


def test_as_many_rows_as_asked_for_are_shown(tmp_path):
    (tmp_path / "a.csv").write_text("编号;村\n" + "".join(f"A{n};东门村\n" for n in range(500)) + "合计;500\n", encoding="gb18030")
    found = read_preview(tmp_path / "a.csv", FileSection(), most=20)
    sheet = found.sheets[0]
    assert (found.format, found.encoding, found.delimiter, len(sheet.rows), sheet.lines[-1], sheet.aside) == ("csv", "gb18030", ";", 20, 21, [])


def test_parquet_is_shown(tmp_path):
    pd.DataFrame({"编号": ["A1", "A2"], "n": [1, None]}).to_parquet(tmp_path / "a.parquet")
    sheet = read_preview(tmp_path / "a.parquet", FileSection()).sheets[0]
    assert (sheet.headers, sheet.columns, sheet.lines, sheet.rows) == (["编号", "n"], [1, 2], [2, 3], [["A1", "1"], ["A2", ""]])

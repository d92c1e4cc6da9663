"""Workbooks as offices make them: merged cells, sheets that fit, faults in cells, web pages called .xls."""

import gzip

import openpyxl
import pytest
import xlsxwriter
import xlwt

from govdesk.ingest.notes import SHEET
from govdesk.ingest.pieces import FileRefusedError
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import open_table
from govdesk.ingest.wanted_headers import WantedHeader

HEADER = ["编号", "镇", "村", "人数"]
WANTED = tuple(WantedHeader((name,)) for name in HEADER[:3])


def read(path, wanted=WANTED, **options):
    table = open_table(path, FileSection(**options), wanted=wanted)
    pieces = list(table.pieces)
    rows = [(line // SHEET, line % SHEET, *cells) for piece in pieces
            for line, *cells in zip(piece.lines.tolist(), *(cells.tolist() for cells in piece.cells), strict=True)]
    return table, rows


def workbook(path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def test_a_merged_cell_holds_for_all_of_its_rows(tmp_path):
    path = tmp_path / "a.xlsx"
    book = workbook(path, 三月=[HEADER, ["A1", "城关镇", "东门村", 1], ["A2", None, "西门村", 2], ["A3", None, "北街", 3], ["小计", None, None, 6],
                              ["A4", "石桥乡", "大坪村", 1], ["A5", None, "后里村", 4]])
    for merged in ("B2:B4", "B6:B7", "A5:C5"):
        book["三月"].merge_cells(merged)
    book.save(path)
    _, rows = read(path)
    assert [row[2:4] for row in rows] == [("A1", "城关镇"), ("A2", "城关镇"), ("A3", "城关镇"), ("A4", "石桥乡"), ("A5", "石桥乡")]


def test_a_merged_cell_reaches_over_pieces(tmp_path):
    path = tmp_path / "a.xlsx"
    book = workbook(path, 三月=[HEADER, *([f"A{n}", "城关镇" if n == 0 else None, "东门村", n] for n in range(9))])
    book["三月"].merge_cells("B2:B10")
    book.save(path)
    pieces = list(open_table(path, FileSection(), 2, WANTED).pieces)
    assert len(pieces) == 5
    assert {text for piece in pieces for text in piece.cells[1]} == {"城关镇"}


def test_sheets_that_fit_are_read_together_whatever_their_order_of_columns(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, 说明=[["请按月填写"], ["一、不要改表头"]], 一月=[HEADER, ["A1", "城关镇", "东门村", 1]], 空=[],
             二月=[["二月台账"], ["村", "编号", "镇", "备注"], ["大坪村", "B1", "石桥乡", "加急"]], govdesk原因=[HEADER, ["A9", "x", "y", 1]])
    table, rows = read(path)
    assert table.headers == [*HEADER, "备注"]
    assert rows == [(1, 2, "A1", "城关镇", "东门村", "1", ""), (3, 3, "B1", "石桥乡", "大坪村", "", "加急")]
    assert [item.sheet for item in table.facts.warnings] == ["说明", "空"]
    assert table.sheets == ["说明", "一月", "空", "二月", "govdesk原因"]
    assert [(item.name, item.header_rows, item.n_rows) for item in table.facts.sheets] == [("一月", (1,), 1), ("二月", (2,), 1)]


def test_other_words_for_the_same_column_come_together(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook(path, a=[["编号", "村"], ["A1", "x"]], b=[["事件编号", "村"], ["B1", "y"]])
    table, rows = read(path, (WantedHeader(("编号", "事件编号")), WantedHeader(("村",))))
    assert (table.headers, [row[2:] for row in rows]) == (["编号", "村"], [("A1", "x"), ("B1", "y")])


def test_no_sheet_that_fits_names_what_was_looked_for(tmp_path):
    workbook(tmp_path / "a.xlsx", a=[["甲列", "乙列"], ["x", "y"]], b=[["丙列", "丁列"], ["x", "y"]])
    with pytest.raises(FileRefusedError) as refused:
        read(tmp_path / "a.xlsx")
    assert refused.value.note.code == "no_sheet_fits"
    assert "编号, 镇, 村" in refused.value.note.message("zh")


def test_hidden_sheets_are_named_and_read_only_on_demand(tmp_path):
    path = tmp_path / "a.xlsx"
    book = workbook(path, 今年=[HEADER, ["A1", "x", "y", 1]], 去年=[HEADER, ["OLD", "x", "y", 1]])
    book["去年"].sheet_state = "hidden"
    book.save(path)
    table, rows = read(path)
    assert ([row[2] for row in rows], [item.sheet for item in table.facts.warnings]) == (["A1"], ["去年"])
    assert [row[2] for row in read(path, sheet="去年")[1]] == ["OLD"]


def test_a_table_in_the_middle_of_the_page_keeps_its_rows(tmp_path):
    book = openpyxl.Workbook()
    for at, row in enumerate([HEADER, ["A1", "城关镇", "东门村", 1]]):
        for column, cell in enumerate(row):
            book.active.cell(5 + at, 3 + column, cell)
    book.save(tmp_path / "a.xlsx")
    table, rows = read(tmp_path / "a.xlsx")
    assert (table.headers[2:], rows) == (HEADER, [(0, 6, "", "", "A1", "城关镇", "东门村", "1")])


def test_faults_and_types_of_cells_become_text(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, "时长", "占比"])
        sheet.write_row(1, 0, ["A1", "x"])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_number(1, 3, 12)
        sheet.write_number(1, 4, 1.5, book.add_format({"num_format": "[h]:mm:ss"}))
        sheet.write_number(1, 5, 0.25, book.add_format({"num_format": "0%"}))
        sheet.write_row(2, 0, ["A2", "x", "y"])
        sheet.write_number(2, 3, 202303051234567890)
    _, rows = read(tmp_path / "a.xlsx")
    assert rows[0][2:] == ("A1", "x", "#DIV/0!", "12", "36:00:00", "0.25")
    assert rows[1][5] == "2.023030512345679e+17"  # digits were lost: no number of its own


def test_formulas_that_were_never_calculated_are_told(tmp_path):
    workbook(tmp_path / "a.xlsx", a=[HEADER, ["A1", "x", "y", "=1+1"]])
    table, _ = read(tmp_path / "a.xlsx")
    assert [(item.code, dict(item.values)) for item in table.facts.warnings] == [("formulas_unsaved", {"n": "1"})]


def test_columns_without_a_header_are_named_where_they_hold_something(tmp_path):
    workbook(tmp_path / "a.xlsx", a=[["编号", None, "镇", "村", None], ["A1", None, "x", "y", None], ["A2", None, "x", "y", "已电话"]])
    table, rows = read(tmp_path / "a.xlsx")
    assert len(rows) == 2
    assert [(item.code, dict(item.values)) for item in table.facts.warnings] == [("columns_unnamed", {"n": "1", "columns": "E"})]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_web_page_called_xls_is_a_table(tmp_path, encoding, packed):
    page = ("<html><head><style>td{x:y}</style></head><body><table border=1><tr><td colspan=4>台账<tr><th>编号<th>镇<th>村<th>人数"
            "<tr><td>A1</td><td rowspan=2>城关镇</td><td>东门<br>村</td><td>&nbsp;1</td></tr><tr><td>A2<td>西门 &amp; 北街<td>2</table>")
    data = page.encode(encoding)
    (tmp_path / "a.xls").write_bytes(gzip.compress(data) if packed else data)
    table, rows = read(tmp_path / "a.xls")
    assert [row[1:] for row in rows] == [(3, "A1", "城关镇", "东门\n村", "1"), (4, "A2", "城关镇", "西门 & 北街", "2")]
    assert (table.facts.format, table.facts.is_gzip, table.sheets) == ("html", packed, [])


def test_the_xml_of_excel_2003_is_a_workbook(tmp_path):
    xml = ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
           'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="三月"><Table><Row>'
           + "".join(f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in HEADER)
           + '</Row><Row ss:Index="4"><Cell><Data ss:Type="String">A1</Data></Cell><Cell ss:Index="3"><Data ss:Type="String">东门村'
           '</Data></Cell><Cell><Data ss:Type="Number">12.0</Data></Cell></Row></Table></Worksheet></Workbook>')
    (tmp_path / "a.xls").write_text(xml, encoding="utf-8")
    table, rows = read(tmp_path / "a.xls")
    assert (rows, table.sheets) == ([(0, 4, "A1", "", "东门村", "12")], ["三月"])


def test_old_workbooks_give_merged_cells_too(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("三月")
    sheet.write_merge(0, 0, 0, 3, "台账")
    for at, name in enumerate(HEADER):
        sheet.write(1, at, name)
    sheet.write_merge(2, 3, 1, 1, "城关镇")
    for row in (2, 3):
        sheet.write(row, 0, f"A{row}")
        sheet.write(row, 2, "东门村")
    book.save(str(tmp_path / "a.xls"))
    assert [row[2:5] for row in read(tmp_path / "a.xls")[1]] == [("A2", "城关镇", "东门村"), ("A3", "城关镇", "东门村")]

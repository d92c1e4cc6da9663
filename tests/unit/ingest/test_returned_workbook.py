"""The workbook that comes back: same layout, bad cells marked, reasons linked, nothing of a person in any part."""

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from govdesk.ingest import returned_workbook
from govdesk.ingest.notes import ImportReport, Note
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.returned_workbook import ReturnOptions, write_returned_workbook

PHONE, IDENTITY = "13800138000", "110105194912310020"
WHEN = datetime.fromisoformat("2026-11-22T10:00:00")
RED = "FFF4C7C3"


def give_back(source, target, errors=(), warnings=(), language="zh", **options):
    report = ImportReport(read=3, inserted=1, rejected=len(errors), masked=2, errors=list(errors), warnings=list(warnings))
    write_returned_workbook(source, report, target, language, ReturnOptions(
        options.pop("file", FileSection()), options.pop("name", source.name), "p", WHEN))
    return load_workbook(target)


def error(line, column=None, code="value_missing", sheet="表1", **values):
    return Note(code, line, column, tuple(values.items()), sheet)


@pytest.fixture
def source(tmp_path):
    """Return a workbook as an office has it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "表1"
    sheet["A1"] = "某镇三月台账"
    sheet.merge_cells("A1:C1")
    for row in (["编号", "日期", "内容"], ["001", "2026-03-01", "修路"], ["002", "三月", f"联系{PHONE}"], ["003", "", "=1+1"]):
        sheet.append(row)
    sheet.merge_cells("B4:B5")
    sheet["C5"].data_type = "s"
    sheet.column_dimensions["C"].width = 44
    sheet.freeze_panes = "A3"
    rule = DataValidation(type="list", formula1=f'"修路,{PHONE}"')
    sheet.add_data_validation(rule)
    rule.add("C3")
    sheet["A3"].comment = Comment(f"问 {PHONE}", "张三")
    sheet["D3"] = int(PHONE)
    sheet["D4"] = "=1+2"
    sheet["D3"].hyperlink = f"tel:{PHONE}"
    sheet.oddHeader.left.text = f"电话 {PHONE}"
    book.create_sheet(f"备注{PHONE}").append([f"身份证 {IDENTITY}"])
    book.properties.creator, book.properties.title = "张三", f"{PHONE}"
    path = tmp_path / "台账.xlsx"
    book.save(path)
    return path


def test_bad_cells_are_marked_with_reason_and_remedy(source, tmp_path):
    book = give_back(source, tmp_path / "r.xlsx", [error(4, "日期", "date_unreadable", value="三月")])
    cell = book["表1"]["B4"]
    assert cell.fill.start_color.rgb == RED
    assert cell.comment.text == "“三月”不是常用写法的日期，也不符合导入方案的格式。\n改成年-月-日，例如 2026-03-05；要写时间就写 2026-03-05 14:30。"
    assert book["表1"]["B3"].fill.fill_type is None
    assert book["表1"]["B3"].comment is None


def test_layout_stays(source, tmp_path):
    sheet = give_back(source, tmp_path / "r.xlsx")["表1"]
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:C1", "B4:B5"}
    assert sheet.column_dimensions["C"].width == 44
    assert sheet.freeze_panes == "A3"
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation] == ["C3"]


def test_merged_child_is_marked_on_its_head(source, tmp_path):
    sheet = give_back(source, tmp_path / "r.xlsx", [error(5, "日期")])["表1"]
    assert sheet["B4"].fill.start_color.rgb == RED
    assert "必须填写" in sheet["B4"].comment.text


def test_wrong_row_is_lightly_marked_throughout(source, tmp_path):
    sheet = give_back(source, tmp_path / "r.xlsx", [error(3, None, "cells_missing", found=2, expected=3)])["表1"]
    assert {sheet.cell(3, at).fill.start_color.rgb for at in (1, 2, 3)} == {"FFFBE9E7"}
    assert "对照上下行补齐" in sheet["A3"].comment.text
    assert "问 ***" in sheet["A3"].comment.text


def test_reasons_have_figures_on_top_and_links(source, tmp_path):
    book = give_back(source, tmp_path / "r.xlsx", [error(4, "日期", "date_unreadable", value="三月")], [error(3, "编号", "text_cut")])
    assert book.sheetnames[-1] == "govdesk 导入说明"
    sheet = book["govdesk 导入说明"]
    top = [sheet.cell(row, 1).value for row in range(1, 8)]
    assert top[0] == "导入说明：台账.xlsx"
    assert "导入时间 2026-11-22 10:00，导入方案 p" in top
    assert any("读到 3 行：收下 1 行，退回 1 行" in str(line) for line in top)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=8)]
    first = next(row for row in rows if row[0] == "错误")
    assert first[1:5] == ["表1", 4, "日期", None]
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'表1'!B4", "'表1'!A3"]


def test_english_sheet_of_reasons(source, tmp_path):
    book = give_back(source, tmp_path / "r.xlsx", [error(4, "日期")], language="en")
    assert book.sheetnames[-1] == "govdesk import notes"
    assert "A value is needed here." in book["表1"]["B4"].comment.text


def test_nothing_of_a_person_is_in_any_part(source, tmp_path):
    target = tmp_path / "r.xlsx"
    give_back(source, target, [error(4, "内容", value=PHONE)], name=f"{PHONE}.xlsx")
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", "replace") + name
            assert PHONE not in text, name
            assert IDENTITY not in text, name
            assert "张三" not in text, name


def test_pictures_and_charts_do_not_come_back_and_it_says_so(source, tmp_path):
    from PIL import Image

    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("xl/media/image1.png", picture.getvalue())
    target = tmp_path / "r.xlsx"
    book = give_back(source, target)
    assert any("图片" in str(row[0].value) for row in book["govdesk 导入说明"].iter_rows(max_col=1))
    with zipfile.ZipFile(target) as archive:
        assert not [name for name in archive.namelist() if "media" in name]


def test_formulas_come_back_as_values_and_texts_stay_texts(source, tmp_path):
    sheet = give_back(source, tmp_path / "r.xlsx")["表1"]
    assert sheet["D4"].value is None  # never calculated: no value stands in the file
    assert (sheet["C5"].value, sheet["C5"].data_type) == ("=1+1", "s")
    assert sheet["A3"].value == "001"


def test_returned_again_old_marks_are_gone(source, tmp_path):
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    give_back(source, first, [error(3, "日期"), error(4, "内容")])
    book = give_back(first, second, [error(4, "内容")])
    assert book.sheetnames.count("govdesk 导入说明") == 1
    assert book["表1"]["B3"].comment is None
    assert book["表1"]["B3"].fill.fill_type is None
    assert book["表1"]["C4"].comment.text.count("必须填写") == 1


def test_hostile_names_are_text(source, tmp_path):
    book = give_back(source, tmp_path / "r.xlsx", [error(4, "=cmd|' /C calc'!A0", "place_unknown", value="=HYPERLINK(1)", hint="")],
                     name="=1+1\u202e.xlsx")
    sheet = book["govdesk 导入说明"]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_text_file_comes_back_as_text(tmp_path):
    source = tmp_path / "a.csv"
    source.write_text(f"编号,日期,内容\n001,2026-03-01,=1+1\n002,坏,{PHONE}\n", encoding="gb18030")
    book = give_back(source, tmp_path / "r.xlsx", [error(3, "日期", "date_unreadable", sheet=None, value="坏")])
    sheet = book.worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["编号", "日期", "内容"], ["001", "2026-03-01", "=1+1"], ["002", "坏", "***"]]
    assert sheet["A2"].data_type == sheet["C2"].data_type == "s"
    assert sheet["C2"].quotePrefix
    assert sheet["B3"].fill.start_color.rgb == RED
    links = [cell.hyperlink.location for row in book.worksheets[-1].iter_rows() for cell in row if cell.hyperlink]
    assert links == ["'Sheet1'!B3"]


def test_of_a_large_file_only_bad_rows_come_back_with_their_number(tmp_path, monkeypatch):
    monkeypatch.setattr(returned_workbook, "MOST_ROWS", 4)
    source = tmp_path / "a.csv"
    source.write_text("id,day\n" + "".join(f"{n},2026-03-01\n" for n in range(9)) + "9,bad\n")
    book = give_back(source, tmp_path / "r.xlsx", [error(11, "day", "date_unreadable", sheet=None, value="bad")])
    rows = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert rows == [["id", "day", "govdesk 原行号"], ["9", "bad", "11"]]
    assert book.worksheets[0]["B2"].comment is not None
    assert any("只放有错的行" in str(row[0].value) for row in book["govdesk 导入说明"].iter_rows(max_col=1))


def test_large_workbook_is_not_loaded_whole(source, tmp_path, monkeypatch):
    monkeypatch.setattr(returned_workbook, "MOST_ROWS", 3)
    monkeypatch.setattr(returned_workbook, "load_workbook", None)
    write_returned_workbook(source, ImportReport(errors=[error(4, "日期")]), tmp_path / "r.xlsx", "zh", ReturnOptions(
        FileSection(), "a", "p", WHEN))
    assert (tmp_path / "r.xlsx").exists()
    assert not (tmp_path / "r.xlsx.part").exists()


def test_columns_about_persons_are_hidden(tmp_path):
    book = Workbook()
    book.active.append(["编号", "姓名", "家庭住址", "村"])
    book.active.append(["1", "张三丰", "幸福路3号", "和平村"])
    book.active.title = "表1"
    book.create_sheet("未读").append(["姓名", "村"])
    book["未读"].append(["李四光", "和平村"])
    book.save(tmp_path / "a.xlsx")
    dropped = [Note("column_dropped", None, "家庭住址", (("header", "家庭住址"), ("what", ""))),
               Note("sheet_left_out", None, None, (("name", "未读"), ("why", "")), "未读")]
    back = give_back(tmp_path / "a.xlsx", tmp_path / "r.xlsx", warnings=dropped)
    assert [cell.value for cell in back["表1"][2]] == ["1", "***", "***", "和平村"]
    assert [cell.value for cell in back["未读"][2]] == ["***", "和平村"]


def test_header_under_a_title_and_over_two_rows_is_found(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "表1"
    for row in (["台账", None, None], ["编号", "时间", None], [None, "发生", "上报"], ["1", "坏", "2026-03-01"], ["2", "2026-03-01", "坏"]):
        sheet.append(row)
    for area in ("A1:C1", "A2:A3", "B2:C2"):
        sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    back = give_back(tmp_path / "a.xlsx", tmp_path / "r.xlsx", [error(4, "时间 发生"), error(5, "时间 上报"), error(5, "编号")])["表1"]
    assert {(cell.row, cell.column) for row in back.iter_rows() for cell in row if cell.comment} == {(4, 2), (5, 3), (5, 1)}


def test_lines_and_garbled_text_come_back_readable(tmp_path):
    garbled = "修路占地纠纷".encode("gb18030").decode("latin-1")
    (tmp_path / "a.csv").write_text(f'id,text\r\n1,"two\r\nlines"\r\n2,{garbled}\r\n', encoding="utf-8", newline="")
    sheet = give_back(tmp_path / "a.csv", tmp_path / "r.xlsx").worksheets[0]
    assert [sheet["B2"].value, sheet["B3"].value] == ["two\nlines", "修路占地纠纷"]

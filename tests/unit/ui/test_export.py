"""Workbooks: text stays text, and every workbook says what it is."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pandas as pd
import pytest

from govdesk.rules.export_purposes import PurposeRefusedError
from govdesk.ui.export import ExportNote, hide_small_categories, neutralise, write_workbook
from govdesk.ui.tables import Column

NOTE = ExportNote("=标题", "测试县，近 52 周", datetime(2026, 11, 21, 10, 0, tzinfo=UTC), is_sample=True, by="local_centre", purpose="deliberation")
COLUMNS = (Column("name", "=名称"), Column("n", "件", "count"), Column("rate", "率", "number"),
           Column("on", "日期", "day"), Column("age", "已办", "age"))


def _rows(names):
    return pd.DataFrame({"name": names, "n": range(len(names)), "rate": [1.25] * len(names),
                         "on": [pd.Timestamp("2026-11-01")] * len(names), "age": [3] * len(names)})


def _sheet(rows, columns=COLUMNS, note=NOTE):
    return openpyxl.load_workbook(BytesIO(write_workbook(rows, columns, note, "zh"))).active


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1",
                                  "\u202e=1", "\x00=1"])
def test_formula_becomes_text(text):
    assert not neutralise(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_workbook_holds_no_formula_and_no_link():
    sheet = _sheet(_rows(["=cmd|' /C calc'!A0", "http://elsewhere", "<img src=x onerror=1>", "长" * 5000]))
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert all(cell.hyperlink is None for cell in cells)
    assert any(len(str(cell.value)) == 5000 for cell in cells)


def test_workbook_says_sample_filter_date_and_use():
    words = [str(row[0].value) for row in _sheet(_rows(["a"])).iter_rows(max_row=7)]
    assert words[0] == "'=标题"
    assert "示例数据" in words[1]
    assert "近 52 周" in words[2]
    assert "2026-11-21 18:00" in words[3]
    assert "local_centre · 20" in words[4]
    assert words[5] == "导出用途：研判会商"
    assert words[6].startswith("使用须知：")  # not a second 用途: that is the line above
    assert "调解" in words[6]


def test_workbook_of_a_real_database_has_no_sample_mark():
    note = ExportNote("x", "y", None, is_sample=False, by="local_centre", purpose="deliberation")
    assert not any("示例" in str(row[0].value) for row in _sheet(_rows(["a"]), note=note).iter_rows(max_row=8))


def test_numbers_stay_numbers_and_what_is_not_known_stays_empty():
    rows = _rows(["a", "b"]).astype({"n": "Int64"})
    rows.loc[1, "n"] = pd.NA
    sheet = _sheet(rows)
    column = [row[1].value for row in sheet.iter_rows(min_row=10, max_row=11)]
    assert column == [0, None]


def test_small_category_is_hidden_in_an_export():
    rows = pd.DataFrame({"place": ["v"] * 4, "week": [1, 1, 1, 2], "category": ["a", "a", "a", "a"]})
    hidden = hide_small_categories(rows, place="place", week="week", category="category", n=None, words="zh")
    assert hidden["category"].tolist()[:3] == ["a"] * 3
    assert "少于" in hidden["category"].tolist()[3]
    assert rows["category"].tolist() == ["a"] * 4


def test_small_count_of_an_aggregate_hides_its_category():
    rows = pd.DataFrame({"place": ["v", "v"], "week": [1, 1], "category": ["a", "b"], "n": [3, 2]})
    hidden = hide_small_categories(rows, place="place", week="week", category="category", n="n", words="en")
    assert hidden["category"].tolist()[0] == "a"
    assert "under" in hidden["category"].tolist()[1]


@pytest.mark.parametrize("text", ["＝1+1", "＋1", "－1", "＠SUM(1)"])
def test_full_width_formula_is_text(text):
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("purpose", [None, "", "policing", "appraisal", "=1+1"])
def test_table_without_a_purpose_of_the_list_is_not_written(purpose):
    with pytest.raises(PurposeRefusedError):
        _sheet(_rows(["a"]), note=replace(NOTE, purpose=purpose))

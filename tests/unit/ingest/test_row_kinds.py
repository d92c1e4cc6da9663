"""Rows that are no records are told; a record is never lost, whatever words stand in it."""

import pytest

from govdesk.ingest.row_kinds import RowJudge

HEADER = ("编号", "时间", "镇", "村", "事件摘要", "人数")
JUDGE = RowJudge(6, (HEADER,), frozenset({"网格事件台账"}), frozenset({40}))


def kind(*cells, line=9, after=False):
    row = list(cells) + [""] * (6 - len(cells))
    return JUDGE.kind(row, line, is_after_header=after)


@pytest.mark.parametrize(("cells", "expected"), [
    ((), "blank"), ((" ", "\u3000", "\x1a"), "blank"),
    (("合计", "", "", "", "", "12"), "total"), (("", "", "城关镇", "小计", "", "5"), "total"),
    (("城关镇小计", "", "", "", "", "5"), "total"), (("合 计：", "", "", "", "", "1,204件"), "total"),
    (("本页合计", "—", "—", "—", "—", "12"), "total"), (("总计（件）", "", "", "", "", "#DIV/0!"), "total"),
    (("共计12件，其中已办结8件",), "total"), (("2023年3月合计", "", "", "", "", "9"), "total"), (("Total", "", "", "", "", "9"), "total"),
    (HEADER, "header"), ((" 编 号", "时间", "镇", "村", "事件摘要", "人数"), "header"),
    (("网格 事件台账",), "title"), (("", "", "网格事件台账"), "title"), (("（一）城关镇",), "title"),
    (("填表人：某甲", "", "", "审核人：", "某乙"), "footnote"), (("注：本表按发生时间统计。",), "footnote"),
    (("单位（盖章）：", ""), "footnote"), (("第 3 页 共 9 页",), "footnote"), (("— 3 —",), "footnote"), (("以下空白",), "footnote"),
    (("续表二",), "footnote"), (("网格事件台账（续表）",), "title"), (("网格事件台账（续2）",), "title"),
    (("例：001", "2026-01-01", "城关镇", "东门村", "（示例，请删除）", "2"), "example"), (("示例", "2026-01-01", "城关镇", "东门村", "路灯", "2"), "example"),
    (("（样例1）", "2026-01-01", "城关镇", "东门村", "路灯", "2"), "example"), (("", "填写示例：", "城关镇", "东门村", "路灯", "2"), "example"),
])
def test_rows_that_are_no_records(cells, expected):
    assert kind(*cells) == expected


@pytest.mark.parametrize("cells", [
    ("A1", "2023-03-05", "城关镇", "合计村", "路灯不亮", "3"), ("A1", "2023-03-05", "城关镇", "合计", "", ""),
    ("A2", "2023-03-05", "城关镇", "东门村", "低保金额合计有误", "1"), ("合计", "20230305", "城关镇", "", "", "3"),
    ("A3", "合计", "", "", "", "3"), ("17", "小计", "", "", "", "3"), ("", "2023-03-05", "", "", "注：来电人要求回访", ""),
    ("A4", "", "", "", "", ""), ("", "", "", "", "备注：见附件，村民反映共计三次", "2"), ("编号", "时间", "镇", "村", "事件摘要", "3"),
    ("例行检查", "2023-03-05", "", "", "", "3"), ("示例县", "2023-03-05", "", "", "路灯", ""), ("例会村", "2023-03-05", "", "", "路灯", ""),
    ("A6", "示例", "城关镇", "东门村", "路灯", "1"), ("续建工程村", "", "", "", "", ""), ("总计划村", "2023-03-05", "", "", "", ""), ("A5", "2023-03-05", "填表人", "东门村", "审核人：不在", "1"),
])
def test_records_stay_records(cells):
    assert kind(*cells) is None


def test_numbers_of_columns_count_only_under_the_header():
    row = ("1", "2", "3", "4", "5", "6")
    assert (kind(*row, after=True), kind(*row)) == ("numbers", None)
    assert kind("甲", "乙", "1", "2", "3", "4", after=True) == "numbers"
    assert kind("1", "2", "3", "4", "5", "7", after=True) is None


def test_three_columns_of_one_two_three_may_be_a_record():
    assert RowJudge(3, (("a", "b", "c"),)).kind(["1", "2", "3"], 2, is_after_header=True) is None


def test_a_merged_line_across_the_table_is_a_title():
    assert (kind("城关镇部分", line=40), kind("城关镇部分", line=41)) == ("title", None)


@pytest.mark.parametrize("cells", [("合计", "", "", "", "", "12"), ("填表人：某甲",), HEADER, (), ("第 3 页", "x", "y", "z", "u", "v")])
def test_the_quick_look_overlooks_none(cells):
    assert JUDGE.is_suspect(list(cells) + [""] * (6 - len(cells)))

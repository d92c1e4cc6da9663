"""The header is found under titles and over several rows, by what is looked for or by structure."""

import pytest

from govdesk.ingest.header_finding import find_header
from govdesk.ingest.wanted_headers import HeaderNames, WantedHeader

ROWS = [["A1", "2023-03-05", "城关镇", "东门村", "路灯不亮", "3"], ["A2", "2023-03-06", "石桥乡", "大坪村", "道路塌陷", "1"]]
HEADER = ["编号", "时间", "镇", "村", "摘要", "人数"]


def wanted(*names):
    return tuple(WantedHeader((name,)) for name in names)


def find(rows, merges=(), names=(), exact=None):
    return find_header(list(range(1, len(rows) + 1)), rows, list(merges), wanted(*names), exact)


@pytest.mark.parametrize("names", [(), ("编号", "时间", "村")])
@pytest.mark.parametrize("above", [
    [], [["网格事件台账", "", "", "", "", ""]], [["台账"], ["单位：城关镇", "", "", "日期：2023年3月", "", ""]], [[""] * 6, ["台账"], [""] * 6],
])
def test_a_header_under_any_lines(above, names):
    found = find([*above, HEADER, *ROWS], names=names)
    assert (found.first, found.last, list(found.headers)) == (len(above), len(above), HEADER)
    assert found.confidence > 0.6


def test_two_rows_with_merged_groups_are_put_together():
    rows = [["编号", "发生", "", "地点", "", "人数"], ["", "日期", "时间", "镇", "村", ""], *ROWS]
    merges = [(1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 1, 5), (1, 6, 2, 6)]
    for names in ((), ("编号", "日期", "村", "人数")):
        found = find(rows, merges, names)
        assert found.headers == ("编号", "发生 日期", "发生 时间", "地点 镇", "地点 村", "人数")
        assert (found.first, found.last) == (0, 1)
    assert HeaderNames(found.headers, found.lower).columns("村") == [4]
    assert HeaderNames(found.headers, found.lower).columns("地点 村") == [4]


def test_groups_without_merges_as_a_text_export_leaves_them():
    rows = [["基本情况", "", "", "", "办理", ""], ["编号", "时间", "镇", "村", "摘要", "人数"], *ROWS]
    found = find(rows, names=("基本情况 编号", "办理 人数"))
    assert found.headers == ("基本情况 编号", "基本情况 时间", "基本情况 镇", "基本情况 村", "办理 摘要", "办理 人数")


def test_a_lower_part_that_is_not_unique_is_ambiguous():
    names = HeaderNames(["发生 时间", "办结 时间"], ["时间", "时间"])
    assert (names.columns("时间"), names.columns("办结 时间")) == ([0, 1], [1])


def test_traditional_characters_and_marks_do_not_matter():
    names = HeaderNames(["案號", "* 發生日期（必填）"])
    assert (names.columns("案号"), names.columns("发生日期")) == ([0], [1])


def test_wanted_headers_win_over_a_row_that_looks_better():
    rows = [["序号", "类别", "日期", "单位", "内容", "备注"], ["x", "y", "z", "u", "v", "w"], *ROWS]
    assert find(rows, names=("x", "y", "z")).first == 1
    assert find(rows).first == 0


def test_a_given_row_is_exact_even_where_another_fits_better():
    rows = [HEADER, ["a", "b", "c", "d", "e", "f"], *ROWS]
    assert find(rows, names=("编号", "村"), exact=(2, 1)).headers == ("a", "b", "c", "d", "e", "f")
    assert find(rows, exact=(9, 1)) is None


def test_confidence_says_how_much_was_found():
    found = find([HEADER, *ROWS], names=("编号", "时间", "案由", "村"))
    assert found.confidence == 0.75


def test_rows_of_data_alone_have_no_sure_header():
    found = find([["1", "2", "3"], ["4", "5", "6"]])
    assert found is None or found.confidence < 0.5

"""A mapping that starts from a saved profile keeps of it what nobody touched."""

import tomllib

import tomli_w

from govdesk.ingest.mapping_profile import Choice, Choices, build_profile, write_profile
from govdesk.ingest.profiles import parse_profile
from govdesk.ui.import_look import name_columns
from govdesk.ui.import_profile_part import _mixed
from govdesk.ui.import_state import _columns_of

SAVED = """
about = "incidents"
name = "石江"
source = "shijiang"
date_formats = ["%Y年%m月%d日"]
[file]
encoding = "gb18030"
sheet = "一月"
[[only]]
from = "状态"
values = ["有效"]
[fields.stream]
constant = "dispute"
[fields.occurred_on]
from = ["发生日期", "日期"]
formats = ["%d/%m/%Y"]
[fields.category]
from = "类别"
extract = "^(..)"
values = { "邻里" = "neighbour" }
[place]
order = ["name", "code"]
[place.name]
from = "村"
replace = [["委会$", ""]]
[place.code]
from = "村代码"
"""
HEADERS = ("日期", "类别", "村", "村代码", "状态", "大类")


def _change(**changes):
    first = _columns_of(parse_profile(SAVED), HEADERS)
    columns = {**first, **changes}
    made = build_profile("incidents", Choices("石江", "shijiang", columns, file={"year": 2026}))
    return parse_profile(tomli_w.dumps(_mixed(tomllib.loads(SAVED), write_profile(made), columns, first)))


def test_columns_of_a_profile_are_those_the_file_has():
    found = _columns_of(parse_profile(SAVED), HEADERS)
    assert {name: one.header for name, one in found.items()} == {
        "stream": None, "occurred_on": "日期", "category": "类别", "place.name": "村", "place.code": "村代码"}
    assert found["stream"].constant == "dispute"


def test_what_was_not_touched_stays():
    before, after = parse_profile(SAVED), _change(stream=Choice("大类"))
    assert after.fields["stream"].source == ["大类"]
    assert after.fields["occurred_on"] == before.fields["occurred_on"]
    assert after.fields["category"] == before.fields["category"]
    assert (after.place, after.only, after.date_formats) == (before.place, before.only, before.date_formats)
    assert (after.file.encoding, after.file.sheet, after.file.year) == ("gb18030", None, 2026)


def test_what_was_touched_is_new():
    after = _change(category=Choice("大类", values={"怪": "family"}, otherwise="keep"))
    assert (after.fields["category"].source, after.fields["category"].extract) == (["大类"], None)
    assert after.fields["category"].values == {"怪": "family"}


def test_field_taken_out_is_gone():
    assert "category" not in _change(category=Choice()).fields


def test_columns_are_named_by_the_lowest_header_that_is_theirs_alone():
    assert name_columns(["情况 日期", "办理 日期", "编号", "基本 村", ""], ["日期", "日期", "编号", "村", ""]) == (
        "情况 日期", "办理 日期", "编号", "村", "")

"""Columns about persons are known by their header or by their cells; places, posts and counts are none."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ingest.masking import MASK, shown_name
from govdesk.ingest.personal_columns import COLUMN_KINDS, find_personal_columns, kind_of_cell, kind_of_header

NAMES = ["张建国", "李秀英", "王志强", "刘桂花", "陈小兵", "欧阳志远", "周建华"]


@pytest.mark.parametrize(("header", "kind"), [
    ("姓名", "name"), ("姓　名", "name"), ("当事人", "name"), ("当事人（甲方）", "name"), ("信访人", "name"), ("户主", "name"),
    ("戶主姓名", "name"), ("反映人 姓名", "name"), ("单位联系人", "name"), ("Full Name", "name"), ("complainant", "name"),
    ("身份证号", "identity"), ("身份證號碼", "identity"), ("证件编号", "identity"), ("ID No.", "identity"),
    ("联系电话", "phone"), ("聯繫電話", "phone"), ("联 系 电 话", "phone"), ("手机", "phone"), ("手机号码*", "phone"),
    ("联系方式", "phone"), ("Phone", "phone"), ("mobile no", "phone"), ("银行卡号", "card"), ("一卡通账号", "card"),
    ("家庭住址", "address"), ("详细地址", "address"), ("门牌号", "address"), ("户籍地址", "address"), ("出生日期", "birth"),
    ("年龄", "birth"), ("性别", "sex"), ("民族", "ethnicity"), ("宗教信仰", "religion"), ("政治面貌", "person"),
    ("车牌号", "plate"), ("微信号", "contact"), ("Ｅ－ｍａｉｌ", "contact"),
])
def test_header_of_a_personal_column(header, kind):
    assert kind_of_header(header) == kind


@pytest.mark.parametrize("header", [
    "经办人岗位", "单位电话", "值班电话", "热线电话", "村名", "地名", "项目名称", "单位名称", "名称", "信访人数", "涉及人数（人）", "当事人诉求",
    "来电时间", "电话回访结果", "联系人单位", "事件编号", "工单编号", "发生日期", "登记时间", "上报渠道", "所属村居", "户数", "号码", "案号",
    "name", "place_name", "source_ref", "by_post", "summary", "owner_unit", "民族团结类", "反映人类别", "地址", "网格员", "经办人", "责任人",
])
def test_header_of_any_other_column(header):
    assert kind_of_header(header) is None


@pytest.mark.parametrize(("cell", "kind"), [
    ("430599198803031819", "identity"), ("430599680512123", "identity"), ("13800138000", "phone"), ("138 0013 8000", "phone"),
    ("0739-7220001", "phone"), ("6228481234567890128", "card"), ("6228481234567890127", None), ("张建国", "name"), ("058825103202", None), ("073925103202", None),
    ("430525202303150012", None), ("2023-03-05", None), ("张家村", None), ("高沙镇", None), ("村民张建国反映路灯不亮", None), ("", None),
])
def test_kind_of_a_whole_cell(cell, kind):
    found = kind_of_cell(cell)
    assert found == kind


def _by_content(header, cells):
    return [(found.kind, found.by) for found in find_personal_columns([header], [cells])]


def test_cells_tell_where_the_header_does_not():
    assert _by_content("备注一", ["13800138000", "13800138001", "13800138002", ""]) == [("phone", "content")]
    assert _by_content("编号", ["430599198803031819", "430599195408276046", "430599195803145484"]) == [("identity", "content")]
    assert _by_content("其他", NAMES) == [("name", "content")]


def test_few_cells_prove_nothing():
    assert _by_content("备注", ["13800138000", "无", "无"]) == []
    assert _by_content("备注", ["13800138000", "13800138001", "13800138002", *["无"] * 17]) == []
    assert _by_content("类别", ["方言", "方言"] * 50) == []
    assert _by_content("姓", ["张建国"] * 50) == []


def test_column_of_staff_may_hold_posts_and_not_names():
    assert _by_content("网格员", [*NAMES[:3], "三班", "二班", "一班"]) == [("name", "content")]
    assert _by_content("网格员", ["三班", "二班", "一班", "石榴村网格岗"]) == []
    assert _by_content("班组", [*NAMES[:3], "三班", "二班", "一班"]) == []


def test_columns_of_places_are_none():
    villages = ["张家村", "王家组", "李家冲", "何村", "陈家坊镇", "高沙镇", "黄桥镇", "石江镇", "竹市镇", "水东乡"]
    assert _by_content("地区", villages) == []


def test_share_is_that_of_the_filled_cells():
    found, = find_personal_columns(["电话"], [["13800138000", "13800138001", "13800138002", "无", "", ""]])
    assert (found.by, found.share) == ("header", 0.75)
    assert math.isnan(find_personal_columns(["电话"])[0].share)


@given(st.lists(st.tuples(st.text(max_size=20), st.lists(st.text(max_size=30), max_size=10)), max_size=6))
def test_any_file_can_be_judged(columns):
    found = find_personal_columns([header for header, _ in columns], [cells for _, cells in columns])
    assert all(item.kind in COLUMN_KINDS and 0 <= item.share <= 1 for item in found)


@pytest.mark.parametrize(("name", "kept"), [
    ("张建国信访材料.xlsx", f"{MASK}信访材料.xlsx"), ("王小明-13800138000.csv", f"{MASK}-{MASK}.csv"),
    ("石榴村2023年台账.xlsx", "石榴村2023年台账.xlsx"), ("12345热线3月.csv", "12345热线3月.csv"), ("单号", "单号"), ("村（社区）", "村（社区）"),
    ("严重程度", "严重程度"), ("高沙镇.xlsx", "高沙镇.xlsx"), ("李大爷 家.xlsx", f"{MASK} 家.xlsx"), ("联系人电话", "联系人电话"),
])
def test_names_of_files_sheets_and_columns(name, kept):
    assert shown_name(name) == kept

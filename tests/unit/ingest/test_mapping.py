"""Mapping proposals, by value: the headers of twenty kinds of file, and what each is taken for."""

from itertools import permutations
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.cells import Meanings, fold
from govdesk.ingest.folding import plain_header
from govdesk.ingest.header_words import CATEGORY_WORDS, TITLE_CHANNELS, TITLE_STREAMS
from govdesk.ingest.mapping import (
    FLOOR,
    Known,
    _assign,
    _usable,
    compare_headers,
    field_of,
    fit_profiles,
    list_targets,
    propose_mapping,
)
from govdesk.ingest.mapping_words import (
    are_all_of,
    find_common_stream,
    propose_constants,
    propose_stream_of_categories,
    propose_values,
    propose_word,
)
from govdesk.ingest.profiles import parse_profile
from govdesk.ingest.record_fields import RECORD_KINDS
from govdesk.settings import ROOT
from govdesk.terms import Channel, Stream

ZONE = ZoneInfo("Asia/Shanghai")
REFERENCE = pd.read_csv(ROOT / "data" / "reference" / "categories.csv")
MEANINGS = Meanings(
    ZONE, ZONE, categories=dict(zip(REFERENCE["code"], REFERENCE["stream"], strict=True)),
    category_words={fold(name): code for name, code in zip(REFERENCE["name_zh"], REFERENCE["code"], strict=True)})
VILLAGES = ["东门社区", "西门社区", "瓜铺村", "石桥村", "大田村", "新民村"]
TOWNSHIPS = ["城关街道", "石江镇", "高沙镇"]
KNOWN = Known(
    MEANINGS, {"village": frozenset(map(plain_header, VILLAGES)), "township": frozenset(map(plain_header, TOWNSHIPS))},
    frozenset({"990101001001", "990101001002"}))

DATES = ["2023.3.5", "2023年3月6日", "2023-03-07"]
DAYS = ["2023-03-05 09:30", "2023-03-06 10:00", "2023-03-07 11:10"]
TEXT = ["两家因为水渠的走向发生争执，多次协商不成", "反映路灯不亮已经半个月，请尽快派人维修", "三户因宅基地边界不清产生矛盾"]
NAMES = ["张三", "李四", "王五"]

#: Kind of file → (about, header → cells, field → header expected).
STYLES = {
    "township ledger": ("incidents", {
        "序号": ["1", "2", "3"], "编号": ["石2023-01", "石2023-02", "石2023-03"], "所属村（社区）": VILLAGES[:3],
        "矛盾纠纷类型": ["邻里纠纷", "土地承包", "婚姻家庭"], "发生日期": DATES, "纠纷简要情况": TEXT, "涉及人数": ["2", "4", "3"],
        "化解情况": ["已化解", "未化解", "化解"], "责任单位": ["司法所", "国土所", "妇联"]},
     {"source_ref": "编号", "place.name": "所属村（社区）", "category": "矛盾纠纷类型", "occurred_on": "发生日期",
      "summary": "纠纷简要情况", "n_people": "涉及人数", "outcome": "化解情况", "handling_unit": "责任单位"}),
    "court": ("incidents", {
        "案号": ["（2023）湘0525民初1号", "（2023）湘0525民初2号"], "案由": ["离婚纠纷", "民间借贷纠纷"], "收案日期": DATES[:2],
        "结案日期": DATES[1:], "结案方式": ["调解成功", "撤诉"], "当事人所在乡镇": TOWNSHIPS[:2], "承办法庭": ["一庭", "二庭"]},
     {"source_ref": "案号", "category": "案由", "reported_at": "收案日期", "closed_at": "结案日期", "outcome": "结案方式",
      "place.name": "当事人所在乡镇"}),
    "12345 hotline": ("incidents", {
        "工单编号": ["GD20230305001", "GD20230305002"], "来电时间": DAYS[:2], "诉求类型": ["停水", "道路维修"],
        "诉求内容": TEXT[:2], "问题属地": ["石江镇", "高沙镇"], "承办单位": ["水利局", "交通局"], "办理时限": DAYS[1:],
        "办结时间": DAYS[1:], "诉求来源": ["热线", "手机应用"]},
     {"source_ref": "工单编号", "reported_at": "来电时间", "category": "诉求类型", "summary": "诉求内容",
      "place.name": "问题属地", "handling_unit": "承办单位", "due_at": "办理时限", "closed_at": "办结时间",
      "channel": "诉求来源"}),
    "petition bureau": ("incidents", {
        "信访件编号": ["XF1001", "XF1002"], "信访日期": DATES[:2], "信访形式": ["来访", "来信"], "初重件": ["初次信访", "重复访"],
        "内容分类": ["土地征收", "拖欠工资"], "上访人数": ["5", "1"], "所属乡镇": TOWNSHIPS[:2], "所在村": VILLAGES[:2]},
     {"source_ref": "信访件编号", "reported_at": "信访日期", "channel": "信访形式", "petition_kind": "初重件",
      "category": "内容分类", "n_people": "上访人数", "place.parent": "所属乡镇", "place.name": "所在村"}),
    "grid app": ("incidents", {
        "事件ID": ["88001", "88002"], "事件大类": ["矛盾纠纷", "隐患"], "事件小类": ["邻里", "消防隐患"], "上报时间": DAYS[:2],
        "网格编码": ["990101001001", "990101001002"], "所属网格": ["东门一网格", "西门二网格"], "经度": ["110.1234", "110.2234"],
        "纬度": ["27.0612", "27.1612"], "上报渠道": ["网格员上报", "网格员上报"], "紧急程度": ["一般", "紧急"]},
     {"source_ref": "事件ID", "stream": "事件大类", "category": "事件小类", "reported_at": "上报时间",
      "place.code": "网格编码", "place.name": "所属网格", "point.lon": "经度", "point.lat": "纬度", "channel": "上报渠道",
      "severity": "紧急程度"}),
    "traditional characters": ("incidents", {
        "編號": ["A1", "A2"], "糾紛類型": ["鄰里", "債務合同"], "發生時間": DATES[:2], "鄉鎮": TOWNSHIPS[:2], "村（社區）": VILLAGES[:2],
        "處理結果": ["化解", "未化解"]},
     {"source_ref": "編號", "category": "糾紛類型", "occurred_on": "發生時間", "place.parent": "鄉鎮",
      "place.name": "村（社區）", "outcome": "處理結果"}),
    "headers joined of two rows": ("incidents", {
        "基本情况 台账编号": ["T1", "T2"], "基本情况 村名": VILLAGES[:2], "办理情况 受理时间": DAYS[:2], "办理情况 办结时间": DAYS[1:],
        "基本情况 纠纷类别": ["邻里", "物业管理"]},
     {"source_ref": "基本情况 台账编号", "place.name": "基本情况 村名", "reported_at": "办理情况 受理时间",
      "closed_at": "办理情况 办结时间", "category": "基本情况 纠纷类别"}),
    "marks of needed cells and full width": ("incidents", {
        "＊流水号": ["1001", "1002"], "*发现日期（必填）": DATES[:2], "隐患类别：": ["消防隐患", "道路交通隐患"], "村 / 社区": VILLAGES[:2]},
     {"source_ref": "＊流水号", "occurred_on": "*发现日期（必填）", "category": "隐患类别：", "place.name": "村 / 社区"}),
    "headers that say nothing, places that do": ("incidents", {
        "A列": VILLAGES[:3], "B列": TOWNSHIPS, "日期": DATES},
     {"place.name": "A列", "place.parent": "B列", "occurred_on": "日期"}),
    "our own names": ("incidents", {
        "source_ref": ["1a", "2a"], "stream": ["dispute", "petition"], "category": ["neighbour", "petition_land"],
        "place_code": ["990101001001", "990101001002"], "lon": ["110.1", "110.2"], "lat": ["27.1", "27.2"],
        "occurred_on": DATES[:2], "reported_at": DAYS[:2]},
     {"source_ref": "source_ref", "stream": "stream", "category": "category", "place.code": "place_code",
      "point.lon": "lon", "point.lat": "lat", "occurred_on": "occurred_on", "reported_at": "reported_at"}),
    "monthly statistics of investigation": ("incidents", {
        "序号": ["1", "2"], "排查时间": DATES[:2], "乡镇（街道）": TOWNSHIPS[:2], "行政村": VILLAGES[:2], "类别": ["邻里", "家庭"],
        "调处结果": ["达成协议", "化解"], "备注": ["", ""]},
     {"occurred_on": "排查时间", "place.parent": "乡镇（街道）", "place.name": "行政村", "category": "类别", "outcome": "调处结果",
      "summary": "备注"}),
    "police": ("incidents", {
        "接警编号": ["J1", "J2"], "案发时间": DAYS[:2], "报案时间": DAYS[:2], "警情类别": ["打架斗殴", "盗窃"], "发生村": VILLAGES[:2]},
     {"source_ref": "接警编号", "occurred_on": "案发时间", "reported_at": "报案时间", "category": "警情类别", "place.name": "发生村"}),
    "empty columns": ("incidents", {
        "编号": [], "类别": [], "发生日期": [], "村": [], "未知列": []},
     {"source_ref": "编号", "category": "类别", "occurred_on": "发生日期", "place.name": "村"}),
    "steps": ("steps", {
        "流水号": ["L1", "L2"], "事件编号": ["A1", "A2"], "办理环节": ["派单", "签收"], "操作时间": DAYS[:2], "处理部门": ["U1", "U2"]},
     {"source_ref": "流水号", "incident_ref": "事件编号", "kind": "办理环节", "occurred_at": "操作时间", "unit_code": "处理部门"}),
    "mediations": ("mediations", {
        "调解编号": ["M1", "M2"], "纠纷编号": ["A1", "A2"], "调解类型": ["人民调解", "司法调解"], "调解方式": ["坐诊", "巡诊"],
        "调解层级": ["村", "乡镇"], "调解日期": DATES[:2], "是否成功": ["是", "否"], "调解次数": ["1", "3"]},
     {"source_ref": "调解编号", "incident_ref": "纠纷编号", "channel": "调解类型", "method": "调解方式", "level": "调解层级",
      "started_on": "调解日期", "is_settled": "是否成功", "n_sessions": "调解次数"}),
    "revisits": ("revisits", {
        "回访编号": ["H1", "H2"], "事件编号": ["A1", "A2"], "回访日期": DATES[:2], "回访结果": ["确已化解", "未联系上"], "满意度": ["5", "3"]},
     {"source_ref": "回访编号", "incident_ref": "事件编号", "revisited_on": "回访日期", "result": "回访结果", "satisfaction": "满意度"}),
    "works": ("works", {
        "项目编号": ["G1", "G2"], "项目名称": ["高标准农田一期", "通村公路"], "项目类型": ["高标准农田", "道路"], "开工日期": DATES[:2],
        "竣工日期": DATES[1:], "所在村": VILLAGES[:2], "建设单位": ["U1", "U2"]},
     {"source_ref": "项目编号", "name": "项目名称", "kind": "项目类型", "started_on": "开工日期", "ended_on": "竣工日期",
      "place.name": "所在村", "unit_code": "建设单位"}),
    "nil returns": ("nil_returns", {
        "乡镇": TOWNSHIPS, "村": VILLAGES[:3], "起始日期": DATES, "截止日期": DATES},
     {"place.parent": "乡镇", "place.name": "村", "period_from": "起始日期", "period_to": "截止日期"}),
}


@pytest.mark.parametrize("style", STYLES)
def test_columns_are_taken_for_what_they_are(style):
    about, columns, expected = STYLES[style]
    guesses = propose_mapping(about, list(columns), list(columns.values()), KNOWN)
    assert [guess.field for guess in guesses] == list_targets(about)
    assert {guess.field: guess.header for guess in guesses if guess.header} == expected
    assert all(FLOOR <= guess.confidence <= 1 and guess.why for guess in guesses if guess.header)


def _by_field(columns, about="incidents", **options):
    return {guess.field: guess for guess in
            propose_mapping(about, list(columns), list(columns.values()), KNOWN, **options)}


def test_number_of_a_line_is_no_number_of_a_row():
    assert _usable(["序号", "NO.", "编号"], ()) == [2]
    assert _by_field({"序号": ["1", "2"], "行号": ["1", "2"], "NO.": ["1", "2"]})["source_ref"].header is None


def test_text_is_offered_and_not_chosen_by_itself():
    guess = _by_field({"事件描述": TEXT})["summary"]
    assert (guess.header, guess.is_offer) == ("事件描述", True)


def test_dates_without_a_year_are_dates():
    assert _by_field({"发生日期": ["3月5日", "12月1日"]})["occurred_on"].header == "发生日期"


def test_header_that_is_right_with_cells_that_are_wrong_is_left_open():
    assert _by_field({"发生日期": NAMES})["occurred_on"].header is None
    assert _by_field({"涉及人数": NAMES})["n_people"].header is None


def test_barred_and_doubled_columns_are_never_read():
    found = _by_field({"编号": ["A1"], "发生日期": DATES}, barred={" 编号"})
    assert (found["source_ref"].header, found["occurred_on"].header) == (None, "发生日期")
    headers = ["编号", "编号 ", "", "发生日期"]
    guesses = propose_mapping("incidents", headers, [["A1"], ["B1"], ["x"], DATES], KNOWN)
    assert {guess.header for guess in guesses} == {None, "发生日期"}


def test_township_alone_is_the_place():
    found = _by_field({"属地乡镇": TOWNSHIPS})
    assert (found["place.name"].header, found["place.name"].level) == ("属地乡镇", "township")
    assert found["place.parent"].header is None


def test_level_of_the_names_is_told():
    assert _by_field({"村": VILLAGES, "镇": TOWNSHIPS})["place.name"].level == "village"


def test_reasons_say_header_and_content():
    assert _by_field({"发生日期": [*DATES, "不详"]})["occurred_on"].why == (("header", "发生日期"), ("dates", "75%"))


def test_hostile_headers_are_only_texts():
    hostile = "<img src=x onerror=alert(1)>发生日期"
    found = _by_field({hostile: DATES, "\x00": ["a"], "=cmd()": ["b"], "长" * 5000: ["c"]})
    assert found["occurred_on"].header in (None, hostile)


@pytest.mark.parametrize(("header", "word", "least", "most"), [
    ("发生日期", "发生日期", 1, 1), ("发生日期（必填）", "发生日期", 1, 1), ("發生日期", "发生日期", 1, 1),
    ("纠纷发生日期", "发生日期", .85, .9), ("日期", "发生日期", .6, .65), ("电话", "发生日期", 0, .01), ("办结日期", "发生日期", .3, .4)])
def test_likeness_of_headers(header, word, least, most):
    assert least <= compare_headers(header, [word])[0] <= most


def _brute(scores):
    rows, columns = scores.shape
    best = 0.0
    wide = np.hstack([scores, np.zeros((rows, rows))])
    for chosen in permutations(range(columns + rows), rows):
        best = max(best, sum(wide[row, column] for row, column in enumerate(chosen)))
    return best


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.data())
def test_assignment_is_one_to_one_and_the_best_there_is(rows, columns, data):
    scores = np.array([[data.draw(st.sampled_from([0.0, 0.5, 0.55, 0.7, 0.9, 1.0])) for _ in range(columns)]
                       for _ in range(rows)])
    pairs = _assign(scores)
    assert len(set(pairs.values())) == len(pairs)
    assert all(scores[row, column] > 0 for row, column in pairs.items())
    assert sum(scores[row, column] for row, column in pairs.items()) == pytest.approx(_brute(scores))


@settings(max_examples=8, deadline=None)
@given(st.permutations(list(STYLES["petition bureau"][1].items())))
def test_order_of_the_columns_does_not_matter(pairs):
    found = _by_field(dict(pairs))
    assert {name: guess.header for name, guess in found.items() if guess.header} == STYLES["petition bureau"][2]


# Words

CATEGORY = RECORD_KINDS["incidents"].field("category")


@pytest.mark.parametrize(("word", "stream", "code"), [
    ("邻里", None, "neighbour"), ("邻里纠纷", None, "neighbour"), ("鄰里糾紛", None, "neighbour"), ("土地", "dispute", "land_forest"),
    ("土地", "petition", "petition_land"), ("民间借贷纠纷", "dispute", "debt"), ("其他", "hazard", "hazard_other"),
    ("道路", "request", "request_road"), ("道路", "hazard", "hazard_road"), ("离婚", None, "family"), ("张三", None, None),
    ("甲", "dispute", None), ("neighbour", "petition", None)])
def test_words_of_categories(word, stream, code):
    assert propose_word(CATEGORY, word, MEANINGS, stream).code == code


@pytest.mark.parametrize(("field", "word", "code"), [
    ("channel", "热线", "hotline"), ("severity", "紧急", "1"), ("severity", "3", "3"), ("outcome", "化解成功了", "settled"),
    ("petition_kind", "重复访", "repeat"), ("n_people", "许多", None), ("stream", "天气", None)])
def test_words_of_codes(field, word, code):
    assert propose_word(RECORD_KINDS["incidents"].field(field), word, MEANINGS).code == code


def test_yes_and_no():
    wanted = RECORD_KINDS["mediations"].field("is_settled")
    assert [propose_word(wanted, word, MEANINGS).code for word in ("是", "否", "√", "也许")] == ["1", "0", "1", None]


def test_words_keep_the_order_of_the_file_and_say_what_needs_no_entry():
    guesses = propose_values(CATEGORY, ["邻里", "离婚", "邻里 ", "", "怪"], MEANINGS, "dispute")
    assert [(guess.word, guess.code, guess.is_understood) for guess in guesses] == [
        ("邻里", "neighbour", True), ("离婚", "family", False), ("怪", None, False)]


def test_categories_that_all_belong_somewhere_tell_the_stream():
    assert propose_stream_of_categories(["邻里", "消防隐患"], MEANINGS) == {"邻里": "dispute", "消防隐患": "hazard"}
    assert propose_stream_of_categories(["邻里", "怪"], MEANINGS) == {}
    assert propose_stream_of_categories(["邻里", "消防隐患", "怪"], MEANINGS) == {"邻里": "dispute", "消防隐患": "hazard"}
    assert find_common_stream(["邻里", "怪", "家庭"], MEANINGS) == "dispute"
    assert find_common_stream(["邻里", "消防隐患"], MEANINGS) is None
    assert are_all_of("petition", ["土地", "其他"], MEANINGS)
    assert not are_all_of("petition", ["土地", "消防隐患"], MEANINGS)
    assert propose_stream_of_categories([], MEANINGS) == {}


@pytest.mark.parametrize(("title", "stream", "channel"), [
    ("石江镇2023年3月矛盾纠纷排查调处台账", "dispute", None), ("12345热线工单导出", "request", "hotline"),
    ("信访事项登記表", "petition", None), ("洞口县人民法院民事收案登记表", "dispute", "court"), ("Sheet1", None, None),
    ("网格员隐患排查表", "hazard", "grid_worker")])
def test_titles_say_what_the_rows_are(title, stream, channel):
    found = propose_constants("incidents", ["Sheet1", title])
    assert (found.get("stream", (None,))[0], found.get("channel", (None,))[0]) == (stream, channel)
    assert propose_constants("works", [title]) == {}


def test_tables_of_words_name_only_what_exists():
    assert {code for _, code in TITLE_STREAMS} <= set(Stream)
    assert {code for _, code in TITLE_CHANNELS} <= set(Channel)
    for stream, categories in CATEGORY_WORDS.items():
        assert all(MEANINGS.categories[code] == stream for code in categories)


# Profiles that exist

def _profile(name, *headers):
    lines = [f'about = "incidents"\nname = "{name}"\n[place.name]\nfrom = "村"\n[fields.stream]\nconstant = "dispute"']
    lines += [f'[fields.{field}]\nfrom = "{header}"' for field, header in headers]
    return parse_profile("\n".join(lines))


def test_fitting_profiles_are_found_best_first():
    small = _profile("small", ("occurred_on", "发生日期"))
    large = _profile("large", ("occurred_on", "发生日期"), ("source_ref", "编号"))
    other = _profile("other", ("occurred_on", "受理日期"))
    found = fit_profiles([small, other, large], ["编号", "发生日期", "村", "备注"], MEANINGS)
    assert [(profile.name, share) for profile, share in found] == [("large", 0.75), ("small", 0.5)]


def test_profile_with_an_ambiguous_column_does_not_fit():
    small = _profile("small", ("occurred_on", "发生日期"))
    assert fit_profiles([small], ["发生日期", "发生日期", "村"], MEANINGS) == []


def test_every_target_has_a_description():
    for about in RECORD_KINDS:
        for name in list_targets(about):
            assert field_of(about, name).kind

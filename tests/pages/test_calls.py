"""The page of calls: who waits, the called unit's buttons, the form; empty, refused, hostile, both languages."""

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.calls import place_call, take_hop
from govdesk.rules.access import Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Account, Call, CallStep, Incident, Place, Unit
from govdesk.terms import CallHop, DataKind, Role
from govdesk.ui import call_acts
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY, VILLAGE = tiny_county.COUNTY, f"{tiny_county.COUNTY}001001"
HOSTILE = "<img src=x onerror=alert(1)>"
CENTRE = Scope("local_centre", Role.CENTRE)
WATER = Scope("water", Role.DEPARTMENT, None, "U-WATER")


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, n_incidents=30)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Unit).values(
            code="U-WATER", name="水利局", kind="department", place_code=COUNTY, content_hash="0"))
        connection.execute(insert(Account), [
            {"code": "water", "title": "水利局值班岗", "role": "department", "unit_code": "U-WATER", "is_active": True, "area_code": None},
            {"code": "land", "title": "国土岗", "role": "department", "unit_code": "U-LAND", "is_active": True, "area_code": None},
            {"code": "town", "title": "第1镇岗", "role": "township", "unit_code": None, "is_active": True, "area_code": f"{COUNTY}001"},
            {"code": "wall", "title": "wall", "role": "wall", "unit_code": None, "is_active": True, "area_code": None}])
    return empty_engine


def call(engine, key="form-0001", **values):
    return place_call(engine, by=CENTRE, form_key=key, **{
        "place_code": VILLAGE, "category": "hazard_fire", "severity": 1, "units": ["U-WATER", "U-LAND"], "lead": "U-WATER",
        "note": "塘坝渗水"} | values).call_id


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _has(page, kind, prefix):
    return any(one.key.startswith(prefix) for one in getattr(page, kind))


def _count(engine, table=CallStep):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_called_unit_reports_in_and_answers(county):
    call(county)
    page = open_page("calls", account="water")
    html = all_html(page)
    assert "<b>2</b>" in html
    assert "联合会诊 · 2 家" in html
    assert "还剩 15 分钟" in html
    assert not _has(page, "button", "call_answer_")
    assert not _has(page, "button", "call_report_in_1_U-LAND")
    assert not _has(page, "selectbox", "call_outcome_")
    _widget(page, "button", "call_report_in_1_U-WATER").click().run()
    assert "已记录：水利局 签到" in all_html(page)
    _widget(page, "button", "call_arrive_1_U-WATER").click().run()
    _widget(page, "button", "call_answer_1_U-WATER").click().run()
    assert "说明：请填写" in all_html(page)
    _widget(page, "text_input", "call_note_1_U-WATER").input("已加固，问 13800138000").run()
    _widget(page, "button", "call_answer_1_U-WATER").click().run()
    html = all_html(page)
    assert "已遮盖后保存" in html
    assert "13800138000" not in html
    assert "<b>1</b>" in html
    assert _count(county) == 5


def test_whoever_comes_second_is_told_by_whom(county, monkeypatch):
    call(county)
    page = open_page("calls", account="water")

    def first(*args, **values):  # a colleague clicks between this page's run and its action
        monkeypatch.setattr(call_acts, "take_hop", take_hop)
        take_hop(county, by=CENTRE, call_id=1, unit_code="U-WATER", hop=CallHop.REPORT_IN, note="电话确认")
        return take_hop(*args, **values)

    monkeypatch.setattr(call_acts, "take_hop", first)
    _widget(page, "button", "call_report_in_1_U-WATER").click().run()
    html = all_html(page)
    assert "水利局的这一步已由综治中心值班员于 2026-11-22 10:00 登记，没有重复写入" in html
    assert _count(county) == 3


def test_call_is_placed_from_an_incident(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(place_code=VILLAGE))
    page = open_page("calls", account="town", incident="1")
    assert "关于事件" in all_html(page)
    assert _widget(page, "selectbox", "call_category_").value is not None
    _widget(page, "multiselect", "call_units_").set_value(["U-LAND", "U-WATER"]).run()
    _widget(page, "button", "call_send_").click().run()
    assert "请在被呼叫单位中选定一家牵头" in all_html(page)
    _widget(page, "selectbox", "call_lead_").select("U-WATER").run()
    _widget(page, "text_area", "call_note_").input("请带抽水设备").run()
    _widget(page, "button", "call_send_").click().run()
    html = all_html(page)
    assert "已呼叫：自然资源局、水利局" in html
    assert "请带抽水设备" in html
    assert _count(county, Call) == 1
    _widget(page, "button", "call_again").click().run()
    assert _widget(page, "multiselect", "call_units_").value == []


def test_incident_link_leads_here_and_a_foreign_one_is_left_out(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(place_code=f"{COUNTY}002001"))
    assert "/calls?incident=1" in all_html(open_page("incident", id="1"))
    assert "链接中的事件不存在" in all_html(open_page("calls", account="town", incident="1"))
    for text in ("nothing", HOSTILE, "-1"):
        assert not open_page("calls", incident=text).exception


def test_caller_adds_a_unit_and_ends_the_call(county):
    call(county, units=["U-WATER"])
    page = open_page("calls", account="town")
    _widget(page, "selectbox", "call_add_unit_1").select("U-LAND").run()
    _widget(page, "button", "call_add_1").click().run()
    assert "增派 自然资源局" in all_html(page)
    _widget(page, "selectbox", "call_outcome_1").select("settled").run()
    _widget(page, "button", "call_end_1").click().run()
    assert "牵头单位水利局还没有答复" in all_html(page)
    _widget(page, "selectbox", "call_outcome_1").select("called_off").run()
    _widget(page, "text_input", "call_end_note_1").input("自行解决").run()
    _widget(page, "button", "call_end_1").click().run()
    html = all_html(page)
    assert "呼叫已结束：撤销呼叫" in html
    assert "现在没有进行中的呼叫" in html
    assert "自行解决" in html


def test_late_hop_says_so_in_words(county, monkeypatch):
    call(county)
    monkeypatch.setenv("GOVDESK_NOW", "2026-11-22T02:30:00+00:00")
    from govdesk import settings

    settings.get_settings.cache_clear()
    html = all_html(open_page("calls"))
    assert 'gd-waiting-late"><b>2</b><span>家单位已超时' in html  # the biggest figure of the page
    assert "已超时 15 分钟" in html
    assert "按时 0/1" in html


@pytest.mark.parametrize(("lang", "words", "rules"), [("zh", "现在没有进行中的呼叫", "签到 15 分钟"), ("en", "No call goes on", "report in 15 min")])
def test_empty_page_says_what_to_do(county, lang, words, rules):
    html = all_html(open_page("calls", lang=lang))
    assert words in html
    assert rules in html
    assert "<b>0</b>" in html


@pytest.mark.parametrize(("account", "lang", "words"), [
    ("local_analyst", "zh", "呼叫只给参与处置的岗位看"), ("wall", "zh", "呼叫只给参与处置的岗位看"),
    ("local_clerk", "en", "Calls are for those who handle them")])
def test_refused_roles_see_no_call(county, account, lang, words):
    call(county)
    html = all_html(open_page("calls", account=account, lang=lang))
    assert words in html
    assert "塘坝" not in html


def test_leader_reads_and_cannot_act(county):
    call(county)
    page = open_page("calls", account="local_leader")
    assert "塘坝渗水" in all_html(page)
    assert not _has(page, "button", "call_")
    assert not _has(page, "multiselect", "call_units_")


def test_concerned_unit_sees_nothing_of_the_call(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(place_code=VILLAGE, concerns_unit="U-LAND"))
    call(county, units=["U-WATER"], incident_id=1, note="另有隐情")
    assert "另有隐情" in all_html(open_page("calls", account="water"))
    html = all_html(open_page("calls", account="land"))
    assert "另有隐情" not in html
    assert "<b>0</b>" in html
    assert "没有呼叫" in html


def test_hostile_text_is_text(county):
    call(county, note=HOSTILE)
    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.level == "village").values(name=HOSTILE))
        connection.execute(update(Unit).values(name=HOSTILE))
        connection.execute(update(CallStep).values(note=HOSTILE, by_post=HOSTILE))
        connection.execute(update(Call).values(by_post=HOSTILE))
    html = all_html(open_page("calls"))
    assert "<img" not in html
    assert "&lt;img" in html


def test_database_without_places_says_how_to_import(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(open_page("calls"))


def test_page_is_short():
    assert len((ROOT / "pages" / "calls.py").read_text(encoding="utf-8").splitlines()) <= 150

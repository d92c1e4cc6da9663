"""The page of likely duplicates: pairs side by side, judged, put off, taken back; empty, refused, hostile; and the
incident page that tells of it."""

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.merge_incidents import merge_incidents
from govdesk.rules.access import SYSTEM, Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import DuplicateVerdict, Incident, Step
from govdesk.terms import DataKind, Role
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def county(tiny_engine):
    """Return the tiny county with one matter told twice: incident 7, and a call about it (9001) without a step."""
    with write_transaction(tiny_engine) as connection:
        day = tiny_county.UNTIL.replace(day=10)
        values = {"occurred_on": day, "recorded_at": tiny_county.NOW, "week_occurred": 2966, "stream": "request",
                  "category": "request_road", "summary": "桥头路面塌陷，车辆无法通行", "repeat_of": None,
                  "point_kind": "exact", "petition_kind": None, "place_code": f"{tiny_county.COUNTY}002003-01"}
        connection.execute(update(Incident).where(Incident.id == 7).values(**values))
        row = dict(connection.execute(select(Incident.__table__).where(Incident.id == 7)).mappings().one())
        connection.execute(insert(Incident), [row | {
            "id": 9001, "source": "hotline", "source_ref": "H1", "channel": "hotline", "summary": "桥头路面下陷，车辆无法通行"}])
    return tiny_engine


def verdicts(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(
            DuplicateVerdict.incident_id, DuplicateVerdict.other_id, DuplicateVerdict.verdict)).all()


def click(page, prefix):
    next(one for one in page.button if one.key.startswith(prefix)).click().run()
    assert not page.exception
    return all_html(page)


def test_pair_stands_side_by_side_with_what_differs_and_why(county):
    html = all_html(open_page("duplicates"))
    assert "待核对" in html
    assert "T0000007" in html
    assert "H1" in html
    assert "<mark>塌</mark>" in html
    assert "<mark>下</mark>" in html
    assert "同一天发生" in html
    assert "来源不同，可能两处各报一次" in html
    assert "位置点相距" in html
    assert "重复信访是权利" in html


def test_page_in_english(county):
    html = all_html(open_page("duplicates", lang="en"))
    assert "On the same day" in html
    assert "pairs to judge, among" in html


def test_merge_keeps_the_one_with_more_steps_and_can_be_taken_back(county):
    page = open_page("duplicates")
    html = click(page, "merge_7_9001")
    assert "H1 已并入 T0000007，不再计数" in html
    assert verdicts(county) == [(9001, 7, "merged")]
    assert "综治中心值班员" in html
    html = click(page, "undo_")
    assert "计数已恢复" in html
    assert "<del>" in html
    with read_transaction(county) as connection:
        assert connection.scalar(select(Incident.is_counted).where(Incident.id == 9001)) == 1


def test_default_is_the_one_with_more_steps(county):
    with write_transaction(county) as connection:
        connection.execute(update(Step).where(Step.incident_id == 7).values(incident_id=9001))
    page = open_page("duplicates")
    assert page.radio(key="stays_7_9001").value == 1
    page.radio(key="stays_7_9001").set_value(0).run()
    click(page, "merge_7_9001")
    assert verdicts(county) == [(9001, 7, "merged")]


def test_different_pair_is_not_proposed_again(county):
    page = open_page("duplicates")
    assert "不再提示" in click(page, "apart_7_9001")
    assert verdicts(county) == [(7, 9001, "different")]
    assert not [one for one in page.button if one.key == "merge_7_9001"]


def test_later_puts_the_pair_off_and_it_comes_back(county):
    page = open_page("duplicates")
    html = click(page, "later_7_9001")
    assert "已放到稍后 1 对" in html
    assert not [one for one in page.button if one.key == "merge_7_9001"]
    assert verdicts(county) == []
    while not [one for one in page.button if one.key == "again"]:
        click(page, "later_")
    click(page, "again")
    assert [one for one in page.button if one.key == "merge_7_9001"]


def test_somebody_else_was_first_and_is_named(county):
    page = open_page("duplicates")
    merge_incidents(county, by=Scope("local_clerk", Role.CLERK), incident_id=7, into_id=9001)
    html = click(page, "merge_7_9001")
    assert "刚才显示的一对已由数据员" in html
    assert "T0000007 并入 H1" in html
    assert verdicts(county) == [(7, 9001, "merged")]
    page.run()
    assert "刚才显示的一对" not in all_html(page)


def test_of_two_clicks_at_once_the_second_is_told_by_whom(county, monkeypatch):
    def late(engine, **values):
        merge_incidents(county, by=Scope("local_clerk", Role.CLERK), incident_id=7, into_id=9001)
        return merge_incidents(engine, **values)

    page = open_page("duplicates")
    page.text_input(key="reason_7_9001").input("同一件事").run()
    monkeypatch.setattr("govdesk.ui.duplicate_judge.merge_incidents", late)
    html = click(page, "merge_7_9001")
    assert "没有保存，原因" in html
    assert "编号 9001 的事件" in html or "编号 7 的事件已由数据员" in html
    assert page.text_input(key="reason_7_9001").value == "同一件事"


def test_reason_is_asked_for_where_the_types_differ(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 9001).values(stream="hazard", category="hazard_road"))
    page = open_page("duplicates")
    assert "两件的类型不同，请写明理由" in click(page, "merge_7_9001")
    assert verdicts(county) == []
    page.text_input(key="reason_7_9001").input("同一处路面，电话 13800138000").run()
    html = click(page, "merge_7_9001")
    assert "已遮盖后保存" in html
    assert "13800138000" not in html


@pytest.mark.parametrize(("account", "lang", "words"), [
    ("local_leader", "zh", "疑似重复由综治中心、数据员和管理员判断"), ("local_analyst", "en", "Likely duplicates are judged by")])
def test_others_are_refused(county, account, lang, words):
    html = all_html(open_page("duplicates", account=account, lang=lang))
    assert words in html
    assert "T0000007" not in html


def test_nothing_to_judge_and_nothing_at_all(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).values(is_counted=0).where(Incident.id > 5))
    html = all_html(open_page("duplicates"))
    assert "没有需要核对的" in html
    assert "还没有判断过" in html


def test_database_without_incidents_says_how_to_import(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-incidents" in all_html(open_page("duplicates"))


def test_hostile_text_is_text(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id.in_((7, 9001))).values(
            summary=HOSTILE + "桥头路面塌陷", source=HOSTILE, category=HOSTILE))
        connection.execute(update(Incident).where(Incident.id == 9001).values(source_ref=HOSTILE))
    merge_incidents(county, by=SYSTEM, incident_id=11, into_id=13, reason=HOSTILE + "x")
    html = all_html(open_page("duplicates"))
    assert "<img" not in html
    assert html.count("&lt;img") >= 4


def test_incident_pages_tell_of_the_merger_and_link_to_taking_it_back(county):
    verdict = merge_incidents(county, by=SYSTEM, incident_id=7, into_id=9001, reason="热线先到").verdict_id
    away = all_html(open_page("incident", id="7"))
    assert "本条已并入" in away
    assert ">H1</a>，不再计数" in away
    assert "理由：热线先到" in away
    assert f"/duplicates?verdict={verdict}" in away
    stays = all_html(open_page("incident", id="9001"))
    assert "并入本件的记录" in stays
    assert "来自并入的 T0000007" in stays
    assert f"/duplicates?verdict={verdict}" in stays
    assert f"/duplicates?verdict={verdict}" not in all_html(open_page("incident", id="7", account="local_leader"))
    page = open_page("duplicates", verdict=str(verdict))
    assert "热线先到" in all_html(page)


@pytest.mark.parametrize("junk", ["abc", "-1", "9" * 40, HOSTILE])
def test_junk_in_the_address_is_no_error(county, junk):
    assert "<img" not in all_html(open_page("duplicates", verdict=junk))


def test_page_is_short():
    assert len((ROOT / "pages" / "duplicates.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_keys_that_write_need_shift(county):
    keys = {one.key.partition("_")[0]: one.proto.shortcut for one in open_page("duplicates", account="local_centre").button
            if one.proto.shortcut}
    assert keys == {"merge": "shift+m", "apart": "shift+d", "later": "l"}

"""Ordering visits on screen: proposed, changed, confirmed once, answered from the order, called off; nobody else's."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.record_visit import record_visit
from govdesk.actions.visit_order_checks import Item
from govdesk.actions.visit_orders import order_visits
from govdesk.clock import week_of
from govdesk.queries.visit_orders import read_proposal
from govdesk.queries.visits import lot_seed, read_lot
from govdesk.rules.access import Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.properties import read_properties
from govdesk.storage.versions import bump
from govdesk.tables import Account, Place, Unit, Visit, VisitOrder
from govdesk.terms import Role
from tests.support import scored_county, tiny_county
from tests.support.screens import all_html, all_text, open_page

COUNTY, TODAY = tiny_county.COUNTY, tiny_county.UNTIL
WEEK = week_of(TODAY)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def county(empty_engine):
    scored_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Unit).values(
            code=f"{COUNTY}001-gov", name="第1镇人民政府", kind="township", place_code=f"{COUNTY}001", content_hash="0"))
        connection.execute(insert(Account), [
            {"code": "town", "title": "第1镇值班", "role": "township", "area_code": f"{COUNTY}001",
             "unit_code": f"{COUNTY}001-gov", "is_active": True},
            {"code": "dep", "title": "d", "role": "department", "area_code": None, "unit_code": "U-LAND", "is_active": True}])
    return empty_engine


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _keys(page, kind):
    return [one.key for one in getattr(page, kind)]


def _orders(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(VisitOrder.__table__).order_by(VisitOrder.id)).all()


def _order(engine):
    """Order the six listed villages and the three drawn, as the page would."""
    by = Scope("local_centre", Role.CENTRE)
    with read_transaction(engine) as connection:
        proposal = read_proposal(connection, by, TODAY, tiny_county.NOW, lot_seed(read_properties(connection)))
    order_visits(engine, by=by, week=WEEK, items=[
        Item(one.place_code, one.reason, one.owner_unit, None, one.due_on) for one in proposal.items])


def _confirm(page):
    _widget(page, "button", "visit_proposal_confirm").click().run()
    assert not page.exception
    return all_html(page)


def test_week_s_visits_are_confirmed_in_one_click_and_stand_first(county):
    page = open_page("visits")
    html = all_html(page)
    assert "还没有派出走访任务" in html
    assert "本周建议的走访（2026-W47）" in html
    assert "共 9 个村：名单 6 个，抽签 3 个" in html
    html = _confirm(page)
    assert "已派出 9 项走访任务" in html
    assert html.count("登记走访") == 9
    assert "/visits?order=" in html
    assert len(_orders(county)) == 9
    page.run()
    html = all_html(page)
    assert "本周建议的走访" not in html
    assert "0/9" in html


def test_owner_and_day_can_be_changed_and_a_listed_village_left_out(county):
    page = open_page("visits")
    _widget(page, "selectbox", "visit_proposal_which").select_index(0).run()
    name = _keys(page, "date_input")[0]
    _widget(page, "date_input", "visit_proposal_day_").set_value(TODAY + timedelta(days=4)).run()
    _widget(page, "selectbox", "visit_proposal_unit_").select("U-CENTRE").run()
    first = name.removeprefix("visit_proposal_day_")
    _widget(page, "selectbox", "visit_proposal_which").select_index(1).run()
    _widget(page, "checkbox", "visit_proposal_out_").check().run()
    assert "不派 1 个" in all_html(page)
    _widget(page, "selectbox", "visit_proposal_which").select_index(8).run()
    assert not [key for key in _keys(page, "checkbox") if key.startswith("visit_proposal_out_")]  # drawn: not chosen
    assert "要么全派、要么不派" in all_html(page)
    _confirm(page)
    orders = {row.place_code: row for row in _orders(county)}
    assert len(orders) == 8
    assert (orders[first].due_on, orders[first].owner_unit) == (TODAY + timedelta(days=4), "U-CENTRE")


def test_who_confirms_second_is_told_by_whom_it_was_ordered(county):
    page = open_page("visits", account="local_centre")
    other = open_page("visits", account="local_admin")
    _confirm(other)
    html = _confirm(page)
    assert "已派出 0 项走访任务。另有 9 项此前已由管理员派出，没有重复" in html
    assert len(_orders(county)) == 9


def test_link_of_an_order_fills_the_form_and_the_visit_answers_it(county):
    _order(county)
    order = next(one for one in _orders(county) if one.place_code.startswith(f"{COUNTY}001") and one.reason == "alert")
    page = open_page("visits", account="town", order=str(order.id))
    html = all_html(page)
    assert "登记走访任务" in html
    assert "第1镇人民政府" in html
    assert html.index("登记走访任务") < html.index("要去走访的村")
    assert _widget(page, "selectbox", "place_village_").value == order.place_code
    assert _widget(page, "selectbox", "visit_reason_").value == "alert"
    _widget(page, "selectbox", "visit_found_").select("nothing_found").run()
    _widget(page, "button", "visit_save_").click().run()
    assert not page.exception
    assert "已记录" in all_html(page)
    page.run()
    assert "11-22 没有发现" in all_html(page)
    again = all_html(open_page("visits", account="town", order=str(order.id)))
    assert "已经登记过走访" in again
    with read_transaction(county) as connection:
        assert connection.scalar(select(func.count()).select_from(VisitOrder).where(VisitOrder.visit_id.is_not(None))) == 1


def test_township_sees_its_own_orders_only_and_orders_nothing(county):
    _order(county)
    orders = _orders(county)
    mine = [one for one in orders if one.place_code.startswith(f"{COUNTY}001")]
    html = all_html(open_page("visits", account="town"))
    assert html.count("/visits?order=") == len(mine) > 0
    assert "本周建议的走访" not in html
    foreign = next(one for one in orders if not one.place_code.startswith(f"{COUNTY}001"))
    page = open_page("visits", account="town", order=str(foreign.id))
    assert "没有这项走访任务" in all_html(page)
    assert _widget(page, "selectbox", "visit_reason_").value is None
    leader = open_page("visits", account="local_leader")
    assert "/visits?order=" not in all_html(leader)
    assert not [key for key in _keys(leader, "button") if key.startswith("visit_")]
    department = all_html(open_page("visits", account="dep", order=str(foreign.id)))
    assert "第1镇" not in department
    assert "第2镇" not in department


@pytest.mark.parametrize("order", ["99999", HOSTILE, "9" * 30])
def test_address_of_no_order_leaves_the_form_open(county, order):
    page = open_page("visits", order=order)
    assert "<img" not in all_html(page)
    assert _widget(page, "selectbox", "visit_reason_").value is None


def test_order_is_given_to_somebody_else_or_called_off_with_a_reason(county):
    _order(county)
    page = open_page("visits")
    _widget(page, "selectbox", "visit_order_which").select_index(0).run()
    _widget(page, "button", "visit_order_off").click().run()
    assert "撤回原因：请填写" in all_html(page)
    _widget(page, "text_input", "visit_order_why_").input("全村外出，问 13800138000").run()
    _widget(page, "button", "visit_order_off").click().run()
    assert "原因中的个人信息已遮盖后保存" in all_html(page)
    page.run()
    html = all_html(page)
    assert "综治中心值班员：全村外出" in html
    assert "13800138000" not in html
    assert "另撤回 1 项" in html
    _widget(page, "selectbox", "visit_order_which").select_index(0).run()
    _widget(page, "date_input", "visit_order_day_").set_value(TODAY + timedelta(days=6)).run()
    _widget(page, "button", "visit_order_change").click().run()
    assert "已改派" in all_html(page)
    assert sum(one.due_on == TODAY + timedelta(days=6) for one in _orders(county)) == 1


def test_without_a_list_of_this_week_only_the_lot_is_proposed(empty_engine):
    tiny_county.build(empty_engine)
    html = all_html(open_page("visits"))
    assert "还没有给各村评分" in html
    assert "共 3 个村：名单 0 个，抽签 3 个" in html


def test_outcome_of_90_days_is_recorded_and_told_by_whom(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Visit).values(
            source="t", source_ref="1", content_hash="0", recorded_at=tiny_county.NOW, place_code=f"{COUNTY}001001",
            reason="alert", visited_on=date(2026, 8, 20), found="found", by_post="local_centre"))
        bump(connection, "risk")
    page = open_page("visits", account="town")
    assert "登记其后 90 天的结果（待登记 1 次）" in [one.label for one in page.expander]
    _widget(page, "selectbox", "visit_outcome_which").select_index(0).run()
    said = _widget(page, "radio", "visit_outcome_")
    other = next(one for one in ("escalated", "quiet") if one != said.value)
    said.set_value(other).run()
    _widget(page, "button", "visit_outcome_save").click().run()
    assert "已登记结果" in all_html(page)
    page.run()
    html = all_html(page)
    assert "由第1镇值班登记" in html
    assert "按记录推算" in html
    assert "登记其后 90 天的结果（待登记 0 次）" in [one.label for one in page.expander]


def test_early_warning_tells_how_the_order_of_each_village_stands(county):
    before = all_html(open_page("early_warning"))
    assert before.count("未派") == 6
    assert "派走访" in before
    _order(county)
    order = next(one for one in _orders(county) if one.reason == "alert")
    with write_transaction(county) as connection:
        connection.execute(update(VisitOrder).where(VisitOrder.id == order.id).values(due_on=TODAY - timedelta(days=2)))
        bump(connection, "loop")
    html = all_html(open_page("early_warning"))
    assert "已派 · 11-20 前，逾期 2 天" in html
    assert html.count("已派 · 11-23 前") == 5
    assert html.count("/visits?order=") == 6
    town = all_html(open_page("early_warning", account="town", lang="en"))
    assert "order a visit" not in town
    assert "Ordered · by 11-23" in town


@pytest.mark.parametrize(("lang", "words"), [("zh", "要去走访的村"), ("en", "Villages to visit")])
def test_hostile_names_and_reasons_are_text_in_both_languages(county, lang, words):
    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.level == "village").values(name=HOSTILE))
        connection.execute(update(Unit).values(name=HOSTILE))
        seed = lot_seed(read_properties(connection))
        for code in read_lot(connection, Scope("local_centre", Role.CENTRE), TODAY, seed).codes:
            connection.execute(insert(VisitOrder).values(
                place_code=code, week=WEEK, reason="sample", owner_unit=HOSTILE, owner_post=HOSTILE, due_on=TODAY,
                ordered_by=HOSTILE, ordered_at=tiny_county.NOW, called_off_by=HOSTILE, called_off_at=tiny_county.NOW,
                called_off_why=HOSTILE))
    text = all_html(open_page("visits", lang=lang))
    assert words in text
    assert "<img" not in text
    assert "&lt;img" in text


def test_what_the_lot_tells_stands_on_the_page(county):
    assert "近 52 周还没有派出过抽中的村" in all_html(open_page("visits"))
    with write_transaction(county) as connection:
        for number in range(12):
            visit = connection.execute(insert(Visit).values(
                source="t", source_ref=str(number), content_hash="0", recorded_at=tiny_county.NOW, reason="sample",
                place_code=scored_county.CODES[number], visited_on=TODAY - timedelta(weeks=2),
                found="found" if number < 3 else "nothing_found")).inserted_primary_key[0]
            connection.execute(insert(VisitOrder).values(
                place_code=scored_county.CODES[number], week=WEEK - 2, reason="sample", owner_unit="U-CENTRE",
                due_on=TODAY - timedelta(weeks=2), ordered_by="p", ordered_at=tiny_county.NOW, visit_id=visit))
        bump(connection, "loop")
    text = all_text(open_page("visits"))
    assert "25 %" in text  # 3 of 12
    assert "95 % 区间 9 %–53 %（Wilson）" in text
    assert "约 2" in text  # of the six that are not listed: 0.25 x 6, rounded to even


def test_order_answered_meanwhile_is_not_called_off_and_the_second_is_told(county):
    _order(county)
    page = open_page("visits")
    _widget(page, "selectbox", "visit_order_which").select_index(0).run()
    _widget(page, "text_input", "visit_order_why_").input("不去了").run()
    order = next(one for one in _orders(county) if f"visit_order_why_{one.id}" in _keys(page, "text_input"))
    record_visit(get_engine(), by=Scope("local_centre", Role.CENTRE), place_code=order.place_code, reason=order.reason,
                 visited_on=TODAY, found="found", note="", form_key="form-0001", order=order.id)
    _widget(page, "button", "visit_order_off").click().run()
    assert f"任务：{TODAY} 已由综治中心值班员登记走访" in all_html(page)
    assert _orders(county)[[one.id for one in _orders(county)].index(order.id)].called_off_at is None


def test_click_that_fails_says_so_and_keeps_the_page(county, monkeypatch):
    page = open_page("visits")

    def fail(*_args, **_kwargs):
        raise OSError("disk full")

    monkeypatch.setattr("govdesk.ui.visit_proposal_part.order_visits", fail)
    page.run()
    assert "没有保存：系统没能写入" in _confirm(page)
    assert not _orders(county)

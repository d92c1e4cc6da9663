"""The dispatch board: counts first, rows, one step, one step for many; by role, by unit, empty, hostile, in English."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from govdesk.clock import today, week_of
from govdesk.queries.revisits_due import read_revisits_due
from govdesk.rules.access import Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Place, Unit
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.board_desk import CENTRE, LAND, REPORTED, click, count, keys, set_up, step
from tests.support.screens import all_html, all_text, open_page

HOSTILE = "<img src=x onerror=alert(1)>"
OTHER, WATER = Scope("local_admin", Role.ADMIN), Scope("water", Role.DEPARTMENT, None, "U-WATER")


@pytest.fixture
def engine(tiny_engine):
    set_up(tiny_engine)
    return tiny_engine


def statuses(engine):
    with read_transaction(engine) as connection:
        return dict(connection.execute(select(Incident.id, Incident.status).where(Incident.id.in_(REPORTED))).all())


def test_counts_stand_first_and_rows_below(engine):
    page = open_page("dispatch_board", account="local_centre")
    assert (count(page, "triage"), count(page, "accept"), count(page, "in_hand")) == (4, 0, 0)
    html = all_html(page)
    assert "共 4 件" in html
    assert "gd-node-here" in html
    assert {f"open_{number}" for number in REPORTED} <= keys(page)


def test_incident_is_dispatched_accepted_answered_and_closed_from_the_board(engine):
    page = open_page("dispatch_board", account="local_centre", open="1")
    page.selectbox(key="unit_1_dispatch").set_value("U-LAND").run()
    assert "派单已记录。现在已派单，下一步：签收。" in click(page, "send_1_dispatch")
    page = open_page("dispatch_board", account="land", open="1")
    assert count(page, "accept") == 1
    assert "签收已记录" in click(page, "send_1_accept")
    page.text_area(key="note_1_answer").set_value("已修好").run()
    assert "答复已记录" in click(page, "send_1_answer")
    page = open_page("dispatch_board", account="local_centre", open="1", inbox="in_hand")
    for field, value in (("outcome", "settled"), ("level", "village")):
        page.selectbox(key=f"{field}_1_close").set_value(value).run()
    assert "结案已记录。现在已结案，下一步：回访。" in click(page, "send_1_close")
    assert statuses(engine)[1] == "closed"
    page = open_page("dispatch_board", account="local_admin", open="1", inbox="revisit")
    page.selectbox(key="result_1_revisit").set_value("not_settled").run()
    page.text_area(key="note_1_revisit").set_value("还在漏水").run()
    assert "已退回重办" in click(page, "send_1_revisit")
    assert statuses(engine)[1] != "closed"


def test_card_of_revisits_tells_todays_from_late_ones(engine):
    with write_transaction(engine) as connection:
        for number, days in ((1, 7), (2, 9), (3, 9)):  # planned after 7 days
            at = tiny_county.NOW - timedelta(days=days)
            connection.execute(update(Incident).where(Incident.id == number).values(
                stream="dispute", status="closed", closed_at=at, week_closed=week_of(at.date()), outcome="settled"))
    html = all_html(open_page("dispatch_board", account="local_centre"))
    with read_transaction(engine) as connection:
        found = read_revisits_due(connection, CENTRE, today(), limit=0)
    assert found.n_late > found.n_due > 0
    assert f"今天到日子 {found.n_due} 件，已过日子 {found.n_late} 件" in html


def test_refused_step_says_why_and_keeps_what_was_typed(engine):
    step(engine, 1, "dispatch", unit_code="U-LAND")
    step(engine, 1, "accept", by=LAND)
    page = open_page("dispatch_board", account="local_centre", open="1", inbox="in_hand")
    next(one for one in page.radio if one.key.startswith("kind_1_")).set_value("refer_up").run()
    page.text_area(key="note_1_refer_up").set_value("要县里协调").run()
    assert "没有填" in click(page, "send_1_refer_up")
    assert page.text_area(key="note_1_refer_up").value == "要县里协调"
    assert statuses(engine)[1] == "accepted"


def test_somebody_else_was_first_and_is_named_what_was_typed_stays(engine):
    page = open_page("dispatch_board", account="local_centre", open="1")
    page.selectbox(key="unit_1_dispatch").set_value("U-LAND").run()
    page.text_area(key="note_1_dispatch").set_value("请今天去看").run()
    step(engine, 1, "dispatch", by=Scope("local_admin", Role.ADMIN), unit_code="U-WATER")
    html = click(page, "send_1_dispatch")
    assert "管理员" in html
    assert "已派单" in html
    assert page.text_area(key="note_1_dispatch").value == "请今天去看"
    with read_transaction(engine) as connection:
        assert connection.scalar(select(Incident.handling_unit).where(Incident.id == 1)) == "U-WATER"
    click(page, "again_1")
    click(page, "send_1_dispatch")
    with read_transaction(engine) as connection:
        assert connection.scalar(select(Incident.handling_unit).where(Incident.id == 1)) == "U-LAND"


def test_batch_says_before_what_it_will_leave_out_and_after_what_was_refused(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 2).values(concerns_unit="U-LAND"))
    page = open_page("dispatch_board", account="local_centre")
    click(page, "choose_all")
    page.radio(key="batch_kind").set_value("dispatch").run()
    page.selectbox(key="unit_batch_dispatch").set_value("U-LAND").run()
    html = all_html(page)
    assert "将把 3 件事件派单给自然资源局" in html
    assert "不含 1 件（反映的就是这个单位或其上级）：T0000002" in html
    step(engine, 3, "dispatch", by=Scope("local_admin", Role.ADMIN), unit_code="U-WATER")
    html = click(page, "batch_send")
    assert "3 件中办成 2 件" in html
    assert "T0000003" in html.split("3 件中办成 2 件")[1]
    assert statuses(engine) == {1: "dispatched", 2: "reported", 3: "dispatched", 4: "dispatched"}
    assert [one.key for one in page.checkbox if one.value] == ["pick_2"]


def test_choosing_by_box_and_letting_go(engine):
    page = open_page("dispatch_board", account="local_centre")
    page.checkbox(key="pick_1").check().run()
    assert "已选 1 件" in all_html(page)
    click(page, "choose_none")
    assert "batch_send" not in keys(page)


def test_filters_stand_in_the_address(engine):
    page = open_page("dispatch_board", account="local_centre", severity="9", stream="hazard")
    assert count(page, "triage") == 0
    page.selectbox(key="board_stream").set_value("request").run()
    assert page.query_params["stream"] == "request"
    assert count(page, "triage") == 4


def test_township_sees_its_area_only(engine):
    assert count(open_page("dispatch_board", account="town2"), "triage") == 4
    page = open_page("dispatch_board", account="town1", open="1", inbox="triage")
    assert count(page, "triage") == 0
    assert "不在您的范围内" in all_html(page)


def test_department_sees_what_it_handles_and_nothing_that_concerns_it(engine):
    for number in (1, 2):
        step(engine, number, "dispatch", unit_code="U-LAND")
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 2).values(concerns_unit="U-LAND"))
    page = open_page("dispatch_board", account="land", open="2")
    assert count(page, "accept") == 1
    assert "open_1" in keys(page)
    assert "open_2" not in keys(page)
    assert "T0000002" not in all_text(page)
    assert "inbox_triage" not in keys(page)
    click(page, "choose_all")
    click(page, "batch_send")
    assert statuses(engine) == {1: "accepted", 2: "dispatched", 3: "reported", 4: "reported"}
    assert count(open_page("dispatch_board", account="water"), "accept") == 0


def test_sent_back_and_on_again_is_said_in_the_row(engine):
    for unit in ("U-LAND", "U-WATER"):
        step(engine, 1, "dispatch", unit_code=unit, by=CENTRE if unit == "U-LAND" else OTHER)
    step(engine, 1, "return", by=WATER, note="不归我们管")
    step(engine, 2, "dispatch", unit_code="U-LAND")
    assert "派单 2 次" in (html := all_html(open_page("dispatch_board", account="local_centre", inbox="triage")))
    assert "退回 1 次" in html
    html = all_html(open_page("dispatch_board", account="local_centre", inbox="accept"))
    assert "派单 1 次" not in html  # sent once: nothing to say


def test_leader_reads_only(engine):
    page = open_page("dispatch_board", account="local_leader", inbox="triage", open="1")
    assert count(page, "triage") == 4
    assert not page.checkbox
    assert "只能查看，不办理" in all_html(page)


def test_role_without_the_board_is_refused(engine):
    html = all_html(open_page("dispatch_board", account="local_analyst"))
    assert "事件流转供办理的岗位使用" in html
    assert "gd-inbox" not in html


def test_board_in_english(engine):
    page = open_page("dispatch_board", account="local_centre", lang="en", open="1")
    html = all_html(page)
    assert "Triage" in html
    assert "1–4 of 4" in html
    assert not [mark for mark in ("超期", "还剩", "分流") if mark in html]


def test_database_without_incidents(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    assert "还没有事件" in all_html(open_page("dispatch_board", account="local_centre"))


def test_nothing_waits(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id.in_(REPORTED)).values(is_counted=0))
    page = open_page("dispatch_board", account="local_centre")
    assert "没有待分流的事件" in all_html(page)
    assert count(page, "triage") == 0


def test_hostile_names_stay_text(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Place).values(name=HOSTILE))
        connection.execute(update(Unit).values(name=HOSTILE))
        connection.execute(update(Incident).where(Incident.id.in_(REPORTED)).values(summary=HOSTILE))
    html = all_html(open_page("dispatch_board", account="local_centre", open="1"))
    assert "<img" not in html
    assert "&lt;img" in html


def test_keys_that_write_need_shift(engine):
    page = open_page("dispatch_board", account="local_centre", open="1")
    page.checkbox(key="pick_1").check().run()
    shortcuts = {one.key: one.proto.shortcut for one in page.button if one.proto.shortcut}
    assert len(set(shortcuts.values())) == len(shortcuts)
    for key, shortcut in shortcuts.items():
        assert ("shift" in shortcut.lower()) == key.startswith(("send_", "batch_send")), key


def test_list_stays_while_others_add_to_it_until_it_is_refreshed(engine):
    page = open_page("dispatch_board", account="local_centre")
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 5).values(
            status="reported", closed_at=None, week_closed=None, outcome=None, merged_into=None, is_counted=1))
        connection.exec_driver_sql("UPDATE data_versions SET version = version + 1 WHERE subject = 'incidents'")
    page.checkbox(key="pick_1").check().run()
    assert "open_5" not in keys(page)
    assert "有新变化，列表没有动" in all_html(page)
    click(page, "board_refresh")
    assert "open_5" in keys(page)


def test_no_page_of_a_board_is_counted_by_rows(engine):
    with read_transaction(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Incident)) == 900
    assert "offset(" not in (ROOT / "govdesk" / "queries" / "inboxes.py").read_text(encoding="utf-8")

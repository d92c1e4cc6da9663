"""One incident's page as a place to work: what can be done now, its clock, its nodes, and a timeline of its steps."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from govdesk.clock import today
from govdesk.queries.incidents import get_incident
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, Incident
from tests.support.board_desk import CENTRE, LAND, click, keys, set_up, step
from tests.support.screens import all_html, open_page

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def engine(tiny_engine):
    set_up(tiny_engine)
    return tiny_engine


def test_page_takes_a_step_and_tells_of_it(engine):
    page = open_page("incident", account="local_centre", id="1")
    assert "现在能办什么" in all_html(page)
    page.selectbox(key="unit_1_dispatch").set_value("U-LAND").run()
    html = click(page, "send_1_dispatch")
    assert "派单已记录。现在已派单，下一步：签收。" in html
    assert "单位：自然资源局" in html
    assert "岗位：综治中心值班员" in html
    assert 'aria-label="分流（第 3 步，共 7 步）"' in html  # nobody has accepted it yet
    with read_transaction(engine) as connection:
        assert get_incident(connection, CENTRE, 1).status == "dispatched"


def test_timeline_tells_reasons_promises_and_who_decided(engine):
    step(engine, 1, "dispatch", unit_code="U-LAND")
    step(engine, 1, "accept", by=LAND)
    step(engine, 1, "ask_extend", by=LAND, note="等鉴定结果")
    step(engine, 1, "extend", note="同意")
    step(engine, 1, "pause", by=LAND, reason="appraisal")
    step(engine, 1, "resume", by=LAND)
    day = today() + timedelta(days=30)
    step(engine, 1, "close", outcome="agreement", level="village", promised_on=day)
    html = all_html(open_page("incident", account="local_centre", id="1"))
    assert html.count("延长：") == 2  # asked for and granted: an amount that is added, no limit
    for said in ("原因：等鉴定", f"承诺 {day} 前履行", "回应：申请延期 · 自然资源局窗口", "岗位：自然资源局窗口", "结果：达成协议",
                 "已结案，不再计时"):
        assert said in html, said


def test_closing_within_the_hour_says_that_its_reason_is_needed(engine, monkeypatch):
    monkeypatch.setattr("govdesk.ui.step_form.is_quick", lambda standing, at: True)
    step(engine, 1, "dispatch", unit_code="U-LAND")
    step(engine, 1, "accept", by=LAND)
    page = open_page("incident", account="local_centre", id="1")
    page.radio[0].set_value("close").run()
    assert page.text_area(key="note_1_close").label == "说明（可不填）"
    page.selectbox(key="quick_1_close").set_value("on_the_spot").run()
    assert page.text_area(key="note_1_close").label == "说明"


def test_clock_says_stage_limit_and_extension(engine):
    step(engine, 1, "dispatch", unit_code="U-LAND")
    step(engine, 1, "accept", by=LAND)
    page = open_page("incident", account="local_centre", id="1")
    html = all_html(page)
    assert "现在的阶段" in html
    assert "还剩" in html
    assert "时限" in html


def test_merged_incident_offers_no_step_and_no_mediation(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(merged_into=2, is_counted=0))
    page = open_page("incident", account="local_centre", id="1")
    html = all_html(page)
    assert "不能再办理" in html
    assert not [key for key in keys(page) if key.startswith("send_")]
    assert "登记调解" not in html
    assert "/calls" not in html
    assert "登记调解" in all_html(open_page("incident", account="local_centre", id="2"))


def test_department_takes_its_turn_and_no_other(engine):
    step(engine, 1, "dispatch", unit_code="U-LAND")
    assert "send_1_accept" in keys(open_page("incident", account="land", id="1"))
    page = open_page("incident", account="water", id="1")
    assert not [key for key in keys(page) if key.startswith("send_")]
    assert "轮到别的岗位" in all_html(page)


def test_what_concerns_a_unit_is_not_there_for_it(engine):
    step(engine, 1, "dispatch", unit_code="U-LAND")
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(concerns_unit="U-LAND"))
    page = open_page("incident", account="land", id="1")
    assert "没有编号为 1 的事件" in all_html(page)
    assert not [key for key in keys(page) if key.startswith("send_")]


def test_leader_and_analyst_only_read(engine):
    assert "只能查看，不办理" in all_html(open_page("incident", account="local_leader", id="1"))
    page = open_page("incident", account="local_analyst", id="1")
    assert not [key for key in keys(page) if key.startswith("send_")]


def test_page_in_english(engine):
    html = all_html(open_page("incident", account="local_centre", id="1", lang="en"))
    assert "What can be done now" in html
    assert "Present stage" in html


def test_hostile_title_of_a_post_stays_text(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Account).where(Account.code == "land").values(title=HOSTILE))
    step(engine, 1, "dispatch", unit_code="U-LAND")
    step(engine, 1, "accept", by=LAND)
    html = all_html(open_page("incident", account="local_centre", id="1"))
    assert "<img" not in html
    assert "&lt;img" in html


def test_second_click_of_the_same_form_takes_one_step(engine):
    step(engine, 1, "dispatch", unit_code="U-LAND")
    one, other = (open_page("incident", account="land", id="1") for _ in range(2))
    click(one, "send_1_accept")
    html = click(other, "send_1_accept")
    assert "自然资源局窗口" in html
    with read_transaction(engine) as connection:
        assert connection.scalar(select(Incident.n_steps).where(Incident.id == 1)) == 3

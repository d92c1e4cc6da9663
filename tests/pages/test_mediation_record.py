"""The mediation record on the page of an incident: empty, carried on, refused with what was typed, read only, hostile."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Mediation, MediationSession, Post
from tests.support.screens import all_html, open_page
from tests.support.tiny_county import NOW, UNTIL

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def incident(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        number = connection.scalar(select(func.min(Incident.id)))
        connection.execute(update(Incident).where(Incident.id == number).values(stream="dispute", category="land_forest"))
        connection.execute(insert(Post).values(code="P1", title=HOSTILE, unit_code="U-CENTRE", content_hash="0"))
    return number


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if (one.key or "").startswith(prefix))


def _begin(engine, number, **more):
    with write_transaction(engine) as connection:
        connection.execute(insert(Mediation).values(
            source="t", source_ref="m", content_hash="0", recorded_at=NOW, incident_id=number, channel="people",
            method="sitting", level="village", started_on=UNTIL - timedelta(days=9), **more))


def test_a_mediation_is_begun_and_a_sitting_recorded(tiny_engine, incident):
    page = open_page("incident", id=incident)
    assert "还没有调解记录" in all_html(page)
    for field, value in (("channel", "people"), ("level", "village"), ("method", "visiting")):
        _widget(page, "selectbox", f"mediation_{field}_").select(value)
    _widget(page, "button", "mediation_open_save_").click().run()
    assert not page.exception
    assert "人民调解（巡诊）" in all_html(page)
    assert "已保存。" in all_html(page)
    _widget(page, "button", "sitting_save_").click().run()
    assert "调解员（岗位）：没有填。" in all_html(page)
    _widget(page, "multiselect", "mediators_").select("P1")
    _widget(page, "text_area", "sitting_note_").input(f"{HOSTILE} 13812345678")
    _widget(page, "button", "sitting_save_").click().run()
    assert not page.exception
    html = all_html(page)
    assert "调解 1 次" in html
    assert "已遮盖" in html
    assert "<img src=x" not in html
    assert "13812345678" not in html
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(MediationSession)) == 1


def test_result_and_agreement_are_kept_and_late_performance_is_said(tiny_engine, incident):
    _begin(tiny_engine, incident, is_settled=True, ended_on=UNTIL - timedelta(days=8), agreed_on=UNTIL - timedelta(days=8),
           performance_due_on=UNTIL - timedelta(days=2), n_sessions=3)
    page = open_page("incident", id=incident)
    html = all_html(page)
    assert "已过期限，尚无履行记录" in html
    assert "其中 3 次由文件导入" in html
    _widget(page, "date_input", "mediation_performed_on_").set_value(UNTIL - timedelta(days=1))
    _widget(page, "button", "course_save_").click().run()
    assert not page.exception
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(Mediation.performed_on)) == UNTIL - timedelta(days=1)
    assert "已过期限" not in all_html(page)


def test_who_only_reads_finds_no_form(tiny_engine, incident):
    _begin(tiny_engine, incident)
    page = open_page("incident", id=incident, account="local_leader")
    assert "调解中" in all_html(page)
    assert not [one for one in page.button if (one.key or "").startswith(("sitting", "course", "mediation"))]


def test_in_english(tiny_engine, incident):
    _begin(tiny_engine, incident)
    html = all_html(open_page("incident", id=incident, lang="en"))
    assert "Mediation record" in html
    assert "Going on" in html

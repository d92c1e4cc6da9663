"""One incident by number: full, missing, not visible, hostile."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from streamlit.testing.v1 import AppTest

from govdesk.settings import ROOT
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, Incident, Mediation, Revisit, Step
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

HOSTILE = "<img src=x onerror=alert(1)>"


def _open(**params) -> AppTest:
    return open_page("incident", **params)


def test_incident_shows_facts_and_timeline(tiny_engine):
    page = _open(id="7")
    html = all_html(page)
    assert "T0000007" in html
    assert "gd-timeline" in html
    assert "上报" in html


def test_incident_in_english(tiny_engine):
    assert "What happened" in all_html(_open(id="7", lang="en"))


def test_incident_that_does_not_exist_says_so(tiny_engine):
    assert "没有编号为 999999 的事件" in all_html(_open(id="999999"))


@pytest.mark.parametrize("junk", ["abc", "-1", "0", "1e3", "9" * 40, "<script>", "１２"])
def test_junk_number_is_no_error(tiny_engine, junk):
    html = all_html(_open(id=junk))
    assert "请从左侧搜索事件编号" in html
    assert "<script>" not in html


def test_incident_without_number_says_what_to_do(tiny_engine):
    assert "请从左侧搜索" in all_html(_open())


def test_database_without_incidents(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    assert "没有编号为 7 的事件" in all_html(_open(id="7"))


def _log_in(engine, code, **facts):
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [{"code": code, "title": code, "role": "township", "is_active": True, **facts}])
    return code


def test_incident_of_another_township_looks_as_if_it_did_not_exist(tiny_engine):
    account = _log_in(tiny_engine, "t2", area_code=f"{tiny_county.COUNTY}002")
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(place_code=f"{tiny_county.COUNTY}001001"))
    assert "没有编号为 7 的事件" in all_html(open_page("incident", account=account, id="7"))


def test_incident_about_the_callers_own_unit_is_not_shown(tiny_engine):
    account = _log_in(tiny_engine, "land", unit_code="U-LAND")
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit="U-LAND"))
    assert "没有编号为 7 的事件" in all_html(open_page("incident", account=account, id="7"))


def test_mediation_revisit_repeat_and_lateness_are_told(tiny_engine):
    at = tiny_county.NOW - timedelta(days=40)
    with write_transaction(tiny_engine) as connection:
        common = {"source": "t", "content_hash": "0", "recorded_at": tiny_county.NOW}
        connection.execute(insert(Mediation), [{
            **common, "source_ref": "m", "incident_id": 7, "channel": "people", "method": "visiting",
            "level": "village", "started_on": at.date(), "ended_on": at.date(), "n_sessions": 2, "is_settled": True,
            "agreed_on": at.date()}])
        connection.execute(insert(Revisit), [{
            **common, "source_ref": "r", "incident_id": 7, "revisited_on": at.date(), "result": "settled"}])
        connection.execute(insert(Step), [{
            **common, "source_ref": "late", "incident_id": 7, "kind": "urge", "occurred_at": at,
            "recorded_at": at + timedelta(days=12), "note": HOSTILE}])
        connection.execute(update(Incident).where(Incident.id == 8).values(repeat_of=7))
    html = all_html(_open(id="7"))
    for part in ("人民调解", "巡诊", "调解 2 次", "回访：确已化解", "满意度未答", "晚 12 天", "后续重复", "T0000008"):
        assert part in html
    assert HOSTILE not in html


@pytest.mark.parametrize("text", [HOSTILE, "=cmd|' /C calc'!A0", "长" * 5000, "\u202e村\u2066"])
def test_hostile_summary_and_number_are_text(tiny_engine, text):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(summary=text, source_ref=text[:80]))
    html = all_html(_open(id="7"))
    assert "<img src=x" not in html
    assert "\u202e" not in html
    assert "gd-timeline" in html


def test_page_is_short():
    assert len((ROOT / "pages" / "incident.py").read_text(encoding="utf-8").splitlines()) <= 150

"""An administrator is told on every page when backups fail; nobody else is."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from govdesk.actions import backup_tick
from govdesk.actions.backups import make_backup
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from tests.pages.test_frame import FRAME
from tests.support.screens import all_text
from tests.support.tiny_county import NOW


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(backup_tick, "_failure", backup_tick._Failure())


def draw(role):
    def script():
        import streamlit as st

        from govdesk.rules.access import Scope
        from govdesk.terms import Role
        from govdesk.ui.backup_notice import draw_backup_notice

        st.session_state["_language_now"] = "zh"
        draw_backup_notice(Scope("a", Role(st.query_params["role"])))

    page = AppTest.from_function(script)
    page.query_params["role"] = role
    page.run()
    assert not page.exception
    return all_text(page)


def test_nothing_is_said_while_all_is_well(tiny_engine):
    make_backup(tiny_engine, by=SYSTEM, folder=get_settings().var / "backups")
    assert draw("admin") == ""


def test_backup_that_is_missing_is_said_with_the_last_one(tiny_engine, monkeypatch):
    make_backup(tiny_engine, by=SYSTEM, folder=get_settings().var / "backups")
    monkeypatch.setenv("GOVDESK_NOW", (NOW + timedelta(days=2)).isoformat())
    get_settings.cache_clear()
    assert "昨夜没有备份。最近一次完成于 2026-11-22 10:00。" in draw("admin")
    for role in ("leader", "centre", "township", "clerk"):
        assert draw(role) == ""


def test_backup_that_fails_is_said_on_the_page(tiny_engine):
    (get_settings().var / "backups").write_text("in the way")
    backup_tick.look_once()
    frame = AppTest.from_file(str(FRAME), default_timeout=60)
    frame.session_state["account"] = "local_admin"
    frame.run()
    assert "夜间备份失败。还没有任何备份。" in all_text(frame)

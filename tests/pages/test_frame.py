"""The frame: menu, account, language, and what stands there when something is wrong."""

import pytest
from sqlalchemy import insert, update
from streamlit.testing.v1 import AppTest

from govdesk import palette
from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, DatabaseProperty
from govdesk.ui import theme
from tests.support.screens import all_text

FRAME = ROOT / "govdesk" / "ui" / "main.py"


def open_frame(**params: str) -> AppTest:
    frame = AppTest.from_file(str(FRAME), default_timeout=60)
    for key, value in params.items():
        frame.query_params[key] = value
    frame.run()
    return frame


def test_frame_without_a_database_says_what_to_run():
    frame = open_frame()
    assert "make run" in all_text(frame)
    assert not frame.exception
    assert not (get_settings().var / "govdesk.db").exists()


def test_frame_in_another_zone_says_so(tiny_engine, monkeypatch):
    monkeypatch.setenv("GOVDESK_ZONE", "America/Chicago")
    get_settings.cache_clear()
    text = all_text(open_frame())
    assert "America/Chicago" in text
    assert "GOVDESK_ZONE=Asia/Shanghai" in text


def test_frame_on_an_old_schema_names_the_command(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0010'")
    assert "upgrade-db --commit" in all_text(open_frame())


def test_frame_with_another_epoch_shows_nothing(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(DatabaseProperty).where(DatabaseProperty.key == "epoch").values(value="1970-01-01"))
    assert "1970-01-01" in all_text(open_frame())


def test_frame_with_a_county_shows_title_mark_and_dates(tiny_engine):
    text = all_text(open_frame())
    assert "测试县综治中心" in text
    assert "示例数据" in text
    assert "数据截至" in text


def test_language_of_the_address_is_kept_in_the_session(tiny_engine):
    frame = open_frame(lang="en")
    assert "Test County governance centre" in all_text(frame)
    assert frame.session_state["language"] == "en"


def test_language_switch_changes_every_word_of_the_frame(tiny_engine):
    frame = open_frame()
    frame.button(key="language_en").click().run()
    assert "Sample data" in all_text(frame)
    assert frame.query_params["lang"] == "en"
    cookies = [str(one.proto.body) for one in frame.get("html") if "document.cookie" in str(one.proto.body)]
    assert any("govdesk_language=en" in one for one in cookies)


def test_unknown_language_is_left_out_with_a_notice(tiny_engine):
    assert "lang=xx" in all_text(open_frame(lang="xx"))


def test_sidebar_says_who_is_in(tiny_engine):
    frame = AppTest.from_file(str(FRAME), default_timeout=60)
    frame.session_state["account"] = "local_leader"
    frame.run()
    assert "领导" in all_text(frame)
    assert "演示登录" in all_text(frame)
    assert "login?again=1" in all_text(frame)


def test_who_is_no_longer_in_sees_the_way_to_the_door_and_nothing_else(tiny_engine, monkeypatch):
    frame = open_frame()
    assert "<h1>总览" in all_text(frame)
    monkeypatch.setattr("govdesk.ui.signed_in.find", lambda: None)
    frame.run()
    assert "登录已结束" in all_text(frame)
    assert 'href="/login"' in all_text(frame)
    assert "<h1>" not in all_text(frame)
    assert not frame.get("page_link")


def test_part_of_a_page_looks_again_who_is_in(tiny_engine, monkeypatch):
    monkeypatch.setattr("govdesk.ui.session._CHECK_SECONDS", -1.0)
    page = AppTest.from_string("""
        from govdesk.rules.access import RefusedError
        import streamlit as st
        from govdesk.ui import session
        try:
            st.text(session.scope().account)
        except RefusedError:
            st.text("refused")
    """).run()
    assert page.text[0].value == "local_centre"
    monkeypatch.setattr("govdesk.ui.signed_in.find", lambda: None)
    assert page.run().text[0].value == "refused"


def test_sign_out_ends_the_sign_in_and_leads_to_the_door(tiny_engine, monkeypatch):
    left = []
    monkeypatch.setattr("govdesk.ui.signed_in.leave", left.append)
    frame = open_frame()
    frame.button(key="sign_out").click().run()
    assert [who.scope.account for who in left] == ["local_centre"]
    assert any("location.replace" in str(one.proto.body) for one in frame.get("html"))


def test_account_of_a_wall_sees_no_other_page(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [{"code": "w1", "title": "大屏", "role": "wall", "is_active": True}])
        bump(connection, "accounts")
    frame = AppTest.from_file(str(FRAME), default_timeout=60)
    frame.session_state["account"] = "w1"
    frame.run()
    assert "登录已结束" in all_text(frame)
    assert "<h1>" not in all_text(frame)


def test_error_in_a_page_ends_in_a_calm_sentence_with_a_number(tiny_engine, monkeypatch, caplog):
    monkeypatch.setattr("govdesk.ui.header._build_dates", lambda: 1 / 0)
    frame = open_frame()
    text = all_text(frame)
    assert not frame.exception
    assert "ZeroDivisionError" not in text
    record = next(record for record in caplog.records if "screen error" in record.message)
    assert record.message.split()[-1] in text


@pytest.mark.parametrize(("option", "colour"), [
    ("primaryColor", palette.ACCENT), ("backgroundColor", palette.PAGE), ("secondaryBackgroundColor", palette.CARD),
    ("textColor", palette.INK), ("linkColor", palette.LINK), ("borderColor", palette.LINE), ("font", palette.FONT),
])
def test_config_repeats_the_palette(option, colour):
    assert f'{option} = "{colour}"' in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", [
    'address = "127.0.0.1"', "enableXsrfProtection = true", "enableCORS = true", "gatherUsageStats = false",
    'showErrorDetails = "none"', "showErrorLinks = false", 'fileWatcherType = "none"', "magicEnabled = false",
    'toolbarMode = "minimal"', "enableAgentApi = false",
])
def test_config_has_the_safe_defaults(line):
    assert line in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")


def test_style_holds_nothing_from_outside():
    style = theme.build_style()
    assert "http" not in style
    assert "@import" not in style


@pytest.mark.parametrize(("role", "expected"), [("department", False), ("township", True), ("analyst", True)])
def test_menu_leads_to_no_refusal(tiny_engine, role, expected):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [{"code": "t1", "title": "岗", "role": role, "area_code": "990101001",
                                              "is_active": True}])
        bump(connection, "accounts")
    frame = AppTest.from_file(str(FRAME), default_timeout=60)
    frame.session_state["account"] = "t1"
    frame.run()
    labels = [link.label for link in frame.get("page_link")]
    assert "总览" in labels
    assert ("模型卡" in labels) is expected

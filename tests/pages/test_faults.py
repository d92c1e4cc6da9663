"""What a reader meets while the database is away, locked, full or read-only: words, not a trace; nothing typed is lost."""

import sqlite3
from datetime import date

import pytest
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from govdesk.settings import get_settings
from govdesk.storage import database_watch
from govdesk.ui import sending, session
from tests.pages.test_frame import open_frame
from tests.support.screens import all_text, open_page


@pytest.fixture(autouse=True)
def _seen_anew(monkeypatch):
    monkeypatch.setattr(database_watch, "_state", database_watch._State())


@pytest.fixture
def file():
    return get_settings().var / "govdesk.db"


def raise_full(*args, **kwargs):
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorname = "SQLITE_FULL"
    raise OperationalError("INSERT", {}, error)


def test_frame_while_the_database_is_away_says_so_and_comes_back(tiny_engine, file):
    frame = open_frame()
    file.rename(file.with_name("away"))
    frame.run()
    text = all_text(frame)
    assert not frame.exception
    assert "数据库没有应答" in text
    assert "自 11-22 10:00 起" in text
    assert "没有保存完的内容一概没有写入" in text
    assert "不用刷新" in text
    assert "make run" not in text
    file.with_name("away").rename(file)
    frame.run()
    assert "数据库没有应答" not in all_text(frame)
    assert "测试县综治中心" in all_text(frame)


def test_page_that_fails_again_is_not_drawn_for_ever(tiny_engine, monkeypatch):
    calls = []
    monkeypatch.setattr("govdesk.ui.header._build_dates", lambda: (calls.append(1), raise_full()))
    open_frame()
    assert len(calls) == 1


def test_reader_who_waits_is_taken_on_when_it_is_over(tiny_engine, file, monkeypatch):
    frame = open_frame()
    file.rename(file.with_name("away"))
    clock = [0.0]
    monkeypatch.setattr("govdesk.ui.faults.moment", lambda: clock.append(clock[-1] + 10) or clock[-1])
    frame.run()
    assert "数据库没有应答" in all_text(frame), "every look finds it away"
    monkeypatch.setattr("govdesk.ui.faults.is_answering", lambda: bool(file.exists() or file.with_name("away").rename(file)))
    frame.run()
    assert "测试县综治中心" in all_text(frame), "the look that finds it back draws the page"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_that_meets_it_while_drawing_says_the_same(tiny_engine, monkeypatch, lang):
    monkeypatch.setattr("govdesk.ui.header._build_dates", raise_full)
    frame = open_frame(lang=lang)
    assert {"zh": "磁盘已满", "en": "The disk is full"}[lang] in all_text(frame)
    assert not frame.exception


def test_clicked_button_is_not_kept_to_be_clicked_again(tiny_engine):
    def script():
        import streamlit as st

        from govdesk.ui import session

        if st.session_state.get("_away"):
            session.keep_typed()
            st.session_state["_away"] = False
        else:
            st.session_state["_clicks"] = st.session_state.get("_clicks", 0) + st.button("go", key="go")
            st.text_input("words", key="words")
            st.session_state["_away"] = True

    page = AppTest.from_function(script).run()
    page.run()
    page.run()
    page.text_input(key="words").input("typed")
    page.button(key="go").click().run()  # this run is the one in which the page is away
    page.run()
    page.run()
    page.run()
    assert not page.exception
    assert page.session_state["_clicks"] == 0
    assert page.text_input(key="words").value == "typed"


def test_only_what_is_typed_or_chosen_is_kept(monkeypatch):
    kept = []

    class Recorder(dict):
        def __setitem__(self, key, value):
            kept.append(key)

    monkeypatch.setattr(session.st, "session_state", Recorder(
        text="a", number=3, day=date(2026, 11, 22), chosen=["a", "b"], button=True, none=None, files=[],
        file=[object()], ticked=False))
    session.keep_typed()
    assert kept == ["text", "number", "day", "chosen"]


def test_form_says_that_nothing_was_saved_and_keeps_what_was_typed(tiny_engine, monkeypatch):
    page = open_page("register")
    next(one for one in page.text_area if one.key.startswith("summary_")).input("水渠堵了").run()
    monkeypatch.setattr("govdesk.actions.registering.acting", raise_full)
    monkeypatch.setattr("govdesk.actions.registering.register_record", raise_full)
    next(one for one in page.button if one.key.startswith("save_")).click().run()
    text = all_text(page)
    assert "没有保存：磁盘已满" in text
    assert next(one for one in page.text_area if one.key.startswith("summary_")).value == "水渠堵了"
    assert not page.exception


def test_not_saved_names_the_trouble_or_says_what_the_form_says(tiny_engine):
    def script():
        import sqlite3

        import streamlit as st

        from govdesk.ui import faults

        st.session_state["_language_now"] = "zh"
        faults.draw_not_saved(sqlite3.OperationalError("database is locked"), "otherwise")
        faults.draw_not_saved(ValueError("of the program"), "otherwise")

    text = all_text(AppTest.from_function(script).run())
    assert "刚才的内容没有保存：数据库正被占用" in text
    assert text.count("otherwise") == 1


def test_sending_draws_it(tiny_engine, monkeypatch):
    told = []
    monkeypatch.setattr("govdesk.ui.faults.draw_not_saved", lambda error, words: told.append((error, words)))
    sending.send("form", raise_full, "mediation")
    assert len(told) == 1

"""A read begun in the background is made once, by whoever comes first; its error is told by the page."""

from streamlit.testing.v1 import AppTest


def ahead(*, fails: bool):
    import time

    import streamlit as st

    from govdesk.rules.access import SYSTEM
    from govdesk.ui import loaders

    calls = st.session_state.setdefault("calls", [])

    def slow(connection, scope, n):
        calls.append(n)
        time.sleep(0.1)
        if fails:
            raise LookupError("nothing there")
        return n * 2

    slow.__qualname__ = f"slow_{fails}"
    loaders.begin()
    loaders.load_ahead(slow, SYSTEM, 21)
    time.sleep(0.05)
    began = list(calls)
    st.write(f"{began} {loaders.load(slow, SYSTEM, 21)}")


def test_a_read_begun_ahead_is_made_once(tiny_engine):
    page = AppTest.from_function(ahead, kwargs={"fails": False}, default_timeout=20).run()
    assert not page.exception
    assert page.markdown[0].value == "[21] 42"
    assert page.session_state["calls"] == [21]


def test_an_error_of_a_read_begun_ahead_is_told_by_the_page(tiny_engine):
    page = AppTest.from_function(ahead, kwargs={"fails": True}, default_timeout=20).run()
    assert len(page.exception) == 1
    assert page.session_state["calls"] == [21, 21]

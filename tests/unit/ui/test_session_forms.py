"""What became of a form is kept without a look at the session after the act: there Streamlit may end the run."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from govdesk.ui import session


class Interrupting(dict):
    """A session in which a newer click waits: every look at it after the act ends the run."""

    acted = False

    def _look(self):
        if self.acted:
            raise InterruptedError

    def get(self, *args):
        self._look()
        return super().get(*args)

    def setdefault(self, *args):
        self._look()
        return super().setdefault(*args)


@pytest.fixture
def state(monkeypatch):
    state = Interrupting()
    monkeypatch.setattr(session.st, "session_state", state)
    return state


def test_what_a_form_became_is_kept_though_a_newer_click_waits(state):
    def act():
        state.acted = True
        return "written"

    session.find_sent("form")
    session.act_and_keep("form", act)
    with pytest.raises(InterruptedError):
        session.find_sent("form")
    state.acted = False
    assert session.find_sent("form") == "written"


@pytest.mark.parametrize("renew", [True, False])
def test_form_that_is_renewed_gets_a_key_of_its_own(state, renew):
    before = session.form_key("form")
    session.act_and_keep("form", lambda: "written", renew=renew)
    assert (session.form_key("form") != before) is renew
    assert session.find_sent("form") == "written"


def test_act_that_fails_keeps_nothing(state):
    before = session.form_key("form")

    def act():
        raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space"):
        session.act_and_keep("form", act, key=before, renew=True)
    assert session.find_sent("form") is None
    assert session.form_key("form") == before
    session.act_and_keep("form", lambda: "written", key=before)
    assert session.find_sent("form") == "written"


def test_second_press_waits_for_the_first_and_finds_what_it_wrote(state):
    key, written, goes_on = session.form_key("form"), [], Event()

    def act():
        goes_on.wait(20)
        written.append("once")
        return "written" if len(written) == 1 else "there already"

    session.find_sent("form")
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(session.act_and_keep, "form", act, key=key) for _ in range(2)]
        goes_on.set()
        for run in runs:
            run.result(20)
    assert (written, session.find_sent("form")) == (["once"], "written")


@pytest.mark.parametrize("other", [("form", "other key"), ("other form", "key"), ("form", None)])
def test_another_form_is_no_second_press(state, other):
    name, key = other
    session.act_and_keep("form", lambda: "first", key="key")
    session.act_and_keep(name, lambda: "second", key=key)
    assert session.find_sent(name) == "second"


def test_what_was_told_already_is_told_again_by_a_second_press(state):
    """The first run may have been ended while it told: the second run tells it then."""
    session.act_and_keep("form", lambda: "written", key="key")
    session.renew_form("form")
    session.act_and_keep("form", lambda: "there already", key="key")
    assert session.find_sent("form") == "written"

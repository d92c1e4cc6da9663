"""For what files are taken away: asked once a sign-in, before the first file; shown and changed in the sidebar."""

import threading
from collections import OrderedDict

import streamlit as st

from govdesk.actions.give_file import check_purpose
from govdesk.rules.export_purposes import OFFERED, REFUSED, PurposeRefusedError
from govdesk.storage.engine import get_engine
from govdesk.ui import faults, session
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag

#: In the state of a session.
PURPOSE = "export_purpose"
#: Sign-ins whose purpose is remembered at most; whoever falls out is asked again.
_MOST = 10_000

#: Purpose by database and sign-in: a new window, or a page loaded anew, is a new session of the same sign-in.
_of_sign_ins: OrderedDict[tuple[str, int], str] = OrderedDict()
_lock = threading.Lock()


def find_purpose() -> str | None:
    """Return what was stated in this session or this sign-in, None when nothing was."""
    found: str | None = st.session_state.get(PURPOSE)
    if not found and (key := _key()) is not None:
        with _lock:
            found = _of_sign_ins.get(key)
    return found if found in OFFERED else None


def state_purpose(code: str | None) -> None:
    """Keep a purpose for this sign-in; a refused one is noted, and takes away what was stated before.

    Raises
    ------
    PurposeRefusedError
        When no file is made for it.
    """
    by = session.scope()
    _keep(None)
    _keep(check_purpose(get_engine(), by=by, purpose=code, name=session.page_name()))


def _keep(code: str | None) -> None:
    key = _key()
    with _lock:
        if code is None:
            st.session_state[PURPOSE] = ""
            _of_sign_ins.pop(key, None) if key else None
            return
        st.session_state[PURPOSE] = code
        if key is not None:
            _of_sign_ins[key] = code
            if len(_of_sign_ins) > _MOST:
                _of_sign_ins.popitem(last=False)


def _key() -> tuple[str, int] | None:
    who = session.who_is_in()
    return None if who is None else (str(get_engine().url), who.id)


def ask_purpose() -> None:
    """Open the question in front of the page."""
    st.dialog(t("purpose.title"))(_ask)()


def _ask() -> None:
    session.go_on()
    with faults.calm():
        show(tag("p", t("purpose.intro"), class_="gd-muted"))
        chosen = st.radio(t("purpose.label"), (*OFFERED, *REFUSED), index=None, key="purpose_asked",
                          format_func=lambda code: t(f"purpose.name_{code}"))
        if not st.button(t("purpose.confirm"), type="primary", key="purpose_confirm", disabled=chosen is None):
            return
        try:
            state_purpose(chosen)
        except PurposeRefusedError as error:
            st.error(t(f"purpose.refused_{error.purpose}"))
            return
        st.rerun()


def draw_purpose() -> None:
    """Draw what was stated, as the way to change it."""
    found = find_purpose()
    name = t("purpose.not_stated") if found is None else t(f"purpose.name_{found}")
    if st.button(t("purpose.line", purpose=name), key="purpose_change", type="tertiary",
                 icon=":material/assignment:"):
        ask_purpose()

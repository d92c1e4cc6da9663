"""What a session remembers: the only file that names keys of the session, its cookies and its address.

What a link should reproduce lives in the address and is checked on the way in; a value that means nothing is left
out with a notice. The language lives in the session, and in a cookie for the next page load; who is in is looked up at
each run.
"""

import json
import secrets
import string
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from datetime import date, time
from threading import RLock
from typing import TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.state.session_state import SessionState

from govdesk.clock import moment, today
from govdesk.queries.sign_ins import SignedIn
from govdesk.rules.access import RefusedError, Scope
from govdesk.settings import get_settings
from govdesk.ui import signed_in
from govdesk.words import LANGUAGES

T = TypeVar("T")

LANGUAGE = "language"
_NOTICES = "_notices"
_TO_REMEMBER = "_to_remember"
_VISITS = "_visits"
_LANGUAGE_NOW = "_language_now"
_SIGNED_IN = "_signed_in"
_FORMS = "_form_keys"
_SENT = "_sent_forms"
_DRAFTS = "_drafts"
_WALL = "_wall"
_ASIDE = "_set_aside"
_SHOWN = "_last_shown"
_PAGE = "_page_now"
#: What widgets of this session have offered (`ui.offered`).
OFFERED = "_offered"
_COOKIE = "govdesk_{}"

#: The language of the run of this thread: asked for hundreds of times, and the session answers slowly.
_of_this_run: ContextVar[str | None] = ContextVar("language_of_this_run", default=None)

#: Seconds for which it holds who is in.
_CHECK_SECONDS = 1.0

#: What a field holds that somebody types or chooses in.
_TYPED = (str, int, float, date, time)

#: Longest value of the address that is looked at.
_LONGEST = 400


def begin() -> None:
    """Start a run of the frame: forget the notices of the last one, adopt a language named in the address."""
    st.session_state[_NOTICES] = []
    asked = st.query_params.get("lang")
    if asked in LANGUAGES:
        if st.session_state.get(LANGUAGE) != asked:
            remember(LANGUAGE, asked)
    elif asked is not None:
        note_unusable("lang", asked)
    _forget_language()
    st.session_state[_LANGUAGE_NOW] = language()
    _of_this_run.set(st.session_state[_LANGUAGE_NOW])


class _Sent(dict[str, object]):
    """What became of the forms of a session, by name; `last`: the form sent last, and what became of it, by its key."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = RLock()
        self.last: dict[str, tuple[str, object]] = {}


def go_on() -> None:
    """Start a run of a part of the page: it speaks the language of the whole page's last run."""
    _of_this_run.set(st.session_state.get(_LANGUAGE_NOW))


def language() -> str:
    """Return the session's language: address, then session, then cookie, then settings."""
    now = _of_this_run.get() or st.session_state.get(_LANGUAGE_NOW)
    if now is not None:
        return str(now)
    for found in (st.query_params.get("lang"), st.session_state.get(LANGUAGE), _read_cookie(LANGUAGE)):
        if found in LANGUAGES:
            return str(found)
    return get_settings().language


def choose_language(chosen: str) -> None:
    """Switch the session's language and keep it for the next page load."""
    remember(LANGUAGE, chosen)
    _forget_language()
    st.query_params["lang"] = chosen


def _forget_language() -> None:
    _of_this_run.set(None)
    st.session_state.pop(_LANGUAGE_NOW, None)


def scope() -> Scope:
    """Return what who is in may read; looked at anew when a second has passed, also within parts of a page.

    Raises
    ------
    RefusedError
        When nobody is in any more.
    """
    found: tuple[float, SignedIn] | None = st.session_state.get(_SIGNED_IN)
    if found is None or moment() - found[0] > _CHECK_SECONDS:
        found = _look_who_is_in()
    return found[1].scope


def settle_scope() -> Scope | None:
    """Find who is in once for the run of the frame that starts, and note the use; None when nobody is."""
    st.session_state.pop(_SIGNED_IN, None)
    try:
        found = _look_who_is_in()
    except RefusedError:
        return None
    signed_in.keep(found[1])
    return found[1].scope


def who_is_in() -> SignedIn | None:
    """Return the sign-in that this run found, None without one."""
    found: tuple[float, SignedIn] | None = st.session_state.get(_SIGNED_IN)
    return None if found is None else found[1]


def _look_who_is_in() -> tuple[float, SignedIn]:
    who = signed_in.find()
    if who is None:
        st.session_state.pop(_SIGNED_IN, None)
        message = "nobody is signed in"
        raise RefusedError(message)
    found = (moment(), who)
    st.session_state[_SIGNED_IN] = found
    return found


def base_path() -> str:
    """Return the path under which the application is served, without a slash at its end; usually empty."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def go_to_login() -> None:
    """Send this window to the door, and the other windows of this browser with it (`api.door_watch`)."""
    where = json.dumps(f"{base_path()}/login")
    st.html("<script>window.govdeskLeaving=true;new BroadcastChannel('govdesk-sign-in').postMessage('over');"
            f"location.replace({where});</script>", unsafe_allow_javascript=True)
    st.stop()


def remember(key: str, value: str) -> None:
    """Keep a value in the session and, once the frame is drawn, in a cookie of this browser."""
    st.session_state[key] = value
    st.session_state.setdefault(_TO_REMEMBER, {})[key] = value


def write_cookies() -> None:
    """Hand new values to the browser; the frame calls this at the end of a run."""
    values = st.session_state.pop(_TO_REMEMBER, None)
    if values:
        lines = "".join(
            f"document.cookie={json.dumps(f'{_COOKIE.format(key)}={value};path=/;max-age=31536000;samesite=strict')};"
            for key, value in values.items()
        )
        st.html(f"<script>{lines}</script>", unsafe_allow_javascript=True)


def _read_cookie(key: str) -> str | None:
    return st.context.cookies.get(_COOKIE.format(key))


def read_param(name: str, parse: Callable[[str], T], default: T) -> T:
    """Return a checked value of the address.

    Parameters
    ----------
    name : str
        Name in the address, for instance ``place``.
    parse : callable
        Turns the text into a value; raises ValueError when it means nothing.
    default : T
        Used where the address says nothing, or nothing usable (then a notice is kept for `take_notices`).
    """
    text = st.query_params.get(name)
    if text is None or text == "":
        return default
    try:
        if len(text) > _LONGEST or "\x00" in text:
            raise ValueError(name)
        return parse(text)
    except (ValueError, KeyError):
        note_unusable(name, text)
        return default


def write_params(**values: str | int | None) -> None:
    """Put values into the address; None and "" take the name out. Others stay as they are."""
    for name, value in values.items():
        text = "" if value is None else str(value)
        if text:
            if st.query_params.get(name) != text:
                st.query_params[name] = text
        elif name in st.query_params:
            del st.query_params[name]


def go_to_place(code: str | None) -> None:
    """Look into another place; None means the whole area."""
    st.session_state[_VISITS] = n_visits() + 1
    write_params(place=code)


def n_visits() -> int:
    """Return how often another place was gone to: map layers named by it take each click as a new one."""
    found: int = st.session_state.get(_VISITS, 0)
    return found


def note_unusable(name: str, text: str) -> None:
    """Keep for the page that the address held something that was left out."""
    notices = st.session_state.setdefault(_NOTICES, [])
    if (name, text[:40]) not in notices:
        notices.append((name, text[:40]))


def take_notices() -> list[tuple[str, str]]:
    """Return what was left out of the address since the run began, and forget it."""
    found: list[tuple[str, str]] = st.session_state.get(_NOTICES, [])
    st.session_state[_NOTICES] = []
    return found


def form_key(name: str) -> str:
    """Return the key of the form of that name that is being filled in: sent twice, it is one record.

    Day and eight letters: too few digits in a row to be taken for a telephone number.
    """
    keys: dict[str, str] = st.session_state.setdefault(_FORMS, {})
    if name not in keys:
        letters = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
        keys[name] = f"{today():%Y%m%d}-{letters}"
    return keys[name]


def renew_form(name: str) -> None:
    """Forget a form that was sent: the next one is empty and has a key of its own."""
    st.session_state.get(_FORMS, {}).pop(name, None)
    _find_sent().pop(name, None)


def keep_sent(name: str, result: object) -> None:
    """Keep what became of a form until it is renewed."""
    _find_sent()[name] = result


def act_and_keep(name: str, act: Callable[[], object], *, key: str | None = None, renew: bool = False) -> None:
    """Run an act and keep what became of it; a form pressed twice acts once.

    A second press does not wait for the run of the first: Streamlit begins a new one beside it, and ends the first at
    its next drawing or look into the session. So this looks into the session before the act only, `act` draws nothing,
    and one run waits for the other: else the second would be told that its own record had been there already.

    Parameters
    ----------
    name : str
        Name of the form.
    key : str, optional
        Key of the form (`form_key`), where the act keeps one record for it: with the key that was sent last, what
        became of it then is kept again. What fails may be sent again.
    renew : bool
        Whether the form is empty from then on, with a key of its own.
    """
    keys: dict[str, str] = st.session_state.setdefault(_FORMS, {})
    sent = _find_sent()
    with sent.lock:
        if key is None or key not in sent.last or sent.last[key][0] != name:
            sent.last = {key or "": (name, act())}
        sent[name] = sent.last[key or ""][1]
        if renew:
            keys.pop(name, None)


def find_sent(name: str) -> object:
    """Return what became of a form, or None while it is being filled in."""
    return _find_sent().get(name)


def _find_sent() -> _Sent:
    sent: _Sent = st.session_state.setdefault(_SENT, _Sent())
    return sent


def set_aside(name: str, what: tuple[int, ...]) -> None:
    """Put something of a list off until later, for the rest of this session."""
    st.session_state.setdefault(_ASIDE, {}).setdefault(name, set()).add(what)


def list_aside(name: str) -> frozenset[tuple[int, ...]]:
    """Return what of a list was put off."""
    return frozenset(st.session_state.get(_ASIDE, {}).get(name, ()))


def take_up(name: str) -> None:
    """Take up again what of a list was put off."""
    st.session_state.get(_ASIDE, {}).pop(name, None)


def keep_shown(name: str, what: tuple[int, ...] | None) -> tuple[int, ...] | None:
    """Note what of a list is shown now, and return what was shown by the run before."""
    shown: dict[str, tuple[int, ...] | None] = st.session_state.setdefault(_SHOWN, {})
    before = shown.get(name)
    shown[name] = what
    return before


def keep_page(name: str) -> None:
    """Note which page this run draws, for the audit."""
    st.session_state[_PAGE] = name


def page_name() -> str:
    """Return the page that this run draws, as the menu names it; "page" outside the frame."""
    return str(st.session_state.get(_PAGE, "page"))


def page_of(state: SessionState) -> str:
    """Return the page that a session drew last, for who looks at it from outside of a run."""
    return str(state[_PAGE]) if _PAGE in state else "page"


def keep_draft(name: str, draft: object) -> None:
    """Keep what was chosen on a page that takes several steps, also while other pages are looked at."""
    st.session_state.setdefault(_DRAFTS, {})[name] = draft


def find_draft(name: str) -> object:
    """Return what was chosen so far, or None."""
    return st.session_state.get(_DRAFTS, {}).get(name)


def forget_draft(name: str) -> None:
    """Forget what was chosen."""
    st.session_state.get(_DRAFTS, {}).pop(name, None)


def keep_typed() -> None:
    """Keep what was typed or chosen on a page whose fields are not drawn in this run.

    Streamlit forgets the value of a field that a run leaves out. Buttons and boxes to tick are not kept: a click must
    never be repeated by itself. Nor are files: Streamlit lets nobody put one back.
    """
    for key, value in list(st.session_state.items()):
        parts = value if isinstance(value, list | tuple) else (value,)
        if parts and all(isinstance(one, _TYPED) and not isinstance(one, bool) for one in parts):
            with suppress(StreamlitAPIException):
                st.session_state[key] = value


def keep_wall(make: Callable[[], T]) -> T:
    """Return what the wall screen of this session keeps from one look to the next, made at the first."""
    found: T = st.session_state.setdefault(_WALL, make())
    return found


def is_embedded() -> bool:
    """Return whether the address asked for the page alone (``embed=true``), without frame and menu."""
    return bool(st.context.is_embedded)


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a parser that takes only these values."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(text)
        return text

    return parse


def many_of(*allowed: str) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of comma-separated values, each of them one of `allowed`; order and doubles do not matter."""

    def parse(text: str) -> tuple[str, ...]:
        parts = set(text.split(","))
        if not parts <= set(allowed):
            raise ValueError(text)
        return tuple(str(value) for value in allowed if value in parts)

    return parse


def place_code(text: str) -> str:
    """Parse a place code: letters, digits, ``.``, ``_`` and ``-``, at most 40 of them.

    Raises
    ------
    ValueError
        When it cannot be one.
    """
    if len(text) > 40 or not text.isprintable() or any(mark in text for mark in " \"'<>&%/\\?#"):
        raise ValueError(text)
    return text

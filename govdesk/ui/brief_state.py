"""What a reader chooses on the page of the weekly brief, and the brief that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from govdesk.clock import monday_of, parse_week_label, week_label
from govdesk.queries.brief_edits import read_edits
from govdesk.queries.brief_facts import BriefFacts, read_brief_facts
from govdesk.queries.brief_text import write_brief
from govdesk.rules.brief import Brief, Edit
from govdesk.ui import session
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.setting import Setting
from govdesk.words import LANGUAGES, say

#: Weeks that can be looked back at.
MOST_WEEKS = 26
VERSIONS = ("general", "internal")
_CODE = "B0-00"


@dataclass(frozen=True, slots=True)
class Choice:
    """One brief: of which week, in which language and version; `code` is looked up in it."""

    week: int
    weeks: tuple[int, ...]
    language: str
    version: str
    code: str

    @property
    def is_internal(self) -> bool:
        """Whether villages are named."""
        return self.version == "internal"


@dataclass(frozen=True, slots=True)
class View:
    """What the parts of the page draw; `plain` is the brief as the rules wrote it."""

    setting: Setting
    choice: Choice
    facts: BriefFacts
    plain: Brief
    brief: Brief
    edits: Mapping[str, Edit]


def list_weeks(setting: Setting) -> tuple[int, ...]:
    """Return the weeks a brief can be of, the last complete one first."""
    first = setting.week if setting.first_week is None else setting.first_week
    return tuple(range(setting.week, max(first, setting.week + 1 - MOST_WEEKS) - 1, -1))


def read_choice(setting: Setting) -> Choice:
    """Return what the address asks for; what means nothing is left out with a notice."""
    weeks = list_weeks(setting)

    def known_week(text: str) -> int:
        found = parse_week_label(text)
        if found not in weeks:
            raise ValueError(text)
        return found

    def code(text: str) -> str:
        found = text.strip().upper()
        if len(found) > len(_CODE) + 1 or not found.replace("-", "").isalnum():
            raise ValueError(text)
        return found

    return Choice(
        session.read_param("week", known_week, weeks[0]), weeks,
        session.read_param("in", session.one_of(*LANGUAGES), setting.words),
        session.read_param("version", session.one_of(*VERSIONS), VERSIONS[0]), session.read_param("code", code, ""))


def read_view(setting: Setting, choice: Choice) -> View:
    """Return the brief of a choice."""
    facts = load(read_brief_facts, setting.scope, choice.week)
    edits = load(read_edits, setting.scope, choice.week, choice.language, is_internal=choice.is_internal)
    plain = write_brief(facts, choice.language, is_internal=choice.is_internal)
    brief = write_brief(facts, choice.language, is_internal=choice.is_internal, edits=edits)
    return View(setting, choice, facts, plain, brief, edits)


def draw_controls(choice: Choice) -> None:
    """Draw week, version, language, and the box for a code."""
    with st.container(key="gd-brief-controls", horizontal=True, vertical_alignment="bottom"):
        _draw_box("week", {week_label(week): f"{week_label(week)} · {monday_of(week)}" for week in choice.weeks},
                  week_label(choice.week), week_label(choice.weeks[0]))
        _draw_box("version", {one: t(f"brief_page.version_{one}") for one in VERSIONS}, choice.version, VERSIONS[0])
        _draw_box("in", {one: say(f"frame.language_{one}", one) for one in LANGUAGES}, choice.language, "")
        st.session_state["brief_code"] = choice.code
        st.text_input(t("brief_page.code"), key="brief_code", max_chars=len(_CODE) + 1, width=190,
                      placeholder=t("brief_page.code_example"), on_change=_keep_code)


def _keep_code() -> None:
    session.write_params(code=str(st.session_state["brief_code"]).strip().upper())


def _draw_box(name: str, names: dict[str, str], value: str, default: str) -> None:
    key = f"brief_{name}"
    st.session_state[key] = value

    def keep() -> None:
        chosen = str(st.session_state[key])
        session.write_params(**{name: None if chosen == default else chosen})

    st.selectbox(t(f"brief_page.{name}"), list(names), key=key, on_change=keep, width=240,
                 format_func=lambda one: names.get(one, one))


def find_base_url() -> str:
    """Return where this reader reaches the program, so that codes in a file are links; empty where that is unknown."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""

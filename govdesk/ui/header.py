"""The head of every page: title, sample mark, purpose; on the right the dates of the data, week, language."""

import streamlit as st

from govdesk.clock import week_label, week_of, zone
from govdesk.terms import DataKind
from govdesk.ui import loaders, session, trail
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, tag
from govdesk.words import LANGUAGES, say


def draw_header(title_key: str, purpose_key: str) -> None:
    """Draw the head of a page, and below it what the address held that could not be used."""
    left, right = st.container(key="gd-header", horizontal=True, vertical_alignment="center"), None
    with left:
        st.html(_build_title(t(title_key), t(purpose_key)), width="stretch")
        right = st.container(key="gd-header-right", horizontal=True, vertical_alignment="center", width="content")
    with right:
        st.html(_build_dates(), width="content")
        _draw_languages()
    draw_notices()


def _build_title(title: str, purpose: str) -> Html:
    is_sample = loaders.load_properties().kind == DataKind.SAMPLE
    mark = tag("span", t("frame.sample_mark"), class_="gd-sample", title=t("frame.sample_help")) if is_sample else None
    return tag("div", tag("h1", title), mark, tag("span", purpose, class_="gd-purpose"), class_="gd-head")


def _build_dates() -> Html:
    freshness = loaders.load_freshness(session.scope())
    if freshness.data_as_of is None:
        return tag("div", t("frame.no_data_yet"), class_="gd-dates")
    local = freshness.data_as_of.astimezone(zone())
    parts = [tag("span", t("frame.data_as_of", at=f"{local:%Y-%m-%d %H:%M}"))]
    parts.append(tag("span", t("frame.week", week=week_label(week_of(local.date())))))
    return tag("div", *parts, class_="gd-dates")


def _draw_languages() -> None:
    now = session.language()
    with st.container(key="gd-languages", horizontal=True, width="content", gap=None):
        for code in LANGUAGES:
            st.button(
                say("frame.language_" + code, code), key=f"language_{code}", type="tertiary", disabled=code == now,
                on_click=session.choose_language, args=(code,), width="content",
            )


def draw_notices() -> None:
    """Say which values of the address were left out, so that nobody takes the view for what the link meant."""
    unusable = session.take_notices()
    if unusable:
        trail.note_unusable(name for name, _ in unusable)
        names = ", ".join(f"{name}={text}" for name, text in unusable)
        st.html(tag("div", t("frame.unusable_params", names=names), class_="gd-notice gd-warn", role="status"))



"""The head of each step: the one that is open, those behind it in one line each, those ahead in grey."""

import streamlit as st

from govdesk.ui.i18n import t
from govdesk.ui.import_state import STEPS, go_to
from govdesk.ui.markup import Html, clean_text, show, tag


def build_step(step: str, state: str, summary: str = "") -> Html:
    """Return the head of a step; `state` is ``now``, ``past`` or ``later``."""
    return tag(
        "div", tag("span", str(STEPS.index(step) + 1), class_="gd-step-number"),
        tag("span", t(f"import_page.step_{step}"), class_="gd-step-title"),
        tag("span", clean_text(summary), class_="gd-muted") if summary else None, class_=f"gd-step gd-step-{state}")


def draw_now(step: str) -> None:
    """Draw the head of the step that is open."""
    show(build_step(step, "now"))
    show(tag("p", t(f"import_page.step_{step}_help"), class_="gd-muted gd-small"))


def draw_past(step: str, summary: str, *, can_change: bool = True) -> None:
    """Draw a step behind the open one: what was chosen, and the way back to it."""
    left, right = st.columns([6, 1], vertical_alignment="center")
    with left:
        show(build_step(step, "past", summary))
    if can_change:
        with right:
            st.button(t("import_page.change"), key=f"import_change_{step}", on_click=go_to, args=(step,),
                      type="tertiary", width="stretch")


def draw_later(step: str) -> None:
    """Draw a step that comes later."""
    show(build_step(step, "later"))

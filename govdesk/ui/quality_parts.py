"""The parts of case quality behind one switch: only the one that is open is read and drawn."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from govdesk.queries.incidents import list_oldest_open
from govdesk.queries.mediation_quality import sum_mediations
from govdesk.queries.old_cases import list_old_cases
from govdesk.queries.petition_quality import sum_petitions
from govdesk.queries.quality_returns import sum_revisits
from govdesk.rules.indicators import SECTIONS
from govdesk.ui import session
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.quality_blocks_part import draw_mediation, draw_petitions
from govdesk.ui.quality_capacity_part import draw_capacity_part
from govdesk.ui.quality_compare_part import draw_compare
from govdesk.ui.quality_habits_part import draw_habits
from govdesk.ui.quality_ledgers_part import draw_old_cases, draw_reporting
from govdesk.ui.quality_returns_part import draw_returns
from govdesk.ui.quality_times_part import draw_times
from govdesk.ui.quality_view import Facts, View
from govdesk.ui.quality_words import draw_counting
from govdesk.ui.redrawing import redraw_alone

_DRAW_WITH_FACTS: dict[str, Callable[[View, Facts], None]] = {
    "times": draw_times, "habits": draw_habits, "returns": draw_returns,
}
_DRAW: dict[str, Callable[[View], None]] = {
    "mediation": draw_mediation, "petitions": draw_petitions, "compare": draw_compare, "old": draw_old_cases,
    "reporting": draw_reporting, "capacity": draw_capacity_part,
}


#: What a part reads that takes long and that nothing else of the page needs.
_AHEAD: dict[str, tuple[Callable[..., Any], *tuple[str, ...]]] = {
    "times": (list_oldest_open,), "returns": (sum_revisits,), "mediation": (sum_mediations,),
    "petitions": (sum_petitions, "district"), "old": (list_old_cases,),
}


def begin_part(view: View) -> None:
    """Begin to read what the open part will ask for, while the numbers above all parts are read."""
    opened = _find_opened(view)
    if opened in _AHEAD and view.recorded.closings:
        view.load_ahead(*_AHEAD[opened])


def _find_opened(view: View) -> str:
    return view.choice.section or _find_default(view)


def _find_default(view: View) -> str:
    return "times" if view.recorded.closings else "reporting"


@redraw_alone
def draw_parts(view: View, facts: Facts) -> None:
    """Draw the switch and the part that is open; a click redraws this much of the page."""
    default, opened = _find_default(view), _find_opened(view)
    section = st.segmented_control(
        t("quality.part_of_page"), SECTIONS, default=opened, required=True, key="quality_section",
        format_func=lambda one: t(f"quality.section_{one}"), label_visibility="collapsed")
    session.write_params(section=None if section == default else section)
    with st.spinner(t("table.loading")):
        if section in _DRAW:
            _DRAW[section](view)
        else:
            _DRAW_WITH_FACTS[section](view, facts)
    show(tag("p", view.as_of_words, class_="gd-muted gd-small"))
    draw_counting(section, view.words)

"""The parts of the page of trends behind one switch: only the one that is open is read and drawn."""

from collections.abc import Callable

import streamlit as st

from govdesk.queries.trend_findings import Finding
from govdesk.ui import session
from govdesk.ui.i18n import t
from govdesk.ui.quiet_streaks import draw_quiet_streaks
from govdesk.ui.resolution_funnel import draw_resolution_funnel
from govdesk.ui.trend_cells_part import draw_cells
from govdesk.ui.trend_places_part import draw_places
from govdesk.ui.trend_state import SECTIONS
from govdesk.ui.trend_view import View
from govdesk.ui.trend_works import draw_works_exposure


@st.fragment
def draw_parts(view: View, findings: list[Finding]) -> None:
    """Draw the switch and the part that is open; a click redraws this much of the page."""
    key = "trend_section"
    section = st.segmented_control(
        t("trends.part_of_page"), SECTIONS, default=view.choice.section, required=True, key=key,
        format_func=lambda one: t(f"trends.section_{one}"), label_visibility="collapsed")
    session.write_params(section=None if section == SECTIONS[0] else section)
    with st.spinner(t("table.loading")):
        _PARTS[section](view, findings)


_PARTS: dict[str, Callable[[View, list[Finding]], None]] = {
    "places": draw_places,
    "cells": lambda view, _: draw_cells(view),
    "levels": lambda view, _: draw_resolution_funnel(view.setting, view.chosen),
    "streaks": lambda view, _: draw_quiet_streaks(view.setting, view.chosen),
    "works": lambda view, _: draw_works_exposure(view.setting, view.chosen),
}

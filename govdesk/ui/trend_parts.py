"""The parts of the page of trends behind one switch: only the one that is open is read and drawn."""

from collections.abc import Callable

import streamlit as st

from govdesk.queries.quiet_streaks import list_departures, read_heard
from govdesk.queries.resolution import count_settled
from govdesk.queries.trend_findings import Finding
from govdesk.queries.works_exposure import read_exposure
from govdesk.ui import session
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_ahead
from govdesk.ui.quiet_streaks import draw_quiet_streaks
from govdesk.ui.redrawing import redraw_alone
from govdesk.ui.resolution_funnel import draw_resolution_funnel
from govdesk.ui.setting import Setting
from govdesk.ui.trend_cells_part import draw_cells
from govdesk.ui.trend_places_part import draw_places
from govdesk.ui.trend_state import SECTIONS, Choice
from govdesk.ui.trend_view import View
from govdesk.ui.trend_works import about_disputes, draw_works_exposure

_KEY = "trend_section"


def read_ahead(setting: Setting, choice: Choice) -> None:
    """Begin to read what the open part shows, while the page above it is read and drawn."""
    filters = choice.filters(choice.span)
    if setting.as_of is None:
        return
    if choice.section == "levels":
        load_ahead(count_settled, setting.scope, filters)
    elif choice.section == "streaks":
        load_ahead(list_departures, setting.scope, setting.as_of)
        load_ahead(read_heard, setting.scope, setting.as_of)
    elif choice.section == "works":
        load_ahead(read_exposure, setting.scope, about_disputes(filters), setting.as_of)


def draw_parts(view: View, findings: list[Finding]) -> None:
    """Draw the switch and the part that the address names."""
    # Only in a run of the whole page: in one of the fragment the reader's click is newer than the view.
    st.session_state[_KEY] = view.choice.section
    _draw_open_part(view, findings)


@redraw_alone
def _draw_open_part(view: View, findings: list[Finding]) -> None:
    """Draw the switch and the part that is open; a click redraws this much of the page."""
    section = st.segmented_control(
        t("trends.part_of_page"), SECTIONS, required=True, key=_KEY,
        format_func=lambda one: t(f"trends.section_{one}"), label_visibility="collapsed") or SECTIONS[0]
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

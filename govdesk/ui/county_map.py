"""The county at a glance on the overview: what is open in each village; the map page is one click away.

Where no source records a closing it shows what occurred in a quarter instead.
"""

from dataclasses import replace

import streamlit as st

from govdesk.queries.map_figures import find_map_breaks, read_map_figures
from govdesk.queries.map_request import MapRequest, Measure
from govdesk.queries.recorded import read_recorded
from govdesk.ui import faults
from govdesk.ui.cards import build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.map_drill import find_drill
from govdesk.ui.map_layers import build_deck
from govdesk.ui.map_legend import draw_legend
from govdesk.ui.map_picture import draw_first_picture
from govdesk.ui.map_state import MapState
from govdesk.ui.markup import address, link, show, tag
from govdesk.ui.setting import Setting
from govdesk.ui.viewport import Window, find_window

#: Size in each window, in pixels: for the zoom that it opens with.
SIZES: dict[Window, tuple[int, int]] = {
    "phone": (330, 320), "low": (500, 340), "desk": (560, 380), "wide": (800, 480), "huge": (1640, 1000),
}
#: Weeks counted where what is open is not known.
N_WEEKS = 13


def draw_county_map(setting: Setting) -> None:
    """Draw the villages of the account's area; shapes travel by address."""
    measure = _choose_measure(setting)
    if measure == "open":
        show(build_panel_title(t("overview.map_title"), t("overview.map_note", day=setting.day)))
    else:
        show(build_panel_title(t("overview.map_title_count"), t("overview.map_note_count", weeks=N_WEEKS)))
    state = MapState(None, measure, "village", "13", setting.week, (), (), "areas")
    drill = find_drill(setting.scope, state, setting.day)
    if drill.box is None:
        faults.draw_empty(t("village.no_places"))
        return
    first = setting.first_week if setting.first_week is not None else setting.week + 1
    request = MapRequest(
        measure=measure, level=drill.level, within=drill.within, week_from=max(first, setting.week + 1 - N_WEEKS),
        week_to=setting.week + 1, on=setting.day.isoformat(),
        as_of=int(setting.as_of.timestamp()) if setting.as_of else 0, language=setting.words,
    )
    figures = load(read_map_figures, setting.scope, request)
    request = replace(request, breaks=find_map_breaks(figures))
    width, height = SIZES[find_window()]
    with st.container(key="gd-county-map"):
        draw_first_picture("county_map", request, drill, width=width, height=height, foot=0)
        deck = build_deck(request, drill, cells=None, points=False, visit=0, width=width, height=height, foot=0)
        st.pydeck_chart(deck, height=height, key="county_map")
        draw_legend(request, figures, is_schematic=drill.is_schematic, points=False)
    show(tag("p", link(t("overview.map_open"), address("/incident_map", measure=measure)), class_="gd-small"))


def _choose_measure(setting: Setting) -> Measure:
    """Return what the map shows: without closings a map of the open would be grey all over."""
    return "open" if setting.as_of is None or load(read_recorded, setting.scope).closings else "count"

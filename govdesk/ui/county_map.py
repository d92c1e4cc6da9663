"""The county at a glance on the overview: what is open in each village; the map page is one click away."""

from dataclasses import replace

import streamlit as st

from govdesk.queries.map_figures import find_map_breaks, read_map_figures
from govdesk.queries.map_request import MapRequest
from govdesk.ui import faults
from govdesk.ui.cards import build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.map_drill import find_drill
from govdesk.ui.map_layers import build_deck
from govdesk.ui.map_legend import draw_legend
from govdesk.ui.map_state import MapState
from govdesk.ui.markup import address, link, show, tag
from govdesk.ui.setting import Setting

#: Size on the usual desk, in pixels: for the zoom that it opens with.
WIDTH, HEIGHT = 560, 380


def draw_county_map(setting: Setting) -> None:
    """Draw the villages of the account's area, coloured by what is open; shapes travel by address."""
    show(build_panel_title(t("overview.map_title"), t("overview.map_note", day=setting.day)))
    state = MapState(None, "open", "village", "13", setting.week, (), (), "areas")
    drill = find_drill(setting.scope, state, setting.day)
    if drill.box is None:
        faults.draw_empty(t("village.no_places"))
        return
    first = setting.first_week if setting.first_week is not None else setting.week + 1
    request = MapRequest(
        measure="open", level=drill.level, within=drill.within, week_from=max(first, setting.week - 12),
        week_to=setting.week + 1, on=setting.day.isoformat(),
        as_of=int(setting.as_of.timestamp()) if setting.as_of else 0, language=setting.words,
    )
    figures = load(read_map_figures, setting.scope, request)
    request = replace(request, breaks=find_map_breaks(figures))
    with st.container(key="gd-county-map"):
        deck = build_deck(request, drill, cells=None, points=False, visit=0, width=WIDTH, height=HEIGHT, foot=0)
        st.pydeck_chart(deck, height=HEIGHT, key="county_map")
        draw_legend(request, figures, is_schematic=drill.is_schematic, points=False)
    show(tag("p", link(t("overview.map_open"), address("/incident_map", measure="open")), class_="gd-small"))

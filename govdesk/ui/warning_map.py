"""Where the list leads: the borders, and on them the positions, each in the colour of its band."""

from html import escape
from typing import Any

import pydeck as pdk
import streamlit as st

from govdesk import palette
from govdesk.queries.map_request import MapRequest
from govdesk.queries.places import list_places
from govdesk.queries.risk_list import QUIET
from govdesk.terms import Level
from govdesk.ui.cards import build_panel_title
from govdesk.ui.formats import is_known
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.map_drill import find_drill
from govdesk.ui.map_layers import build_deck
from govdesk.ui.map_state import MapState
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.viewport import Window, find_window
from govdesk.ui.warning_view import View
from govdesk.ui.warning_words import band_name, write_percent

#: Size in each window, in pixels: for the zoom that it opens with.
SIZES: dict[Window, tuple[int, int]] = {
    "phone": (330, 300), "low": (235, 320), "desk": (240, 340), "wide": (360, 440), "huge": (700, 900)}
#: Radius of a mark and size of its number in each window, in pixels: large windows have large letters.
MARKS: dict[Window, tuple[float, float]] = {
    "phone": (8, 10), "low": (7, 9), "desk": (8, 10), "wide": (10, 13), "huge": (20, 25)}
COLOURS = {"red": palette.BAND_RED, "orange": palette.BAND_ORANGE, "yellow": palette.BAND_YELLOW,
           "blue": palette.BAND_BLUE}
#: Yellow needs dark ink on it.
_DARK = "#3D2F00"


def draw_map(view: View) -> None:
    """Draw the map beside the list; shapes travel by address, only the positions with the page."""
    show(build_panel_title(t("warning.map_title")))
    setting, town = view.setting, view.choice.town
    state = MapState(town or None, "count", Level.VILLAGE, "13", setting.week, (), (), "areas")
    drill = find_drill(setting.scope, state, setting.day)
    if drill.box is None:
        show(tag("p", t("warning.map_none"), class_="gd-empty"))
        return
    request = MapRequest(measure="count", level=drill.level, within=drill.within, on=setting.day.isoformat(),
                         week_from=setting.week, week_to=setting.week + 1, language=setting.words)
    window = find_window()
    width, height = SIZES[window]
    deck = build_deck(request, drill, cells=None, points=False, visit=0, width=width, height=height, foot=0,
                      marks=_build_marks(list_marks(view), *MARKS[window]))
    st.pydeck_chart(deck, height=height, key="warning_map", alt=t("warning.map_alt"))
    show(tag("p", t("warning.map_note"), class_="gd-muted gd-small"))


def list_marks(view: View) -> list[dict[str, Any]]:
    """Return a mark for each listed village that has a position: where, what, colours. Texts are escaped."""
    places = load(list_places, view.setting.scope, Level.VILLAGE, view.week.run.as_of,
                  codes=tuple(view.listed["place_code"]))
    where = dict(zip(places["code"], zip(places["lon"], places["lat"], strict=True), strict=True))
    return [_build_mark(row, where[row["place_code"]]) for row in view.listed.to_dict("records")
            if row["place_code"] in where and is_known(where[row["place_code"]][0])]


def _build_mark(row: dict[Any, Any], at: tuple[float, float]) -> dict[str, Any]:
    colour = COLOURS.get(row["band"], palette.MUTED)
    is_ring = row["list"] == QUIET
    ink = colour if is_ring and row["band"] != "yellow" else _DARK if row["band"] == "yellow" else palette.CARD
    return {
        "p": [float(at[0]), float(at[1])], "t": str(row["position"]), "fill": palette.rgba(
            palette.CARD if is_ring else colour), "line": palette.rgba(colour), "ink": palette.rgba(ink),
        "name": escape(clean_text(row["name"], 40)),
        "tip": escape(" · ".join([f"{t('warning.list_' + row['list'])} {row['position']}", band_name(row["band"]),
                                  write_percent(row["probability"])])),
    }


def _build_marks(marks: list[dict[str, Any]], radius: float, size: float) -> list[pdk.Layer]:
    circles = pdk.Layer(
        "ScatterplotLayer", id="warnings", data=marks, get_position="p", get_radius=radius, radius_units='"pixels"',
        get_fill_color="fill", stroked=True, get_line_color="line", line_width_units='"pixels"',
        get_line_width=radius * 0.27, pickable=True)
    numbers = pdk.Layer(
        "TextLayer", id="warning-numbers", data=marks, get_position="p", get_text="t", get_color="ink", get_size=size,
        character_set="'auto'", font_family='"sans-serif"', font_weight=700, pickable=False)
    return [circles, numbers]



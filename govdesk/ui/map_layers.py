"""The deck of layers: landscape, places, lines, cells or points, names. Everything comes by address."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pydeck as pdk

from govdesk import palette
from govdesk.queries.map_request import MapRequest
from govdesk.queries.shapes import list_context
from govdesk.terms import Level
from govdesk.ui import loaders
from govdesk.ui.geometry_links import build_link
from govdesk.ui.map_drill import Box, Drill

Cell = Literal["county", "township"]

#: Size of the map on the usual desk (1440 × 900), for the zoom that it opens with.
WIDTH, HEIGHT = 860, 640
_TILE = 512
_AIR = 0.95
_NEAREST = 15.5
#: Pixels at the foot of the map that are left to the legend: shapes may lie beside it, but tiles of places without
#: a position stand in the corner that it covers.
_FOOT, _FOOT_OF_TILES = 64, 148

#: Landscape from below to above; a layer of another name is drawn like a road.
CONTEXT_ORDER = ("relief", "lake", "settlement", "river", "road")
#: Thin enough to lie above the colours.
_ABOVE = frozenset({"river", "road"})
_CONTEXT_WIDTH = {"river": 1.8, "road": 1.1}

#: Size of names, and on a map as wide as this.
_NAME_SIZE, _NAME_SIZE_HUGE, _HUGE = 13, 26, 1500
_TEXT_FONT = '"Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, sans-serif"'


def fit_box(box: Box, width: int = WIDTH, height: int = HEIGHT, below: int = 0) -> tuple[float, float, float]:
    """Return lon, lat and zoom at which a box fills a map of `width` × `height` pixels but its lowest `below`.

    Web Mercator, tiles of 512 pixels; never nearer than a few streets.
    """
    west, south, east, north = box

    def up(lat: float) -> float:
        return math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / (2 * math.pi)

    x = max((east - west) / 360, 1e-6)
    y = max(up(north) - up(south), 1e-6)
    zoom = min(math.log2(width * _AIR / (_TILE * x)), math.log2((height - below) * _AIR / (_TILE * y)), _NEAREST)
    middle = (up(north) + up(south)) / 2 - below / 2 / (_TILE * 2**zoom)
    lat = math.degrees(2 * math.atan(math.exp(2 * math.pi * middle)) - math.pi / 2)
    return (west + east) / 2, lat, round(zoom, 2)


def fit_foot(drill: Drill, foot: int | None) -> int:
    """Return the pixels at the foot of a map that a legend covers, by what is drawn where `foot` is not given."""
    return foot if foot is not None else _FOOT_OF_TILES if drill.is_schematic else _FOOT


def to_pixels(lon: float, lat: float, zoom: float) -> tuple[float, float]:
    """Return the pixel of a point on the whole Web Mercator world at `zoom`, as deck.gl has it."""
    world = _TILE * 2**zoom
    return ((lon + 180) / 360 * world,
            (1 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / math.pi) / 2 * world)


def build_deck(request: MapRequest, drill: Drill, *, cells: Cell | None, points: bool, visit: int,
               width: int = WIDTH, height: int = HEIGHT, foot: int | None = None,
               marks: Sequence[pdk.Layer] | None = None) -> pdk.Deck:
    """Return the deck of one view.

    Parameters
    ----------
    request : MapRequest
        Measure, window and level of the coloured places.
    cells : {"county", "township"} or None
        Draw these cells instead of coloured places.
    points : bool
        Draw single incidents.
    visit : int
        Grows with every step down or up, so that a click selects anew.
    width, height : int
        Size of the map in pixels.
    foot : int, optional
        Pixels at its foot that a legend covers; by what is drawn when not given.
    marks : sequence of Layer, optional
        Drawn on top of the bare borders: then no place is coloured and there is no landscape.
    """
    lon, lat, zoom = fit_box(drill.box or (0, 0, 1, 1), width, height, fit_foot(drill, foot))
    request = replace(request, zoom=zoom)
    landscape = _landscape() if marks is None else []
    layers = [layer for name, layer in landscape if name not in _ABOVE]
    if marks is None:
        layers.append(_places(request, visit, is_quiet=cells is not None))
    if cells is not None:
        layers.append(_cells(replace(request, measure="count", cell=cells), visit))
    layers += [layer for name, layer in landscape if name in _ABOVE]
    layers += _lines(request, drill)
    if points:
        layers.append(_points(request, visit))
    layers += [_names(request, drill, is_huge=width >= _HUGE), *(marks or ())]
    return pdk.Deck(
        layers=layers, map_provider=None,
        initial_view_state=pdk.ViewState(longitude=lon, latitude=lat, zoom=zoom, min_zoom=zoom - 2, max_zoom=18),
        tooltip={"html": "<b>{name}</b><br/>{tip}", "style": {
            "background": palette.CARD, "color": palette.INK, "border": f"1px solid {palette.LINE}",
            "borderRadius": "8px", "fontFamily": palette.FONT, "fontSize": "13px", "maxWidth": "320px",
        }},
    )


def _landscape() -> list[tuple[str, pdk.Layer]]:
    names = loaders.load_common(list_context)
    known = [name for name in CONTEXT_ORDER if name in names]
    layers = []
    for name in [*known, *[name for name in names if name not in CONTEXT_ORDER]]:
        colour = palette.rgba(palette.CONTEXT.get(name, palette.CONTEXT["road"]))
        layers.append((name, pdk.Layer(
            "GeoJsonLayer", id=f"context-{name}", data=build_link("context", MapRequest(name=name)),
            # Areas without an outline of their own: in the same colour it shows nothing, and costs a second.
            get_fill_color=colour, get_line_color=colour, filled=True, stroked=False, pickable=False,
            line_width_units='"pixels"', get_line_width=_CONTEXT_WIDTH.get(name, 0.6),
            point_type='"circle"', point_radius_units='"pixels"', get_point_radius=2,
        )))
    return layers


def _places(request: MapRequest, visit: int, *, is_quiet: bool) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer", id=f"places-{visit}", data=build_link("places", request), pickable=True, filled=True,
        stroked=False, auto_highlight=True, highlight_color=palette.rgba(palette.ACCENT, 60),
        get_fill_color=[255, 255, 255, 120] if is_quiet else "properties.fill",
    )


def _lines(request: MapRequest, drill: Drill) -> list[pdk.Layer]:
    """Return the borders of the coloured places and of what is wider: the wider, the stronger."""
    wider = drill.levels[: drill.levels.index(drill.level)] if drill.level in drill.levels else ()
    layers = [_line(request, drill.level, drill.within, palette.VILLAGE_LINE, 0.8, name="borders")]
    for level in wider[::-1]:
        is_root = level == drill.levels[0]
        # The whole county's townships are few; villages are outlined inside the chosen township only.
        within = drill.way[-2].code if level == Level.VILLAGE and len(drill.way) > 1 else None
        colour = palette.OUTLINE if is_root else palette.TOWNSHIP_LINE
        layers.append(_line(request, level, within, colour, 2.4 if is_root else 1.5 if level == Level.TOWNSHIP else 1))
    if drill.place is not None and not drill.is_top:
        layers.append(_line(request, drill.place.level, drill.place.code, palette.ACCENT, 2.6, name="chosen"))
    return layers


def _line(
    request: MapRequest, level: str, within: str | None, colour: str, width: float, name: str | None = None
) -> pdk.Layer:
    bare = MapRequest(level=level, within=within, on=request.on)
    return pdk.Layer(
        "GeoJsonLayer", id=f"lines-{name or level}", data=build_link("lines", bare), filled=False, stroked=True,
        pickable=False, get_line_color=palette.rgba(colour), line_width_units='"pixels"', get_line_width=width,
        line_joint_rounded=True,
    )


def _cells(request: MapRequest, visit: int) -> pdk.Layer:
    return pdk.Layer(
        "H3HexagonLayer", id=f"cells-{visit}", data=build_link("cells", request), get_hexagon="h",
        get_fill_color="fill", extruded=False, stroked=True, get_line_color=[255, 255, 255, 160],
        line_width_units='"pixels"', get_line_width=0.5, pickable=True,
    )


def _points(request: MapRequest, visit: int) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer", id=f"points-{visit}", data=build_link("points", request), get_position="p",
        get_radius="r", radius_units='"pixels"', get_fill_color="fill", stroked=True,
        get_line_color=[255, 255, 255, 230], line_width_units='"pixels"', get_line_width=1, pickable=True,
    )


def _names(request: MapRequest, drill: Drill, *, is_huge: bool) -> pdk.Layer:
    """Return the names: of townships while the whole county is shown, else of the coloured places."""
    level = drill.level
    if drill.is_top and drill.level == Level.VILLAGE and Level.TOWNSHIP in drill.levels:
        level = Level.TOWNSHIP
    wanted = MapRequest(level=level, within=drill.within, on=request.on, zoom=request.zoom)
    return pdk.Layer(
        "TextLayer", id="names", data=build_link("labels", wanted), get_position="p", get_text="t", get_color="c",
        get_size=_NAME_SIZE_HUGE if is_huge else _NAME_SIZE, character_set="'auto'", font_family=_TEXT_FONT,
        background=True, get_background_color=[255, 255, 255, 190], background_padding=[3, 1], pickable=False,
    )

"""A small map of one incident: the outline of its village and its point. Nothing is asked from outside."""

import json
from typing import Any

import pydeck as pdk
import streamlit as st

from govdesk import palette
from govdesk.queries.incidents import IncidentFacts
from govdesk.queries.places import PlaceFacts
from govdesk.queries.shapes import read_shapes
from govdesk.ui import loaders
from govdesk.ui.map_layers import fit_box
from govdesk.ui.setting import Setting

#: Pixels; the width that a telephone has, too.
WIDTH, HEIGHT = 330, 240


def draw_position(facts: IncidentFacts, way: list[PlaceFacts], setting: Setting) -> None:
    """Draw the point in the outline of the finest place that is drawn; nothing where neither is known."""
    area = next((place for place in reversed(way) if place.level != "grid"), None)
    layers: list[Any] = []
    box: tuple[float, ...] | None = None
    if area is not None:
        shapes = loaders.load(read_shapes, setting.scope, area.level, facts.occurred_on, area.code)
        if not shapes.empty:
            row = shapes.iloc[0]
            box = (row["min_lon"], row["min_lat"], row["max_lon"], row["max_lat"])
            layers.append(_outline(row["outline"]))
    if facts.lon is not None and facts.lat is not None:
        layers.append(_point(facts))
        box = _around(box, facts.lon, facts.lat)
    if box is None:
        return
    west, south, east, north = (float(value) for value in box)
    lon, lat, zoom = fit_box((west, south, east, north), WIDTH, HEIGHT)
    view = pdk.ViewState(longitude=lon, latitude=lat, zoom=zoom - 0.15)
    deck = pdk.Deck(layers=layers, initial_view_state=view, map_provider=None)
    st.pydeck_chart(deck, height=HEIGHT, key="incident_position")


def _around(box: tuple[float, ...] | None, lon: float, lat: float) -> tuple[float, ...]:
    """Return the box widened to hold a point with room around it: a cell's centre may lie beside its village."""
    west, south, east, north = box or (lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    room = 0.08 * max(east - west, north - south)
    return min(west, lon - room), min(south, lat - room), max(east, lon + room), max(north, lat + room)


def _outline(geometry: str) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer", data={"type": "Feature", "geometry": json.loads(geometry), "properties": {}}, id="outline",
        get_fill_color=palette.rgba(palette.CLASSES[0]), get_line_color=palette.rgba(palette.OUTLINE),
        line_width_min_pixels=1.5, stroked=True, filled=True,
    )


def _point(facts: IncidentFacts) -> pdk.Layer:
    """Return the point; an approximate one is a wide ring, so that nobody takes it for a house."""
    is_exact = facts.point_kind == "exact"
    colour = palette.STREAMS.get(facts.stream, palette.ACCENT)
    return pdk.Layer(
        "ScatterplotLayer", data=[{"position": [facts.lon, facts.lat]}], id="point", get_position="position",
        get_fill_color=palette.rgba(colour, 255 if is_exact else 70), get_line_color=palette.rgba(colour),
        stroked=True, line_width_min_pixels=1.5, get_radius=6 if is_exact else 18, radius_units="'pixels'",
    )

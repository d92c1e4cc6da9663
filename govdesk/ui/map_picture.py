"""The picture that lies under a map until the browser has drawn the live one; see `govdesk.api.picture`."""

from dataclasses import replace

import streamlit as st

from govdesk.queries.map_request import MapRequest
from govdesk.ui.geometry_links import build_link
from govdesk.ui.i18n import t
from govdesk.ui.map_drill import Drill
from govdesk.ui.map_layers import fit_box, fit_foot, to_pixels
from govdesk.ui.markup import Html, show, tag

_KEPT = "_first_pictures"


def draw_first_picture(
    name: str, request: MapRequest | None, drill: Drill, *, width: int, height: int, foot: int | None = None
) -> None:
    """Put the picture of a session's first view of a map below it; later views are drawn by the live map alone.

    Parameters
    ----------
    name : str
        Of the map: each has one picture a session, and another where the window turns out to be larger or smaller.
    request : MapRequest or None
        The coloured places; None where the first view colours none: then there is no picture.
    width, height, foot : int
        As for `map_layers.build_deck`.
    """
    kept: dict[tuple[str, int, int], Html] = st.session_state.setdefault(_KEPT, {})
    key = (name, width, height)
    if key not in kept:
        kept[key] = _build(request, drill, width, height, foot)
    show(kept[key])


def _build(request: MapRequest | None, drill: Drill, width: int, height: int, foot: int | None) -> Html:
    if drill.box is None or request is None:
        return tag("div", class_="gd-first")
    lon, lat, zoom = fit_box(drill.box, width, height, fit_foot(drill, foot))
    west, south, east, north = drill.box
    (left, top), (right, bottom), (x, y) = (
        to_pixels(*point, zoom) for point in ((west, north), (east, south), (lon, lat)))
    place = (f"left:calc(50% + {left - x:.1f}px);top:calc(50% + {top - y:.1f}px);"
             f"width:{right - left:.1f}px;height:{bottom - top:.1f}px")
    image = tag("img", src=build_link("picture", replace(request, zoom=zoom)), alt=t("map.alt"), style=place)
    # Where the style sheet stretches a map to the window, it stretches this, too.
    return tag("div", image, class_="gd-first", style=f"height:{height}px" if foot is not None else None)

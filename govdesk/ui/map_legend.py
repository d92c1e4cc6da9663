"""The legend in real numbers: what each colour stands for, what is not a figure, what the map cannot show."""

import pandas as pd
import streamlit as st

from govdesk import palette
from govdesk.clock import monday_of
from govdesk.queries.map_request import CAPACITIES, STOCKS, MapRequest
from govdesk.settings import get_settings
from govdesk.terms import RATE_MINIMUM, Stream
from govdesk.ui.i18n import t, term
from govdesk.ui.markup import Html, join, tag

_COLOURS = {"zero": palette.NONE_RECORDED, "few": palette.TOO_FEW_ON_MAP, "unknown": palette.NO_FIGURE_ON_MAP,
            "later": palette.NO_FIGURE_ON_MAP}


def draw_legend(request: MapRequest, figures: pd.DataFrame, *, is_schematic: bool, points: bool) -> None:
    """Draw the legend over the lower left corner of the map."""
    first, last = monday_of(request.week_from), monday_of(request.week_to)
    window = t("map.window", first=first, last=last - pd.Timedelta(days=1), weeks=request.week_to - request.week_from)
    if request.measure in STOCKS:  # a stock: whatever week it is of
        window = t("map.open_on", day=request.stock_day)
    if request.measure in CAPACITIES:
        window = t("map.capacity_on", day=request.stock_day)
    is_empty = request.week_to <= request.week_from and request.measure not in CAPACITIES
    lines = [
        tag("div", t(f"map.measure_{request.measure}"), class_="gd-legend-title"),
        tag("div", t("map.no_records") if is_empty else window, class_="gd-muted"),
        tag("div", join(_entries(request, figures)), class_="gd-legend-classes"),
    ]
    if points:
        lines.append(tag("div", join(_streams(request)), class_="gd-legend-classes"))
    if is_schematic:
        lines.append(tag("div", t("map.schematic_note"), class_="gd-muted"))
    if get_settings().map_approval_number:
        number = get_settings().map_approval_number
        lines.append(tag("div", t("frame.map_approval", number=number), class_="gd-muted"))
    st.html(tag("div", *lines, class_="gd-legend"))


def _entries(request: MapRequest, figures: pd.DataFrame) -> list[Html]:
    found = figures.loc[figures["state"] == "figure", "value"]
    entries = []
    if (figures["state"] == "zero").any():
        entries.append(_entry(_COLOURS["zero"], "0"))
    if not found.empty:
        edges = [*request.breaks, float(found.max())]
        colours = palette.spread_classes(len(edges))
        low = float(found.min())
        for number, high in enumerate(edges):
            inside = found[(found <= high) & (found > edges[number - 1])] if number else found[found <= high]
            low = float(inside.min()) if len(inside) else high
            entries.append(_entry(colours[min(number, len(colours) - 1)], _interval(request.measure, low, high)))
    if (figures["state"] == "few").any():
        entries.append(_entry(_COLOURS["few"], t("map.legend_few", least=RATE_MINIMUM)))
    if (figures["state"] == "unknown").any():
        entries.append(_entry(_COLOURS["unknown"], t(f"map.legend_unknown_{_why(request)}")))
    if (figures["state"] == "later").any():
        entries.append(_entry(_COLOURS["later"], t("map.legend_later")))
    return entries


def _why(request: MapRequest) -> str:
    if request.measure in CAPACITIES:
        return "capacity"
    if request.week_to <= request.week_from:
        return "records"
    return {"per_1000": "population", "overdue": "due", "open": "closings", "repeat_share": "repeats"}.get(
        request.measure, "records")


def _interval(measure: str, low: float, high: float) -> str:
    def write(value: float) -> str:
        return f"{value:.1f}" if measure in ("per_1000", "repeat_share") else f"{value:,.0f}"

    unit = " %" if measure == "repeat_share" else ""
    return (write(low) if write(low) == write(high) else f"{write(low)}–{write(high)}") + unit


def _entry(colour: str, text: str) -> Html:
    return tag("span", tag("i", style=f"background:{colour}"), text, class_="gd-legend-entry")


def _streams(request: MapRequest) -> list[Html]:
    shown = request.streams or tuple(one.value for one in Stream)
    return [tag("span", tag("i", class_="gd-dot", style=f"background:{palette.STREAMS[one]}"), term("stream", one),
                class_="gd-legend-entry") for one in shown]

"""Charts of case quality as Vega-Lite specifications: survival curves, funnel, heat map of reports."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from govdesk import palette
from govdesk.clock import monday_of, week_label
from govdesk.queries.reporting_completeness import NIL, REPORTED, SILENT
from govdesk.ui.chart_frame import Spec, frame_chart, rule_layers
from govdesk.words import say
from models.survival import Survival

#: Days shown of a survival curve.
LONGEST_DAYS = 180
#: What the marks of a funnel say, from quiet to loud.
WHERES = ("inside", "outside_95", "outside_998")


def build_survival(
    curve: Survival, median: float | None, words: str, *, alt: str, longest: int = LONGEST_DAYS
) -> tuple[pd.DataFrame, Spec]:
    """Return the steps and the chart of a curve: share still waiting by days, with interval and median."""
    rows = pd.DataFrame({"days": curve.days, "share": curve.survival, "low": curve.low, "high": curve.high})
    rows = pd.concat([pd.DataFrame([{"days": 0, "share": 1.0, "low": 1.0, "high": 1.0}]) if not len(rows) or
                      rows["days"].iloc[0] > 0 else rows.head(0), rows[rows["days"] <= longest]], ignore_index=True)
    last = rows.iloc[[-1]].assign(days=min(longest, int(curve.days[-1]) if len(curve.days) else 0))
    rows = pd.concat([rows, last], ignore_index=True)
    x = {"field": "days", "type": "quantitative", "scale": {"domain": [0, longest], "nice": False},
         "axis": {"title": say("quality.axis_days", words), "grid": False}}
    y = {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]},
         "axis": {"title": say("quality.axis_waiting", words), "format": "%", "tickCount": 5}}
    tooltip = [{"field": "days", "type": "quantitative", "title": say("quality.axis_days", words)},
               {"field": "share", "type": "quantitative", "format": ".1%", "title": say("quality.axis_waiting", words)},
               {"field": "low", "type": "quantitative", "format": ".1%", "title": say("quality.low", words)},
               {"field": "high", "type": "quantitative", "format": ".1%", "title": say("quality.high", words)}]
    layers: list[Spec] = [
        {"mark": {"type": "area", "interpolate": "step-after", "color": palette.CLASSES[1]},
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "interpolate": "step-after", "color": palette.ACCENT, "strokeWidth": 2},
         "encoding": {"x": x, "y": y}},
        {"mark": {"type": "point", "opacity": 0, "size": 120}, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
    ]
    if median is not None and median <= longest:
        layers += _mark_median(median, words)
    return rows, frame_chart(200, alt, layer=layers)


def _mark_median(median: float, words: str) -> list[Spec]:
    text = say("quality.median_mark", words, n=f"{median:.0f}")
    at = {"data": {"values": [{"days": median, "share": 0.5, "text": text}]}}
    x, y = {"field": "days", "type": "quantitative"}, {"field": "share", "type": "quantitative"}
    return [
        {**at, "mark": {"type": "rule", "color": palette.INK, "strokeDash": [4, 3]}, "encoding": {"x": x}},
        {**at, "mark": {"type": "text", "align": "left", "dx": 6, "dy": -6, "color": palette.INK, "fontSize": 13},
         "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}},
    ]


def build_funnel(
    points: pd.DataFrame, limits: pd.DataFrame, target: float, words: str, *, alt: str
) -> tuple[pd.DataFrame, Spec]:
    """Return the points and the chart of a funnel plot.

    Parameters
    ----------
    points : DataFrame
        ``name``, ``n``, ``share``, ``where`` (`models.funnel.place_in_funnel`), ``ranks`` (text).
    limits : DataFrame
        As `models.funnel.funnel_limits` gives, ascending by ``n``.
    target : float
        Share of all together.
    """
    low, high = float(points["share"].min()), float(points["share"].max())
    spread = max(high - low, 0.02)
    domain = [max(0.0, low - spread / 3), min(1.0, high + spread / 3)]
    drawn = points.assign(where_name=[say(f"quality.where_{one}", words) for one in points["where"]])
    y = {"type": "quantitative", "scale": {"domain": domain, "clamp": True, "nice": False},
         "axis": {"title": say("quality.axis_share", words), "format": ".0%" if spread > 0.05 else ".1%"}}
    x = {"field": "n", "type": "quantitative", "axis": {"title": say("quality.axis_n", words), "grid": False}}
    shape = {"field": "where", "type": "nominal", "legend": None,
             "scale": {"domain": list(WHERES), "range": ["circle", "triangle-up", "diamond"]}}
    colours = [palette.MUTED, palette.BAND_BLUE, palette.BAND_ORANGE]
    colour = {**shape, "scale": {"domain": list(WHERES), "range": colours}}
    tooltip = [{"field": "name", "type": "nominal", "title": say("table.name", words)},
               {"field": "n", "type": "quantitative", "format": ",", "title": say("quality.axis_n", words)},
               {"field": "share", "type": "quantitative", "format": ".1%", "title": say("quality.axis_share", words)},
               {"field": "where_name", "type": "nominal", "title": say("quality.where", words)},
               {"field": "ranks", "type": "nominal", "title": say("indicator.rank", words)}]
    lines = {"data": {"values": limits.round(5).to_dict("records")}}
    band = [{**lines, "mark": {"type": "area", "color": colour_, "opacity": 1},
             "encoding": {"x": x, "y": {**y, "field": f"low_{level}"}, "y2": {"field": f"high_{level}"}}}
            for level, colour_ in (("998", palette.CLASSES[0]), ("95", palette.CLASSES[1]))]
    layers = [
        *band,
        {"data": {"values": [{"target": target}]}, "mark": {"type": "rule", "color": palette.INK, "strokeDash": [4, 3]},
         "encoding": {"y": {**y, "field": "target"}}},
        {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
         "encoding": {"x": x, "y": {**y, "field": "share"}, "shape": shape, "color": colour, "tooltip": tooltip}},
        {"transform": [{"filter": "datum.where != 'inside'"}],
         "mark": {"type": "text", "dy": -11, "fontSize": 12, "color": palette.INK},
         "encoding": {"x": x, "y": {**y, "field": "share"}, "text": {"field": "name", "type": "nominal"}}},
    ]
    return drawn, frame_chart(340, alt, layer=layers)


def make_grid(denominators: pd.Series) -> np.ndarray[Any, Any]:
    """Return the denominators at which the limits of a funnel are drawn: from 10 to the largest."""
    most = max(float(denominators.max()) if len(denominators) else 10.0, 20.0)
    return np.unique(np.geomspace(10, most * 1.05, 80).round())


def build_reports(
    rows: pd.DataFrame, words: str, *, alt: str, marks: Sequence[tuple[int, str]] = ()
) -> tuple[pd.DataFrame, Spec]:
    """Return the cells and the heat map of reports: number, 0 for a nil return, hollow where nothing came.

    Parameters
    ----------
    rows : DataFrame
        As `queries.reporting_completeness.read_completeness` gives, of one district.
    marks : sequence of (int, str)
        Weeks from which the same things are recorded otherwise, and what changed.
    """
    signs = {REPORTED: "", NIL: "0", SILENT: "×"}
    drawn = rows.assign(
        week_name=[week_label(int(week)) for week in rows["week"]],
        monday=[f"{monday_of(int(week)):%m-%d}" for week in rows["week"]],
        text=[signs[state] or f"{n:,}" for n, state in zip(rows["n_incidents"], rows["state"], strict=True)],
        state_name=[say(f"quality.state_{state}", words) for state in rows["state"]])
    x = {"field": "week_name", "type": "ordinal",
         "axis": {"title": None, "labelAngle": -60, "labelOverlap": True, "ticks": False}}
    y = {"field": "name", "type": "nominal", "sort": None, "axis": {"title": None, "ticks": False, "labelLimit": 130}}
    colours: Mapping[str, str] = {REPORTED: palette.CLASSES[2], NIL: palette.CLASSES[0], SILENT: palette.NO_FIGURE}
    cell = {"mark": {"type": "rect", "stroke": palette.CARD, "strokeWidth": 1.5}, "encoding": {
        "x": x, "y": y,
        "color": {"field": "state", "type": "nominal", "legend": None,
                  "scale": {"domain": list(colours), "range": list(colours.values())}},
        "tooltip": [{"field": "name", "type": "nominal", "title": say("table.place", words)},
                    {"field": "week_name", "type": "nominal", "title": say("table.week", words)},
                    {"field": "monday", "type": "nominal", "title": say("quality.monday", words)},
                    {"field": "state_name", "type": "nominal", "title": say("quality.state", words)},
                    {"field": "n_incidents", "type": "quantitative", "title": say("table.incidents", words)}]}}
    text = {"mark": {"type": "text", "fontSize": 11, "color": palette.INK},
            "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}}
    n_places = rows["place_code"].nunique()
    sent = drawn[["name", "week_name", "monday", "state", "state_name", "n_incidents", "text"]]
    return sent, frame_chart(24 * n_places + 70, alt, layer=[cell, text, *rule_layers(
        [(week_label(week), 0.0, what) for week, what in marks if week in set(rows["week"])], "week_name")])

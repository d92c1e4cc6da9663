"""Works projects on the main chart of trends: shaded while they go on, their beginnings marked.

Where there is room, the ten weeks before and after are drawn and named. Dates only: what works brought about is not
told here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from govdesk import palette
from govdesk.clock import EPOCH_MONDAY, week_of
from govdesk.queries.works_exposure import SPAN
from govdesk.ui.chart_frame import Spec
from govdesk.ui.trend_charts import name_weeks, tip, weeks_scale
from govdesk.words import say

#: Beginnings up to which the weeks before and after are drawn; more would lie over one another.
MOST_NAMED = 3
#: Weeks of a chart up to which ten of them are wide enough for their name.
_MOST_WEEKS = 170
#: Names in one tip.
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class _Project:
    begin: float
    end: float
    name: str
    started_on: pd.Timestamp


def build_works(bands: pd.DataFrame, weeks: range, words: str) -> tuple[list[Spec], list[Spec]]:
    """Return the layers below the bars (shades) and above them (marks of beginnings with their tips).

    Parameters
    ----------
    bands : DataFrame
        As `trend_works.works_bands`.
    weeks : range
        What is drawn.
    """
    projects = _cut(bands, weeks)
    if not projects:
        return [], []
    begun = [one for one in projects if week_of(one.started_on.date()) in weeks]
    named = begun if len(begun) <= MOST_NAMED and len(weeks) <= _MOST_WEEKS else []
    return [*_build_shades(projects, weeks, words), *_build_spans(named, weeks)], [
        *_build_names(named, weeks, words), *_build_beginnings(begun, weeks, words)]


def _cut(bands: pd.DataFrame, weeks: range) -> list[_Project]:
    cut = [_Project(max(_week_at(one["start"]), weeks.start), min(_week_at(one["end"]), weeks.stop),
                    f"{one['name']} · {one['place']}", one["started_on"]) for one in bands.to_dict("records")]
    return [one for one in cut if one.begin < one.end]


def list_shades(projects: Sequence[tuple[float, float, str]]) -> list[dict[str, Any]]:
    """Return stretches without overlap: ``begin``, ``end``, ``n`` (projects going on), ``text`` (their names).

    Examples
    --------
    >>> [(one["begin"], one["end"], one["n"]) for one in list_shades([(0, 10, "a"), (5, 20, "b")])]
    [(0, 5, 1), (5, 10, 2), (10, 20, 1)]
    """
    edges = sorted({edge for begin, end, _ in projects for edge in (begin, end)})
    shades = []
    for begin, end in pairwise(edges):
        names = [name for first, last, name in projects if first < end and last > begin]
        if names:
            text = "; ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
            shades.append({"begin": begin, "end": end, "n": len(names), "text": text})
    return shades


def _x(field: str, weeks: range) -> Spec:
    return {"field": field, "type": "quantitative", "scale": weeks_scale(weeks)}


def _build_shades(projects: Sequence[_Project], weeks: range, words: str) -> list[Spec]:
    rows = list_shades([(one.begin, one.end, one.name) for one in projects])
    most = max(row["n"] for row in rows)
    opacity = {"field": "n", "type": "quantitative", "legend": None,
               "scale": {"domain": [0, max(most, 3)], "range": [0, 0.18]}}
    tips = [tip("n", say("trends.works_running", words), ",.0f"), tip("text", say("trends.key_works", words))]
    return [{"data": {"values": rows}, "mark": {"type": "rect", "color": palette.BAND_ORANGE}, "encoding": {
        "x": _x("begin", weeks), "x2": {"field": "end"}, "opacity": opacity, "tooltip": tips}}]


def _build_spans(begun: Sequence[_Project], weeks: range) -> list[Spec]:
    """Return the weeks before and after each beginning as two boxes, cut to the chart."""
    rows = []
    for one in begun:
        week = week_of(one.started_on.date())
        for first, last in ((week - SPAN, week), (week, week + SPAN)):
            rows.append({"begin": max(first, weeks.start), "end": min(last, weeks.stop), "is_after": first == week})
    if not rows:
        return []
    return [{"data": {"values": rows}, "transform": [{"filter": "datum.begin < datum.end"}],
             "mark": {"type": "rect", "fillOpacity": 0, "strokeWidth": 1, "strokeDash": [3, 2],
                      "stroke": palette.BAND_ORANGE},
             "encoding": {"x": _x("begin", weeks), "x2": {"field": "end"}}}]


def _build_names(begun: Sequence[_Project], weeks: range, words: str) -> list[Spec]:
    """Return the names of the weeks before and after, one line a project, from the bottom up."""
    layers: list[Spec] = []
    for place, one in enumerate(begun):
        week = week_of(one.started_on.date())
        for key, align, offset in (("works_before", "right", -4), ("works_after", "left", 4)):
            layers.append({
                "data": {"values": [{"at": week, "text": say(f"trends.{key}", words, n=SPAN)}]},
                "mark": {"type": "text", "align": align, "dx": offset, "baseline": "bottom", "fontSize": 12,
                         "color": palette.BAND_ORANGE},
                "encoding": {"x": _x("at", weeks), "y": {"value": {"expr": f"height - {12 + 15 * place}"}},
                             "text": {"field": "text", "type": "nominal"}}})
    return layers


def _build_beginnings(begun: Sequence[_Project], weeks: range, words: str) -> list[Spec]:
    if not begun:
        return []
    rows = []
    for one in begun:
        week = week_of(one.started_on.date())
        rows.append({"at": _week_at(one.started_on), "text": one.name, "on": f"{one.started_on:%Y-%m-%d}",
                     "before": name_weeks(range(week - SPAN, week)), "after": name_weeks(range(week, week + SPAN))})
    tips = [tip("text", say("trends.key_works", words)), tip("on", say("trends.works_started", words)),
            tip("before", say("trends.works_before", words, n=SPAN)),
            tip("after", say("trends.works_after", words, n=SPAN))]
    return [{"data": {"values": rows},
             "mark": {"type": "point", "shape": "triangle-up", "filled": True, "size": 70, "opacity": 1,
                      "color": palette.BAND_ORANGE, "stroke": palette.CARD, "strokeWidth": 1},
             "encoding": {"x": _x("at", weeks), "y": {"value": {"expr": "height - 5"}}, "tooltip": tips}}]


def _week_at(instant: pd.Timestamp) -> float:
    return float(round((instant - pd.Timestamp(EPOCH_MONDAY)).days / 7, 2))

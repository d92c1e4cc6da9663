"""Charts of a brief as Vega-Lite: few colours, no heading of their own, the text of the page says what they show."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from govdesk import palette
from govdesk.clock import monday_of
from govdesk.queries.brief_alerts import Verdict

Spec = dict[str, Any]

FONT = "Noto Sans CJK SC"
WIDTH = 660
#: Weeks of the mean that is drawn over the bars.
MEAN_WEEKS = 13
_AXIS = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 11, "titleFontSize": 11, "labelColor": palette.MUTED,
         "titleColor": palette.MUTED, "gridColor": palette.LINE, "domainColor": palette.VILLAGE_LINE,
         "tickColor": palette.VILLAGE_LINE, "titleFontWeight": "normal"}


def _base(height: int) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": WIDTH, "height": height,
        "autosize": {"type": "fit", "contains": "padding"}, "padding": 2, "background": "#FFFFFF",
        "config": {"font": FONT, "axis": _AXIS, "view": {"stroke": None}}}


def build_course(weekly: pd.Series, week: int) -> Spec:
    """Return bars by week with a mean of `MEAN_WEEKS` weeks over them; `week` is the dark one.

    Parameters
    ----------
    weekly : Series of number
        Indexed by week; NaN where nothing is known.
    """
    mean = weekly.rolling(MEAN_WEEKS).mean()
    rows = [{"day": monday_of(int(at)).isoformat(), "n": _known(n), "mean": _known(mean.loc[at]),
             "now": int(at) == week} for at, n in weekly.items()]
    x = {"field": "day", "type": "temporal", "axis": {"title": None, "format": "%Y-%m", "grid": False,
                                                      "tickCount": 8, "labelFlush": True}}
    bars = {"mark": {"type": "bar", "width": max(2.0, 0.7 * WIDTH / max(len(rows), 1))}, "encoding": {
        "x": x, "y": {"field": "n", "type": "quantitative", "axis": {"title": None, "tickCount": 4}},
        "color": {"condition": {"test": "datum.now", "value": palette.CLASSES[4]}, "value": palette.CLASSES[2]}}}
    line = {"mark": {"type": "line", "strokeWidth": 1.8, "color": palette.INK}, "encoding": {
        "x": x, "y": {"field": "mean", "type": "quantitative"}}}
    return _base(150) | {"data": {"values": rows}, "layer": [bars, line]}


def build_stock(weekly: pd.Series, week: int) -> Spec:
    """Return what was open at the end of each week as an area from zero; the last value is written beside it."""
    rows = [{"day": monday_of(int(at)).isoformat(), "n": _known(n)} for at, n in weekly.items() if int(at) <= week]
    x = {"field": "day", "type": "temporal", "axis": {"title": None, "format": "%Y-%m", "grid": False,
                                                      "tickCount": 8, "labelFlush": True}}
    y = {"field": "n", "type": "quantitative", "axis": {"title": None, "tickCount": 4}}
    area = {"mark": {"type": "area", "color": palette.CLASSES[1], "line": {"color": palette.CLASSES[4],
                                                                          "strokeWidth": 1.8}},
            "encoding": {"x": x, "y": y}}
    last = {"data": {"values": rows[-1:]}, "mark": {"type": "point", "filled": True, "size": 46,
                                                    "color": palette.CLASSES[4], "opacity": 1},
            "encoding": {"x": x, "y": y}}
    return _base(120) | {"data": {"values": rows}, "layer": [area, last]}


def build_placebo(verdicts: Sequence[Verdict], names: dict[str, str], title: str) -> Spec:
    """Return for each label the real gain with its interval, and the gain of every placebo."""
    rows = [{"label": names[one.label], "gain": _known(one.gain), "low": _known(one.low), "high": _known(one.high)}
            for one in verdicts]
    seeds = [{"label": names[one.label], "gain": gain} for one in verdicts for gain in one.placebos]
    y = {"field": "label", "type": "nominal", "sort": None, "axis": {"title": None, "labelFontSize": 12,
                                                                    "labelColor": palette.INK, "ticks": False}}
    x = {"field": "gain", "type": "quantitative", "axis": {"title": title, "tickCount": 6},
         "scale": {"zero": True, "nice": True}}
    grey = {"data": {"values": seeds}, "mark": {"type": "point", "filled": True, "size": 44, "opacity": 0.75,
                                                "color": palette.NO_FIGURE}, "encoding": {"x": x, "y": y}}
    bar = {"data": {"values": rows}, "mark": {"type": "rule", "strokeWidth": 2, "color": palette.ACCENT},
           "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}, "y": y}}
    dot = {"data": {"values": rows}, "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1,
                                              "color": palette.ACCENT}, "encoding": {"x": x, "y": y}}
    zero = {"data": {"values": [{"gain": 0}]}, "mark": {"type": "rule", "color": palette.MUTED, "strokeDash": [3, 3]},
            "encoding": {"x": {"field": "gain", "type": "quantitative"}}}
    return _base(40 + 34 * max(len(rows), 1)) | {"layer": [zero, grey, bar, dot]}


def build_spark(values: Sequence[float | None]) -> Spec:
    """Return a bare line of the last weeks of a figure."""
    rows = [{"at": at, "n": value} for at, value in enumerate(values)]
    encoding = {"x": {"field": "at", "type": "quantitative", "axis": None},
                "y": {"field": "n", "type": "quantitative", "axis": None, "scale": {"zero": False}}}
    line = {"mark": {"type": "line", "strokeWidth": 1.6, "color": palette.CLASSES[4]}, "encoding": encoding}
    last = {"data": {"values": rows[-1:]}, "mark": {"type": "point", "filled": True, "size": 30, "opacity": 1,
                                                    "color": palette.CLASSES[4]}, "encoding": encoding}
    return _base(40) | {"width": 190, "data": {"values": rows}, "layer": [line, last]}


def _known(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - not a number

"""Charts of where incidents were settled, as Vega-Lite: a stepped funnel, and shares by quarter."""

from collections.abc import Sequence

import pandas as pd

from govdesk import palette
from govdesk.queries.resolution import LEVELS, UNKNOWN
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.chart_frame import Spec, frame_chart, rule_layers
from govdesk.ui.formats import write_share, write_term
from govdesk.words import say

_COLOURS = dict(zip(LEVELS, ("#CFE0EA", "#9CC3D5", "#5A9DBB", "#2B6C92", "#17415B"), strict=True))


def prepare_funnel(sums: pd.Series, words: str) -> pd.DataFrame:
    """Return a step for each level, each beginning where the one before it ended; then what has no level.

    Parameters
    ----------
    sums : Series
        One row of `queries.resolution.sum_levels`.

    Returns
    -------
    DataFrame
        ``level``, ``name``, ``n``, ``begin``, ``end`` (incidents), ``text`` (share of the known, and the number).
    """
    rows, begin, known = [], 0, int(sums["n_known"])
    for level in LEVELS:
        n = int(sums[level])
        share = f"{write_share(n, known)} · {n:,}" if known >= RATE_MINIMUM else f"{n:,}"
        rows.append({"level": level, "name": write_term("resolution", level, words), "n": n, "begin": begin,
                     "end": begin + n, "text": share})
        begin += n
    if sums[UNKNOWN] != 0:
        n = int(sums[UNKNOWN])
        rows.append({"level": UNKNOWN, "name": say("resolution.unknown", words), "n": n, "begin": 0, "end": n,
                     "text": say("resolution.unknown_mark", words, n=f"{n:,}")})
    return pd.DataFrame(rows)


def build_funnel(steps: pd.DataFrame, words: str, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the steps and the chart of `prepare_funnel`."""
    most = float(max(steps["end"].max(), 1))
    y = {"field": "name", "type": "nominal", "sort": None,
         "axis": {"title": None, "ticks": False, "domain": False, "labelLimit": 120}}
    x = {"field": "begin", "type": "quantitative", "scale": {"domain": [0, most * 1.3], "nice": False},
         "axis": {"title": say("resolution.axis_settled", words), "grid": False, "tickCount": 5}}
    domain = [*LEVELS, UNKNOWN]
    colours = [*_COLOURS.values(), palette.NO_FIGURE]
    bars = {"mark": {"type": "bar", "height": 22}, "encoding": {
        "y": y, "x": x, "x2": {"field": "end"},
        "color": {"field": "level", "type": "nominal", "legend": None, "scale": {"domain": domain, "range": colours}},
        "tooltip": [{"field": "name", "type": "nominal", "title": say("resolution.level", words)},
                    {"field": "n", "type": "quantitative", "format": ",", "title": say("table.incidents", words)},
                    {"field": "text", "type": "nominal", "title": say("resolution.share", words)}]}}
    text = {"mark": {"type": "text", "align": "left", "dx": 6, "fontSize": 13, "color": palette.INK}, "encoding": {
        "y": y, "x": {**x, "field": "end"}, "text": {"field": "text", "type": "nominal"}}}
    return steps, frame_chart(34 * len(steps) + 44, alt, layer=[bars, text])


def prepare_quarters(quarters: pd.DataFrame, words: str) -> pd.DataFrame:
    """Return a row for each quarter and level: share of the known; quarters under 10 have no shares.

    Parameters
    ----------
    quarters : DataFrame
        As `queries.resolution.sum_quarters` gives.
    """
    rows = []
    for one in quarters.to_dict("records"):
        name = name_quarter(one["quarter"])
        for place, level in enumerate(LEVELS):
            share = one[level] / one["n_known"] if one["n_known"] >= RATE_MINIMUM else None
            rows.append({"quarter": name + ("" if one["is_whole"] else "*"), "level": level, "order": place,
                         "name": write_term("resolution", level, words), "n": one[level], "n_known": one["n_known"],
                         "share": share, "text": write_share(one[level], one["n_known"])})
    return pd.DataFrame(rows)


def name_quarter(number: int) -> str:
    """Return a quarter as text.

    Examples
    --------
    >>> name_quarter(20264)
    '2026-Q4'
    """
    return f"{number // 10}-Q{number % 10}"


def build_quarters(
    rows: pd.DataFrame, words: str, *, alt: str, marks: Sequence[tuple[str, float, str]] = ()
) -> tuple[pd.DataFrame, Spec]:
    """Return the rows and the chart of `prepare_quarters`: bars of shares, the near levels below.

    `marks` are changes of the source (`change_marks.rule_layers`).
    """
    names = [write_term("resolution", level, words) for level in LEVELS]
    bars: Spec = {"mark": {"type": "bar", "stroke": palette.CARD, "strokeWidth": 1}, "encoding": {
        "x": {"field": "quarter", "type": "ordinal", "axis": {"title": None, "labelAngle": -45, "labelOverlap": True}},
        "y": {"field": "share", "type": "quantitative", "stack": "zero", "scale": {"domain": [0, 1]},
              "axis": {"title": say("resolution.axis_share", words), "format": "%", "tickCount": 5}},
        "order": {"field": "order", "type": "quantitative"},
        "color": {"field": "name", "type": "nominal", "sort": names,
                  "scale": {"domain": names, "range": list(_COLOURS.values())}},
        "tooltip": [{"field": "quarter", "type": "nominal", "title": say("resolution.quarter", words)},
                    {"field": "name", "type": "nominal", "title": say("resolution.level", words)},
                    {"field": "text", "type": "nominal", "title": say("resolution.share", words)},
                    {"field": "n", "type": "quantitative", "format": ",", "title": say("table.incidents", words)},
                    {"field": "n_known", "type": "quantitative", "format": ",",
                     "title": say("resolution.of", words)}]}}
    rules = rule_layers(marks, "quarter")
    spec = frame_chart(240, alt, layer=[bars, *rules]) if rules else frame_chart(240, alt, **bars)
    return rows[rows["share"].notna()].reset_index(drop=True), spec

"""Many places on one screen: one small drawing each, all on the same axes, and the same as one chart to take along.

On the screen they are images in a grid that wraps (a Vega chart of many panels has one fixed width, and is unreadable
on a telephone); each leads to its place. The picture is one Vega-Lite chart of the same rows.
"""

from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import pandas as pd

from govdesk import palette
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.ui.markup import Html, clean_text, tag
from govdesk.words import say

_WIDTH, _HEIGHT = 200, 54


def prepare_multiples(weekly: pd.DataFrame, periods: pd.DataFrame, span: range) -> pd.DataFrame:
    """Return cases a week in each period of each place.

    Parameters
    ----------
    weekly : DataFrame
        Weeks by place; NaN before a place began.
    periods : DataFrame
        As `trend_periods.list_periods`; those drawn.

    Returns
    -------
    DataFrame
        ``place_code``, ``period``, ``week_from``, ``n``, ``n_weeks``, ``rate`` (cases a week; NaN where a week is
        unknown), ``is_chosen`` (it begins in `span`).
    """
    first = int(weekly.index[0])
    starts, ends = periods["week_from"].to_numpy() - first, periods["week_to"].to_numpy() - first
    sums = np.add.reduceat(weekly.to_numpy(dtype=float)[: ends[-1]], starts, axis=0)
    n_places = weekly.shape[1]
    long = pd.DataFrame({
        "place_code": np.repeat(weekly.columns.to_numpy(dtype=object), len(periods)), "n": sums.T.ravel(),
        **{name: np.tile(periods[name].to_numpy(), n_places) for name in ("period", "week_from", "n_weeks")}})
    chosen = (long["week_from"] >= span.start) & (long["week_from"] < span.stop)
    return long.assign(rate=long["n"] / long["n_weeks"], is_chosen=chosen)


def draw_panel(
    rates: Sequence[float], chosen: Sequence[bool], most: float, rules: Sequence[float], title: str
) -> Html:
    """Return the drawing of one place: a bar a period, the chosen ones darker, rules where recording changed.

    Parameters
    ----------
    rates : sequence of float
        Cases a week by period, in order; NaN where not known.
    chosen : sequence of bool
        Which periods are those chosen.
    most : float
        Top of the axis, the same for all places.
    rules : sequence of float
        Where a rule stands, as a share of the width.
    title : str
        What a screen reader says and the mouse shows.
    """
    step = _WIDTH / max(len(rates), 1)
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_HEIGHT - height:.1f}" width="{max(step - 0.6, 0.5):.1f}" '
        f'height="{height:.1f}" fill="{palette.CLASSES[3] if is_chosen else palette.CLASSES[1]}"/>'
        for place, (height, is_chosen) in enumerate(
            (0.0 if rate != rate else min(rate / most, 1.0) * (_HEIGHT - 2), one)  # noqa: PLR0124 - NaN
            for rate, one in zip(rates, chosen, strict=True)) if height > 0)
    lines = "".join(
        f'<line x1="{share * _WIDTH:.1f}" x2="{share * _WIDTH:.1f}" y1="0" y2="{_HEIGHT}" '
        f'stroke="{palette.BAND_ORANGE}" stroke-width="1.5" stroke-dasharray="4 3"/>' for share in rules)
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none">'
           f'{bars}{lines}<line x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}" stroke="{palette.LINE}"/></svg>')
    said = clean_text(title)
    return tag("img", src=f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}", alt=said, title=said)


def build_facets(
    rows: pd.DataFrame, names: Sequence[str], rules: pd.DataFrame, words: str, *, alt: str
) -> tuple[pd.DataFrame, Spec]:
    """Return the rows and one chart of all places, in the order of `names`, for the picture.

    Parameters
    ----------
    rows : DataFrame
        As `prepare_multiples`, with ``name``.
    rules : DataFrame
        ``name``, ``week_from``: where recording changed.
    """
    x = {"field": "week_from", "type": "quantitative", "scale": {"zero": False}, "axis": None}
    y = {"field": "rate", "type": "quantitative", "axis": {"title": None, "tickCount": 2}}
    bars = {"mark": {"type": "bar", "width": 4}, "encoding": {"x": x, "y": y, "color": {
        "condition": {"test": "datum.is_chosen", "value": palette.CLASSES[3]}, "value": palette.CLASSES[1]}}}
    drawn = rows[["name", "week_from", "rate", "is_chosen"]].assign(is_rule=False)
    marks = rules.assign(rate=np.nan, is_chosen=False, is_rule=True)
    line = {"transform": [{"filter": "datum.is_rule"}],
            "mark": {"type": "rule", "color": palette.BAND_ORANGE, "strokeDash": [4, 3]}, "encoding": {"x": x}}
    facet = {"field": "name", "type": "nominal", "sort": list(names), "title": say("trends.rate_title", words),
             "header": {"labelFontSize": 12, "labelColor": palette.INK, "labelLimit": 150}}
    spec = frame_chart(0, alt, facet=facet, columns=6, spec={"width": 150, "height": 70, "layer": [bars, line]})
    del spec["height"]
    both = [drawn] if marks.empty else [drawn, marks[drawn.columns]]
    return pd.concat(both, ignore_index=True), spec

"""The heat table of categories by places as one Vega-Lite chart, for the picture."""

import pandas as pd

from govdesk import palette
from govdesk.ui.chart_frame import Spec, frame_chart

#: From a strong fall to a strong rise; the style sheet has the same.
_COLOURS = {-2: "#A9CBDF", -1: "#DCEAF3", 0: "#F7F8FA", 1: "#FAE7D3", 2: "#F3C9A0"}
_MARKS = {-2: "▼", -1: "▼", 0: "", 1: "▲", 2: "▲"}


def build_heat(cells: pd.DataFrame, *, alt: str) -> tuple[pd.DataFrame, Spec]:
    """Return the cells and the chart: number, tint and mark of each.

    Parameters
    ----------
    cells : DataFrame
        ``name``, ``what``, ``n``, ``tint`` (−2 to 2).
    """
    drawn = cells[["name", "what", "n", "tint"]].assign(
        text=[f"{_MARKS[tint]}{n:,.0f}" for tint, n in zip(cells["tint"], cells["n"], strict=True)])
    long, short = ("name", "what") if cells["name"].nunique() >= cells["what"].nunique() else ("what", "name")
    axis = {"title": None, "ticks": False, "domain": False, "labelLimit": 120}
    x = {"field": short, "type": "nominal", "sort": {"field": "n", "op": "sum", "order": "descending"},
         "axis": {**axis, "orient": "top", "labelAngle": -40}}
    y = {"field": long, "type": "nominal", "sort": {"field": "n", "op": "sum", "order": "descending"}, "axis": axis}
    colour = {"field": "tint", "type": "nominal", "legend": None,
              "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())}}
    layers = [{"mark": {"type": "rect", "stroke": palette.CARD}, "encoding": {"x": x, "y": y, "color": colour}},
              {"mark": {"type": "text", "fontSize": 11, "color": palette.INK},
               "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}}]
    return drawn, frame_chart(22 * cells[long].nunique() + 60, alt, layer=layers)

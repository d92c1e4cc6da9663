"""The curve of the tuning page as Vega-Lite: what a number of visits brings, by our score and by each baseline."""

from collections.abc import Sequence

import pandas as pd

from govdesk import palette
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.words import say
from models.threshold_sweep import METHODS

#: Column of `models.thresholds.summarise` by measure.
COLUMNS = {"caught": "caught_share", "found": "found_share", "repeat": "repeat_share"}
#: How the lines are told apart without colour.
_DASHES: tuple[list[int], ...] = ([1, 0], [7, 3], [2, 2], [10, 3, 2, 3], [4, 4])
_COLOURS = (palette.ACCENT, palette.STREAMS["public_order"], palette.MUTED, palette.STREAMS["dispute"],
            palette.STREAMS["petition"])

#: Number of visits, word, whether it is the capacity.
Mark = tuple[int, str, bool]


def prepare_curves(curves: dict[str, pd.DataFrame], measure: str, words: str) -> pd.DataFrame:
    """Return a row per score and number of visits.

    Returns
    -------
    DataFrame
        ``visits``, ``method`` (code), ``name``, ``share``, ``low``, ``high`` (NaN: no band), ``n``, ``of``: what the
        share is made of. Numbers of visits for which a share is not known are left out.
    """
    column = COLUMNS[measure]
    counts = ("n_caught", "n_events") if measure == "caught" else ("n_found", "n_listed")
    parts = [pd.DataFrame({
        "visits": curve["visits"], "method": method, "name": say(f"tuning.method_{method}", words),
        "share": curve[column], "low": curve[f"{column}_low"], "high": curve[f"{column}_high"],
        "n": curve[counts[0]] if measure != "repeat" else curve["n_listed"], "of": curve[counts[1]],
    }) for method, curve in curves.items()]
    return pd.concat(parts, ignore_index=True).dropna(subset=["share"]).reset_index(drop=True)


def build_curves(
    rows: pd.DataFrame, measure: str, marks: Sequence[Mark], words: str, *, alt: str, height: int = 350
) -> tuple[pd.DataFrame, Spec]:
    """Return the rows and the chart: lines by score, the band of ours, rules at what is in force, tried, possible."""
    most = int(rows["visits"].max())
    x = {"field": "visits", "type": "quantitative", "scale": {"domain": [1, most], "nice": False},
         "axis": {"title": say("tuning.axis_visits", words), "grid": False, "tickMinStep": 1}}
    top = min(1.0, 1.08 * float(rows[["share", "high"]].max().max()))
    y = {"field": "share", "type": "quantitative", "scale": {"domain": [0, top], "nice": False},
         "axis": {"title": say(f"tuning.axis_{measure}", words), "format": ".0%", "tickCount": 5, "minExtent": 40,
                  "maxExtent": 40}}
    names = [say(f"tuning.method_{method}", words) for method in METHODS]
    scale = {"domain": names}
    legend = {"title": None, "orient": "bottom", "symbolStrokeWidth": 2.5, "symbolSize": 400, "labelLimit": 230,
              "columns": 2}
    colour = {"field": "name", "type": "nominal", "scale": scale | {"range": list(_COLOURS)}, "legend": legend}
    dash = {"field": "name", "type": "nominal", "scale": scale | {"range": list(_DASHES)}, "legend": legend}
    ours = [{"filter": f"datum.method == '{METHODS[0]}'"}]
    tooltip = [
        {"field": "name", "type": "nominal", "title": say("tuning.method", words)},
        {"field": "visits", "type": "quantitative", "title": say("tuning.axis_visits", words)},
        {"field": "share", "type": "quantitative", "format": ".1%", "title": say(f"tuning.axis_{measure}", words)},
        {"field": "low", "type": "quantitative", "format": ".1%", "title": say("tuning.low", words)},
        {"field": "high", "type": "quantitative", "format": ".1%", "title": say("tuning.high", words)},
        {"field": "n", "type": "quantitative", "format": ",", "title": say(f"tuning.n_{measure}", words)},
        {"field": "of", "type": "quantitative", "format": ",", "title": say(f"tuning.of_{measure}", words)},
    ]
    layers: list[Spec] = [
        {"transform": ours, "mark": {"type": "area", "color": palette.CLASSES[1], "opacity": 0.7},
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"x": x, "y": y, "color": colour, "strokeDash": dash}},
        {"mark": {"type": "point", "opacity": 0, "size": 90}, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        *_rules([mark for mark in marks if 1 <= mark[0] <= most], x, top, most),
    ]
    return rows, frame_chart(height, alt, layer=layers)


def _rules(marks: Sequence[Mark], x: Spec, top: float, most: int) -> list[Spec]:
    """Return a rule with its word for each mark, one word below the other."""
    layers: list[Spec] = []
    for row, (visits, text, is_capacity) in enumerate(marks):
        colour = palette.MUTED if is_capacity else palette.INK
        data = {"values": [{"visits": visits, "share": top, "text": text}]}
        # Beside a neighbour on the right, and near the edge, the word stands on the left.
        is_right = visits > 0.7 * most or any(0 < other - visits < 0.14 * most for other, *_ in marks)
        layers += [
            {"data": data, "mark": {"type": "rule", "color": colour, "strokeWidth": 1.5,
                                    "strokeDash": [2, 3] if is_capacity else [1, 0]}, "encoding": {"x": x}},
            {"data": data, "mark": {"type": "text", "align": "right" if is_right else "left",
                                    "dx": -6 if is_right else 6, "dy": 9 + 17 * row, "color": colour, "fontSize": 12,
                                    "fontWeight": "bold"},
             "encoding": {"x": x, "y": {"field": "share", "type": "quantitative"},
                          "text": {"field": "text", "type": "nominal"}}},
        ]
    return layers

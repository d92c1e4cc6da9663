"""What the small charts of trends have in common, as Vega-Lite: sizes, axes, the words for who cannot see them."""

from collections.abc import Sequence
from typing import Any

from govdesk import palette

#: A Vega-Lite specification, or a part of one.
Spec = dict[str, Any]

CONFIG: Spec = {
    "font": palette.FONT, "view": {"stroke": None},
    "axis": {"labelColor": palette.MUTED, "titleColor": palette.MUTED, "domainColor": palette.LINE,
             "tickColor": palette.LINE, "gridColor": palette.LINE, "labelFontSize": 12, "titleFontSize": 12,
             "titleFontWeight": "normal"},
    "legend": {"labelColor": palette.INK, "labelFontSize": 12, "title": None, "orient": "top"},
}


def frame_chart(height: int, alt: str, **parts: object) -> Spec:
    """Return a specification with our looks.

    Parameters
    ----------
    height : int
        Pixels.
    alt : str
        What the chart shows, in words: read aloud instead of it.
    **parts
        The rest of the specification.
    """
    return {"height": height, "background": palette.CARD, "padding": {"left": 2, "right": 10, "top": 6, "bottom": 2},
            "description": alt, "config": CONFIG, "usermeta": {"embedOptions": {"actions": False}}, **parts}


def rule_layers(rows: Sequence[tuple[str, float, str]], field: str) -> list[Spec]:
    """Return layers of thin lines with their words over a chart of bands (weeks, quarters).

    Parameters
    ----------
    rows : sequence of (str, float, str)
        Band, where in it (0 its begin, 1 its end), words.
    field : str
        The chart's field of bands.
    """
    layers: list[Spec] = []
    for place, (band, at, text) in enumerate(rows):
        data = {"values": [{field: band, "what": text}]}
        x = {"field": field, "type": "ordinal", "bandPosition": min(max(at, 0.0), 1.0)}
        layers.append({"data": data, "mark": {"type": "rule", "color": palette.BAND_ORANGE, "strokeDash": [5, 3],
                                              "strokeWidth": 1.5},
                       "encoding": {"x": x, "tooltip": [{"field": "what", "type": "nominal", "title": " "}]}})
        for halo in ({"stroke": palette.CARD, "strokeWidth": 5, "strokeJoin": "round"}, {"color": palette.BAND_ORANGE}):
            layers.append({"data": data, "mark": {
                "type": "text", "align": "left", "dx": 4, "dy": 4 + 13 * (place % 3), "baseline": "top",
                "fontSize": 11, **halo}, "encoding": {"x": x, "y": {"value": 0}, "text": {
                    "field": "what", "type": "nominal"}}})
    return layers

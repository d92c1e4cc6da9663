"""What the small charts of trends have in common, as Vega-Lite: sizes, axes, the words for who cannot see them."""

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

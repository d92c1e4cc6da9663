"""The pictures of the model card as Vega-Lite: gains beside placebos, dots with intervals, calibration, bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from govdesk import palette
from govdesk.ui.chart_frame import Spec, frame_chart
from govdesk.words import say

#: Pixels of one row.
ROW = 30
_ZERO = {"mark": {"type": "rule", "color": palette.INK, "strokeDash": [4, 3]}}

Drawn = tuple[pd.DataFrame, Spec]


def _clean(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as values of a specification: what is not known is null there."""
    return [{key: None if isinstance(value, float) and np.isnan(value) else value for key, value in row.items()}
            for row in rows.to_dict("records")]


def _names(rows: pd.DataFrame, limit: int = 260) -> Spec:
    axis = {"title": None, "ticks": False, "domain": False, "labelLimit": limit, "labelFontSize": 13,
            "labelColor": palette.INK}
    return {"field": "name", "type": "nominal", "sort": list(dict.fromkeys(rows["name"])), "axis": axis}


def _x(field: str, title: str, *, number: str = ".3f", domain: Sequence[float] | None = None) -> Spec:
    scale: Spec = {"zero": False, "nice": True} if domain is None else {"domain": list(domain), "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale,
            "axis": {"title": title, "format": number, "tickCount": 6}}


def build_gains(rows: pd.DataFrame, seeds: pd.DataFrame, words: str, *, alt: str) -> Drawn:
    """Return the gain of each label with its interval, and beneath it what worlds without foresight gain.

    Parameters
    ----------
    rows : DataFrame
        ``name`` (label), ``value``, ``low``, ``high`` (NaN: no interval), ``text``.
    seeds : DataFrame
        ``name``, ``gain``: one row a placebo.
    """
    title = say("model_card.axis_gain", words)
    y = _names(rows)
    spans = seeds.groupby("name", sort=False)["gain"].agg(["min", "max"]).reset_index()
    placebo = {"data": {"values": _clean(spans)}}
    single = {"data": {"values": _clean(seeds)}}
    tooltip = [{"field": "name", "type": "nominal", "title": say("model_card.label", words)},
               {"field": "text", "type": "nominal", "title": title}]
    layers: list[Spec] = [
        {"data": {"values": [{"zero": 0}]}, **_ZERO, "encoding": {"x": _x("zero", title)}},
        {**placebo, "mark": {"type": "bar", "height": 22, "color": palette.NO_FIGURE, "opacity": 0.75},
         "encoding": {"y": y, "x": _x("min", title), "x2": {"field": "max"}}},
        {**single, "mark": {"type": "tick", "color": palette.MUTED, "opacity": 0.7, "size": 22, "thickness": 1},
         "encoding": {"y": y, "x": _x("gain", title)}},
        {"mark": {"type": "rule", "color": palette.ACCENT, "strokeWidth": 3},
         "encoding": {"y": y, "x": _x("low", title), "x2": {"field": "high"}}},
        {"mark": {"type": "point", "filled": True, "size": 130, "opacity": 1, "color": palette.ACCENT},
         "encoding": {"y": y, "x": _x("value", title), "tooltip": tooltip}},
    ]
    if seeds.empty:
        layers = [layers[0], *layers[3:]]
    return rows, frame_chart(52 * max(len(rows), 1) + 44, alt, layer=layers)


def build_dots(
    rows: pd.DataFrame, title: str, *, alt: str, number: str = ".2f", rule: float | None = None,
    domain: Sequence[float] | None = None,
) -> Drawn:
    """Return one dot a row with its interval; ours in colour, what it is compared to hollow.

    Parameters
    ----------
    rows : DataFrame
        ``name``, ``value``, ``low``, ``high`` (NaN: no interval), ``is_ours`` (bool), ``text`` (for the tooltip);
        ``other`` (float), if there: what the same row is compared to.
    rule : float, optional
        A line across, for instance "no difference".
    """
    y = _names(rows)
    colour = {"condition": {"test": "datum.is_ours", "value": palette.ACCENT}, "value": palette.MUTED}
    tooltip = [{"field": "name", "type": "nominal", "title": " "}, {"field": "text", "type": "nominal", "title": title}]

    def x(field: str) -> Spec:
        return _x(field, title, number=number, domain=domain)

    layers: list[Spec] = [
        {"mark": {"type": "rule", "strokeWidth": 2},
         "encoding": {"y": y, "x": x("low"), "x2": {"field": "high"}, "color": colour}},
        {"mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
         "encoding": {"y": y, "x": x("value"), "color": colour, "tooltip": tooltip}},
    ]
    if "other" in rows:
        layers.append({"mark": {"type": "tick", "color": palette.INK, "size": 18, "thickness": 2},
                       "encoding": {"y": y, "x": x("other")}})
    if rule is not None:
        layers.insert(0, {"data": {"values": [{"at": rule}]}, **_ZERO, "encoding": {"x": x("at")}})
    return rows, frame_chart(ROW * max(len(rows), 1) + 44, alt, layer=layers)


def build_curve(curve: pd.DataFrame, words: str, *, alt: str) -> Drawn:
    """Return the calibration curve: what was said below, what happened to the left, each bin with its interval."""
    most = float(np.nanmax([curve["predicted"].max(), curve["observed"].max(), curve["high"].max()]))
    domain = [0, min(1.0, most * 1.05)]
    axis = {"format": ".0%" if most > 0.1 else ".1%", "tickCount": 6}
    scale = {"domain": domain, "nice": False}
    drawn = curve.assign(text=[f"{y:,} / {n:,}" for y, n in zip(curve["n_positive"], curve["n"], strict=True)])
    x = {"field": "predicted", "type": "quantitative", "scale": scale,
         "axis": {"title": say("model_card.axis_said", words), **axis}}
    y = {"type": "quantitative", "scale": scale, "axis": {"title": say("model_card.axis_happened", words), **axis}}
    tooltip = [{"field": "predicted", "type": "quantitative", "format": ".1%", "title": say("model_card.said", words)},
               {"field": "observed", "type": "quantitative", "format": ".1%",
                "title": say("model_card.happened", words)},
               {"field": "text", "type": "nominal", "title": say("model_card.bin_counts", words)}]
    line = {"data": {"values": [{"predicted": at, "observed": at} for at in domain]}}
    layers: list[Spec] = [
        {**line, "mark": {"type": "line", "color": palette.MUTED, "strokeDash": [4, 3]},
         "encoding": {"x": x, "y": {**y, "field": "observed"}}},
        {"mark": {"type": "rule", "color": palette.ACCENT, "strokeWidth": 2},
         "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"mark": {"type": "line", "color": palette.ACCENT, "strokeWidth": 1.5, "opacity": 0.6},
         "encoding": {"x": x, "y": {**y, "field": "observed"}}},
        {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": palette.ACCENT},
         "encoding": {"x": x, "y": {**y, "field": "observed"}, "tooltip": tooltip}},
    ]
    return drawn, frame_chart(340, alt, layer=layers)


def build_bars(
    rows: pd.DataFrame, title: str, colours: Mapping[str, str], *, alt: str, number: str = ".2f",
    marks: tuple[str, ...] = (), rule: float | None = None,
) -> Drawn:
    """Return horizontal bars coloured by what they belong to, with ticks and a line to hold them against.

    Parameters
    ----------
    rows : DataFrame
        ``name``, ``value``, ``part`` (words; key of `colours`), ``text``, and the columns of `marks`.
    colours : mapping
        Colour of each part, in the order of the legend.
    """
    y = _names(rows)
    kept = [part for part in colours if part in set(rows["part"])]
    colour = {"field": "part", "type": "nominal",
              "scale": {"domain": kept, "range": [colours[part] for part in kept]},
              "legend": {"title": None, "orient": "top", "symbolType": "square"}}
    tooltip = [{"field": "name", "type": "nominal", "title": " "}, {"field": "part", "type": "nominal", "title": " "},
               {"field": "text", "type": "nominal", "title": title}]
    x = {**_x("value", title, number=number), "scale": {"zero": True, "nice": True}}
    layers: list[Spec] = [{"mark": {"type": "bar", "height": 16},
                           "encoding": {"y": y, "x": x, "color": colour, "tooltip": tooltip}}]
    layers += [{"mark": {"type": "tick", "color": palette.INK, "size": 20, "thickness": 2},
                "encoding": {"y": y, "x": {**x, "field": mark}}} for mark in marks]
    if rule is not None:
        layers.append({"data": {"values": [{"at": rule}]}, **_ZERO, "encoding": {"x": {**x, "field": "at"}}})
    return rows, frame_chart(ROW * max(len(rows), 1) + 74, alt, layer=layers)

"""Bodies of the map's layers: features with their colours and tooltip words baked in."""

import json
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import Connection

from govdesk import palette
from govdesk.api.tooltips import describe_figure, one_line
from govdesk.clock import week_label
from govdesk.queries.counts import count_by_cell
from govdesk.queries.exact_shapes import read_exact_shapes
from govdesk.queries.map_figures import classify, read_map_figures
from govdesk.queries.map_request import STOCKS, MapRequest
from govdesk.queries.shapes import read_context, read_shapes
from govdesk.rules.access import Scope
from govdesk.terms import ShapeKind
from govdesk.words import say

SCHEMATIC = frozenset({ShapeKind.CELL.value, ShapeKind.TILE.value})

#: How much of the landscape shines through a coloured place.
FILL_ALPHA = 224
STATE_COLOURS = {
    "zero": palette.NONE_RECORDED, "few": palette.TOO_FEW_ON_MAP, "unknown": palette.NO_FIGURE_ON_MAP,
    "later": palette.NO_FIGURE_ON_MAP,
}


def _collection(features: list[str]) -> bytes:
    return ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()


def _feature(outline: str, properties: dict[str, Any]) -> str:
    described = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","geometry":{outline},"properties":{described}}}'


def build_places(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return the coloured places: ``code``, ``name``, ``tip`` (words), ``fill`` (rgba)."""
    figures = read_map_figures(connection, scope, request)
    figures["fill"] = pick_colours(figures, request.breaks)
    shapes = _read_shapes(connection, scope, request)
    rows = shapes.merge(figures.drop(columns="name"), on="code", how="inner")
    is_stock = request.measure in STOCKS
    weeks = f"{week_label(request.week_from)} – {week_label(request.week_to - 1)}"
    window = request.stock_day.isoformat() if is_stock else weeks
    features = []
    for row in rows.itertuples(index=False):
        tips = [describe_figure(request, row.state, row.n, row.denominator, row.value), window]
        if not pd.isna(row.since):
            tips.append(say("map.tip_since", request.language, day=f"{row.since:%Y-%m-%d}"))
        if row.kind in SCHEMATIC:
            tips.append(say("map.schematic", request.language))
        features.append(_feature(str(row.outline), {
            "code": row.code, "name": one_line(row.name), "tip": " · ".join(tips), "fill": row.fill,
        }))
    return _collection(features)


def _read_shapes(connection: Connection, scope: Scope, request: MapRequest) -> pd.DataFrame:
    """Return the shapes of the view: simplified for the whole county, as imported inside one place."""
    shapes = read_shapes(connection, scope, request.level, request.day, request.within)
    if request.within is not None:
        exact = read_exact_shapes(connection, scope, request.level, request.day, request.within)
        shapes["outline"] = [exact.get(row.code, row.outline) for row in shapes.itertuples(index=False)]
    return shapes


def pick_colours(figures: pd.DataFrame, breaks: tuple[float, ...]) -> list[list[int]]:
    """Return the colour of each figure: its class, or what kind of no-figure it is."""
    steps = palette.spread_classes(len(breaks) + 1)
    classes = classify(figures["value"].fillna(0), breaks)
    return [
        palette.rgba(steps[min(int(number), len(steps) - 1)] if state == "figure" else STATE_COLOURS[state], FILL_ALPHA)
        for number, state in zip(classes, figures["state"], strict=True)
    ]


def build_lines(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return the borders of the places, each common border once: drawn twice, it would cost the browser twice."""
    shapes = shapely.from_geojson(_read_shapes(connection, scope, request)["outline"].to_numpy(dtype=object))
    borders = shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))
    return _collection([] if borders.is_empty else [_feature(shapely.to_geojson(borders), {})])


def build_context(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return a context layer as it was imported; the same for every account."""
    del scope
    text = read_context(connection, request.name)
    return _collection([]) if text is None else text.encode()


def build_cells(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return counted H3 cells: ``h``, ``name``, ``tip``, ``fill``."""
    counts = count_by_cell(connection, scope, request.filters, request.cell)
    counts = counts[counts["n_incidents"] > 0]
    steps = palette.spread_classes(len(request.breaks) + 1)
    classes = classify(counts["n_incidents"], request.breaks)
    unit = say("map.cell", request.language)
    return json.dumps([
        {"h": row.cell, "name": unit, "tip": say("map.tip_count", request.language, n=f"{row.n_incidents:,}"),
         "fill": palette.rgba(steps[min(int(number), len(steps) - 1)], FILL_ALPHA)}
        for row, number in zip(counts.itertuples(index=False), classes, strict=True)
    ], ensure_ascii=False, separators=(",", ":")).encode()

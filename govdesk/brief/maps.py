"""Maps of a brief as SVG: places coloured by a count, with its name and number on each; sizes in pixels of the SVG.

Built as a tree of elements, so that no name can become markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govdesk import palette
from govdesk.rules.label_placing import measure
from models.quantile_classes import find_breaks

WIDTH = 620.0
#: Tallest a map may be, as a share of its width.
_TALLEST = 0.86
_CLASSES = 4
_NAME, _COUNT, _LEGEND = 11, 13, 11
_AIR = 14.0
#: Corners nearer to a straight line than so many pixels are left out.
_FINEST = 0.35
_LONGEST_NAME = 14
#: Widths of its place that a name may take.
_OVER = 1.2

#: Left, top, right, bottom; a text with its size and weight.
_Box = tuple[float, float, float, float]
_Line = tuple[str, float, str]


@dataclass(frozen=True, slots=True)
class Dot:
    """A village on the map: where, what stands in it, in which colour."""

    lon: float
    lat: float
    text: str
    colour: str


@dataclass(frozen=True, slots=True)
class MapWords:
    """Words of a legend: what stands for none."""

    zero: str
    sketch: str = ""


def draw_map(
    shapes: pd.DataFrame, counts: Mapping[str, int], words: MapWords, *, outline: str | None = None,
    dots: Sequence[Dot] = (), zoom: float = 1.0, with_names: bool = True,
) -> str:
    """Return a map as SVG text; an empty text where there is nothing to draw.

    Parameters
    ----------
    shapes : DataFrame
        As `queries.shapes.read_shapes`.
    counts : mapping of place code to int
        What each place is coloured by; a place that is missing has none.
    outline : str, optional
        GeoJSON of the border around all.
    zoom : float
        Of names, numbers and dots: a map printed small wants them larger.
    with_names : bool
        False writes numbers only.
    """
    if shapes.empty:
        return ""
    outlines = shapely.from_geojson(shapes["outline"].to_numpy(dtype=object))
    place = _Frame.around(outlines, zoom)
    values = np.array([counts.get(code, 0) for code in shapes["code"]])
    breaks = find_breaks(values[values > 0].astype("float64"), _CLASSES)
    colours = palette.spread_classes(len(breaks) + 1)
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "width": f"{WIDTH:g}", "height": f"{place.height:g}",
                           "viewBox": f"0 0 {WIDTH:g} {place.height:g}", "font-family": _font()})
    group = SubElement(root, "g", {"stroke": palette.TOWNSHIP_LINE, "stroke-width": "0.9", "fill-rule": "evenodd",
                                   "stroke-linejoin": "round"})
    fills = [palette.NONE_RECORDED if not n else colours[int(np.searchsorted(breaks, n))] for n in values]
    drawn = shapely.simplify(shapely.transform(outlines, place.to_pixels), _FINEST)
    for shape, fill in zip(drawn, fills, strict=True):
        SubElement(group, "path", {"fill": fill, "d": "".join(_trace(shape))})
    border = shapely.from_geojson(outline) if outline else shapely.union_all(shapely.make_valid(outlines))
    edge = shapely.simplify(shapely.transform(border, place.to_pixels), _FINEST)
    SubElement(root, "path", {"fill": "none", "stroke": palette.OUTLINE, "stroke-width": "1.7",
                              "stroke-linejoin": "round", "d": "".join(_trace(edge))})
    taken = [_draw_dot(root, dot, place) for dot in dots]
    _write_names(root, shapes, values, fills, place, taken, with_counts=not dots, with_names=with_names)
    _draw_legend(root, place, breaks, colours, words, has_zero=bool((values == 0).any()))
    return tostring(root, encoding="unicode")


def _font() -> str:
    return palette.FONT.replace("'", "")


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where degrees lie on the picture: equirectangular at the middle latitude, which a county's size allows."""

    west: float
    north: float
    scale: float
    squeeze: float
    height: float
    left: float
    zoom: float

    @classmethod
    def around(cls, outlines: NDArray[np.object_], zoom: float) -> "_Frame":
        west, south, east, north = shapely.total_bounds(outlines)
        squeeze = float(np.cos(np.radians((south + north) / 2)))
        wide, tall = max((east - west) * squeeze, 1e-9), max(north - south, 1e-9)
        scale = min((WIDTH - 2 * _AIR) / wide, (WIDTH * _TALLEST - 2 * _AIR) / tall)
        return cls(west, north, scale, squeeze, tall * scale + 2 * _AIR + 26 * zoom, (WIDTH - wide * scale) / 2, zoom)

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (points[:, 0] - self.west) * self.squeeze * self.scale + self.left
        y = (self.north - points[:, 1]) * self.scale + _AIR
        return np.stack([x, y], axis=1)


def _trace(shape: shapely.Geometry) -> Iterator[str]:
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors) if part.geom_type == "Polygon" else ():
            corners = shapely.get_coordinates(ring).round(1)[:-1]
            yield "M" + "L".join(f"{x:g} {y:g}" for x, y in corners.tolist()) + "Z"


def _write_names(
    root: Element, shapes: pd.DataFrame, values: NDArray[np.int64], fills: Sequence[str], place: _Frame,
    taken: list[_Box], *, with_counts: bool, with_names: bool,
) -> None:
    """Write name and number on each place, those with most first; what would touch another keeps its number only."""
    points = place.to_pixels(shapes[["label_lon", "label_lat"]].to_numpy(dtype="float64"))
    wide = (shapes["max_lon"] - shapes["min_lon"]).to_numpy(dtype="float64") * place.squeeze * place.scale
    for at in np.argsort(-values, kind="stable"):
        x, y = points[at]
        name, n = str(shapes["name"].iloc[at])[:_LONGEST_NAME], f"{values[at]:,}"
        ink = "#FFFFFF" if fills[at] == palette.CLASSES[-1] else palette.INK
        # A name much longer than its place is wide would stand on its neighbours' colours.
        fits = measure(name, _NAME * place.zoom) <= _OVER * wide[at]
        lines = [*([(name, _NAME * place.zoom, "400")] if with_names and fits else []),
                 *([(n, _COUNT * place.zoom, "700")] if with_counts and values[at] else [])]
        for kept in ([lines] if len(lines) < 2 else [lines, lines[1:]]):
            if not kept:
                break
            box = _box_of(x, y, kept)
            if not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
                taken.append(box)
                _write_lines(root, x, box[1], kept, ink)
                break


def _box_of(x: float, y: float, lines: Sequence[_Line]) -> _Box:
    half = max(measure(text, size) for text, size, _ in lines) / 2
    tall = sum(size * 1.15 for _, size, _ in lines)
    return x - half, y - tall / 2, x + half, y + tall / 2


def _write_lines(root: Element, x: float, top: float, lines: Sequence[_Line], ink: str) -> None:
    for text, size, weight in lines:
        top += size * 1.15
        found = SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{top - size * 0.25:.1f}", "text-anchor": "middle",
                                          "font-size": f"{size:g}", "font-weight": weight, "fill": ink})
        found.text = text


def _draw_dot(root: Element, dot: Dot, place: _Frame) -> _Box:
    x, y = place.to_pixels(np.array([[dot.lon, dot.lat]]))[0]
    r = 6.8 * place.zoom
    SubElement(root, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{r:.1f}", "fill": dot.colour,
                                "stroke": "#FFFFFF", "stroke-width": "1.2"})
    ink = palette.INK if dot.colour == palette.BAND_YELLOW else "#FFFFFF"
    found = SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{y + 0.42 * r:.1f}", "text-anchor": "middle",
                                      "font-size": f"{1.18 * r:.1f}", "font-weight": "700", "fill": ink})
    found.text = dot.text
    return x - r, y - r, x + r, y + r


def _draw_legend(
    root: Element, place: _Frame, breaks: Sequence[float], colours: Sequence[str], words: MapWords, *, has_zero: bool
) -> None:
    """Draw the classes in real numbers in one line at the foot."""
    ends = [int(edge) for edge in breaks]
    starts = [1, *(edge + 1 for edge in ends)]
    names = [f"{a}" if a == b else f"{a}–{b}" for a, b in zip(starts, ends, strict=False)]
    names.append(f"≥ {starts[-1]}")
    boxes = [*([(palette.NONE_RECORDED, words.zero)] if has_zero else []), *zip(colours, names, strict=True)]
    x, y, unit = _AIR, place.height - 10 * place.zoom, place.zoom
    for colour, name in boxes:
        SubElement(root, "rect", {"x": f"{x:.1f}", "y": f"{y - 9 * unit:.1f}", "width": f"{16 * unit:g}",
                                  "height": f"{10 * unit:g}", "fill": colour, "stroke": palette.TOWNSHIP_LINE,
                                  "stroke-width": "0.6"})
        found = SubElement(root, "text", {"x": f"{x + 20 * unit:.1f}", "y": f"{y:.1f}",
                                          "font-size": f"{_LEGEND * unit:g}", "fill": palette.MUTED})
        found.text = name
        x += (20 + measure(name, _LEGEND) + 14) * unit
    if words.sketch:
        found = SubElement(root, "text", {"x": f"{WIDTH - _AIR:.1f}", "y": f"{y:.1f}", "text-anchor": "end",
                                          "font-size": f"{_LEGEND * unit:g}", "fill": palette.MUTED})
        found.text = words.sketch

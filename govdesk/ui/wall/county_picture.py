"""The map of a wall: one drawing, names over it, a legend in real numbers with what it is counted over."""

import pandas as pd

from govdesk import palette
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import complete_week
from govdesk.queries.known import has_closings
from govdesk.queries.map_figures import classify, find_map_breaks, read_map_figures
from govdesk.queries.map_request import MapRequest
from govdesk.settings import get_settings
from govdesk.ui.formats import write_count
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import Html, join, tag
from govdesk.ui.wall.county_outline import Outline
from govdesk.ui.wall.kept import load_outline
from govdesk.ui.wall.parts import build_nothing, build_picture
from govdesk.ui.wall.scene import WallView
from govdesk.words import say

CLASSES = (palette.WALL_CLASS_0, palette.WALL_CLASS_1, palette.WALL_CLASS_2, palette.WALL_CLASS_3,
           palette.WALL_CLASS_4)
#: Nothing open; not known or of later: the colour of the page, and a warm grey that is no class.
_NONE, _UNKNOWN = palette.WALL_PAGE, "#2B2A2E"
_TOWNSHIP_LINE, _VILLAGE_LINE = "#8195AB", "#0B1320"
#: Weeks counted where what is open is not known.
N_WEEKS = 13


def build_map(view: WallView) -> tuple[str, Html]:
    """Return the title and the inside of the map's tile."""
    outline = load_outline(view)
    measure = "open" if load(has_closings, view.scope) else "count"
    title = say(f"wall_scenes.map_{measure}", view.words, weeks=N_WEEKS)
    if outline is None or view.as_of is None:
        reason = "no_shapes" if outline is None else "no_records"
        return title, build_nothing(say(f"wall_scenes.{reason}", view.words))
    figures = load(read_map_figures, view.scope, _request(view, outline, measure))
    breaks = find_map_breaks(figures)
    image = build_picture(_draw(outline, figures, breaks), title, "w-map-image")
    names = (tag("span", name.text, class_="w-map-name w-wide" if name.is_wide else "w-map-name",
                 style=f"left:{name.x}%;top:{name.y}%") for name in outline.names)
    ratio = outline.width / outline.height
    drawn = tag("div", image, *names, class_="w-map-sheet", style=f"--ratio:{ratio:.4f};aspect-ratio:{ratio:.4f}")
    return title, tag("div", tag("div", drawn, class_="w-map-room"), _legend(view, outline, figures, breaks),
                      class_="w-map")


def _request(view: WallView, outline: Outline, measure: str) -> MapRequest:
    assert view.as_of is not None  # noqa: S101 - the caller has looked
    week = complete_week(view.as_of)
    weeks = load_common(recorded_weeks)
    first = weeks[0] if weeks else week + 1
    return MapRequest(
        measure="open" if measure == "open" else "count", level=outline.level,
        week_from=max(first, week + 1 - N_WEEKS), week_to=week + 1, on=view.day.isoformat(),
        as_of=int(view.as_of.timestamp()), language=view.words)


def spread(n_classes: int) -> tuple[str, ...]:
    """Return the colours of `n_classes` classes, from little to much; the darkest is kept for few classes."""
    if n_classes <= 1:
        return (CLASSES[-2],)
    last = len(CLASSES) - 1
    return tuple(CLASSES[round(1 + i * (last - 1) / (n_classes - 1))] for i in range(n_classes)) if (
        n_classes < len(CLASSES)) else CLASSES


def _draw(outline: Outline, figures: pd.DataFrame, breaks: tuple[float, ...]) -> str:
    colours = spread(len(breaks) + 1)
    classes = classify(figures["value"].fillna(0), breaks)
    fills = {code: colours[min(int(number), len(colours) - 1)] if state == "figure" else
             _NONE if state == "zero" else _UNKNOWN
             for code, number, state in zip(figures["code"], classes, figures["state"], strict=True)}
    groups: dict[str, list[str]] = {}
    for code, path in outline.places:
        groups.setdefault(fills.get(code, _UNKNOWN), []).append(path)
    places = "".join(f'<path fill="{colour}" d="{"".join(paths)}"/>' for colour, paths in sorted(groups.items()))
    lines = "".join(outline.lines)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outline.width:.0f} {outline.height:.0f}">'
            f'<g stroke="{_VILLAGE_LINE}" stroke-width="1" stroke-linejoin="round" fill-rule="evenodd">{places}</g>'
            f'<path d="{lines}" fill="none" stroke="{_TOWNSHIP_LINE}" stroke-width="2" stroke-linejoin="round"/>'
            f'<path d="{outline.border}" fill="none" stroke="{palette.WALL_MUTED}" stroke-width="3.4" '
            'stroke-linejoin="round"/></svg>')


def _legend(view: WallView, outline: Outline, figures: pd.DataFrame, breaks: tuple[float, ...]) -> Html:
    known = figures.loc[figures["state"] == "figure", "value"]
    entries = [_entry(_NONE, "0")] if (figures["state"] == "zero").any() else []
    colours = spread(len(breaks) + 1)
    edges = [*breaks, float(known.max())] if len(known) else []
    for number, high in enumerate(edges):
        inside = known[(known <= high) & (known > edges[number - 1])] if number else known[known <= high]
        low = float(inside.min()) if len(inside) else high
        text = write_count(high) if low == high else f"{write_count(low)}–{write_count(high)}"
        entries.append(_entry(colours[min(number, len(colours) - 1)], text))
    if figures["state"].isin(["unknown", "later", "few"]).any():
        entries.append(_entry(_UNKNOWN, say("wall_scenes.map_unknown", view.words)))
    some = int((figures["state"] == "figure").sum())
    lines = [say("wall_scenes.map_of", view.words, n=write_count(some), of=write_count(len(figures)),
                 level=say(f"term.level_{outline.level}", view.words))]
    if outline.is_schematic:
        lines.append(say("wall_scenes.map_schematic", view.words))
    if get_settings().map_approval_number:
        lines.append(say("frame.map_approval", view.words, number=get_settings().map_approval_number))
    return tag("div", tag("div", say("wall_scenes.map_unit", view.words), class_="w-sub"),
               tag("div", join(entries), class_="w-legend-classes"),
               *(tag("div", line, class_="w-sub w-wrap") for line in lines), class_="w-legend")


def _entry(colour: str, text: str) -> Html:
    return tag("span", tag("i", style=f"background:{colour}"), text, class_="w-legend-entry")

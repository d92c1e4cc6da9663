"""How it develops: a year of weeks of each stream with the year before behind it, and what stands out."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd

from govdesk.clock import monday_of, week_label
from govdesk.queries.counts import weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.instants import complete_week
from govdesk.terms import Stream
from govdesk.ui.formats import NOTHING, write_count, write_term
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.sentences import emphasise
from govdesk.ui.wall.ages import find_age
from govdesk.ui.wall.kept import load_changes
from govdesk.ui.wall.line_picture import draw_line, find_end
from govdesk.ui.wall.newest import add_newest
from govdesk.ui.wall.parts import build_nothing, build_picture, build_range, build_rows, stack
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "trends"
YEAR = 52
#: Characters of sentences that there is room for, lying and standing; and what the gap after each takes of it.
ROOM = {"zh": (330, 140), "en": (600, 240)}
GAP = 15
#: Weeks that must be known to say what is usual.
LEAST_WEEKS = 26
_EVERYTHING = ""


def build(view: WallView) -> Scene:
    """Return the scene."""
    week = None if view.as_of is None else complete_week(view.as_of)
    table = None if week is None else _read_weeks(view, week)
    tiles = []
    for number, stream in enumerate((_EVERYTHING, *(one.value for one in Stream))):
        age = find_age(view, (stream,) if stream else ())
        title = write_term("stream", stream, view.words) if stream else _say(view, "all_streams")
        tiles.append(Tile(f"line-{stream or 'all'}", title, _build_line(view, table, stream, week), f"p{number}",
                          age.as_of, age.stale_after, age.note))
    shown = add_newest(view, *tiles, _build_findings(view, table))
    return Scene(NAME, say("wall.scene_trends", view.words), shown, "w-trends")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _read_weeks(view: WallView, week: int) -> pd.DataFrame:
    """Return counts by week (two years) and stream, and their sum; what is outside the recorded period is missing."""
    found = load(weekly_series, view.scope, IncidentFilter(week + 1 - 2 * YEAR, week + 1), "stream")
    table = found.pivot_table(index="week", columns="stream", values="n_incidents", aggfunc="sum")
    table[_EVERYTHING] = table.sum(axis=1)
    return table.reindex(range(week + 1 - 2 * YEAR, week + 1))


def _build_line(view: WallView, table: pd.DataFrame | None, stream: str, week: int | None) -> Html:
    if table is None or week is None or stream not in table.columns or pd.isna(table[stream].iloc[-1]):
        return build_nothing(_say(view, "no_records" if table is None else "no_stream"))
    numbers = [None if pd.isna(value) else float(value) for value in table[stream]]
    before, values = numbers[:YEAR], numbers[YEAR:]
    most = max(one for one in numbers if one is not None) or 1.0
    head = tag(
        "div", tag("span", write_count(values[-1]), class_="w-num"),
        tag("span", _compare(view, "last_week", values[-2]), tag("br"),
            _compare(view, "last_year", before[-1]), class_="w-sub"), class_="w-line-head")
    picture = build_picture(draw_line(values, before, most), write_term("stream", stream, view.words), "w-line-image")
    end = find_end(values, most)
    dot = None if end is None else tag("i", class_="w-dot", style=f"left:{end[0]}%;top:{end[1]}%")
    foot = tag("div", tag("span", week_label(week + 1 - YEAR)), tag("span", _say(view, "most", n=write_count(most))),
               tag("span", week_label(week)), class_="w-line-foot")
    return tag("div", head, tag("div", picture, dot, class_="w-line-box"), foot, class_="w-line")


def _compare(view: WallView, key: str, value: float | None) -> str:
    return _say(view, key, n=NOTHING if value is None else write_count(value))


def _build_findings(view: WallView, table: pd.DataFrame | None) -> Tile:
    found = load_changes(view)
    title = _say(view, "findings")
    if found is None or not found[1]:
        return Tile("findings", title, build_nothing(_say(view, "no_records")), "findings", view.as_of)
    as_of, changes = found
    week = complete_week(as_of)
    span = _say(view, "week_span", week=week_label(week), first=f"{monday_of(week):%m-%d}",
                last=f"{monday_of(week + 1) - timedelta(days=1):%m-%d}")
    sentences = [change.sentence(view.words) for change in changes]
    lying, standing = (count_fitting(sentences, room) for room in ROOM[view.words])
    items = [tag("div", emphasise(sentences[number], _bold(change.values, view.words)),
                 class_="w-sentence w-wide" if number >= standing else "w-sentence")
             for number, change in enumerate(changes[:lying])]
    rest = (_build_rest(view, len(changes) - n, where) for n, where in ((lying, "w-wide"), (standing, "w-tall")))
    rule = tag("div", _say(view, "findings_rule"), class_="w-sub w-wrap")
    body = stack(tag("div", span, class_="w-sub"), tag("div", *items, class_="w-sentences"), *rest,
                 _build_ranges(view, table), _build_key(view), rule)
    age = find_age(view)
    return Tile("findings", title, body, "findings", as_of, age.stale_after)


def count_fitting(sentences: Sequence[str], room: int) -> int:
    """Return how many sentences fit `room` characters one after the other; the first one always."""
    n, used = 1, len(sentences[0]) + GAP
    while n < len(sentences) and used + len(sentences[n]) + GAP <= room:
        used += len(sentences[n]) + GAP
        n += 1
    return n


def _build_rest(view: WallView, n: int, where: str) -> Html | None:
    """Return how many findings are not shown lying, or standing."""
    return tag("div", _say(view, "findings_rest", n=n), class_=f"w-sub {where}") if n > 0 else None


def _build_ranges(view: WallView, table: pd.DataFrame | None) -> Html | None:
    """Return last week of each stream beside the range of eight in ten weeks of the year before it; lying only."""
    if table is None:
        return None
    found = {one.value: _usual(table[one.value]) for one in Stream if one.value in table.columns}
    known = {stream: numbers for stream, numbers in found.items() if numbers is not None}
    if not known:
        return None
    most = max(1.0, *(max(numbers) for numbers in known.values()))
    rows = ((write_term("stream", stream, view.words), write_count(n), build_range(n, (low, high), most),
             f"{low:.0f}–{high:.0f}") for stream, (n, low, high) in known.items())
    return tag("div", tag("div", _say(view, "range_head"), class_="w-subhead"), build_rows(rows, "w-news-rows"),
               class_="w-wide w-range-block")


def _usual(numbers: pd.Series) -> tuple[float, float, float] | None:
    """Return the last week, and between which counts eight in ten of the `YEAR` weeks before lay."""
    past, last = numbers.iloc[-1 - YEAR:-1].dropna(), numbers.iloc[-1]
    if pd.isna(last) or len(past) < LEAST_WEEKS:
        return None
    low, high = past.quantile([0.1, 0.9], interpolation="nearest")
    return float(last), float(low), float(high)


def _bold(values: Mapping[str, Any], words: str) -> list[str]:
    """Return what is set in bold: how many, of what, where."""
    found: list[str] = []
    for name in ("n", "what", "place"):
        value = values.get(name)
        value = value[words] if isinstance(value, Mapping) else value
        if value is not None:
            found.append(f"{value:,}" if isinstance(value, int) else str(value))
    return found


def _build_key(view: WallView) -> Html:
    """Return what the two lines of the drawings are."""
    return tag("div", tag("i", class_="w-key-now"), _say(view, "key_now"), tag("i", class_="w-key-before"),
               _say(view, "key_before"), class_="w-key")

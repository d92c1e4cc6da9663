"""What is open: how much and how old, what came last, what waits longest, and who has it."""

from typing import Any

import pandas as pd

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import list_incidents, list_oldest_open
from govdesk.queries.instants import complete_week
from govdesk.queries.open_board import AGE_ENDS, OpenBoard, UnitStock, read_open_board
from govdesk.queries.small_cells import find_tellable
from govdesk.terms import Stream
from govdesk.ui.formats import write_count, write_share, write_term
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, join, tag
from govdesk.ui.wall.ages import find_age
from govdesk.ui.wall.newest import add_newest, name_kind, write_moment
from govdesk.ui.wall.parts import build_bar, build_figure, build_nothing, build_rows, stack, write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "open"
#: Rows lying, and standing.
OLDEST, OLDEST_TALL = 8, 4
NEWEST, NEWEST_TALL = 5, 3
UNITS, UNITS_TALL = 14, 5


def build(view: WallView) -> Scene:
    """Return the scene."""
    age = find_age(view)
    board = None if view.as_of is None else load(read_open_board, view.scope, view.as_of)
    reason = _say(view, "no_records" if view.as_of is None else "no_closings")
    bodies = {"stock": build_nothing(reason), "oldest": build_nothing(reason), "fresh": build_nothing(reason),
              "units": build_nothing(reason)}
    if board is not None:
        oldest, fresh = _read_oldest(view), _read_fresh(view)
        ids = tuple(int(one) for one in (*oldest["id"], *fresh["id"]))
        told = load(find_tellable, view.scope, ids) if ids else frozenset()
        bodies = {"stock": _build_stock(view, board), "oldest": _build_oldest(view, oldest, told),
                  "fresh": _build_fresh(view, fresh, told), "units": _build_units(view, board)}
    titles = {"stock": "open", "oldest": "oldest", "fresh": "fresh", "units": "units"}
    tiles = tuple(Tile(name, _say(view, titles[name]), body, name, age.as_of, age.stale_after,
                       age.note if name == "stock" else "") for name, body in bodies.items())
    return Scene(NAME, say("wall.scene_open", view.words), add_newest(view, *tiles), "w-open")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _read_oldest(view: WallView) -> pd.DataFrame:
    assert view.as_of is not None  # noqa: S101 - the caller has looked
    return load(list_oldest_open, view.scope, IncidentFilter(0, 0), view.as_of, OLDEST)


def _read_fresh(view: WallView) -> pd.DataFrame:
    """Return what came last and is open, of the last weeks."""
    assert view.as_of is not None  # noqa: S101 - the caller has looked
    week = complete_week(view.as_of)
    found = load(list_incidents, view.scope, IncidentFilter(week - 3, week + 2), only_open=True, as_of=view.as_of,
                 limit=60)
    kept = found[found["weight"] == 1]
    return kept.sort_values(["reported_at", "id"], ascending=False).head(NEWEST)


def _build_stock(view: WallView, board: OpenBoard) -> Html:
    most = max(1, *board.ages)
    rows = []
    for number, n in enumerate(board.ages):
        if number < len(AGE_ENDS):
            low = AGE_ENDS[number - 1] + 1 if number else 0
            label = _say(view, "age_between", low=low, high=AGE_ENDS[number])
        else:
            label = _say(view, "age_over", n=AGE_ENDS[-1])
        old = "red" if number == len(AGE_ENDS) and n else ""
        rows.append((label, build_bar(n / most, old), write_count(n), write_share(n, board.n_open)))
    lines = [] if board.median_days is None else [
        _say(view, "median_age", n=write_count(board.median_days)),
        _say(view, "oldest_age", n=write_count(board.oldest_days))]
    return stack(build_figure(board.n_open, *lines, unit=_say(view, "unit")),
                 tag("div", _say(view, "by_age"), class_="w-subhead"), build_rows(rows, "w-age-rows"),
                 _build_streams(view, board))


def _build_streams(view: WallView, board: OpenBoard) -> Html:
    """Return how much of it is of which stream, in the order of the streams; lying only."""
    held = {one.value: board.streams.get(one.value, 0) for one in Stream}
    most = max(1, *held.values())
    rows = ((write_term("stream", stream, view.words), build_bar(n / most), write_count(n),
             write_share(n, board.n_open))
            for stream, n in held.items() if n > 0)
    return tag("div", tag("div", _say(view, "by_stream"), class_="w-subhead"), build_rows(rows, "w-age-rows"),
               class_="w-stack w-wide")


def _build_oldest(view: WallView, rows: pd.DataFrame, told: frozenset[int]) -> Html:
    if rows.empty:
        return build_nothing(_say(view, "none_open"))
    return build_rows(((
        tag("b", _say(view, "days", n=write_count(row["age_days"]))), write_name(row["township_name"]),
        name_kind(view, row, row["id"] in told), _unit(view, row)) for row in rows.to_dict("records")),
        "w-case-rows", n_tall=OLDEST_TALL)


def _build_fresh(view: WallView, rows: pd.DataFrame, told: frozenset[int]) -> Html:
    if rows.empty:
        return build_nothing(_say(view, "none_open_lately"))
    return build_rows(((
        write_moment(view, row["reported_at"]), write_name(row["township_name"]),
        name_kind(view, row, row["id"] in told),
        write_term("status", row["status"], view.words)) for row in rows.to_dict("records")),
        "w-case-rows", n_tall=NEWEST_TALL)


def _unit(view: WallView, row: Any) -> str:
    return write_name(row["handling_unit_name"]) if row["handling_unit"] else _say(view, "no_unit")


def _build_units(view: WallView, board: OpenBoard) -> Html:
    if not board.units:
        return build_nothing(_say(view, "none_open"))
    shown, rest = board.units[:UNITS], board.units[UNITS:]
    most = max(one.n_open for one in shown)
    late = join((tag("i", class_="w-key-late"), _say(view, "unit_late")))
    heading = tag("div", *(tag("span", words, class_="w-cell") for words in (
        _say(view, "unit_name"), "", _say(view, "unit_open"), late)), class_="w-row w-head-row")
    rows = build_rows((_unit_row(view, one, most) for one in shown), "w-unit-rows", n_tall=UNITS_TALL)
    foot = _say(view, "units_rest", n=len(rest), open=write_count(sum(one.n_open for one in rest)),
                late=write_count(sum(one.n_overdue for one in rest))) if rest else None
    hidden = board.units[UNITS_TALL:]
    foot_tall = _say(view, "units_rest", n=len(hidden), open=write_count(sum(one.n_open for one in hidden)),
                     late=write_count(sum(one.n_overdue for one in hidden))) if hidden else None
    return stack(tag("div", heading, class_="w-rows w-unit-rows w-heads"), rows,
                 tag("div", foot, class_="w-sub w-wide") if foot else None,
                 tag("div", foot_tall, class_="w-sub w-tall") if foot_tall else None)


def _unit_row(view: WallView, one: UnitStock, most: int) -> tuple[object, ...]:
    late = write_count(one.n_overdue) if one.n_with_due else "—"
    return (write_name(one.name) if one.code else _say(view, "no_unit"),
            build_bar(one.n_open / most, part=one.n_overdue / one.n_open), write_count(one.n_open),
            late)

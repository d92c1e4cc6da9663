"""Where things stand: the map, five figures with what they are compared with, and what is new."""

from datetime import datetime, timedelta

from govdesk.clock import day_start
from govdesk.queries.day_counts import DayCount, DayCounts, read_day_counts
from govdesk.queries.open_board import OpenBoard, read_open_board
from govdesk.queries.reopened_lately import count_closed, count_reopened
from govdesk.queries.warned_townships import WarnedWeek, read_warned_week
from govdesk.rules.access import allows
from govdesk.terms import RATE_MINIMUM, Stream
from govdesk.ui.formats import NOTHING, write_count, write_share, write_term
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.wall.ages import find_age
from govdesk.ui.wall.busiest import build_busiest
from govdesk.ui.wall.county_picture import build_map
from govdesk.ui.wall.newest import add_newest
from govdesk.ui.wall.parts import build_figure, build_nothing, build_range, build_rows, stack, write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "situation"
#: Days of the figure of what was re-opened.
N_DAYS = 7


def build(view: WallView) -> Scene:
    """Return the scene."""
    age = find_age(view)
    board = None if view.as_of is None else load(read_open_board, view.scope, view.as_of)
    counts = None if view.as_of is None else load(read_day_counts, view.scope, view.as_of)
    bodies = {
        "new": (_title_of_new(view, counts), _build_new(view, counts)),
        "stock": (_say(view, "open"), _build_open(view, board)),
        "late": (_say(view, "overdue"), _build_overdue(view, board)),
        "back": (_say(view, "reopened"), _build_reopened(view)),
    }
    tiles = [Tile(name, title, body, name, age.as_of, age.stale_after)
             for name, (title, body) in bodies.items()]
    title, drawn = build_map(view)
    tiles += [build_visits(view), Tile("map", title, drawn, "map", age.as_of, age.stale_after, age.note),
              Tile("news", _say(view, "news"), _build_news(view, counts), "news", age.as_of, age.stale_after)]
    return Scene(NAME, say("wall.scene_situation", view.words), add_newest(view, *tiles), "w-situation")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _no_records(view: WallView) -> Html:
    return build_nothing(_say(view, "no_records"))


def _title_of_new(view: WallView, counts: DayCounts | None) -> str:
    """Say "today" only of today: where nothing came in yet, the last day with a record is named."""
    if counts is None or counts.day == view.day:
        return _say(view, "new_today")
    return _say(view, "new_on", month=counts.day.month, day=counts.day.day)


def _build_new(view: WallView, counts: DayCounts | None) -> Html:
    if counts is None:
        return _no_records(view)
    one = counts.everything
    before = None if one.n_day_before is None else _say(view, "day_before", n=write_count(one.n_day_before))
    weekday = _say(view, f"weekday_{counts.day.weekday()}")
    usual = _say(view, "usual_unknown") if one.usual is None else _say(
        view, "usual", weekday=weekday, low=write_count(one.usual[0]), high=write_count(one.usual[1]))
    return build_figure(one.n, before, usual, unit=_say(view, "unit"))


def _build_open(view: WallView, board: OpenBoard | None) -> Html:
    if board is None:
        return _no_records(view) if view.as_of is None else build_nothing(_say(view, "no_closings"))
    if board.oldest_days is None:
        return build_figure(board.n_open, _say(view, "none_open"), unit=_say(view, "unit"))
    return build_figure(
        board.n_open, _say(view, "median_age", n=write_count(board.median_days)),
        _say(view, "oldest_age", n=write_count(board.oldest_days)), unit=_say(view, "unit"))


def _build_overdue(view: WallView, board: OpenBoard | None) -> Html:
    if board is None:
        return _build_open(view, board)
    if not board.n_with_due:
        return build_nothing(_say(view, "no_due_dates"))
    key = "overdue_of" if board.n_with_due >= RATE_MINIMUM else "overdue_of_few"
    of = _say(view, key, n=write_count(board.n_with_due), share=write_share(board.n_overdue, board.n_with_due))
    late = sorted((one for one in board.units if one.n_overdue > 0 and one.code),
                  key=lambda one: (-one.n_overdue, one.code))[:2]
    offices = " · ".join(f"{write_name(one.name)} {write_count(one.n_overdue)}" for one in late)
    return build_figure(board.n_overdue, of, offices, unit=_say(view, "unit"), tone="red" if board.n_overdue else "")


def _build_reopened(view: WallView) -> Html:
    if view.as_of is None:
        return _no_records(view)
    week = timedelta(days=N_DAYS)
    end = view.as_of
    found = load(count_reopened, view.scope, (end - 2 * week, end - week, end))
    if found is None:
        return build_nothing(_say(view, "no_reopenings"))
    before, now = found
    closed = load(count_closed, view.scope, end - week, end)
    return build_figure(now, _say(view, "days_before", days=N_DAYS, n=write_count(before)),
                        _say(view, "closed_meanwhile", n=write_count(closed)),
                        unit=_say(view, "unit_in_days", days=N_DAYS))


def build_visits(view: WallView) -> Tile:
    """Return the figure of this week's visits: how many of the villages on the list were visited."""
    title = _say(view, "visits")
    if not allows(view.scope, "view_warning_counts"):
        return Tile("visits", title, build_nothing(_say(view, "refused")), "visits", None)
    week = load(read_warned_week, view.scope, view.day)
    if week is None:
        return Tile("visits", title, build_nothing(_say(view, "no_run")), "visits", None)
    return Tile("visits", title, _build_visited(view, week), "visits", *list_age(week))


def list_age(week: WarnedWeek) -> tuple[datetime, timedelta]:
    """Return the stamp of what is about a list: it is of the scoring, and late when its week and a day are over."""
    return week.made_at, day_start(week.as_of) + timedelta(days=8) - week.made_at


def _build_visited(view: WallView, week: WarnedWeek) -> Html:
    until = week.as_of + timedelta(days=6)
    span = _say(view, "list_week", first=f"{week.as_of:%m-%d}", last=f"{until:%m-%d}")
    if not week.n_listed:
        return build_figure("0", _say(view, "none_listed"), span)
    if not week.has_visits:
        return build_figure(NOTHING, _say(view, "no_visits"), _say(view, "listed_n", n=write_count(week.n_listed)))
    return build_figure(f"{week.n_visited} / {week.n_listed}", _say(view, "visited_of"), span)


def _build_news(view: WallView, counts: DayCounts | None) -> Html:
    if counts is None:
        return _no_records(view)
    streams = [one.value for one in Stream if one.value in counts.streams]
    most = max([1, *(max(one.n, *(one.usual or (0, 0))) for one in counts.streams.values())])
    rows = [_stream_row(view, stream, counts.streams[stream], most) for stream in streams]
    key = tag("div", _say(view, "usual_key"), class_="w-sub")
    listed = build_rows(rows, "w-news-rows") if rows else build_nothing(_say(view, "nothing_new"))
    return stack(key, listed, build_busiest(view))


def _stream_row(view: WallView, stream: str, one: DayCount, most: float) -> tuple[object, ...]:
    usual = None if one.usual is None else (float(one.usual[0]), float(one.usual[1]))
    span = "" if one.usual is None else f"{one.usual[0]}–{one.usual[1]}"
    return (write_term("stream", stream, view.words), write_count(one.n),
            build_range(one.n, usual, most), span)


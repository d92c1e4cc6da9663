"""The list of the week by township: how many villages, how many visited, what such lists are worth; no village."""

from datetime import timedelta
from math import isnan

from govdesk.clock import day_start
from govdesk.queries.risk_caught import Caught
from govdesk.queries.threshold_backtest import find_newest_backtest
from govdesk.queries.warned_townships import WarnedTownship, WarnedWeek, read_warned_week
from govdesk.rules.access import allows
from govdesk.ui.formats import write_count, write_share
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.wall.kept import load_caught
from govdesk.ui.wall.newest import add_newest
from govdesk.ui.wall.parts import build_bar, build_figure, build_nothing, build_rows, stack, write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.ui.wall.situation_scene import list_age
from govdesk.words import say

NAME = "warning"
#: Townships shown, and marks in a row before they become a number.
MOST, MOST_MARKS = 24, 10
#: So many townships stand in one column.
FEW = 10


def build(view: WallView) -> Scene:
    """Return the scene; where nothing was scored, or the account may not see it, it says so."""
    use = Tile("use", _say(view, "use_title"), tag("p", _say(view, "use"), class_="w-use"), "use", None)
    title = say("wall.scene_warning", view.words)
    reason = "refused"
    week = None
    if allows(view.scope, "view_warning_counts"):
        week = load(read_warned_week, view.scope, view.day)
        reason = "no_run"
    if week is None:
        tile = Tile("townships", _say(view, "townships"), build_nothing(_say(view, reason)), "townships", None)
        return Scene(NAME, title, add_newest(view, use, tile), "w-warning-none")
    as_of, late = list_age(week)
    caught = load_caught(view, week.visits_per_week, week.share_quiet)
    judged = None if caught is None else day_start(caught.last + timedelta(days=1)) - timedelta(seconds=1)
    tiles = (
        Tile("listed", _say(view, "listed"), _build_listed(view, week), "listed", as_of, late),
        use, Tile("worth", _say(view, "worth"), _build_worth(view, week, caught), "worth", judged),
        Tile("townships", _say(view, "townships"), _build_townships(view, week), "townships", as_of, late),
    )
    return Scene(NAME, title, add_newest(view, *tiles), "w-warning")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _build_listed(view: WallView, week: WarnedWeek) -> Html:
    of = None if week.n_listed == week.n_listed_anywhere else _say(
        view, "listed_of", n=write_count(week.n_listed_anywhere))
    visited = _say(view, "visited_n", n=write_count(week.n_visited), of=write_count(week.n_listed)) \
        if week.has_visits else _say(view, "no_visits")
    bar = build_bar(week.n_visited / week.n_listed) if week.n_listed and week.has_visits else None
    last = week.as_of + timedelta(days=6)
    return stack(
        build_figure(week.n_listed, of, _say(view, "list_week", first=f"{week.as_of:%m-%d}", last=f"{last:%m-%d}"),
                     unit=_say(view, "villages")),
        tag("div", visited, class_="w-strong"), bar)


def _build_worth(view: WallView, week: WarnedWeek, caught: Caught | None) -> Html:
    """Name what ranked the list, and what such lists caught beside the habit of looking at the last four weeks."""
    ranked = tag("div", _say(view, f"ranked_{'classifier' if week.ranked_by == 'classifier' else 'baseline'}"),
                 class_="w-sub w-wrap")
    if caught is None:
        is_kept_back = view.scope.area_code is not None and load(find_newest_backtest, view.scope) is not None
        return stack(build_nothing(_say(view, "worth_area" if is_kept_back else "no_backtest")), ranked)
    share, habit = (one / caught.n_events for one in (caught.n_caught, caught.n_by_habit))
    rows = [(_say(view, "this_list"), build_bar(share), write_share(caught.n_caught, caught.n_events)),
            (_say(view, "habit"), build_bar(habit, "muted"), write_share(caught.n_by_habit, caught.n_events))]
    about = _say(view, "caught_about", n=write_count(caught.n_events), first=f"{caught.first:%Y-%m}",
                 last=f"{caught.last:%Y-%m}", h=caught.horizon_weeks)
    return stack(build_rows(rows, "w-worth-rows"), tag("div", _compare(view, caught), class_="w-strong"),
                 tag("div", about, class_="w-sub w-wrap"), ranked)


def _compare(view: WallView, caught: Caught) -> str:
    if isnan(caught.gain_low):
        return _say(view, "caught_unsure")
    key = "caught_better" if caught.gain_low > 0 else "caught_worse" if caught.gain_high < 0 else "caught_same"
    return _say(view, key, gain=f"{abs(100 * caught.gain):.1f}")


def _build_townships(view: WallView, week: WarnedWeek) -> Html:
    if not week.townships:
        return build_nothing(_say(view, "none_listed"))
    shown, rest = week.townships[:MOST], week.townships[MOST:]
    layout = "w-few" if len(shown) <= FEW else "w-columns"
    rows = build_rows((_row(view, one, has_visits=week.has_visits) for one in shown), f"w-township-rows {layout}")
    foot = _say(view, "townships_rest", n=len(rest), listed=sum(one.n_listed for one in rest)) if rest else _say(
        view, "townships_only" if view.scope.area_code is None else "townships_area")
    key = tag("div", tag("i", class_="w-box w-box-done"), _say(view, "mark_done"), tag("i", class_="w-box"),
              _say(view, "mark_open"), class_="w-key") if week.has_visits else None
    return stack(key, rows, tag("div", foot, class_="w-sub"))


def _row(view: WallView, one: WarnedTownship, *, has_visits: bool) -> tuple[object, ...]:
    marks = tag("span", *(tag("i", class_="w-box w-box-done" if number < one.n_visited else "w-box")
                          for number in range(min(one.n_listed, MOST_MARKS))), class_="w-boxes", aria_hidden="true")
    done = _say(view, "done_of", n=one.n_visited, of=one.n_listed) if has_visits else _say(
        view, "n_villages", n=one.n_listed)
    return write_name(one.name) if one.name else _say(view, "no_township"), marks, done

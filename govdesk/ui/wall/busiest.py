"""The townships with most incidents of the last complete week, each beside its own year."""

from govdesk.clock import week_label, week_of
from govdesk.queries.busy_townships import BusyTownship, read_busy_week
from govdesk.ui.formats import write_count
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.wall.parts import build_range, build_rows, stack, write_name
from govdesk.ui.wall.scene import WallView
from govdesk.words import say

#: Townships shown; fewer on a standing screen.
MOST, MOST_TALL = 5, 3


def build_busiest(view: WallView) -> Html | None:
    """Return the rows with their heading; None where there is nothing to show."""
    found = None if view.as_of is None else load(read_busy_week, view.scope, view.as_of)
    if found is None or not any(one.n > 0 for one in found.townships):
        return None
    shown = [one for one in found.townships if one.n > 0][:MOST]
    most = max(max(one.n, *(one.usual or (0, 0))) for one in shown)
    heading = say("wall_scenes.busiest", view.words, week=week_label(week_of(found.monday))[5:],
                  level=say(f"term.level_{found.level}", view.words))
    return stack(tag("div", heading, class_="w-subhead"),
                 build_rows((_row(one, most) for one in shown), "w-news-rows", n_tall=MOST_TALL))


def _row(one: BusyTownship, most: float) -> tuple[object, ...]:
    usual = None if one.usual is None else (float(one.usual[0]), float(one.usual[1]))
    span = "" if one.usual is None else f"{one.usual[0]}–{one.usual[1]}"
    return write_name(one.name), write_count(one.n), build_range(one.n, usual, most), span

"""The newest incidents, running by: township, stream, what happened, when; the category only where it tells nothing."""

from datetime import datetime, timedelta
from typing import Any

from govdesk.clock import local_day, zone
from govdesk.queries.incidents import list_newest
from govdesk.queries.small_cells import find_tellable
from govdesk.ui.formats import write_term
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.setting import name_categories
from govdesk.ui.wall.ages import find_age
from govdesk.ui.wall.parts import build_nothing, write_name
from govdesk.ui.wall.scene import Tile, WallView
from govdesk.words import say

#: Incidents in the strip, and seconds that each takes to run by.
MOST, SECONDS = 12, 7


def build_newest(view: WallView) -> Tile:
    """Return the strip that runs by: twice the same, moved by half of itself by the style sheet alone.

    Without motion (`prefers-reduced-motion`) it stands still and shows the first ones.
    """
    title = say("wall_scenes.newest", view.words)
    age = find_age(view)
    if view.as_of is None:
        return Tile("newest", title, build_nothing(say("wall_scenes.no_records", view.words)), "newest", None)
    rows = load(list_newest, view.scope, view.as_of, MOST)
    told = load(find_tellable, view.scope, tuple(int(one) for one in rows["id"]))
    items = [_build_item(view, row, row["id"] in told) for row in rows.to_dict("records")]
    run = tag("div", *items, class_="w-run-part")
    again = tag("div", *items, class_="w-run-part", aria_hidden="true")
    strip = tag("div", tag("div", run, again, class_="w-run-strip",
                           style=f"animation-duration:{SECONDS * max(len(items), 1)}s"), class_="w-run")
    return Tile("newest", title, strip, "newest", age.as_of, age.stale_after)


def _build_item(view: WallView, row: Any, is_told: bool) -> Html:
    return tag("span", tag("span", write_moment(view, row["reported_at"]), class_="w-run-at"),
               tag("b", write_name(row["township_name"])),
               tag("span", name_kind(view, row, is_told)),
               tag("span", write_term("status", row["status"], view.words), class_="w-run-what"), class_="w-run-item")


def write_moment(view: WallView, instant: datetime) -> str:
    """Return the time of today or yesterday, else the day."""
    day, local = local_day(instant), instant.astimezone(zone())
    if day == view.day:
        return f"{local:%H:%M}"
    if day == view.day - timedelta(days=1):
        return say("wall_scenes.yesterday", view.words, at=f"{local:%H:%M}")
    return f"{local:%m-%d}" if day.year == view.day.year else f"{local:%Y-%m-%d}"


def name_kind(view: WallView, row: Any, is_told: bool) -> str:
    """Return the stream of an incident, with its category where that may be told."""
    stream = write_term("stream", row["stream"], view.words)
    category = name_categories(view.words).get(row["category"]) if is_told else None
    return f"{stream} · {category}" if category else stream


def add_newest(view: WallView, *tiles: Tile) -> tuple[Tile, ...]:
    """Return the tiles of a scene with the strip as the last one."""
    return *tiles, build_newest(view)

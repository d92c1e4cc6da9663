"""The wall's picture as markup: head, tiles with their stamps, and what is said on top when something is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from govdesk.clock import zone
from govdesk.queries.wall_pins import Pin
from govdesk.terms import DataKind
from govdesk.ui.markup import Html, join, tag
from govdesk.ui.wall.lateness import NEVER, find_late, name_instant
from govdesk.ui.wall.scene import Scene, Tile
from govdesk.words import say

#: What the marker says of a picture: as it should be; the last good one, kept; nothing to be shown yet.
GOOD, KEPT, BAD = "good", "kept", "bad"


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands over a scene.

    Attributes
    ----------
    county : str
        Whose wall it is.
    kind : DataKind or None
        Sample or real; None while the database cannot be asked.
    names : sequence of (str, str)
        Name and title of the scenes that rotate.
    shown, title : str
        Name and title of the present one, which need not be among them.
    as_of : datetime or None
        When the newest record became known, UTC.
    pin : Pin or None
        What holds the rotation.
    is_paused : bool
        Whether the address asked for no rotation.
    alert : str
        What nobody accepted in the time that it may interrupt; in red.
    """

    county: str
    kind: DataKind | None
    names: Sequence[tuple[str, str]]
    shown: str
    title: str
    as_of: datetime | None
    pin: Pin | None = None
    is_paused: bool = False
    alert: str = ""


def build_head(heading: Heading, now: datetime, words: str, notice: str | None = None) -> Html:
    """Return the head of the wall; a notice takes the place of its second line."""
    title = say("wall.head", words, county=heading.county, scene=heading.title) if heading.county else heading.title
    is_sample = heading.kind == DataKind.SAMPLE
    first = tag(
        "div", tag("h1", title, class_="w-title"),
        tag("span", say("frame.sample_mark", words), class_="w-mark") if is_sample else None,
        tag("span", write_clock(now, words), class_="w-clock"), class_="w-first")
    second = tag("div", notice, class_="w-notice", role="status") if notice else _build_second(heading, now, words)
    return tag("header", first, second, class_="w-head")


def _build_second(heading: Heading, now: datetime, words: str) -> Html:
    names = [tag("li", title, class_="w-name", aria_current="true" if name == heading.shown else None)
             for name, title in heading.names]
    state = None
    if heading.pin is not None:
        until = heading.pin.until
        state = say("wall.pinned", words) if until is None else say(
            "wall.pinned_until", words, at=name_instant(until, now, words))
    elif heading.is_paused:
        state = say("wall.paused", words)
    as_of = None if heading.as_of is None else say(
        "wall.data_as_of", words, at=name_instant(heading.as_of, now, words))
    return tag(
        "div", tag("ol", *names, class_="w-names"), tag("span", state, class_="w-state") if state else None,
        tag("span", heading.alert, class_="w-alert", role="status") if heading.alert else None,
        tag("span", as_of, class_="w-as-of") if as_of else None, class_="w-second")


def write_clock(now: datetime, words: str) -> str:
    """Return day, weekday and time of the county."""
    local = now.astimezone(zone())
    return say("wall.clock", words, month=local.month, day=local.day, time=f"{local:%H:%M}",
               weekday=say(f"wall.weekday_{local.weekday()}", words))


def build_stage(scene: Scene, now: datetime, words: str) -> Html:
    """Return the tiles of a scene."""
    tiles = [_build_tile(tile, now, words) for tile in scene.tiles]
    return tag("main", *tiles, class_=f"w-scene {scene.layout}".strip(), data_scene=scene.name)


def _build_tile(tile: Tile, now: datetime, words: str) -> Html:
    late = find_late(tile.as_of, tile.stale_after, now)
    if tile.as_of is None:
        stamp = say("wall.stamp_none", words) if late == NEVER else None
    else:
        stamp = say("wall.stamp_late" if late else "wall.stamp", words, at=name_instant(tile.as_of, now, words))
    head = tag("div", tag("h2", tile.title, class_="w-tile-title"),
               tag("span", stamp, class_="w-stamp") if stamp else None, class_="w-tile-head")
    return tag(
        "section", head, tag("div", tile.body, class_="w-tile-body"),
        tag("div", tile.note, class_="w-tile-note") if tile.note else None,
        class_=f"w-tile w-tile-{tile.name}{' w-late' if late else ''}", style=f"grid-area:{tile.area}")


def build_message(sentence: str) -> Html:
    """Return what fills the wall where there is no scene."""
    return tag("main", tag("p", sentence), class_="w-message", role="status")


def build_pulse(n: int, at: datetime, state: str, tick: float) -> Html:
    """Return the marker by which the shell (`api.wall_shell`) sees that a picture is alive and of when it is."""
    return tag("i", class_="w-pulse", data_n=n, data_at=int(at.timestamp() * 1000), data_state=state, data_tick=tick)


def build_picture(head: Html, stage: Html, pulse: Html) -> Html:
    """Return the whole picture as one piece, for tests that need no server."""
    return tag("div", join((head, stage, pulse)), class_="st-key-gd-wall")

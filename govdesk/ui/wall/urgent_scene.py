"""The interruption: an incident of the highest severity; township, stream, since when, who has it; nothing of anybody.

It stays until the incident is accepted; the frame decides when it comes, and when it has held the wall long enough.
"""

from datetime import datetime
from typing import Protocol

from govdesk.clock import local_day, zone
from govdesk.queries.incidents import IncidentFacts, get_incident
from govdesk.ui.formats import write_term
from govdesk.ui.loaders import load
from govdesk.ui.markup import Html, tag
from govdesk.ui.wall.parts import build_nothing, write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "urgent"


class Numbered(Protocol):
    """What interrupts: known by the number of its incident."""

    @property
    def id(self) -> int:
        """Number of the incident."""


def build(view: WallView, incident: Numbered, count: str = "") -> Scene:
    """Return the scene; calm words where the incident is gone or out of sight meanwhile.

    Parameters
    ----------
    count : str
        Which of how many it is, where several take turns.
    """
    facts = load(get_incident, view.scope, int(incident.id))
    gone = facts is None or not facts.is_counted
    body = build_nothing(_say(view, "urgent_gone")) if gone or facts is None else _build(view, facts)
    title = " ".join(part for part in (_say(view, "urgent_title"), count) if part)
    tile = Tile("alarm", title, body, "alarm", None if facts is None else facts.recorded_at)
    return Scene(NAME, _say(view, "urgent_title"), (tile,), "w-alarm")


def _say(view: WallView, key: str, **values: object) -> str:
    return say(f"wall_scenes.{key}", view.words, **values)


def _build(view: WallView, facts: IncidentFacts) -> Html:
    where = write_name(facts.township_name) if facts.township_name else _say(view, "no_township")
    unit = write_name(facts.handling_unit_name) if facts.handling_unit_name else _say(view, "no_unit")
    closed = facts.closed_at is not None and facts.closed_at <= view.now
    return tag(
        "div", tag("div", where, class_="w-alarm-where"),
        tag("div", write_term("stream", facts.stream, view.words), class_="w-alarm-what"),
        tag("div", build_fact(view, "urgent_since", write_since(view, facts.reported_at)),
            build_fact(view, "urgent_unit", unit),
            build_fact(view, "urgent_status", write_term("status", "closed" if closed else facts.status, view.words)),
            class_="w-alarm-facts"), class_="w-alarm-body")


def build_fact(view: WallView, key: str, value: str) -> Html:
    """Return one fact of an interruption under its label."""
    return tag("div", tag("div", _say(view, key), class_="w-label"), tag("div", value, class_="w-alarm-fact"))


def write_since(view: WallView, reported: datetime) -> str:
    """Return when it was reported, with how long ago: hours and minutes on the same day, else the day."""
    local = reported.astimezone(zone())
    minutes = max(int((view.now - reported).total_seconds()) // 60, 0)
    if local_day(reported) == view.day:
        key = "since_today" if minutes >= 60 else "since_minutes"
        return _say(view, key, at=f"{local:%H:%M}", hours=minutes // 60, minutes=minutes % 60)
    return _say(view, "since_day", at=f"{local:%m-%d %H:%M}", days=(view.day - local_day(reported)).days)

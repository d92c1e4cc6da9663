"""What the data of a tile is of, and from when on it is late: the usual pause of its sources decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from govdesk.clock import zone
from govdesk.queries.stream_rhythm import SELDOM, Rhythm, read_rhythms
from govdesk.ui.formats import write_term
from govdesk.ui.loaders import load
from govdesk.ui.wall.scene import WallView
from govdesk.words import say

#: A source is late when it pauses so many times as long as usual, and at least so long.
PATIENCE, LEAST = 1.5, timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Age:
    """The stamp of a tile: as `scene.Tile` wants it."""

    as_of: datetime | None
    stale_after: timedelta | None
    note: str = ""


def find_age(view: WallView, streams: Sequence[str] = ()) -> Age:
    """Return the stamp of a tile over `streams` (default: all that were ever recorded).

    While all sources keep their rhythm it is the newest record. When one is late, its sum lacks something: the tile is
    of the time when that one fell silent, and says which.
    """
    if view.as_of is None:
        return Age(None, None)
    rhythms = [one for one in load(read_rhythms, view.scope, view.as_of) if not streams or one.stream in streams]
    if not rhythms:
        return Age(view.as_of, PATIENCE * SELDOM)
    late = [one for one in rhythms if is_late(one, view.now)]
    if not late:
        return Age(max(one.last_at for one in rhythms), max(limit_of(one) for one in rhythms))
    first = min(late, key=lambda one: one.last_at)
    stopped = first.last_at.astimezone(zone())
    note = say("wall_scenes.late", view.words, what=write_term("stream", first.stream, view.words),
               at=f"{stopped:%m-%d %H:%M}")
    return Age(first.last_at, limit_of(first), note)


def limit_of(rhythm: Rhythm) -> timedelta:
    """Return how long a stream may pause."""
    return max(PATIENCE * rhythm.usual_pause, LEAST)


def is_late(rhythm: Rhythm, now: datetime) -> bool:
    """Return whether a stream pauses longer than it may."""
    return now - rhythm.last_at > limit_of(rhythm)

"""What interrupts the rotation: incidents of the highest severity, since the walls looked last.

One watch for all walls of a server with the same eyes: they are interrupted together, and a frame that was renewed in
between misses nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

import streamlit as st
from sqlalchemy import Connection

from govdesk.queries.urgent_incidents import Urgent, list_urgent, newest_id
from govdesk.rules.access import Scope
from govdesk.settings import get_settings
from govdesk.ui.wall.rotation import LONGEST_HOLD

#: Recorded longer ago than this, an incident is history that was taken over.
NEWS = timedelta(hours=24)
#: A server that starts looks back this far, for what came in while it was away.
FIRST_LOOK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen: the largest number, at which version, and what arrived at which moment (seconds)."""

    newest: int | None = None
    version: int | None = None
    arrivals: tuple[tuple[float, Urgent], ...] = ()


def take_in(watched: Watched, found: tuple[Urgent, ...], newest: int, version: int, moment: float) -> Watched:
    """Return what is watched after a look; arrivals older than any wall holds them are forgotten."""
    kept = tuple((at, one) for at, one in watched.arrivals if moment - at < LONGEST_HOLD)
    known = {one.id for _, one in kept}
    new = tuple((moment, one) for one in found if one.id not in known)
    return Watched(newest, version, new + kept)


def pick_urgent(watched: Watched, hold: float, moment: float) -> tuple[Urgent, ...]:
    """Return what interrupts a wall that is held `hold` seconds by each arrival."""
    return tuple(one for at, one in watched.arrivals if moment - at < hold)


@dataclass(slots=True)
class Watch:
    """The watch of one kind of eyes; safe among threads."""

    watched: Watched = field(default_factory=Watched)
    lock: Lock = field(default_factory=Lock)

    def look(self, read: Callable[[Watched], tuple[tuple[Urgent, ...], int]], version: int, moment: float) -> Watched:
        """Look again where the version of the incidents has changed."""
        with self.lock:
            if self.watched.version != version:
                found, newest = read(self.watched)
                self.watched = take_in(self.watched, found, newest, version, moment)
            return self.watched


@st.cache_resource(max_entries=50, show_spinner=False)
def _find_watch(url: str, area: str | None, unit: str | None) -> Watch:
    del url, area, unit  # whose watch it is
    return Watch()


def look_for_urgent(connection: Connection, scope: Scope, *, now: datetime, version: int, moment: float) -> Watched:
    """Return what arrived lately for the eyes of `scope`.

    Parameters
    ----------
    now : datetime
        The present instant, UTC.
    version : int
        Version of the incidents: only where it has changed anything is read.
    moment : float
        Seconds of a clock that only goes forward.
    """
    def read(watched: Watched) -> tuple[tuple[Urgent, ...], int]:
        newest = newest_id(connection)
        first = watched.newest is None
        found = list_urgent(connection, replace(scope, account=""), after_id=0 if first else watched.newest or 0,
                            since=now - (FIRST_LOOK if first else NEWS))
        return found, newest

    return _find_watch(get_settings().url, scope.area_code, scope.unit_code).look(read, version, moment)

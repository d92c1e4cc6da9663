"""What interrupts the rotation until somebody accepts it: incidents of the highest severity, and calls.

One watch for all walls of a server with the same eyes: they are interrupted together, and a frame that was renewed in
between misses nothing. An incident interrupts from the look that first sees it waiting, whether it was recorded or a
step raised it, until it is accepted, answered, closed, merged or withdrawn; a call until every unit that was called has
reported in. Neither holds a wall for longer than its address allows: afterwards it stays as a red line in the head, so
that nobody's silence blinds a wall for hours.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

import streamlit as st
from sqlalchemy import Connection

from govdesk.clock import day_start
from govdesk.queries.calls import WaitingHop, list_waiting
from govdesk.queries.urgent_incidents import Urgent, list_unaccepted, list_urgent
from govdesk.rules.access import Scope
from govdesk.settings import get_settings
from govdesk.terms import CallHop
from govdesk.ui.loaders import load_loop
from govdesk.ui.wall.rotation import LONGEST_HOLD
from govdesk.ui.wall.scene import WallView

#: Recorded and raised longer ago than this, an incident is history that was taken over; the red line ends, too.
NEWS = timedelta(hours=24)
#: A server that starts looks back this far, for what came in and was not accepted while it was away.
FIRST_LOOK = timedelta(seconds=LONGEST_HOLD)


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen: all that waits, at which version, and what arrived at which moment (seconds)."""

    waiting: frozenset[int] | None = None
    version: int | None = None
    arrivals: tuple[tuple[float, Urgent], ...] = ()


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """A call that not every unit has reported in to: its township, since when (UTC), and who is waited for."""

    id: int
    township: str
    called_at: datetime
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alarms:
    """What holds a wall now, in the order in which it is shown, and how many wait that held it long enough."""

    shown: tuple[Urgent | WaitingCall, ...] = ()
    n_urgent: int = 0
    n_calls: int = 0


def take_in(
    watched: Watched, waiting: frozenset[int], found: tuple[Urgent, ...], version: int, moment: float
) -> Watched:
    """Return what is watched after a look; what waits no longer is forgotten."""
    kept = tuple((at, one) for at, one in watched.arrivals
                 if one.id in waiting and moment - at < NEWS.total_seconds())
    known = {one.id for _, one in kept}
    new = tuple((moment, one) for one in found if one.id not in known and one.id in waiting)
    return Watched(waiting, version, new + kept)


def pick_urgent(watched: Watched, hold: float, moment: float) -> tuple[Urgent, ...]:
    """Return what interrupts a wall that is held `hold` seconds at most by each arrival."""
    return tuple(one for at, one in watched.arrivals if moment - at < hold)


def pick_alarms(
    watched: Watched, calls: tuple[WaitingCall, ...], hold: float, moment: float, now: datetime
) -> Alarms:
    """Return what interrupts a wall, calls first (somebody stands and waits), and what is left to the red line."""
    urgent = pick_urgent(watched, hold, moment)
    calling = tuple(one for one in calls if (now - one.called_at).total_seconds() < hold)
    n_old = sum(moment - at < NEWS.total_seconds() for at, _ in watched.arrivals) - len(urgent)
    return Alarms((*calling, *urgent), n_old, len(calls) - len(calling))


@dataclass(slots=True)
class Watch:
    """The watch of one kind of eyes; safe among threads."""

    watched: Watched = field(default_factory=Watched)
    lock: Lock = field(default_factory=Lock)

    def look(
        self, read: Callable[[Watched], tuple[frozenset[int], tuple[Urgent, ...]]], version: int, moment: float
    ) -> Watched:
        """Look again where the version of the incidents has changed."""
        with self.lock:
            if self.watched.version != version:
                waiting, found = read(self.watched)
                self.watched = take_in(self.watched, waiting, found, version, moment)
            return self.watched


@st.cache_resource(max_entries=50, show_spinner=False)
def _find_watch(url: str, area: str | None, unit: str | None) -> Watch:
    del url, area, unit  # whose watch it is
    return Watch()


def look_for_urgent(connection: Connection, scope: Scope, *, now: datetime, version: int, moment: float) -> Watched:
    """Return what arrived lately for the eyes of `scope` and still waits.

    Parameters
    ----------
    now : datetime
        The present instant, UTC.
    version : int
        Version of the incidents: only where it has changed anything is read.
    moment : float
        Seconds of a clock that only goes forward.
    """
    def read(watched: Watched) -> tuple[frozenset[int], tuple[Urgent, ...]]:
        seen = replace(scope, account="")
        waiting = list_unaccepted(connection, seen)
        new = waiting if watched.waiting is None else waiting - watched.waiting
        since = now - (FIRST_LOOK if watched.waiting is None else NEWS)
        return waiting, list_urgent(connection, seen, new, since=since) if new else ()

    return _find_watch(get_settings().url, scope.area_code, scope.unit_code).look(read, version, moment)


def load_hops(view: WallView) -> tuple[WaitingHop, ...]:
    """Return who owes a hop of a call, late or not at the present instant; kept as long as no call changes."""
    found = load_loop(list_waiting, replace(view.scope, account=""), day_start(view.day))
    hops = [replace(one, is_late=one.due_at is not None and one.due_at < view.now) for one in found]
    return tuple(sorted(hops, key=lambda one: (not one.is_late, one.due_at or one.since, one.call_id)))


def list_calls_waiting(hops: tuple[WaitingHop, ...], now: datetime) -> tuple[WaitingCall, ...]:
    """Return the calls of the last day to which a unit has still to report in, the newest first."""
    calls: dict[int, list[WaitingHop]] = {}
    for one in hops:
        if one.hop == CallHop.REPORT_IN and now - one.since < NEWS:
            calls.setdefault(one.call_id, []).append(one)
    found = (WaitingCall(number, owed[0].where, min(one.since for one in owed), tuple(one.unit_name for one in owed))
             for number, owed in calls.items())
    return tuple(sorted(found, key=lambda one: (one.called_at, one.id), reverse=True))

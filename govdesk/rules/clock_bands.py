"""How near a deadline is: red, orange, yellow or none, and the same as two instants that a query can compare; pure.

Red: over. Orange: less than one working day of office hours left. Yellow: less than three. An incident that is paused
has no deadline and therefore no band. The cuts are ours; the colours follow China's public warnings.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from govdesk.rules.working_calendar import WorkingCalendar

#: Working days left under which the band begins.
ORANGE_DAYS = 1
YELLOW_DAYS = 3


class TimeBand(StrEnum):
    """How near a deadline is."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"


@dataclass(frozen=True, slots=True)
class Cuts:
    """Three instants (UTC): due before `now` is red, before `orange_until` orange, before `yellow_until` yellow."""

    now: datetime
    orange_until: datetime
    yellow_until: datetime

    def find_band(self, due_at: datetime | None) -> TimeBand | None:
        """Return the band of a deadline; None while there is plenty of time, or no clock runs."""
        if due_at is None or due_at >= self.yellow_until:
            return None
        if due_at < self.now:
            return TimeBand.RED
        return TimeBand.ORANGE if due_at < self.orange_until else TimeBand.YELLOW


def cut_instants(now: datetime, calendar: WorkingCalendar) -> Cuts:
    """Return the instants between the bands, as seen from `now`."""
    day = calendar.day_seconds
    return Cuts(now, calendar.add_working_seconds(now, ORANGE_DAYS * day),
                calendar.add_working_seconds(now, YELLOW_DAYS * day))


def find_time_left_band(due_at: datetime | None, now: datetime, calendar: WorkingCalendar) -> TimeBand | None:
    """Return the band of one deadline; for many use the cuts."""
    return cut_instants(now, calendar).find_band(due_at)

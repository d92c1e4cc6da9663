"""How many visits a week the office can make, as the settings page shows it: what holds, who said so, what is done."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.adopted_thresholds import Thresholds, list_adoptions, read_thresholds_in_force
from govdesk.queries.permission import reads
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.access import Scope
from govdesk.storage.setting_changes import LastChange, read_last_changes
from govdesk.storage.visit_capacity import KEY, SUBJECT, read_set_capacity
from govdesk.tables import Visit

#: Complete weeks whose visits stand beside the setting, as on other pages.
WEEKS = 13


@dataclass(frozen=True, slots=True)
class CapacitySettings:
    """What holds, and what it can be compared with.

    Attributes
    ----------
    in_force : Thresholds
        With the capacity that holds.
    adopted : int or None
        The capacity that was adopted with them.
    adopted_by : str
        Title of who adopted the thresholds.
    change : LastChange or None
        What was set here; None where what was adopted holds.
    by : str
        Title of who set it.
    seen : int
        Number of the last change, taken back or not: what a form says it has seen.
    visits : tuple of int
        Villages visited in each of the last `WEEKS` complete weeks, the oldest first; a village twice in a week is one.
    first_day, last_day : date
        Of these weeks.
    """

    in_force: Thresholds
    adopted: int | None
    adopted_by: str
    change: LastChange | None
    by: str
    seen: int
    visits: tuple[int, ...]
    first_day: date
    last_day: date


@reads("change_settings")
def read_capacity_settings(connection: Connection, scope: Scope, on: date) -> CapacitySettings:
    """Return the capacity that holds on a day, and the visits of the weeks before it."""
    del scope  # who may change settings sees the whole
    in_force = read_thresholds_in_force(connection, on)
    newest = next((one for one in list_adoptions(connection) if one.thresholds.id == in_force.id), None)
    change = read_set_capacity(connection, in_force.id)
    last = read_last_changes(connection, SUBJECT).get(KEY)
    titles = read_post_titles(connection)
    week = week_of(on)
    first, end = monday_of(week - WEEKS), monday_of(week)
    return CapacitySettings(
        in_force, newest.thresholds.capacity_per_week if newest else None, newest.post if newest else "", change,
        titles.get(change.by, change.by) if change else "", last.id if last else 0,
        _count_visits(connection, first, end), first, end - timedelta(days=1))


def _count_visits(connection: Connection, first: date, end: date) -> tuple[int, ...]:
    """Return the villages visited week by week from one Monday up to another one."""
    pairs = {(week_of(day), place) for day, place in connection.execute(select(
        Visit.visited_on, Visit.place_code).where(Visit.visited_on >= first, Visit.visited_on < end))}
    return tuple(sum(week == one for week, _ in pairs) for one in range(week_of(first), week_of(end)))

"""Keeps the cache columns of incidents equal to what their steps say (`rules.step_cache`)."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, text

from govdesk.clock import week_of
from govdesk.rules.step_cache import LOOP_SOURCE, StepCache, StepFact, derive_cache
from govdesk.rules.time_limits import NO_LIMIT
from govdesk.settings import get_settings
from govdesk.storage.bulk import Row, update_rows
from govdesk.tables import Incident

#: Incidents a query.
_PART = 500
_COLUMNS = ("status", "first_answered_at", "due_at", "closed_at", "week_closed", "resolution_level", "outcome",
            "n_reopened", "n_steps", "handling_unit", "severity", "answer_due_at")
_STEPS = ("SELECT incident_id, kind, occurred_at, outcome, level, due_at, is_withdrawn, unit_code, id, source,"
          " severity, time_limit FROM steps WHERE incident_id IN ({ids}) ORDER BY incident_id, occurred_at, id")
_GIVEN = "SELECT id, due_given_at, handling_unit, severity FROM incidents WHERE id IN ({ids})"


def refresh_cache(connection: Connection, incident_ids: Iterable[int]) -> int:
    """Derive the cache of some incidents anew from their steps, in the caller's transaction.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    incident_ids : iterable of int
        Incidents of which a step, or the due date they came with, changed.

    Returns
    -------
    int
        How many incidents were looked at.
    """
    wanted = sorted(set(incident_ids))
    table = Incident.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: a mapped class has a Table
    return update_rows(connection, table, "id", _COLUMNS, _cache_rows(connection, wanted))


def _cache_rows(connection: Connection, wanted: list[int]) -> Iterator[Row]:
    for start in range(0, len(wanted), _PART):
        part = wanted[start:start + _PART]
        ids = ", ".join(str(int(number)) for number in part)
        steps: dict[int, list[StepFact]] = {}
        for row in connection.execute(text(_STEPS.format(ids=ids))):
            steps.setdefault(row[0], []).append(as_fact(*row[1:]))
        given = {row[0]: tuple(row[1:]) for row in connection.execute(text(_GIVEN.format(ids=ids)))}
        for number in part:
            due, unit, severity = given.get(number, (None, None, None))
            yield (*_as_row(derive_cache(steps.get(number, ()), due), unit, severity), number)


def as_fact(  # noqa: PLR0917 - the columns of a row, in their order
    kind: str, at: int, outcome: str | None, level: str | None, due_at: int | None, is_withdrawn: object,
    unit: str | None, number: int, source: str, severity: int | None = None,
    time_limit: str | None = None,
) -> StepFact:
    """Return a row of steps as the rule reads it."""
    return StepFact(kind, at, outcome, level, due_at, bool(is_withdrawn), unit, number if source == LOOP_SOURCE else 0,
                    severity, is_unlimited=time_limit == NO_LIMIT)


def _as_row(cache: StepCache, unit: str | None, severity: int | None) -> Row:
    week = None if cache.closed_at is None else _week_at(cache.closed_at, get_settings().zone)
    urgency = severity if cache.severity is None else cache.severity
    return (cache.status, cache.first_answered_at, cache.due_at, cache.closed_at, week, cache.resolution_level,
            cache.outcome, cache.n_reopened, cache.n_steps, cache.dispatched_to or unit, urgency,
            cache.answer_due_at)


def _week_at(instant: int, zone: str) -> int:
    return week_of(_day_at(instant, zone))


@lru_cache(maxsize=65_536)
def _day_at(instant: int, zone: str) -> date:
    return datetime.fromtimestamp(instant, ZoneInfo(zone)).date()


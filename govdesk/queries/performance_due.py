"""Agreements 调解协议 whose day of performance has passed: kept, kept late, or nothing recorded."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import BigInteger, Connection, exists, select, type_coerce

from govdesk.queries.filters import IncidentFilter, counted
from govdesk.queries.incidents import describe_incidents
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Mediation, Step
from govdesk.terms import Outcome, StepKind

#: Days before the day asked for, in which the day of performance lies.
WINDOW_DAYS = 365


@dataclass(frozen=True, slots=True)
class PerformanceDue:
    """Agreements whose day of performance lies from `day_from` to the day before `day`.

    Attributes
    ----------
    n_due : int
        All of them: agreements of mediations with a day of performance, and closings by agreement of which no
        mediation record has one.
    n_kept, n_kept_late, n_open : int
        Performed by the day, performed after it, nothing recorded; they sum up to `n_due`.
    rows : DataFrame
        A page of `n_open`, the oldest first: the columns of `queries.incidents.list_incidents`, and ``due_on`` (day).
    """

    day_from: date
    day: date
    n_due: int
    n_kept: int
    n_kept_late: int
    n_open: int
    rows: pd.DataFrame


@reads("view_overview")
def read_performance_due(connection: Connection, scope: Scope, day: date, *, limit: int = 20) -> PerformanceDue:
    """Return what was agreed and should be performed by now, as far as `scope` may see it.

    Parameters
    ----------
    day : date
        What was recorded as performed after it does not count as performed.
    """
    first = day - timedelta(days=WINDOW_DAYS)
    agreed = [*_read_mediated(connection, scope, first, day), *_read_promised(connection, scope, first, day)]
    done = [(on, performed) for _, on, performed in agreed if performed is not None and performed <= day]
    kept = sum(performed <= on for on, performed in done)
    waiting: dict[int, date] = {}
    for number, on, performed in sorted(agreed, key=lambda one: (one[1], one[0])):
        if performed is None or performed > day:
            waiting.setdefault(number, on)
    chosen = dict(list(waiting.items())[:max(limit, 0)])
    rows = describe_incidents(connection, scope, tuple(chosen), day)
    rows["due_on"] = pd.Series([chosen[number] for number in rows["id"]], dtype="object").astype("datetime64[s]")
    return PerformanceDue(first, day, len(agreed), kept, len(done) - kept, len(agreed) - len(done),
                          rows.sort_values(["due_on", "id"], ignore_index=True))


#: Incident, day of performance, performed on.
_Agreed = list[tuple[int, date, date | None]]


def _read_mediated(connection: Connection, scope: Scope, first: date, day: date) -> _Agreed:
    rows = connection.execute(select(
        Mediation.incident_id, Mediation.performance_due_on, Mediation.performed_on,
    ).join(Incident, Incident.id == Mediation.incident_id).where(
        counted(scope, IncidentFilter(0, 0)), Incident.weight == 1,
        Mediation.performance_due_on >= first, Mediation.performance_due_on < day))
    return [(row[0], row[1], row[2]) for row in rows if row[1] is not None]


def _read_promised(connection: Connection, scope: Scope, first: date, day: date) -> _Agreed:
    """Return the closings by agreement that hold and that no mediation record follows up."""
    at = type_coerce(Step.occurred_at, BigInteger)
    rows = connection.execute(select(Step.incident_id, Step.promised_on).join(
        Incident, Incident.id == Step.incident_id).where(
        counted(scope, IncidentFilter(0, 0)), Incident.weight == 1, Step.is_withdrawn.is_(False),
        Step.kind == StepKind.CLOSE.value, Incident.outcome == Outcome.AGREEMENT.value,
        at == type_coerce(Incident.closed_at, BigInteger), Step.promised_on >= first, Step.promised_on < day,
        ~exists().where(Mediation.incident_id == Incident.id, Mediation.performance_due_on.is_not(None))))
    return [(row[0], row[1], None) for row in rows if row[1] is not None]

"""What a row of the board says of an incident: place, kind, where it stands, who has it, what it waits for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, select, type_coerce

from govdesk.queries.incidents import MAX_ID, name_parts
from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents
from govdesk.rules.access import Scope
from govdesk.rules.step_cache import LOOP_SOURCE, StepFact, find_next_status, order_steps
from govdesk.tables import Incident, Step
from govdesk.terms import Status, StepKind


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One incident on the board; instants aware UTC.

    Attributes
    ----------
    stands_in : str
        Status whose node it lies in: of a paused one the status before the pause.
    n_extended, n_urged : int
        Extensions granted and urges, since the report.
    n_dispatched, n_sent_back : int
        Dispatches and returns, since the report: each starts a clock anew, so whoever sends it round and round is seen.
    is_asking : bool
        An extension is asked for and not decided.
    """

    id: int
    source_ref: str
    stream: str
    category: str
    place_code: str
    place_name: str | None
    township_name: str | None
    handling_unit: str | None
    handling_unit_name: str | None
    severity: int | None
    status: str
    stands_in: str
    reported_at: datetime
    due_at: datetime | None
    n_reopened: int
    n_extended: int
    n_urged: int
    n_dispatched: int
    n_sent_back: int
    is_asking: bool


@reads("view_incidents")
def describe_rows(connection: Connection, scope: Scope, incident_ids: Sequence[int]) -> tuple[BoardRow, ...]:
    """Return the rows of incidents in the order given; those that the caller may not see are left out."""
    asked = [number for number in incident_ids if 0 < number <= MAX_ID]
    place, township, unit = name_parts()
    rows = connection.execute(select(
        Incident.id, Incident.source_ref, Incident.stream, Incident.category, Incident.place_code,
        place.label("place_name"), township.label("township_name"), Incident.handling_unit,
        unit.label("handling_unit_name"), Incident.severity, Incident.status, Incident.reported_at, Incident.due_at,
        Incident.n_reopened,
    ).where(Incident.id.in_(asked), handled_incidents(scope))).mappings().all()
    histories = _read_histories(connection, [row["id"] for row in rows])
    found = {row["id"]: BoardRow(**row, **_sum_up(histories[row["id"]], row["status"])) for row in rows}
    return tuple(found[number] for number in asked if number in found)


def _read_histories(connection: Connection, incident_ids: Sequence[int]) -> dict[int, list[StepFact]]:
    """Return the kinds of the steps of incidents, in order."""
    facts: dict[int, list[StepFact]] = defaultdict(list)
    for row in connection.execute(select(
            Step.incident_id, Step.id, Step.kind, type_coerce(Step.occurred_at, BigInteger).label("at"), Step.source,
    ).where(Step.incident_id.in_(incident_ids), Step.is_withdrawn.is_(False))):
        facts[row.incident_id].append(
            StepFact(row.kind, row.at, taken=row.id if row.source == LOOP_SOURCE else 0))
    return defaultdict(list, {number: order_steps(steps) for number, steps in facts.items()})


def _sum_up(steps: Sequence[StepFact], status: str) -> dict[str, Any]:
    kinds = [step.kind for step in steps]
    asking = False
    stands, before = Status.REPORTED, Status.REPORTED
    for kind in kinds:
        following = find_next_status(StepKind(kind), stands, before)
        if following not in (Status.PAUSED, Status.CLOSED):
            before = following
        stands = following
        if kind == StepKind.ASK_EXTEND:
            asking = True
        elif kind not in (StepKind.URGE, StepKind.PAUSE, StepKind.RESUME, StepKind.REFER_UP, StepKind.TRIAGE):
            asking = False
    return {
        "stands_in": before.value if status == Status.PAUSED else status,
        "n_extended": kinds.count(StepKind.EXTEND), "n_urged": kinds.count(StepKind.URGE),
        "n_dispatched": kinds.count(StepKind.DISPATCH), "n_sent_back": kinds.count(StepKind.RETURN),
        "is_asking": asking,
    }

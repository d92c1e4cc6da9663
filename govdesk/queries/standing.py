"""Where one incident stands, for whoever wants to take a step of it: read from its steps, not from the cache."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, select, type_coerce

from govdesk.queries.incidents import MAX_ID
from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.rules.case_flow import Actor, Standing, Taken, Taker
from govdesk.rules.step_cache import LOOP_SOURCE, StepCache, StepFact, derive_cache, sort_key
from govdesk.rules.time_limits import NO_LIMIT
from govdesk.tables import Account, Incident, Step
from govdesk.terms import Role, Status, StepKind

#: What ends the wait for a decision about an extension: decided, or the incident left the hands of who asked.
_DECIDES = frozenset({StepKind.EXTEND.value, StepKind.DENY_EXTEND.value, StepKind.DISPATCH.value,
                      StepKind.RETURN.value, StepKind.ANSWER.value, StepKind.CLOSE.value, StepKind.REOPEN.value})


@dataclass(frozen=True, slots=True)
class HeldIncident:
    """One incident under somebody's hands: the columns that its rules look at, its steps, and where it stands.

    Attributes
    ----------
    steps : tuple of StepFact
        All that count, in the order in which they count.
    before_pause : Status
        Where a resume leads to; the status itself when it is not paused.
    """

    id: int
    place_code: str
    stream: str
    category: str
    severity: int | None
    standing: Standing
    cache: StepCache
    steps: tuple[StepFact, ...]
    before_pause: Status


@reads("view_incidents", "send_incident")
def read_standing(
    connection: Connection, scope: Scope, incident_id: int, *, is_locked: bool = False
) -> HeldIncident | None:
    """Return where an incident stands; None when there is none, or the caller may not see it.

    Parameters
    ----------
    is_locked : bool
        Hold its row until the end of the transaction (a transaction that writes).
    """
    if not 0 < incident_id <= MAX_ID:
        return None
    statement = select(
        Incident.id, Incident.place_code, Incident.stream, Incident.category, Incident.severity, Incident.handling_unit,
        Incident.concerns_unit, Incident.is_counted, Incident.merged_into, Incident.weight,
        type_coerce(Incident.reported_at, BigInteger).label("reported_at"),
        type_coerce(Incident.due_given_at, BigInteger).label("due_given_at"),
    ).where(Incident.id == incident_id, handled_incidents(scope))
    if is_locked:
        statement = statement.with_for_update(of=Incident, key_share=True)  # who refers to it need not wait
    row = connection.execute(statement).first()
    if row is None:
        return None
    steps = _read_steps(connection, incident_id)
    facts = tuple(fact for fact, _ in steps)
    cache = derive_cache(facts, row.due_given_at)
    last = steps[-1][1] if steps else None
    standing = Standing(
        status=Status(cache.status), handling_unit=cache.dispatched_to or row.handling_unit,
        concerns_unit=row.concerns_unit, is_live=bool(row.is_counted) and row.merged_into is None and row.weight > 0,
        n_steps=cache.n_steps, reported_at=row.reported_at, last=last,
        asked=_find_asked([taken for _, taken in steps]),
        closed=next((taken for _, taken in reversed(steps) if taken.kind == StepKind.CLOSE), None))
    return HeldIncident(row.id, row.place_code, row.stream, row.category, row.severity, standing, cache, facts,
                        _before_pause(facts))


def _read_steps(connection: Connection, incident_id: int) -> list[tuple[StepFact, Taken]]:
    rows = connection.execute(select(
        Step.id, Step.kind, type_coerce(Step.occurred_at, BigInteger).label("at"), Step.outcome, Step.level,
        type_coerce(Step.due_at, BigInteger).label("due_at"), Step.unit_code, Step.source, Step.by_post,
        Step.time_limit,
    ).where(Step.incident_id == incident_id, Step.is_withdrawn.is_(False)))
    found = [(StepFact(row.kind, row.at, row.outcome, row.level, row.due_at, is_withdrawn=False, unit=row.unit_code,
                       taken=row.id if row.source == LOOP_SOURCE else 0, is_unlimited=row.time_limit == NO_LIMIT),
              Taken(row.id, row.kind, row.by_post, row.at)) for row in rows]
    return sorted(found, key=lambda pair: (*sort_key(pair[0]), pair[1].step_id))


def _find_asked(steps: list[Taken]) -> Taken | None:
    """Return the extension that was asked for and not yet decided."""
    last = next((one for one in reversed(steps) if one.kind == StepKind.ASK_EXTEND or one.kind in _DECIDES), None)
    return last if last is not None and last.kind == StepKind.ASK_EXTEND else None


def _before_pause(facts: tuple[StepFact, ...]) -> Status:
    status = Status(derive_cache(facts).status)
    if status is not Status.PAUSED:
        return status
    for n in range(len(facts) - 1, -1, -1):
        earlier = Status(derive_cache(facts[:n]).status)
        if earlier is not Status.PAUSED:
            return earlier
    return Status.REPORTED


@reads("view_incidents", "send_incident")
def find_post(connection: Connection, scope: Scope) -> str:
    """Return what an account signs with: its post, or where it has none its own code."""
    return connection.scalar(select(Account.post_code).where(Account.code == scope.account)) or scope.account


@reads("view_incidents", "send_incident")
def find_taker(connection: Connection, scope: Scope, held: HeldIncident) -> Taker:
    """Return what an account is to an incident: the centre, its handler, the township around it."""
    actors = set()
    if scope.role in (Role.CENTRE, Role.ADMIN):
        actors.add(Actor.CENTRE)
    is_inside = connection.scalar(select(Incident.id).where(
        Incident.id == held.id, within_area(scope, Incident.place_code))) is not None
    if scope.unit_code is not None and scope.unit_code == held.standing.handling_unit:
        actors.add(Actor.HANDLER)
    if scope.role is Role.TOWNSHIP and scope.area_code is not None and is_inside:
        actors.add(Actor.AREA)
    return Taker(frozenset(actors), find_post(connection, scope), scope.account)

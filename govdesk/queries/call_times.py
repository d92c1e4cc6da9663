"""How long called units took to report in, to arrive, to answer; a joint handling is one call."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import Connection, and_, select

from govdesk.queries.calls import visible_calls
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.rules.calls import find_expected
from govdesk.tables import Call, CallStep, Unit
from govdesk.terms import RATE_MINIMUM, CallHop

#: The hops whose time is counted, each from the summons.
TIMED = (CallHop.REPORT_IN, CallHop.ARRIVE, CallHop.ANSWER)


@dataclass(frozen=True, slots=True)
class HopTimes:
    """How one unit took one hop.

    Attributes
    ----------
    n : int
        How often it was taken.
    minutes : float or None
        Median of the minutes since the summons; None under `terms.RATE_MINIMUM`.
    n_late : int
        Taken after its time, or not taken though its time has passed (before the unit was released).
    n_due : int
        Taken, or its time has passed: what `n_late` is a part of.
    """

    n: int
    minutes: float | None
    n_late: int
    n_due: int


@dataclass(frozen=True, slots=True)
class UnitTimes:
    """One unit: how often it was called, how often as lead, and its times by hop."""

    code: str
    name: str
    n_called: int
    n_lead: int
    times: dict[CallHop, HopTimes]


@dataclass(frozen=True, slots=True)
class CallTimes:
    """All calls of a window: `n_calls` counts a joint handling once, `n_joint` of them; units with most calls first."""

    n_calls: int
    n_joint: int
    units: tuple[UnitTimes, ...]


@dataclass(slots=True)
class _Taken:
    at: dict[str, datetime]
    due: dict[str, datetime | None]
    is_lead: bool = False


@reads("view_calls")
def read_call_times(connection: Connection, scope: Scope, since: datetime, now: datetime) -> CallTimes:
    """Return the times of the calls made from `since` to before `now`, those that go on among them."""
    rows = connection.execute(
        select(CallStep.call_id, CallStep.unit_code, CallStep.hop, CallStep.at, CallStep.due_at, CallStep.is_lead)
        .join(Call, Call.id == CallStep.call_id)
        .where(and_(visible_calls(scope), Call.called_at >= since, Call.called_at < now))
        .order_by(CallStep.id)).all()
    taken: dict[tuple[int, str], _Taken] = {}
    for row in rows:
        one = taken.setdefault((row.call_id, row.unit_code), _Taken({}, {}))
        one.at[row.hop] = row.at
        one.due[row.hop] = row.due_at
        one.is_lead |= row.is_lead
    names = {row.code: row.name for row in connection.execute(select(Unit.code, Unit.name))}
    by_unit: dict[str, list[_Taken]] = defaultdict(list)
    for (_, code), one in taken.items():
        by_unit[code].append(one)
    units = [
        UnitTimes(code, names.get(code, code), len(all_of), sum(one.is_lead for one in all_of),
                  {hop: _sum_up(all_of, hop, now) for hop in TIMED})
        for code, all_of in by_unit.items()
    ]
    called: dict[int, int] = defaultdict(int)
    for call_id, _ in taken:
        called[call_id] += 1
    return CallTimes(
        len(called), sum(n > 1 for n in called.values()),
        tuple(sorted(units, key=lambda unit: (-unit.n_called, unit.code))))


def _sum_up(all_of: list[_Taken], hop: CallHop, now: datetime) -> HopTimes:
    waits = [(one.at[hop] - one.at[CallHop.SUMMON]).total_seconds() / 60
             for one in all_of if hop in one.at and CallHop.SUMMON in one.at]
    n_late = n_missing = 0
    for one in all_of:
        due = _find_due(one, hop)
        if hop in one.at:
            n_late += due is not None and one.at[hop] > due
        elif due is not None and due < one.at.get(CallHop.RELEASE, now) and _owes(one) == hop:
            n_late += 1
            n_missing += 1
    return HopTimes(len(waits), median(waits) if len(waits) >= RATE_MINIMUM else None, n_late, len(waits) + n_missing)


def _owes(one: _Taken) -> CallHop | None:
    """Return the hop that a unit owes, or owed when it was released."""
    return find_expected([hop for hop in one.at if hop != CallHop.RELEASE])


def _find_due(one: _Taken, hop: CallHop) -> datetime | None:
    """Return until when a hop was expected: the due time of the last hop before it that was taken."""
    before = list(CallHop)[: list(CallHop).index(hop)]
    return next((one.due[earlier] for earlier in reversed(before) if earlier in one.at), None)

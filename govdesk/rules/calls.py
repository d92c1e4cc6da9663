"""Call and answer 乡呼县应: which hop of a called unit may follow, who may take it, until when it is expected.

Pure. Source of the mechanism: reports of 来宾 ("乡呼县应、上下联动": townships call for what they cannot solve alone)
and of cities with "中心吹哨、部门报到". The order of the hops is `terms.CallHop`; the minutes stand in
`data/reference/call_limits.toml`.

* `report_in` follows the summons; `arrive` follows `report_in`.
* `answer` follows `arrive`; from severity `desk_answer_from` on it may follow `report_in`: answered from the desk.
* `release` is the caller's: before an answer it calls the unit off. The lead is released only as the call ends.
* The lead is named with the call and does not change: who wants another one ends the call and calls anew.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from govdesk.rules.access import Scope
from govdesk.terms import CallHop, CallOutcome, Role

#: Who takes a hop: the called unit itself, whoever called, or the centre for one of them.
Side = Literal["unit", "caller", "centre"]

SEVERITIES = (1, 2, 3, 4)
#: More units are no call but a meeting.
MOST_UNITS = 12
#: Roles that see to it that calls are answered, and may act for a unit.
CENTRE_ROLES = frozenset({Role.CENTRE, Role.ADMIN})
#: Outcomes that only stand when the lead has answered.
NEEDS_ANSWER = frozenset({CallOutcome.SETTLED, CallOutcome.PARTLY})
#: The hop that is expected after each; nothing is expected of a unit that has answered.
_EXPECTED = {
    CallHop.SUMMON: CallHop.REPORT_IN, CallHop.REPORT_IN: CallHop.ARRIVE, CallHop.ARRIVE: CallHop.ANSWER,
}


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How long each hop may take.

    Attributes
    ----------
    after : mapping
        Hop to one duration a severity (1 to 4), counted from the hop before it.
    desk_answer_from : int
        From this severity on `answer` may follow `report_in`.
    """

    after: Mapping[CallHop, tuple[timedelta, timedelta, timedelta, timedelta]]
    desk_answer_from: int


def find_expected(taken: Collection[str]) -> CallHop | None:
    """Return the hop that a called unit owes; None when it has answered or was released.

    Examples
    --------
    >>> find_expected(["summon", "report_in"])
    <CallHop.ARRIVE: 'arrive'>
    """
    if CallHop.RELEASE in taken or CallHop.ANSWER in taken:
        return None
    last = max((CallHop(hop) for hop in taken), key=list(CallHop).index, default=None)
    return None if last is None else _EXPECTED[last]


def find_due(hop: CallHop, at: datetime, severity: int, limits: CallLimits) -> datetime | None:
    """Return until when the hop after `hop`, taken `at`, is expected; None when nothing is."""
    expected = _EXPECTED.get(hop)
    return None if expected is None else at + limits.after[expected][severity - 1]


def list_next(taken: Collection[str], severity: int, limits: CallLimits, *, is_lead: bool) -> tuple[CallHop, ...]:
    """Return the hops that may follow, in their order; empty once a unit is released."""
    return tuple(hop for hop in CallHop if check_hop(taken, hop, severity, limits, is_lead=is_lead) is None)


def check_hop(
    taken: Collection[str], hop: CallHop, severity: int, limits: CallLimits, *, is_lead: bool
) -> str | None:
    """Return why a hop may not be taken now, as the end of a key ``calls.error_<…>``; None when it may.

    Returns
    -------
    str or None
        ``taken`` (already), ``released``, ``not_called``, ``lead_stays``, ``answered`` (what comes before is too
        late), ``first_report_in``, ``first_arrive``.
    """
    too_early = {
        "not_called": CallHop.SUMMON not in taken,
        "lead_stays": hop == CallHop.RELEASE and is_lead,
        "answered": hop != CallHop.RELEASE and CallHop.ANSWER in taken,
        "first_report_in": hop in (CallHop.ARRIVE, CallHop.ANSWER) and CallHop.REPORT_IN not in taken,
        "first_arrive": hop == CallHop.ANSWER and CallHop.ARRIVE not in taken and severity < limits.desk_answer_from,
    }
    if hop in taken:
        return "taken"
    if CallHop.RELEASE in taken:
        return "released"
    if hop == CallHop.SUMMON:
        return None
    return next((key for key, holds in too_early.items() if holds), None)


def find_side(scope: Scope, unit_code: str, called: Collection[str], *, is_caller_area: bool) -> Side | None:
    """Return in which part an account stands towards one called unit; None when it has none.

    Parameters
    ----------
    scope : Scope
        The account.
    unit_code : str
        The called unit that a hop is about.
    called : collection of str
        All units of the call: an account of one of them never speaks for whoever called.
    is_caller_area : bool
        Whether the call's place lies in the account's area.
    """
    if scope.unit_code is not None and scope.unit_code == unit_code:
        return "unit"
    if scope.role in CENTRE_ROLES:
        return "centre"
    return "caller" if may_call(scope, called, is_caller_area=is_caller_area) else None


def may_call(scope: Scope, called: Collection[str], *, is_caller_area: bool) -> bool:
    """Return whether an account stands on the side that calls: it adds units, releases them, ends the call."""
    if scope.role in CENTRE_ROLES:
        return True
    return scope.role == Role.TOWNSHIP and is_caller_area and scope.unit_code not in called


def may_take(side: Side | None, hop: CallHop, scope: Scope) -> bool:
    """Return whether this side takes this hop: the unit and the centre all but `release`, the caller only that."""
    if hop == CallHop.RELEASE:
        return side == "caller" or scope.role in CENTRE_ROLES
    return hop != CallHop.SUMMON and side in ("unit", "centre")


def needs_note(side: Side | None, hop: CallHop, taken: Collection[str]) -> bool:
    """Return whether a hop needs words: every answer, what the centre does for a unit, calling a unit off."""
    if hop == CallHop.RELEASE:
        return CallHop.ANSWER not in taken
    return hop == CallHop.ANSWER or side == "centre"


def check_units(units: Iterable[str], lead: str | None) -> str | None:
    """Return what is wrong with whom a call names: ``no_units``, ``units_twice``, ``too_many``, ``lead_outside``."""
    named = list(units)
    if not named:
        return "no_units"
    if len(set(named)) != len(named):
        return "units_twice"
    if len(named) > MOST_UNITS:
        return "too_many"
    return None if lead in named else "lead_outside"


def check_ending(outcome: str, lead_has_answered: bool) -> str | None:
    """Return why a call may not end so: nothing was settled before the lead has answered."""
    return "lead_open" if outcome in NEEDS_ANSWER and not lead_has_answered else None

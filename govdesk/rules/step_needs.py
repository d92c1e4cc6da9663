"""What a step must bring: reason, unit, outcome; what a closing within minutes and an agreement are asked for; pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from govdesk.rules.case_flow import QUICK_MINUTES, AllowedStep, Need, Standing
from govdesk.rules.record_checks import LONGEST_SUMMARY, Problem, problem
from govdesk.terms import Outcome, PauseReason, QuickReason, ResolutionLevel, RevisitResult, StepKind

#: What was agreed is performed within so many days, or the day is a slip of the hand.
LONGEST_PROMISE_DAYS = 5 * 366


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to do.

    Attributes
    ----------
    kind : StepKind
    note : str
        Reason or remark, at most `LONGEST_SUMMARY` characters; numbers of persons are masked before it is kept.
    unit_code : str or None
        Of a dispatch: to whom.
    outcome : str or None
        Of a closing: `terms.Outcome`.
    level : str or None
        `terms.ResolutionLevel`: of a closing where it was settled, of a referral which level takes over.
    reason : str or None
        Of a pause `terms.PauseReason`, of a closing within minutes `terms.QuickReason`, of a revisit
        `terms.RevisitResult`.
    promised_on : date or None
        Of a closing by agreement: until when what was agreed is to be performed.
    extension : int or None
        Of an extension that is asked for: how much, in the unit of the table of limits; None: all that it allows.
    severity : int or None
        Of a triage: 1 highest … 4 lowest.
    satisfaction : int or None
        Of a revisit that reached somebody: 1 … 5; None where nobody said.
    """

    kind: StepKind
    note: str = ""
    unit_code: str | None = None
    outcome: str | None = None
    level: str | None = None
    reason: str | None = None
    promised_on: date | None = None
    extension: int | None = None
    severity: int | None = None
    satisfaction: int | None = None


def check_needs(allowed: AllowedStep, wanted: Wanted, standing: Standing, at: int, today: date) -> list[Problem]:
    """Return what a step lacks; empty when nothing.

    Parameters
    ----------
    at : int
        The present instant, UTC seconds.
    today : date
        The county's day.
    """
    found: list[Problem] = []
    if len(wanted.note) > LONGEST_SUMMARY:
        found.append(problem("too_long", "note", most=LONGEST_SUMMARY, n=len(wanted.note)))
    if Need.NOTE in allowed.needs and not wanted.note.strip():
        found.append(problem("missing", "note"))
    if Need.UNIT in allowed.needs and not wanted.unit_code:
        found.append(problem("missing", "unit"))
    found += _check_code("level", wanted.level, ResolutionLevel, is_needed=Need.LEVEL in allowed.needs)
    found += _check_code("outcome", wanted.outcome, Outcome, is_needed=Need.OUTCOME in allowed.needs)
    if wanted.severity is not None and not 1 <= wanted.severity <= 4:
        found.append(problem("unknown", "severity"))
    if not _may_rate(wanted):
        found.append(problem("unknown", "satisfaction"))
    return found + _check_reason(allowed, wanted, standing, at) + _check_promise(wanted, today)


def is_quick(standing: Standing, at: int) -> bool:
    """Return whether a closing at `at` (UTC seconds) comes within minutes of the report."""
    return 0 <= at - standing.reported_at <= QUICK_MINUTES * 60


def _may_rate(wanted: Wanted) -> bool:
    """Return whether what is said about satisfaction, if anything, can have been said."""
    if wanted.satisfaction is None:
        return True
    is_reached = wanted.kind is StepKind.REVISIT and wanted.reason != RevisitResult.NOT_REACHED
    return is_reached and 1 <= wanted.satisfaction <= 5


def _check_code(name: str, value: str | None, codes: type[StrEnum], *, is_needed: bool) -> list[Problem]:
    if not value:
        return [problem("missing", name)] if is_needed else []
    return [] if value in list(codes) else [problem("unknown", name)]


def _check_reason(allowed: AllowedStep, wanted: Wanted, standing: Standing, at: int) -> list[Problem]:
    if Need.PAUSE_REASON in allowed.needs:
        return _check_code("reason", wanted.reason, PauseReason, is_needed=True)
    if Need.RESULT in allowed.needs:
        return _check_code("result", wanted.reason, RevisitResult, is_needed=True)
    if wanted.kind is StepKind.CLOSE and is_quick(standing, at):
        found = _check_code("quick", wanted.reason, QuickReason, is_needed=True)
        if wanted.reason and not wanted.note.strip():
            found.append(problem("missing", "note"))
        return found
    return [] if wanted.reason is None else [problem("unknown", "reason")]


def _check_promise(wanted: Wanted, today: date) -> list[Problem]:
    """An agreement has the day until which it is to be performed; nothing else has one."""
    is_agreed = wanted.kind is StepKind.CLOSE and wanted.outcome == Outcome.AGREEMENT
    if wanted.promised_on is None:
        return [problem("missing", "promised_on")] if is_agreed else []
    if not is_agreed:
        return [problem("unknown", "promised_on")]
    if not today <= wanted.promised_on <= today + timedelta(days=LONGEST_PROMISE_DAYS):
        return [problem("day", "promised_on", day=wanted.promised_on, today=today)]
    return []

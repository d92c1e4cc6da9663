"""When a fact of a part happened and since when it is known; pure. Instants in seconds since 1970-01-01T00:00Z.

Facts that became known later (closing, level, re-opening) are read from steps, each with its own time of knowing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from govdesk.rules.step_cache import RANK
from govdesk.terms import StepKind


@dataclass(frozen=True, slots=True)
class LoopStep:
    """A closing or a re-opening: kind, when it happened, when it was recorded."""

    kind: str
    occurred_at: int
    recorded_at: int


def find_reopening(steps: Iterable[LoopStep], times: int) -> tuple[int, int] | None:
    """Return when an incident was re-opened for the `times`-th time, and since when that is known.

    Only what is closed can be re-opened (`rules.step_cache`). Known it is as soon as the steps recorded so far say so;
    what is recorded later, about whatever day, does not change it any more: a score of that time knew no better.
    """
    told = list(steps)
    for known in sorted({step.recorded_at for step in told}):
        at = _count_reopenings((step for step in told if step.recorded_at <= known), times)
        if at is not None:
            return at, known
    return None


def _count_reopenings(steps: Iterable[LoopStep], times: int) -> int | None:
    """Return when the `times`-th re-opening among these steps happened."""
    is_closed, n = False, 0
    for step in sorted(steps, key=lambda one: (one.occurred_at, RANK[one.kind])):
        if step.kind == StepKind.CLOSE:
            is_closed = True
        elif step.kind == StepKind.REOPEN and is_closed:
            is_closed, n = False, n + 1
            if n == times:
                return step.occurred_at
    return None


def find_breach(due_on: date, performed_on: date | None, grace_days: int, today: date) -> date | None:
    """Return the first day on which an agreement was overdue; None when it was kept or its time is not over."""
    first_late = due_on + timedelta(days=grace_days + 1)
    if first_late > today or (performed_on is not None and performed_on < first_late):
        return None
    return first_late


def follows_alert(day: date, alert_visits: Sequence[date], alert_days: int) -> bool:
    """Return whether an alert of ours led somebody there at most `alert_days` before (or on) `day`.

    `alert_visits` ascend. Handling that began so soon after our own visit is taken as started by it: counted, the
    classifier would learn from its own alerts.
    """
    place = bisect_right(alert_visits, day)
    return place > 0 and (day - alert_visits[place - 1]).days <= alert_days


def was_left_waiting(
    at: int, reported_at: int, answered_at: int | None, due_at: int | None, closed_at: int | None, days: int,
) -> bool:
    """Return whether, at an instant, a matter had had no answer for `days`, or was open past its due date."""
    is_unanswered = (answered_at is None or answered_at > at) and at - reported_at >= days * 86_400
    is_overdue = due_at is not None and due_at < at and (closed_at is None or closed_at > at)
    return is_unanswered or is_overdue

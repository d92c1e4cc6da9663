"""Which revisits 回访 a closing plans, and what became of each; pure.

Closing is not settling: after the closing of a dispute or a petition somebody goes back and asks, after a week, a month
and three months. Source of going back 回访: seed document 003; the days
are the product's own choice (`docs/closing.md`) and configuration (`[revisits]` in `case_flow.toml`).

- Only who was reached has answered: a revisit with the result ``not_reached`` answers nothing.
- A revisit answers every planned one whose time it falls into: from `early_days` before the planned day until
  `lapse_days` after it. One revisit may answer two, a late one all that are still open.
- A planned revisit that nobody made by then is missed for good: it is counted, a later revisit does not undo it.
- A re-opening cancels what is still open; the next closing plans anew, from its own day.
- A withdrawn incident was nobody's to settle: nothing is planned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field, field_validator

from govdesk.terms import Outcome, RevisitResult, Stream

#: Results that answer a planned revisit.
ANSWERS = frozenset({RevisitResult.SETTLED.value, RevisitResult.NOT_SETTLED.value})


class RevisitState(StrEnum):
    """What became of one planned revisit."""

    AHEAD = "ahead"
    DUE = "due"
    LATE = "late"
    DONE = "done"
    MISSED = "missed"
    CANCELLED = "cancelled"


class RevisitPlan(BaseModel):
    """When revisits are planned, in days.

    Attributes
    ----------
    after_days : tuple of int
        Days after the closing, growing.
    early_days : int
        So many days before the planned day a revisit already counts, and the planned one is shown as due.
    lapse_days : int
        So many days after the planned day it is missed.
    streams : tuple of Stream
        Of what is revisited.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    after_days: tuple[int, ...] = Field(default=(7, 30, 90), min_length=1, max_length=6)
    early_days: int = Field(default=3, ge=0, le=30)
    lapse_days: int = Field(default=30, ge=1, le=180)
    streams: tuple[Stream, ...] = (Stream.DISPUTE, Stream.PETITION)

    @field_validator("after_days")
    @classmethod
    def _grow(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)) or not 1 <= days[0] <= days[-1] <= 400:
            message = "after_days: growing days from 1 to 400"
            raise ValueError(message)
        return days

    @property
    def longest_days(self) -> int:
        """Days after a closing until the last planned revisit is done or missed."""
        return self.after_days[-1] + self.lapse_days


@dataclass(frozen=True, slots=True)
class PlannedRevisit:
    """One planned revisit: its day, what became of it, and the day of the revisit that answered it."""

    on: date
    state: RevisitState
    done_on: date | None = None


def is_revisited(plan: RevisitPlan, stream: str, outcome: str | None) -> bool:
    """Return whether a closing of this stream and outcome plans revisits."""
    return stream in plan.streams and outcome != Outcome.WITHDRAWN


def plan_revisits(
    plan: RevisitPlan, closed_on: date, answers: Sequence[date], today: date, reopened_on: date | None = None
) -> tuple[PlannedRevisit, ...]:
    """Return the revisits that one closing planned, and what became of each by `today`.

    Parameters
    ----------
    closed_on : date
        The county's day of the closing.
    answers : sequence of date
        Days of the revisits of the incident whose result is one of `ANSWERS`, in any order.
    reopened_on : date, optional
        Day on which this closing was undone.

    Examples
    --------
    >>> day = date(2026, 1, 1)
    >>> [one.state.value for one in plan_revisits(RevisitPlan(), day, [date(2026, 1, 6)], date(2026, 2, 1))]
    ['done', 'late', 'ahead']
    """
    return _plan(plan, closed_on, tuple(sorted(answers)), today, reopened_on)


@lru_cache(maxsize=4096)
def _plan(
    plan: RevisitPlan, closed_on: date, answers: tuple[date, ...], today: date, reopened_on: date | None
) -> tuple[PlannedRevisit, ...]:
    known = [day for day in answers if day <= today and (reopened_on is None or day <= reopened_on)]
    ended_on = None if reopened_on is None or reopened_on > today else reopened_on
    return tuple(_judge(plan, closed_on + timedelta(days=days), known, today, ended_on) for days in plan.after_days)


def _judge(plan: RevisitPlan, on: date, answers: list[date], today: date, ended_on: date | None) -> PlannedRevisit:
    first, last = on - timedelta(days=plan.early_days), on + timedelta(days=plan.lapse_days)
    done_on = next((day for day in answers if first <= day <= last), None)
    if done_on is not None:
        return PlannedRevisit(on, RevisitState.DONE, done_on)
    if last < (ended_on or today):
        return PlannedRevisit(on, RevisitState.MISSED)
    if ended_on is not None:
        return PlannedRevisit(on, RevisitState.CANCELLED)
    if today > on:
        return PlannedRevisit(on, RevisitState.LATE)
    return PlannedRevisit(on, RevisitState.DUE if today >= first else RevisitState.AHEAD)

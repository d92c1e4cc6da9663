"""Visit orders 走访任务: what a week's list and lot ask for, whose they are, when they are done, what follows. Pure.

An alert is an offer of help. That a visited village stays calm is no false alarm: for `TREATED_DAYS` days after a visit
for an alert it counts as *treated*, and figures are given with and without it (docs/method.md). Source of the reason:
Lenert, Matheny and Walsh (2019), "Prognostic models will be victims of their own success, unless…", JAMIA 26(12).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from govdesk.clock import monday_of, week_of
from govdesk.rules.next_step import BY_SUNDAY, Standing, choose_step
from govdesk.terms import VisitReason

#: Days after a visit in which an escalation is counted as having followed it.
OUTCOME_DAYS = 90
#: Days after a visit for an alert in which a village counts as treated: as long as its outcome is waited for.
TREATED_DAYS = OUTCOME_DAYS
#: Latest day of an order: so many days after the Monday of its week (the horizon of the list, four weeks).
LATEST_DAYS = 27
#: What a person may record of the 90 days after a visit.
OUTCOMES = ("escalated", "quiet")

State = Literal["late", "open", "done", "called_off"]
#: The order in which orders stand on the screen.
STATES: tuple[State, ...] = ("late", "open", "done", "called_off")


@dataclass(frozen=True, slots=True)
class Listed:
    """A village on this week's list; `band`, `n_new` and `visited_on` as in `next_step.Standing`."""

    place_code: str
    band: str | None
    n_new: int = 0
    visited_on: date | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A visit to be ordered: `step` is the kind of `next_step.Step`, ``sample`` for a village of the lot."""

    place_code: str
    reason: str
    step: str
    owner_unit: str | None
    due_on: date


def propose_orders(
    listed: Iterable[Listed], drawn: Iterable[str], owners: Mapping[str, str], monday: date, today: date
) -> list[Proposed]:
    """Return the visits that a week's list and lot ask for, in the order given, the list first.

    Parameters
    ----------
    listed : iterable of Listed
        The villages of the list, in its order.
    drawn : iterable of str
        The villages of the lot: all of them, whether or not somebody was there lately (nobody chooses).
    owners : mapping
        Village → unit (`choose_owner`); None where there is none.
    monday : date
        Of the week.
    today : date
        No order falls due on it or before: whoever is asked has at least a day.

    Notes
    -----
    Days follow `next_step.choose_step`: red or something new by Wednesday, orange by Friday, yellow and blue (a call
    first) by Sunday; the lot by Sunday. A listed village that was visited since Monday is not proposed.
    """
    found, tomorrow = [], today + timedelta(days=1)
    for one in listed:
        step = choose_step(Standing(True, one.band, one.n_new, one.visited_on), monday)
        if step.kind != "visited":
            due = max(step.until or monday + timedelta(days=BY_SUNDAY), tomorrow)
            found.append(Proposed(one.place_code, VisitReason.ALERT, step.kind, owners.get(one.place_code), due))
    sunday = max(monday + timedelta(days=BY_SUNDAY), tomorrow)
    return found + [Proposed(code, VisitReason.SAMPLE, "sample", owners.get(code), sunday) for code in drawn]


def choose_owner(township: str | None, governments: Mapping[str, str], centre: str | None) -> str | None:
    """Return the unit that a visit falls to: the government of the village's township, else the county's centre.

    Parameters
    ----------
    township : str or None
        Place code.
    governments : mapping
        Township → code of its government.
    """
    return governments.get(township or "", centre)


def state_of(*, due_on: date, is_done: bool, is_called_off: bool, today: date) -> State:
    """Return how an order stands; late from the day after it was due."""
    if is_done:
        return "done"
    if is_called_off:
        return "called_off"
    return "late" if today > due_on else "open"


def answers(*, week: int, reason: str, visited_on: date, visit_reason: str) -> bool:
    """Return whether a visit to the village of an order is the one ordered: for its reason, from its Monday on."""
    return reason == visit_reason and visited_on >= monday_of(week)


def treated_weeks(visited_on: date) -> tuple[int, int]:
    """Return the weeks [from, to) that a visit for an alert touches: its own and those of the 90 days after it."""
    return week_of(visited_on), week_of(visited_on + timedelta(days=TREATED_DAYS)) + 1


def touches(weeks: Sequence[tuple[int, int]], week_from: int, week_to: int) -> bool:
    """Return whether any of the treated `weeks` [from, to) touches [week_from, week_to)."""
    return any(first < week_to and last > week_from for first, last in weeks)


def classify_outcome(visited_on: date, n_escalations: int, as_of: date, recorded: str | None = None) -> str:
    """Return what followed a visit: what a person recorded, else ``escalated``, ``quiet`` or ``pending``.

    ``pending`` while the 90 days are not over and nothing happened: not over is not quiet.
    """
    if recorded:
        return recorded
    if n_escalations > 0:
        return "escalated"
    return "quiet" if is_over(visited_on, as_of) else "pending"


def is_over(visited_on: date, as_of: date) -> bool:
    """Return whether the 90 days after a visit have passed."""
    return as_of >= visited_on + timedelta(days=OUTCOME_DAYS)

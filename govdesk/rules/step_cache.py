"""What an incident's steps say about where it stands: the cache columns of the incidents table, derived; pure.

The rules (`docs/import-profiles.md` tells the clerk, a property test holds them against a replay written differently):

- Steps count in the order of the time they happened; at the same instant in the order of the loop, then as given.
- Withdrawn steps do not count.
- Once closed, only `reopen` opens again; it sends the incident back to who handled it, and takes closing, outcome and
  level of resolution back. A second `close` without a re-opening corrects the first.
- The first answer is the first `answer`, or the first `close` that is not a withdrawal, whichever came earlier:
  a reply is not yet a solution, but a solution is a reply. It stays the first answer after a re-opening.
- The due date is that of the last step that carries one, else the one the incident came with.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from govdesk.terms import Outcome, Status, StepKind

#: Order of steps that happened in the same second.
RANK = {kind.value: rank for rank, kind in enumerate(StepKind)}

#: Where a step leads to, unless the incident is closed.
_LEADS_TO = {
    StepKind.DISPATCH.value: Status.DISPATCHED.value,
    StepKind.ACCEPT.value: Status.ACCEPTED.value,
    StepKind.ANSWER.value: Status.ANSWERED.value,
}


@dataclass(frozen=True, slots=True)
class StepFact:
    """One step, as far as it matters here. Instants in seconds since 1970-01-01T00:00Z."""

    kind: str
    at: int
    outcome: str | None = None
    level: str | None = None
    due_at: int | None = None
    is_withdrawn: bool = False


@dataclass(slots=True)
class StepCache:
    """Cache columns of one incident. Instants in seconds since 1970-01-01T00:00Z."""

    status: str = Status.REPORTED.value
    first_answered_at: int | None = None
    due_at: int | None = None
    closed_at: int | None = None
    resolution_level: str | None = None
    outcome: str | None = None
    n_reopened: int = 0
    n_steps: int = 0


def derive_cache(steps: Iterable[StepFact], due_given_at: int | None = None) -> StepCache:
    """Return what the steps of one incident say.

    Parameters
    ----------
    steps : iterable of StepFact
        All steps of the incident, in any order.
    due_given_at : int, optional
        The due date the incident came with.

    Examples
    --------
    >>> derive_cache([StepFact("report", 10), StepFact("close", 20, outcome="settled")]).status
    'closed'
    """
    cache = StepCache(due_at=due_given_at)
    before_pause = cache.status
    counted = [step for step in steps if not step.is_withdrawn]
    for step in sorted(counted, key=lambda item: (item.at, RANK[item.kind])):
        cache.n_steps += 1
        if step.due_at is not None:
            cache.due_at = step.due_at
        if cache.status not in (Status.PAUSED.value, Status.CLOSED.value):
            before_pause = cache.status
        _apply(cache, step, before_pause)
    return cache


def _apply(cache: StepCache, step: StepFact, before_pause: str) -> None:
    is_closed = cache.status == Status.CLOSED.value
    match step.kind:
        case StepKind.CLOSE:
            cache.status, cache.closed_at = Status.CLOSED.value, step.at
            cache.outcome, cache.resolution_level = step.outcome, step.level
            if step.outcome != Outcome.WITHDRAWN.value:
                _answer(cache, step.at)
        case StepKind.REOPEN if is_closed:
            cache.status, cache.closed_at = Status.DISPATCHED.value, None
            cache.outcome, cache.resolution_level = None, None
            cache.n_reopened += 1
        case StepKind.ANSWER:
            _answer(cache, step.at)
            if not is_closed:
                cache.status = Status.ANSWERED.value
        case StepKind.PAUSE if not is_closed:
            cache.status = Status.PAUSED.value
        case StepKind.RESUME if cache.status == Status.PAUSED.value:
            cache.status = before_pause
        case _ if not is_closed:
            cache.status = _LEADS_TO.get(step.kind, cache.status)


def _answer(cache: StepCache, at: int) -> None:
    if cache.first_answered_at is None:
        cache.first_answered_at = at

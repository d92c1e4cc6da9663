"""What an incident's steps say about where it stands: the cache columns of the incidents table, derived; pure.

The rules (`docs/import-profiles.md` tells the clerk, a property test holds them against a replay written differently):

- Steps count in the order of the time they happened; at the same instant in the order of the loop, then as given. Steps
  taken in the product come after those of a file that happened at the same second, in the order they were taken.
- Withdrawn steps do not count.
- Once closed, only `reopen` opens again; it sends the incident back to who handled it, and takes closing, outcome and
  level of resolution back. A second `close` without a re-opening corrects the first.
- The first answer is the first `answer`, or the first `close` that is not a withdrawal, whichever came earlier:
  a reply is not yet a solution, but a solution is a reply. It stays the first answer after a re-opening.
- The due date is that of the last step that carries one, else the one the incident came with. While it is paused no
  clock runs and nothing is due; what ends the pause moves the old date by the time that was paused, unless a date was
  given meanwhile.
- Whoever missed the deadline of a stage was late, however quick the next stage was: of what is closed the due date is
  the first deadline of the product that was missed, where one was.
- Whether the first answer came in time is judged by the deadline that ran when it was given, not by that of the stage
  after it.
- A return sends it back to where it was before it was dispatched.
- The handling unit is the one that the product dispatched it to last, the severity the one that it gave last; where it
  never did, those of the file.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from govdesk.terms import Outcome, Status, StepKind

#: Source of the steps that are taken in the product.
LOOP_SOURCE = "loop"

#: Order of steps that happened in the same second.
RANK = {kind.value: rank for rank, kind in enumerate(StepKind)}

#: Where a step leads to, unless the incident is closed.
_LEADS_TO = {
    StepKind.RETURN.value: Status.REPORTED.value,
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
    unit: str | None = None
    #: Number of a step that was taken in the product; 0 for one of a file.
    taken: int = 0
    severity: int | None = None
    #: It enters a stage that has no limit: what was due before is due no longer.
    is_unlimited: bool = False

    @property
    def says_due(self) -> bool:
        """Whether it says until when, or that there is no such day."""
        return self.due_at is not None or self.is_unlimited


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
    dispatched_to: str | None = None
    severity: int | None = None
    answer_due_at: int | None = None


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
    before_pause = Status(cache.status)
    paused_at: int | None = None
    is_ours, missed = False, None
    for step in order_steps(steps):
        cache.n_steps += 1
        status = Status(cache.status)
        if status not in (Status.PAUSED, Status.CLOSED):
            before_pause = status
        following = find_next_status(StepKind(step.kind), status, before_pause)
        if following is Status.PAUSED and status is not Status.PAUSED:
            paused_at = step.at
        leaves = step.says_due or following is not status
        runs = is_ours and status not in (Status.PAUSED, Status.CLOSED) and cache.due_at is not None
        if step.taken and cache.first_answered_at is None and _is_answer(step):
            cache.answer_due_at = cache.due_at
        if missed is None and leaves and runs and step.at > (cache.due_at or 0):
            missed = cache.due_at
        if step.says_due:
            is_ours = step.taken > 0
            cache.due_at, paused_at = step.due_at, None  # a day that was given stays, whatever else is paused
        elif following is not status is Status.PAUSED and cache.due_at is not None and paused_at is not None:
            cache.due_at += step.at - paused_at
        _note(cache, step, is_reopened=status is Status.CLOSED and following is not Status.CLOSED)
        cache.status = following.value
    if cache.status == Status.PAUSED.value:
        cache.due_at = None
    if cache.status == Status.CLOSED.value and missed is not None:
        cache.due_at = missed
    return cache


def order_steps(steps: Iterable[StepFact]) -> list[StepFact]:
    """Return the steps that count, in the order in which they count."""
    counted = [step for step in steps if not step.is_withdrawn]
    return sorted(counted, key=sort_key)


def sort_key(step: StepFact) -> tuple[int, bool, int]:
    """Return what steps are ordered by; for equal keys the order in which they were given stands."""
    return step.at, step.taken > 0, step.taken or RANK[step.kind]


def find_next_status(kind: StepKind, status: Status, before_pause: Status) -> Status:
    """Return where a step leads to from a status; the same one where it changes nothing.

    Parameters
    ----------
    before_pause : Status
        Where a resume leads back to.
    """
    match kind:
        case StepKind.CLOSE:
            return Status.CLOSED
        case StepKind.REOPEN if status is Status.CLOSED:
            return Status.DISPATCHED
        case _ if status is Status.CLOSED:
            return status
        case StepKind.PAUSE:
            return Status.PAUSED
        case StepKind.RESUME if status is Status.PAUSED:
            return before_pause
        case _:
            return Status(_LEADS_TO.get(kind.value, status.value))


def _note(cache: StepCache, step: StepFact, *, is_reopened: bool) -> None:
    """Take over what a step says besides the status."""
    if step.kind == StepKind.CLOSE:
        cache.closed_at, cache.outcome, cache.resolution_level = step.at, step.outcome, step.level
    elif is_reopened:
        cache.closed_at = cache.outcome = cache.resolution_level = None
        cache.n_reopened += 1
    if cache.first_answered_at is None and _is_answer(step):
        cache.first_answered_at = step.at
    if step.kind == StepKind.DISPATCH and step.taken:
        cache.dispatched_to = step.unit
    if step.severity is not None and step.taken:
        cache.severity = step.severity


def _is_answer(step: StepFact) -> bool:
    return step.kind == StepKind.ANSWER or (step.kind == StepKind.CLOSE and step.outcome != Outcome.WITHDRAWN)

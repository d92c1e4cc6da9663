"""The clock of the stage in which an incident stands, replayed from its steps; which deadline a new step brings; pure.

A clock starts when its stage is entered: with the first report of the product, with a step that leads to a status of
another stage (`case_flow.toml` says which status has which), with a dispatch to another unit, with a re-opening. It
does not start anew with a second answer, a second dispatch to the same unit or a referral. Statuses that share a stage
pass the clock on. Its limit is the one of the table on the day it started, kept with the step (`time_limit`), so that
a later change of the table moves no running clock.

Only steps of the product start a clock with a limit. Where a file brought the due date, that date holds
(`rules.step_cache`), nothing is reckoned and nobody is urged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from govdesk.rules.clock_settings import ClockSettings
from govdesk.rules.step_cache import StepFact, find_next_status, sort_key
from govdesk.rules.time_limits import NO_LIMIT, Deadline, Limit, Term, TimeLimits, find_deadline, read_term
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.terms import Status, StepKind

#: Levels of urging 督办: the unit, the centre, the leader.
UNIT, CENTRE, LEADER = 1, 2, 3


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A step as the clock reads it; `fact.at` in UTC seconds."""

    step_id: int
    fact: StepFact
    time_limit: str | None = None
    severity: int | None = None
    urge_level: int | None = None
    of_step: int | None = None


@dataclass(frozen=True, slots=True)
class StageClock:
    """A clock. Instants in seconds since 1970-01-01T00:00Z.

    Attributes
    ----------
    stage : str or None
        None when closed.
    status : Status
    started_by : int
        Step that entered the stage; 0 where the incident came so.
    entered : int
        When.
    term : Term or None
        Its limit; None where a file brought the due date, or there is no limit.
    pauses : tuple of (int, int)
        Pauses of this clock that have ended.
    paused_at : int or None
        Since when it stands still.
    extension : Term or None
        What was granted on top; at most once.
    asked : Term or None
        What was asked for last.
    due_step : int
        Step from which the present deadline comes: the start, or a resume or an extension that put it ahead again. The
        levels of urging belong to it.
    urged : frozenset of int
        Levels of urging done for `due_step`.
    severity : int or None
        Last severity that a step gave.
    """

    stage: str | None
    status: Status = Status.REPORTED
    started_by: int = 0
    entered: int = 0
    term: Term | None = None
    pauses: tuple[tuple[int, int], ...] = ()
    paused_at: int | None = None
    extension: Term | None = None
    asked: Term | None = None
    due_step: int = 0
    urged: frozenset[int] = frozenset()
    severity: int | None = None
    unit: str | None = None
    before_pause: Status = Status.REPORTED


def read_clock(steps: Iterable[ClockStep], stages: Mapping[Status, str]) -> StageClock:
    """Return the clock that the steps of one incident leave running.

    Parameters
    ----------
    steps : iterable of ClockStep
        All steps, in any order; withdrawn ones are left out.
    stages : mapping
        Open status to the name of its stage.
    """
    clock = StageClock(stages.get(Status.REPORTED))
    counted = [step for step in steps if not step.fact.is_withdrawn]
    for step in sorted(counted, key=lambda one: (*sort_key(one.fact), one.step_id)):
        clock = _follow(clock, step, stages)
    return clock


def _follow(clock: StageClock, step: ClockStep, stages: Mapping[Status, str]) -> StageClock:
    fact, kind = step.fact, StepKind(step.fact.kind)
    if step.severity is not None:
        clock = replace(clock, severity=step.severity)
    following = find_next_status(kind, clock.status, clock.before_pause)
    if following is Status.PAUSED:
        if clock.status is Status.PAUSED:
            return _note(clock, step, kind)
        return replace(clock, status=following, before_pause=clock.status, paused_at=fact.at)
    if clock.paused_at is not None and following is not Status.CLOSED:
        clock = replace(clock, paused_at=None, pauses=(*clock.pauses, (clock.paused_at, fact.at)))
    if _starts(clock, step, kind, following, stages):
        clock = StageClock(
            stages.get(following), following, step.step_id, fact.at, _term_of(step), due_step=step.step_id,
            severity=clock.severity, unit=fact.unit if kind is StepKind.DISPATCH else clock.unit)
    else:
        clock = replace(clock, status=following)
        clock = _note(clock, step, kind)
    return replace(clock, before_pause=following)


def _starts(
    clock: StageClock, step: ClockStep, kind: StepKind, following: Status, stages: Mapping[Status, str],
) -> bool:
    if kind is StepKind.REPORT:
        return clock.started_by == 0 and following is Status.REPORTED and step.time_limit is not None
    if clock.status is Status.CLOSED or stages.get(following) != clock.stage:
        return following is not clock.status
    return kind is StepKind.DISPATCH and step.fact.unit != clock.unit


def _note(clock: StageClock, step: ClockStep, kind: StepKind) -> StageClock:
    """Take over what a step says about a clock that runs on."""
    fact = step.fact
    if kind is StepKind.URGE and step.urge_level is not None:
        return clock if step.of_step != clock.due_step else replace(clock, urged=clock.urged | {step.urge_level})
    if kind is StepKind.ASK_EXTEND:
        return replace(clock, asked=_term_of(step))
    if kind is StepKind.EXTEND and step.time_limit is not None:
        clock = replace(clock, extension=_term_of(step))
    elif fact.due_at is not None and step.time_limit is None:
        return replace(clock, term=None, due_step=0, urged=frozenset())  # a file gave another date: it holds
    if kind in (StepKind.EXTEND, StepKind.RESUME) and fact.due_at is not None and fact.due_at > fact.at:
        return replace(clock, due_step=step.step_id, urged=frozenset())
    return clock


def _term_of(step: ClockStep) -> Term | None:
    return None if step.time_limit in (None, NO_LIMIT) else read_term(step.time_limit)


def list_pauses(clock: StageClock, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return the pauses of a clock; one that goes on ends at `until`."""
    found = [(as_instant(start), as_instant(end)) for start, end in clock.pauses]
    return found if clock.paused_at is None else [*found, (as_instant(clock.paused_at), until)]


def as_instant(seconds: int) -> datetime:
    """Return the instant (UTC) of seconds since 1970-01-01T00:00Z."""
    return datetime.fromtimestamp(seconds, UTC)


def reckon(clock: StageClock, calendar: WorkingCalendar, at: datetime) -> Deadline | None:
    """Return the deadline of a clock as its steps say; None without a limit. A pause that goes on ends at `at`."""
    if clock.term is None:
        return None
    return find_deadline(clock.term, as_instant(clock.entered), calendar, pauses=list_pauses(clock, at),
                         extension=clock.extension)


@dataclass(frozen=True, slots=True)
class ClockMark:
    """What a new step says about the clock: its deadline, and the term that it was reckoned by."""

    due_at: datetime | None = None
    time_limit: str | None = None


def mark_step(
    steps: Sequence[ClockStep], new: ClockStep, *, stream: str, severity: int | None, stages: Mapping[Status, str],
    limits: TimeLimits, calendar: WorkingCalendar,
) -> ClockMark:
    """Return what a step of the product brings to the clock.

    Parameters
    ----------
    steps : sequence of ClockStep
        What happened so far.
    new : ClockStep
        The step that is about to be appended, without deadline. An extension that is asked for carries its own
        `time_limit`.
    stream : str
        Of the incident.
    severity : int or None
        Of the incident, unless a step changed it.
    """
    before = read_clock(steps, stages)
    at = as_instant(new.fact.at)
    kind = StepKind(new.fact.kind)
    if kind is StepKind.ASK_EXTEND:
        return ClockMark(time_limit=new.time_limit)
    if kind is StepKind.EXTEND:
        return _extend(before, calendar, at)
    starts = read_clock([*steps, replace(new, time_limit="1 hours" if kind is StepKind.REPORT else None)], stages)
    if starts.started_by == new.step_id and starts.stage is not None:
        limit = limits.find(starts.stage, stream, severity if starts.severity is None else starts.severity)
        if limit is None:
            return ClockMark(time_limit=NO_LIMIT)
        return ClockMark(find_deadline(limit.term, at, calendar).at, str(limit.term))
    if before.status is Status.PAUSED and starts.status is not Status.PAUSED and before.term is not None:
        deadline = reckon(before, calendar, at)
        return ClockMark(None if deadline is None else deadline.at, str(before.term))
    return ClockMark()


def _extend(clock: StageClock, calendar: WorkingCalendar, at: datetime) -> ClockMark:
    if clock.asked is None:
        return ClockMark()
    deadline = None if clock.paused_at is not None else reckon(replace(clock, extension=clock.asked), calendar, at)
    return ClockMark(None if deadline is None else deadline.at, str(clock.asked))


def find_extension_obstacle(clock: StageClock, limit: Limit | None, asked: Term | None) -> str | None:
    """Return why a clock cannot be extended, or None.

    Returns
    -------
    str or None
        ``no_extension``: the table knows none, or the deadline is not ours; ``extended``: it was given before;
        ``too_much``: more than the table allows (of the unit of the table only).
    """
    if clock.term is None or limit is None or limit.extension is None:
        return "no_extension"
    if clock.extension is not None:
        return "extended"
    if asked is not None and (asked.unit is not limit.extension.unit or asked.amount > limit.extension.amount):
        return "too_much"
    return None


def find_urges(clock: StageClock, due_at: datetime, now: datetime, settings: ClockSettings,
               calendar: WorkingCalendar) -> list[int]:
    """Return the levels of urging that are due and not done: each once for a deadline, none while it is paused.

    Parameters
    ----------
    due_at : datetime
        The present deadline, as the cache of the steps has it.
    now : datetime
        The present instant.
    """
    if clock.due_step == 0 or clock.term is None or clock.stage is None or clock.paused_at is not None:
        return []
    at_centre = find_deadline(settings.centre_after, due_at, calendar).at
    at_leader = max(at_centre, find_deadline(settings.leader_after, due_at, calendar).at)
    reached = {UNIT: due_at < now, CENTRE: at_centre < now, LEADER: at_leader < now}
    return [level for level, is_due in reached.items() if is_due and level not in clock.urged]

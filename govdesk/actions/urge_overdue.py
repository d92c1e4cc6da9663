"""Urges what is overdue 督办: each level once for each deadline, whoever runs it, however often.

A level belongs to the step that the deadline comes from, so a second run, a second process or a run after a crash
finds it written; the incident's row is held meanwhile. Only clocks that a step of the product started are urged: a
history that was imported with hundreds of overdue incidents floods nobody.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from govdesk.actions.acting import Act, acting
from govdesk.actions.append_step import NewStep, append_step
from govdesk.clock import now
from govdesk.queries.stage_clocks import list_urgeable, read_clock_steps
from govdesk.queries.standing import read_standing
from govdesk.rules.access import SYSTEM, Scope, require
from govdesk.rules.stage_clock import UNIT, StageClock, as_instant, find_urges, read_clock
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.engine import read_transaction
from govdesk.storage.time_limits import read_calendar, read_clock_settings_in_force, read_limits_in_force
from govdesk.terms import StepKind

ACTION = "urge_overdue"

#: Incidents a transaction that writes: nobody who clicks waits longer than for these.
_PART = 5
#: Incidents that are looked at before what is due of them is written: after a night without a server there may be
#: thousands, and the first is not to wait for the last.
_LOOK = 100


@dataclass(slots=True)
class Urged:
    """What was urged, or would be: how many incidents, and steps by level (1 unit, 2 centre, 3 leader)."""

    n_incidents: int = 0
    levels: Counter[int] = field(default_factory=Counter)
    is_committed: bool = False

    def as_json(self) -> dict[str, object]:
        """Return the report of the command (`docs/schemas/urge-report.json`)."""
        return {"incidents": self.n_incidents, "unit": self.levels[1], "centre": self.levels[2],
                "leader": self.levels[3], "committed": self.is_committed}


def urge_overdue(engine: Engine, *, by: Scope, commit: bool = True) -> Urged:
    """Append what is due of urging, and is not written yet.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The system, or an administrator.
    commit : bool
        Without it nothing is written.

    Raises
    ------
    RefusedError
        When the caller may not.
    TimeLimitsError, FlowConfigError
        When limits, settings or flow cannot be used.
    """
    require(by, ACTION)
    read_limits_in_force()
    done = Urged(is_committed=commit)
    with read_transaction(engine) as connection:
        listed = list_urgeable(connection, now())
    for start in range(0, len(listed), _LOOK):
        with read_transaction(engine) as connection:
            waiting = [(number, late.levels) for number in listed[start:start + _LOOK]
                       if (late := _look(connection, number)) is not None]
        if commit:
            _write(engine, by, [number for number, _ in waiting], done)
        else:
            done.n_incidents += len(waiting)
            done.levels.update(level for _, levels in waiting for level in levels)
    return done


def _write(engine: Engine, by: Scope, numbers: list[int], done: Urged) -> None:
    """Urge what is still due of some incidents, a few a transaction; count it."""
    for start in range(0, len(numbers), _PART):
        with acting(engine, by=by, action=ACTION, changes=("incidents", "loop")) as act:
            for number in numbers[start:start + _PART]:
                levels = _urge(act, number)
                done.n_incidents += bool(levels)
                done.levels.update(levels)
            act.audit("steps", urged=sum(done.levels.values()))


@dataclass(frozen=True, slots=True)
class _Late:
    clock: StageClock
    due_at: datetime
    levels: list[int]


def _look(connection: Connection, number: int, *, is_locked: bool = False) -> _Late | None:
    """Return what is to be urged of an incident now."""
    held = read_standing(connection, SYSTEM, number, is_locked=is_locked)
    if held is None or not held.standing.is_live or held.cache.due_at is None:
        return None
    clock = read_clock(read_clock_steps(connection, number), read_flow_in_force().stages)
    due_at = as_instant(held.cache.due_at)
    levels = find_urges(clock, due_at, now(), read_clock_settings_in_force(), read_calendar())
    return _Late(clock, due_at, levels) if levels else None


def _urge(act: Act, number: int) -> list[int]:
    late = _look(act.connection, number, is_locked=True)
    if late is None:  # somebody was faster, or took a step meanwhile
        return []
    clock, due_at, levels = late.clock, late.due_at, late.levels
    for level in levels:
        append_step(act, number, NewStep(
            kind=StepKind.URGE, source_ref=f"urge-{number}-{clock.due_step}-{level}", by_post=SYSTEM.account,
            unit_code=clock.unit if level == UNIT else None, due_at=due_at, urge_level=level, of_step=clock.due_step))
    return levels

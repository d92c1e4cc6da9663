"""Sets how many visits a week the office can make 走访能力, beside what was adopted with the thresholds."""

from sqlalchemy import Connection, Engine, func, select

from govdesk.actions.acting import acting
from govdesk.actions.adopt_thresholds import MOST_VISITS
from govdesk.actions.adopting import wait_for_turn
from govdesk.actions.change_setting import (
    ACTION,
    Reason,
    SettingChanged,
    SettingRefusedError,
    check_reason,
    check_unseen,
    find_last,
    is_same,
    keep_change,
    repeat,
)
from govdesk.clock import today
from govdesk.queries.adopted_thresholds import read_thresholds_in_force
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import problem
from govdesk.storage.visit_capacity import KEY, SUBJECT, make_value, read_set_capacity
from govdesk.tables import ThresholdAdoption


def set_capacity(engine: Engine, *, by: Scope, visits: int, reason: Reason) -> SettingChanged:
    """Say how many villages a week can be visited; the threshold page judges by it from now on.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    visits : int
        Villages a week, 1 to `MOST_VISITS`.
    reason : Reason
        Why, and what the form had seen.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("risk",)) as act:
        wait_for_turn(act.connection)
        last = find_last(act.connection, SUBJECT, KEY)
        value = make_value(visits, _find_adoption(act.connection))
        if is_same(last, by, value) and last is not None:
            return repeat(act, last)
        before = read_thresholds_in_force(act.connection, today()).capacity_per_week
        problems = check_reason(reason) + check_unseen(last, reason)
        if not 1 <= visits <= MOST_VISITS:
            problems.append(problem("range", "visits", least=1, most=MOST_VISITS))
        elif visits == before:
            problems.append(problem("no_change", "visits"))
        if problems:
            raise SettingRefusedError(problems)
        return keep_change(act, by, SUBJECT, KEY, before=before, value=value, reason=reason)


def take_back_capacity(engine: Engine, *, by: Scope, reason: Reason) -> SettingChanged:
    """Let hold again what was adopted with the thresholds; where nothing was, the capacity is not known.

    Raises
    ------
    SettingRefusedError
        When that holds already, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("risk",)) as act:
        wait_for_turn(act.connection)
        last = find_last(act.connection, SUBJECT, KEY)
        if is_same(last, by, None) and last is not None:
            return repeat(act, last)
        problems = check_reason(reason) + check_unseen(last, reason)
        if not problems and read_set_capacity(act.connection, _find_adoption(act.connection)) is None:
            problems = [problem("as_adopted", "visits")]
        if problems:
            raise SettingRefusedError(problems)
        before = read_thresholds_in_force(act.connection, today()).capacity_per_week
        return keep_change(act, by, SUBJECT, KEY, before=before, value=None, reason=reason)


def _find_adoption(connection: Connection) -> int | None:
    return connection.scalar(select(func.max(ThresholdAdoption.id)))

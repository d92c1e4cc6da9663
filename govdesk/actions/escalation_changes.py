"""Sets what counts as an escalation 激化构成, part by part beside its file; deriving events is another step."""

from collections.abc import Mapping

from sqlalchemy import Connection, Engine, select

from govdesk.actions.acting import acting
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
from govdesk.actions.find_escalations import EscalationsFound, find_escalations
from govdesk.rules.access import Scope, require
from govdesk.rules.escalation_parts import PARTS, EscalationConfigError, EscalationParts, merge_parts
from govdesk.rules.record_checks import Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.storage.escalation_parts import SUBJECT, read_parts_file, read_parts_in_force
from govdesk.storage.setting_changes import LastChange, read_last_changes
from govdesk.tables import Category


def set_part(engine: Engine, *, by: Scope, part: str, values: Mapping[str, object], reason: Reason) -> SettingChanged:
    """Set one part: whether it is on, and what it counts. Events stay as they are until they are derived anew.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    part : str
        One of `rules.escalation_parts.PARTS`.
    values : mapping
        All its keys; held to the same rules as the file.
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
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, part)
        wanted, problems = try_part(act.connection, part, values)
        value = _tell(wanted, part) if wanted is not None else None
        if value is not None and is_same(last, by, value) and last is not None:
            return repeat(act, last)
        problems = check_reason(reason) + check_unseen(last, reason) + problems
        before = None if problems else _tell(read_parts_in_force(act.connection), part)
        if not problems and before == value:
            problems = [problem("no_change", "part")]
        if problems:
            raise SettingRefusedError(problems)
        return keep_change(act, by, SUBJECT, part, before=before, value=value, reason=reason)


def take_back_part(engine: Engine, *, by: Scope, part: str, reason: Reason) -> SettingChanged:
    """Let the file hold again for a part.

    Raises
    ------
    SettingRefusedError
        When it does already, nothing would count any more, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, part)
        if is_same(last, by, None) and last is not None:
            return repeat(act, last)
        problems = check_reason(reason) + check_unseen(last, reason) + _check_back(act.connection, part, last)
        if problems:
            raise SettingRefusedError(problems)
        before = _tell(read_parts_in_force(act.connection), part)
        return keep_change(act, by, SUBJECT, part, before=before, value=None, reason=reason)


def try_part(connection: Connection, part: str, values: Mapping[str, object],
             ) -> tuple[EscalationParts | None, list[Problem]]:
    """Return the definition as it would be with one part set so, or what is wrong with that."""
    if part not in PARTS:
        return None, [problem("unknown", "part")]
    changes = {name: change.value for name, change in read_last_changes(connection, SUBJECT).items()}
    try:
        wanted = merge_parts(read_parts_file(), {**changes, part: values})
    except (EscalationConfigError, OSError) as error:
        return None, [problem("refused", "part", said=str(error).removeprefix(f"{part}."))]
    problems = [] if wanted.list_on() else [problem("last_part", "is_on")]
    if getattr(wanted, part).is_on:
        problems += _check_names(connection, _tell(wanted, part))
    return (None, problems) if problems else (wanted, [])


def _tell(parts: EscalationParts, part: str) -> dict[str, object]:
    told: dict[str, object] = getattr(parts, part).model_dump(mode="json")
    return told


def _check_names(connection: Connection, values: Mapping[str, object]) -> list[Problem]:
    """Return which lists are empty, so that nothing would ever count, and categories that this database has not."""
    problems = [problem("missing", name) for name in ("streams", "categories", "levels") if values.get(name) == []]
    asked = values.get("categories")
    if isinstance(asked, list) and set(asked) - set(connection.scalars(select(Category.code))):
        problems.append(problem("unknown", "categories"))
    return problems


def _check_back(connection: Connection, part: str, last: LastChange | None) -> list[Problem]:
    if last is None or last.value is None:
        return [problem("as_file", "part")]
    changes = {name: change.value for name, change in read_last_changes(connection, SUBJECT).items()}
    try:
        left = merge_parts(read_parts_file(), {**changes, part: None})
    except (EscalationConfigError, OSError) as error:
        return [problem("refused", "part", said=str(error))]
    return [] if left.list_on() else [problem("last_part", "is_on")]


def try_definition(engine: Engine, *, by: Scope, part: str, values: Mapping[str, object]) -> EscalationsFound:
    """Say what would count if a part were set so; nothing is written.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with read_transaction(engine) as connection:
        wanted, problems = try_part(connection, part, values)
    if wanted is None:
        raise SettingRefusedError(problems)
    return find_escalations(engine, by=by, parts=wanted, commit=False)


def derive_events(engine: Engine, *, by: Scope) -> EscalationsFound:
    """Derive all events by the parts in force, as ``find-escalations --commit`` does.

    Raises
    ------
    SettingRefusedError
        When the parts in force cannot be used here.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    try:
        with read_transaction(engine) as connection:
            parts = read_parts_in_force(connection)
        return find_escalations(engine, by=by, parts=parts, commit=True)
    except EscalationConfigError as error:
        raise SettingRefusedError([problem("refused", "part", said=str(error))]) from error

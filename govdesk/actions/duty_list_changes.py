"""Changes the duty list 权责清单 row by row, beside its file: set, taken out, taken back."""

import csv
import io
from collections.abc import Mapping

from sqlalchemy import Connection, Engine, select

from govdesk.actions.acting import acting
from govdesk.actions.change_setting import (
    ACTION,
    Reason,
    SettingChanged,
    SettingRefusedError,
    check_reason,
    check_texts,
    check_unseen,
    find_last,
    is_same,
    keep_change,
    repeat,
)
from govdesk.rules.access import Scope, require
from govdesk.rules.duty_list import COLUMNS, DutyListError, parse_duty_list
from govdesk.rules.duty_list_changes import REMOVED, key_of, write_cells
from govdesk.rules.record_checks import Problem, problem
from govdesk.storage.duty_list import SUBJECT, read_duty_file, read_duty_list
from govdesk.storage.escalation_parts import list_delivered_categories
from govdesk.tables import Category, Unit

LONGEST_SOURCE, LONGEST_WORDS = 300, 100


def set_duty_row(engine: Engine, *, by: Scope, cells: Mapping[str, str], reason: Reason,
                 is_new: bool = False) -> SettingChanged:
    """Set a row of the list, or add one.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    cells : mapping
        The row, by column of the file (`rules.duty_list.COLUMNS`); held to the same rules as the file.
    reason : Reason
        Why, and what the form had seen.
    is_new : bool
        A row that stands there already is refused.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    clean = {name: str(cells.get(name, "")).strip() for name in COLUMNS}
    key = key_of(clean)
    problems = check_reason(reason) + check_texts((
        ("source", clean["source"], LONGEST_SOURCE), ("unit_words", clean["unit_words"], LONGEST_WORDS)))
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, key)
        before = _find_row(act.connection, key)
        if is_same(last, by, clean) and last is not None:
            return repeat(act, last)
        problems += check_unseen(last, reason) or _check_standing(before, clean, is_new=is_new)
        problems += _check_cells(act.connection, clean)
        if problems:
            raise SettingRefusedError(problems)
        return keep_change(act, by, SUBJECT, key, before=before, value=clean, reason=reason)


def remove_duty_row(engine: Engine, *, by: Scope, key: str, reason: Reason) -> SettingChanged:
    """Take a row out of the list; the file keeps it, and it can be taken back.

    Raises
    ------
    SettingRefusedError
        When there is no such row, it is the last one, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, key)
        before = _find_row(act.connection, key)
        is_in_file = any(key_of(write_cells(row)) == key for row in read_duty_file(act.connection))
        value = REMOVED if is_in_file else None  # a row that only stands on screen is gone with its change
        if before is None and last is not None and is_same(last, by, value):
            return repeat(act, last)
        problems = check_reason(reason) + check_unseen(last, reason)
        if not problems and before is None:
            problems = [problem("unknown", "row")]
        if not problems and len(read_duty_list(act.connection)) == 1:
            problems = [problem("last_row", "row")]
        if problems:
            raise SettingRefusedError(problems)
        return keep_change(act, by, SUBJECT, key, before=before, value=value, reason=reason)


def take_back_duty_row(engine: Engine, *, by: Scope, key: str, reason: Reason) -> SettingChanged:
    """Let the file hold again for a row that was changed, added or taken out on screen.

    Raises
    ------
    SettingRefusedError
        When it is as the file says already, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, key)
        if is_same(last, by, None) and last is not None:
            return repeat(act, last)
        problems = check_reason(reason) + check_unseen(last, reason)
        if not problems and (last is None or last.value is None):
            problems = [problem("as_file", "row")]
        if not problems and not _leaves_rows(act.connection, key):
            problems = [problem("last_row", "row")]
        if problems:
            raise SettingRefusedError(problems)
        return keep_change(act, by, SUBJECT, key, before=_find_row(act.connection, key), value=None, reason=reason)


def _find_row(connection: Connection, key: str) -> dict[str, str] | None:
    rows = (write_cells(row) for row in read_duty_list(connection))
    return next((cells for cells in rows if key_of(cells) == key), None)


def _leaves_rows(connection: Connection, key: str) -> bool:
    """Return whether the list has a row once the file holds again for this one."""
    in_force = {key_of(write_cells(row)) for row in read_duty_list(connection)} - {key}
    return bool(in_force) or key in {key_of(write_cells(row)) for row in read_duty_file(connection)}


def _check_standing(before: Mapping[str, str] | None, clean: Mapping[str, str], *, is_new: bool) -> list[Problem]:
    if is_new and before is not None:
        return [problem("same_rank", "rank", rank=clean["rank"])]
    if not is_new and before is None:
        return [problem("unknown", "row")]
    if before == clean:
        return [problem("no_change", "row")]
    return []


def _check_cells(connection: Connection, cells: Mapping[str, str]) -> list[Problem]:
    """Hold a row to the rules of the file; what a form can tell more kindly goes first."""
    found = [problem("missing", name) for name in ("about", "source") if not cells[name]]
    named = bool(cells["unit_kind"] or cells["unit_words"])
    if not named and not cells["unit_code"]:
        found.append(problem("no_unit", "unit_words"))
    if named and cells["unit_code"]:
        found.append(problem("unit_twice", "unit_code"))
    code = cells["unit_code"]
    if code and not code.startswith("-") and connection.scalar(select(Unit.code).where(Unit.code == code)) is None:
        found.append(problem("unknown", "unit_code"))
    if found:
        return found
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerow(dict(cells))
    known = list_delivered_categories() | frozenset(connection.scalars(select(Category.code)))
    try:
        parse_duty_list(text.getvalue(), known)
    except DutyListError as error:
        return [problem("refused", "row", said=str(error).split(": ", 1)[-1])]
    return []

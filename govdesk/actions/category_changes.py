"""Renames, switches off and adds categories 类别 of incidents; codes and streams stay, nothing is deleted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import acting
from govdesk.actions.change_organisation import check_name
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
from govdesk.ingest.folding import fold
from govdesk.rules.access import Scope, require
from govdesk.rules.likely_duplicates import UNCLASSIFIED
from govdesk.rules.record_checks import EARLIEST, Problem, problem
from govdesk.storage.category_changes import SUBJECT, read_former_names
from govdesk.storage.reference import read_delivered_categories
from govdesk.storage.setting_changes import LastChange
from govdesk.tables import Category
from govdesk.terms import Stream

LONGEST_NAME = 60
#: As of a category that an import profile adds (`ingest.profiles.NewCategory`).
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class CategoryFields:
    """A category as it is to be; `off_on`: the first day on which nothing new is registered under it."""

    code: str
    stream: str
    name_zh: str
    name_en: str
    off_on: date | None = None


def set_category(engine: Engine, *, by: Scope, category: CategoryFields, reason: Reason,
                 is_new: bool = False) -> SettingChanged:
    """Add a category or set it anew: its names, from when nothing new is registered under it.

    Incidents keep their category and are counted under it as before; only its name on screens changes.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    category : CategoryFields
        The category; its stream stays once it is there.
    reason : Reason
        Why, and what the form had seen.
    is_new : bool
        A code that stands there already is refused.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, category.code)
        before = find_category(act.connection, category.code, last)
        wanted = _write(category, before, last)
        if is_same(last, by, wanted) and last is not None:
            return repeat(act, last)
        problems = check_reason(reason) + check_unseen(last, reason)
        problems += _check_standing(category, before, is_new=is_new)
        problems += _check_names(act.connection, category, before or {})
        if problems:
            raise SettingRefusedError(problems)
        names = {"name_zh": wanted["name_zh"], "name_en": wanted["name_en"]}
        if is_new:
            act.connection.execute(insert(Category).values(code=category.code, stream=category.stream, **names))
        else:
            act.connection.execute(update(Category).where(Category.code == category.code).values(**names))
        return keep_change(act, by, SUBJECT, category.code, before=before, value=wanted, reason=reason)


def take_back_category(engine: Engine, *, by: Scope, code: str, reason: Reason) -> SettingChanged:
    """Let the delivered file hold again for a category: its names, and in use.

    Raises
    ------
    SettingRefusedError
        When it is as the file says already, is in no file, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, SUBJECT, code)
        if is_same(last, by, None) and last is not None:
            return repeat(act, last)
        in_file = read_delivered_categories().get(code)
        problems = check_reason(reason) + check_unseen(last, reason)
        if not problems and (last is None or last.value is None):
            problems = [problem("as_file", "row")]
        if not problems and in_file is None:
            problems = [problem("no_file", "row")]
        if problems or in_file is None:
            raise SettingRefusedError(problems)
        before = find_category(act.connection, code, last)
        act.connection.execute(update(Category).where(Category.code == code).values(
            name_zh=in_file["name_zh"], name_en=in_file["name_en"]))
        return keep_change(act, by, SUBJECT, code, before=before, value=None, reason=reason)


def find_category(connection: Connection, code: str, last: LastChange | None) -> dict[str, object] | None:
    """Return a category as it is: stream, names, from when it is off; None when there is none of that code."""
    row = connection.execute(select(Category.stream, Category.name_zh, Category.name_en).where(
        Category.code == code)).mappings().first()
    return None if row is None else {**row, "off_on": ((last.value if last else None) or {}).get("off_on")}


def _write(category: CategoryFields, before: Mapping[str, object] | None, last: LastChange | None) -> dict[str, object]:
    """Return what is kept: beside what holds, the names it had before it was first changed, and whether it is ours."""
    told = (last.value if last else None) or {}
    was = told.get("was") or ([] if before is None else [before["name_zh"], before["name_en"]])
    return {"stream": category.stream, "name_zh": category.name_zh.strip(), "name_en": category.name_en.strip(),
            "off_on": category.off_on.isoformat() if category.off_on else None, "was": was,
            "is_added": bool(told.get("is_added")) if before is not None else True}


def _check_standing(category: CategoryFields, before: Mapping[str, object] | None, *, is_new: bool) -> list[Problem]:
    problems = []
    if is_new and not _CODE.fullmatch(category.code):
        problems.append(problem("category_code", "category_code"))
    elif is_new and (before is not None or category.code in read_delivered_categories()):
        problems.append(problem("taken", "category_code"))
    elif not is_new and before is None:
        problems.append(problem("unknown", "row"))
    if category.stream not in list(Stream) or (before and before["stream"] != category.stream):
        problems.append(problem("unknown", "stream"))
    if category.code.startswith(UNCLASSIFIED) and (is_new or category.off_on is not None):
        problems.append(problem("unclassified", "category_code" if is_new else "off_on"))
    if category.off_on is not None and category.off_on < EARLIEST:
        problems.append(problem("unknown", "off_on"))
    if before and not is_new and all(before[name] == value for name, value in (
            ("name_zh", category.name_zh.strip()), ("name_en", category.name_en.strip()),
            ("off_on", category.off_on.isoformat() if category.off_on else None))):
        problems.append(problem("no_change", "row"))
    return problems


def _check_names(connection: Connection, category: CategoryFields, before: Mapping[str, object]) -> list[Problem]:
    """Refuse names of persons, and new ones that another category has or had: imports tell categories by name."""
    problems = check_name("name_zh", category.name_zh, LONGEST_NAME) + check_name(
        "name_en", category.name_en, LONGEST_NAME)
    others: set[str] = set()
    for row in connection.execute(select(Category.code, Category.name_zh, Category.name_en)):
        if row.code != category.code:
            others |= {fold(row.name_zh), fold(row.name_en)}
    for code, names in read_former_names(connection).items():
        if code != category.code:
            others |= {fold(name) for name in names}
    for code, row_in_file in read_delivered_categories().items():
        if code != category.code:
            others |= {fold(row_in_file["name_zh"]), fold(row_in_file["name_en"])}
    told = (("name_zh", category.name_zh.strip()), ("name_en", category.name_en.strip()))
    return problems + [problem("name_taken", field) for field, name in told
                       if name and name != before.get(field) and fold(name) in others]

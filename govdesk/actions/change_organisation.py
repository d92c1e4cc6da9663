"""Adds, renames and switches off units 单位 and their posts 岗位; never a person's name, and nothing is deleted."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import Act, acting
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
from govdesk.ingest.personal_names import is_name
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import EARLIEST, Problem, problem
from govdesk.storage.setting_changes import LastChange
from govdesk.storage.units_off import POSTS, UNITS, read_off_days
from govdesk.tables import Place, Post, Unit

KINDS = ("department", "township", "bureau", "police", "court", "centre")
LONGEST_NAME = 100
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
#: Longest text that may be nothing but a name: "the whole is a name" says little of longer ones.
_LONGEST_PERSON = 4


@dataclass(frozen=True, slots=True)
class UnitFields:
    """A unit as it is to be; `off_on`: the first day on which it takes nothing more."""

    code: str
    name: str
    kind: str
    place_code: str | None = None
    parent_code: str | None = None
    off_on: date | None = None


@dataclass(frozen=True, slots=True)
class PostFields:
    """A post as it is to be; `off_on`: the first day on which it stands no more."""

    code: str
    title: str
    unit_code: str
    off_on: date | None = None


def set_unit(engine: Engine, *, by: Scope, unit: UnitFields, reason: Reason, is_new: bool = False) -> SettingChanged:
    """Add a unit or set it anew: its name, kind, area, whom it reports to, from when it takes nothing more.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    wanted = _write(asdict(unit))
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        last = find_last(act.connection, UNITS, unit.code)
        if is_same(last, by, wanted) and last is not None:
            return repeat(act, last)
        before = _find_unit(act.connection, unit.code)
        problems = _check(last, reason, before, wanted, is_new=is_new)
        problems += check_name("name", unit.name) + _check_unit(act.connection, unit)
        if problems:
            raise SettingRefusedError(problems)
        values = {name: wanted[name] for name in ("code", "name", "kind", "place_code", "parent_code")}
        _keep(act, Unit, values, is_new=is_new)
        return keep_change(act, by, UNITS, unit.code, before=before, value=wanted, reason=reason)


def set_post(engine: Engine, *, by: Scope, post: PostFields, reason: Reason, is_new: bool = False) -> SettingChanged:
    """Add a post of a unit or set it anew: its title, from when it stands no more. It stays in its unit.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected, or somebody else was first.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    wanted = _write(asdict(post))
    with acting(engine, by=by, action=ACTION, changes=("organisation", "accounts")) as act:
        last = find_last(act.connection, POSTS, post.code)
        if is_same(last, by, wanted) and last is not None:
            return repeat(act, last)
        before = _find_post(act.connection, post.code)
        problems = _check(last, reason, before, wanted, is_new=is_new) + check_name("title", post.title)
        problems += _check_off(post.off_on)
        if _find_unit(act.connection, post.unit_code) is None or (before and before["unit_code"] != post.unit_code):
            problems.append(problem("unknown", "unit"))
        if problems:
            raise SettingRefusedError(problems)
        values: dict[str, object] = {"code": post.code, "title": wanted["title"], "unit_code": post.unit_code,
                                     "valid_to": post.off_on}
        if is_new:
            values["place_code"] = act.connection.scalar(select(Unit.place_code).where(Unit.code == post.unit_code))
        _keep(act, Post, values, is_new=is_new)
        return keep_change(act, by, POSTS, post.code, before=before, value=wanted, reason=reason)


def _write(fields: Mapping[str, object]) -> dict[str, object]:
    """Return fields as they are kept: trimmed, days as text, nothing for an empty one."""
    return {name: value.isoformat() if isinstance(value, date) else str(value).strip() if value else None
            for name, value in fields.items()}


def _keep(act: Act, table: type[Unit | Post], values: Mapping[str, object], *, is_new: bool) -> None:
    kept = {**values, "content_hash": sha256(repr(sorted(values.items())).encode()).hexdigest()[:32]}
    if is_new:
        act.connection.execute(insert(table).values(**kept))
    else:
        act.connection.execute(update(table).where(table.code == values["code"]).values(**kept))


def _find_unit(connection: Connection, code: str) -> dict[str, object] | None:
    row = connection.execute(select(Unit.code, Unit.name, Unit.kind, Unit.place_code, Unit.parent_code).where(
        Unit.code == code)).mappings().first()
    return None if row is None else _write({**row, "off_on": read_off_days(connection).get(code)})


def _find_post(connection: Connection, code: str) -> dict[str, object] | None:
    row = connection.execute(select(Post.code, Post.title, Post.unit_code, Post.valid_to.label("off_on")).where(
        Post.code == code)).mappings().first()
    return None if row is None else _write(dict(row))


def _check(last: LastChange | None, reason: Reason, before: Mapping[str, object] | None,
           wanted: Mapping[str, object], *, is_new: bool) -> list[Problem]:
    """Return what is wrong with code and reason, and whether somebody else was first."""
    problems = check_reason(reason) + check_unseen(last, reason)
    code = str(wanted["code"] or "")
    if is_new and not _CODE.fullmatch(code):
        problems.append(problem("code", "code"))
    elif is_new and before is not None:
        problems.append(problem("taken", "code"))
    elif not is_new and before is None:
        problems.append(problem("unknown", "row"))
    elif before == wanted:
        problems.append(problem("no_change", "row"))
    return problems + check_texts([("code", code, 40)])


def check_name(field: str, text: str, longest: int = LONGEST_NAME) -> list[Problem]:
    """Return what is wrong with a name: it is needed, not too long, and nobody's."""
    clean = text.strip()
    if not clean:
        return [problem("missing", field)]
    found = check_texts([(field, clean, longest)])
    if not found and len(clean) <= _LONGEST_PERSON and is_name(clean):
        found = [problem("personal", field)]
    return found


def _check_unit(connection: Connection, unit: UnitFields) -> list[Problem]:
    problems = _check_off(unit.off_on)
    known = frozenset(connection.scalars(select(Unit.kind).distinct())) | frozenset(KINDS)
    if unit.kind not in known:
        problems.append(problem("unknown", "kind"))
    if unit.place_code and connection.scalar(select(Place.code).where(Place.code == unit.place_code).limit(1)) is None:
        problems.append(problem("unknown", "place"))
    if unit.parent_code and _is_circle(connection, unit.code, unit.parent_code):
        problems.append(problem("circle", "parent"))
    return problems


def _is_circle(connection: Connection, code: str, parent: str) -> bool:
    """Return whether whom a unit would report to is unknown, itself, or below it."""
    above = {row.code: row.parent_code for row in connection.execute(select(Unit.code, Unit.parent_code))}
    if parent not in above:
        return True
    seen: set[str] = set()
    at: str | None = parent
    while at and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = above.get(at)
    return False


def _check_off(day: date | None) -> list[Problem]:
    return [] if day is None or day >= EARLIEST else [problem("unknown", "off_on")]

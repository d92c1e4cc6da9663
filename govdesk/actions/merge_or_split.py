"""Merges villages into one, or splits one, on a day 撤并拆分: the tree, its changes and its shapes in one transaction.

Writes what the two commands write that import a register and its changes (`actions.places`, `actions.place_changes`),
by the same checks, and refuses what would leave a record without a place.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

import shapely
from sqlalchemy import Connection, Engine, func, select

from govdesk.actions.acting import acting
from govdesk.actions.change_organisation import check_name
from govdesk.actions.change_setting import (
    ACTION,
    Reason,
    SettingChanged,
    SettingRefusedError,
    check_reason,
    keep_change,
)
from govdesk.actions.place_changes import ChangePlan, apply_changes, plan_changes
from govdesk.actions.place_drawing import read_delivered, redraw
from govdesk.actions.place_records import read_shape_rows, read_versions, rebuild_closure, write_versions
from govdesk.clock import now, today, week_of
from govdesk.ingest.drawing import Drawn
from govdesk.ingest.place_checks import CheckedTree, TreeOptions, check_tree
from govdesk.ingest.place_rows import PlaceFile, PlaceRow
from govdesk.ingest.place_tree import Key, PlaceVersion
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.storage.later_records import count_later
from govdesk.storage.properties import read_properties
from govdesk.storage.versions import read_versions as read_data_versions
from govdesk.tables import Account, Incident, Unit
from govdesk.terms import Level, PlaceChangeKind, ShapeKind

SUBJECT = "places"
#: A change is known at most so long before.
MOST_AHEAD = timedelta(days=366)
#: As of a place that is imported (`ingest.place_cells.read_code`).
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
#: Shares are written in hundredths: a sum this near to 1 is 1.
SLACK = 0.0005


@dataclass(frozen=True, slots=True)
class Successor:
    """A place that goes on: its code, its name where it is a new one, its share of the one that is split (0–1)."""

    code: str
    name: str = ""
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What is to happen.

    Attributes
    ----------
    kind : str
        ``merge`` or ``split``.
    from_codes : tuple of str
        Villages that end; two or more for a merge, one for a split.
    successors : tuple of Successor
        One for a merge, two or more for a split. One that stands already goes on; the others begin on the day.
    on : date
        First day on which it holds.
    children : tuple of (str, str)
        For a split: each grid below, and the successor that it goes to. A merge takes all of them along.
    """

    kind: str
    from_codes: tuple[str, ...]
    successors: tuple[Successor, ...]
    on: date
    children: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a regrouping means, or what is wrong with it.

    Attributes
    ----------
    problems : tuple of Problem
        Nothing can be done while there are some.
    n_kept : int
        Incidents before the day that go on naming the places that end, those in their grids among them.
    n_children : int
        Grids that get another village.
    accounts, units : tuple of str
        Titles of accounts and names of units whose area ends.
    warnings : tuple of str
        What an import would warn of.
    """

    problems: tuple[Problem, ...] = ()
    n_kept: int = 0
    n_children: int = 0
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tree:
    """The tree as it would be."""

    known: dict[Key, PlaceVersion]
    checked: CheckedTree
    plan: ChangePlan

    @property
    def versions(self) -> dict[Key, PlaceVersion]:
        return {**self.known, **self.checked.closed,
                **{one.version.key: one.version for one in self.checked.candidates}, **self.plan.ended}


def look_ahead(engine: Engine, *, by: Scope, wanted: Regrouping, language: str = "zh") -> Outlook:
    """Say what a regrouping would mean; nothing is written.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with read_transaction(engine) as connection:
        known = read_versions(connection)
        problems = _check(connection, wanted, known)
        tree = None if problems else _plan(connection, wanted, known)
        if tree is not None:
            problems = _read_errors(tree, language)
        if problems or tree is None:
            return Outlook(tuple(problems))
        return _describe(connection, wanted, tree, language)


def regroup(engine: Engine, *, by: Scope, wanted: Regrouping, reason: Reason) -> SettingChanged:
    """Merge or split: new places, what became of the old ones, their grids, the dated tree and its shapes.

    Counts of the weeks before keep their places; trends and features follow the successors.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    wanted : Regrouping
        What is to happen.
    reason : Reason
        Why (the deed of approval); `was` is the version of the places that the form had seen.

    Raises
    ------
    SettingRefusedError
        When something is to be corrected, or the places have changed meanwhile.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("places", "organisation"), is_import=True) as act:
        known = read_versions(act.connection)
        problems = check_reason(reason)
        if read_data_versions(act.connection)["places"] != reason.was:
            problems.append(problem("places_meanwhile", "row"))
        problems += _check(act.connection, wanted, known)
        if problems:
            raise SettingRefusedError(problems)
        tree = _plan(act.connection, wanted, known)
        problems = _read_errors(tree, "zh")
        if problems:
            raise SettingRefusedError(problems)
        _write(act.connection, wanted, tree, by)
        act.audit("place_changes", tree.plan.report.batch, kind=wanted.kind, on=wanted.on.isoformat(),
                  inserted=len(tree.checked.candidates), ended=len(tree.plan.ended))
        told: dict[str, object] = json.loads(json.dumps(asdict(wanted), default=str))
        key = f"{wanted.on} {wanted.from_codes[0]}"
        return keep_change(act, by, SUBJECT, key, before=list(wanted.from_codes), value=told, reason=reason)


def list_children(known: dict[Key, PlaceVersion], code: str, on: date) -> list[PlaceVersion]:
    """Return the places that stand below one on the day before a change, by code."""
    day = on - timedelta(days=1)
    return sorted((one for one in known.values() if one.parent_code == code and one.holds_on(day)),
                  key=lambda one: one.code)


def _standing(known: dict[Key, PlaceVersion], code: str, day: date) -> PlaceVersion | None:
    return next((one for one in known.values() if one.code == code and one.holds_on(day)), None)


def _check(connection: Connection, wanted: Regrouping, known: dict[Key, PlaceVersion]) -> list[Problem]:
    """Return what is wrong with what is asked for, before the tree is looked at."""
    n_from, n_to = (2, 1) if wanted.kind == PlaceChangeKind.MERGE else (1, 2)
    codes = [one.code for one in wanted.successors]
    if wanted.kind not in (PlaceChangeKind.MERGE, PlaceChangeKind.SPLIT):
        return [problem("unknown", "act")]
    if len(set(wanted.from_codes)) < n_from or (n_from == 1 and len(wanted.from_codes) > 1):
        return [problem("place_number", "places", least=n_from)]
    if len(wanted.successors) < n_to or (n_to == 1 and len(wanted.successors) > 1) or not all(codes):
        return [problem("missing", "successor")]
    if len(set(codes)) < len(codes):
        return [problem("taken", "successor")]
    found = _check_ending(connection, wanted, known)
    if found:
        return found
    return (_check_successors(wanted, known) + _check_shares(wanted) + _check_children(wanted, known))


def _check_ending(connection: Connection, wanted: Regrouping, known: dict[Key, PlaceVersion]) -> list[Problem]:
    """Return what is wrong with the places that end: all villages of one township, open, and without later records."""
    if not date(1990, 1, 2) <= wanted.on <= today() + MOST_AHEAD:
        return [problem("place_day", "on", last=today() + MOST_AHEAD)]
    ending = [_standing(known, code, wanted.on - timedelta(days=1)) for code in wanted.from_codes]
    if any(one is None for one in ending):
        return [problem("place_not_then", "places", on=wanted.on)]
    stood = [one for one in ending if one is not None]
    if any(one.valid_to is not None for one in stood):
        return [problem("place_ended", "places")]
    if any(one.level != Level.VILLAGE for one in stood):
        return [problem("place_level", "places")]
    if len({one.parent_code for one in stood}) > 1:
        return [problem("place_parents", "places")]
    going = [one for one in wanted.from_codes if one not in {other.code for other in wanted.successors}]
    later = count_later(connection, going, week_of(wanted.on + timedelta(days=6)))
    return [problem(f"place_{table}", "on", n=n, on=wanted.on) for table, n in later.items()]


def _check_successors(wanted: Regrouping, known: dict[Key, PlaceVersion]) -> list[Problem]:
    old = _standing(known, wanted.from_codes[0], wanted.on - timedelta(days=1))
    found: list[Problem] = []
    for one in wanted.successors:
        same = [version for version in known.values() if version.code == one.code]
        standing = _standing(known, one.code, wanted.on)
        if standing is None and not _CODE.fullmatch(one.code):
            found.append(problem("place_code", "successor"))
        elif standing is None and same:
            found.append(problem("place_used", "successor", code=one.code))
        elif standing is None:
            found += check_name("successor_name", one.name)
        elif old is not None and (standing.level, standing.parent_code) != (old.level, old.parent_code):
            found.append(problem("place_parents", "successor"))
    return found


def _check_shares(wanted: Regrouping) -> list[Problem]:
    shares = [one.share for one in wanted.successors]
    if wanted.kind == PlaceChangeKind.SPLIT and (
            any(not 0 < share < 1 for share in shares) or abs(sum(shares) - 1) > SLACK):
        return [problem("shares", "share", sum=f"{sum(shares):.0%}")]
    return []


def _check_children(wanted: Regrouping, known: dict[Key, PlaceVersion]) -> list[Problem]:
    """Return which grids of a split go nowhere, and those that were changed on or after the day already."""
    children = [one for code in wanted.from_codes for one in list_children(known, code, wanted.on)]
    found = []
    if any(one.valid_to is not None or one.valid_from >= wanted.on for one in children):
        found.append(problem("child_later", "children"))
    if wanted.kind == PlaceChangeKind.SPLIT:
        given, codes = dict(wanted.children), {one.code for one in wanted.successors}
        if any(given.get(one.code) not in codes for one in children):
            found.append(problem("child_open", "children"))
    return found


def _plan(connection: Connection, wanted: Regrouping, known: dict[Key, PlaceVersion]) -> _Tree:
    """Return the tree as it would be, by the checks of the imports."""
    new = [_row(one, wanted, known) for one in wanted.successors if _standing(known, one.code, wanted.on) is None]
    given = dict(wanted.children)
    moved = []
    for code in wanted.from_codes:
        for child in list_children(known, code, wanted.on):
            to = given.get(child.code, wanted.successors[0].code)
            if to != code:
                moved.append(PlaceRow(0, {**asdict(child), "valid_from": wanted.on, "parent_code": to}))
    checked = check_tree([*new, *moved], known, TreeOptions(kind=read_properties(connection).kind))
    after = {**known, **checked.closed, **{one.version.key: one.version for one in checked.candidates}}
    rows = [PlaceRow(0, {"from_code": code, "to_code": one.code, "on": wanted.on, "kind": wanted.kind,
                         "share": one.share if wanted.kind == PlaceChangeKind.SPLIT else 1.0})
            for code in wanted.from_codes for one in wanted.successors
            if wanted.kind == PlaceChangeKind.SPLIT or code != one.code]
    plan = plan_changes(connection, PlaceFile(rows), after)
    plan.report.errors += [item for row in (*new, *moved) for item in row.errors]
    return _Tree(known, checked, plan)


def _row(one: Successor, wanted: Regrouping, known: dict[Key, PlaceVersion]) -> PlaceRow:
    """Return a new place as the row of a register: what is not known of it is left out, not made up."""
    old = [version for code in wanted.from_codes
           if (version := _standing(known, code, wanted.on - timedelta(days=1))) is not None]
    kinds = {version.kind for version in old}
    is_merge = wanted.kind == PlaceChangeKind.MERGE
    return PlaceRow(0, {
        "code": one.code, "name": one.name.strip(), "level": old[0].level, "parent_code": old[0].parent_code,
        "valid_from": wanted.on, "kind": kinds.pop() if len(kinds) == 1 else None,
        "population": _sum([version.population for version in old]) if is_merge else None,
        "households": _sum([version.households for version in old]) if is_merge else None})


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _read_errors(tree: _Tree, language: str) -> list[Problem]:
    return [problem("refused", "successor", said=one.message(language)) for one in tree.plan.report.errors]


def _describe(connection: Connection, wanted: Regrouping, tree: _Tree, language: str) -> Outlook:
    gone = {key[0] for key in tree.plan.ended}
    children = {one.code for code in wanted.from_codes for one in list_children(tree.known, code, wanted.on)}
    n_kept = connection.scalar(select(func.coalesce(func.sum(Incident.weight), 0)).where(
        Incident.place_code.in_([*wanted.from_codes, *children]), Incident.is_counted == 1,
        Incident.occurred_on < wanted.on))
    accounts = connection.scalars(select(Account.title).where(
        Account.area_code.in_(gone), Account.is_active.is_(True)).order_by(Account.code))
    units = connection.scalars(select(Unit.name).where(Unit.place_code.in_(gone)).order_by(Unit.code))
    n_moved = sum(one.version.code in children for one in tree.checked.candidates)
    warnings = tuple(one.message(language) for one in tree.plan.report.warnings)
    return Outlook((), int(n_kept or 0), n_moved, tuple(accounts), tuple(units), warnings)


def _write(connection: Connection, wanted: Regrouping, tree: _Tree, by: Scope) -> None:
    write_versions(connection, [one.version for one in tree.checked.candidates], list(tree.checked.closed.values()))
    told = json.dumps(asdict(wanted), default=str, sort_keys=True)
    digest = hashlib.sha256(f"{now().isoformat()}{told}".encode()).hexdigest()
    brought = _join_shapes(connection, wanted, tree)
    apply_changes(connection, tree.plan, by=by, file_name=f"{wanted.kind}-{wanted.on}", file_hash=digest)
    rebuild_closure(connection, tree.versions.values())
    redraw(connection, tree.versions, brought)


def _join_shapes(connection: Connection, wanted: Regrouping, tree: _Tree) -> dict[Key, Drawn]:
    """Return the outline of a merged village where those of all its parts were delivered: the two together."""
    new = next((one.version for one in tree.checked.candidates if one.version.code == wanted.successors[0].code), None)
    if wanted.kind != PlaceChangeKind.MERGE or new is None:
        return {}
    delivered = read_delivered(read_shape_rows(connection))
    parts = [delivered.get(old.key) for code in wanted.from_codes
             if (old := _standing(tree.known, code, wanted.on - timedelta(days=1))) is not None]
    shapes = [part.shape for part in parts if part is not None]
    if len(shapes) < len(wanted.from_codes):
        return {}
    joined = shapely.union_all(shapes)
    return {new.key: replace(parts[0], shape=joined, kind=ShapeKind.REPAIRED)} if parts[0] is not None else {}

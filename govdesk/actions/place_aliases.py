"""Accepts other spellings of places' names, and takes them back: by a post, by record, never silently."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.actions.import_context import read_names
from govdesk.clock import now, today
from govdesk.ingest.masking import mask, shown, strip_hidden
from govdesk.ingest.place_book import PlaceBook
from govdesk.ingest.place_matching import Matcher
from govdesk.ingest.place_names import tidy
from govdesk.queries.places import get_place
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import FormRefusedError, Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.storage.versions import bump, read_versions
from govdesk.tables import Place, PlaceAlias

ACTION = "accept_alias"
#: Longest alias, as the table keeps it.
LONGEST = 100
#: Aliases accepted at once.
MOST_AT_ONCE = 1_000


class AliasRefusedError(FormRefusedError):
    """Nothing was written; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class NewAlias:
    """A spelling and what it means.

    Attributes
    ----------
    text : str
        As it stood in the file.
    place_code : str
        The place that is meant.
    parent_code : str or None
        The place that rows name above it; the alias holds only there. None: everywhere.
    """

    text: str
    place_code: str
    parent_code: str | None = None


@dataclass(frozen=True, slots=True)
class AliasesKept:
    """What was written: keys of new rows, and how many were there already."""

    ids: tuple[int, ...]
    n_repeated: int = 0


def accept_alias(engine: Engine, *, by: Scope, text: str, place_code: str, parent_code: str | None = None,
                 ) -> AliasesKept:
    """Accept one alias; see `accept_aliases`."""
    return accept_aliases(engine, by=by, aliases=[NewAlias(text, place_code, parent_code)])


def check_aliases(engine: Engine, *, by: Scope, aliases: Sequence[NewAlias]) -> list[Problem]:
    """Return what stands against some aliases; empty when they may be accepted.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with read_transaction(engine) as connection:
        return _check(connection, by, aliases)[0]


def accept_aliases(engine: Engine, *, by: Scope, aliases: Sequence[NewAlias]) -> AliasesKept:
    """Accept several aliases, all or none, in one transaction; one that is there already is not written again.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; the places must lie in its area.
    aliases : sequence of NewAlias
        At most `MOST_AT_ONCE`.

    Raises
    ------
    AliasRefusedError
        When one is empty, holds numbers of persons, is the name of another place, or points to another place already.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with read_transaction(engine) as connection:
        problems, version = _check(connection, by, aliases)
    if problems:
        raise AliasRefusedError(problems)
    with acting(engine, by=by, action=ACTION) as act:
        bump(act.connection, "organisation")  # first: of two clerks the second waits here, and then sees the other's
        if read_versions(act.connection)["places"] != version:  # the register was changed in between
            again = _check(act.connection, by, aliases)[0]
            if again:
                raise AliasRefusedError(again)
        kept = [_keep(act, by, alias) for alias in aliases]
    written = tuple(key for key in kept if key is not None)
    return AliasesKept(written, len(kept) - len(written))


def withdraw_alias(engine: Engine, *, by: Scope, alias_id: int) -> None:
    """Take an alias back; what was imported by it stays, and the row stays as a record.

    Raises
    ------
    AliasRefusedError
        When there is no such alias in the caller's area, or it was taken back already.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action=ACTION, changes=("organisation",)) as act:
        row = act.connection.execute(select(PlaceAlias.__table__).where(
            PlaceAlias.id == alias_id, PlaceAlias.withdrawn_at.is_(None))).first()
        is_outside = row is not None and by.area_code is not None and (
            get_place(act.connection, by, row.place_code, today()) is None)
        if row is None or is_outside:
            raise AliasRefusedError([problem("unknown", "alias")])
        act.connection.execute(update(PlaceAlias).where(PlaceAlias.id == alias_id).values(
            withdrawn_by=by.account, withdrawn_at=now()))
        act.audit("place_aliases", alias_id, withdrawn=True, alias=shown(row.alias), place=row.place_code)


# What stands against an alias

def _check(connection: Connection, by: Scope, aliases: Sequence[NewAlias]) -> tuple[list[Problem], int]:
    version = read_versions(connection)["places"]
    if not 0 < len(aliases) <= MOST_AT_ONCE:
        return [problem("number", "alias", n=len(aliases), most=MOST_AT_ONCE)], version
    book = read_names(connection)
    matcher = Matcher(PlaceBook([row for rows in book.periods.values() for row in rows]), proposed=0)
    meant = {(row.folded, row.parent_code, book.latest(row.place_code).level): row.place_code
             for row in book.aliases if row.place_code in book}
    problems: list[Problem] = []
    for alias in aliases:
        found = _check_text(alias) or _check_places(connection, by, book, alias) or _check_name(matcher, book, alias)
        if not found:
            key = (tidy(alias.text), alias.parent_code, book.latest(alias.place_code).level)
            other = meant.setdefault(key, alias.place_code)
            if other != alias.place_code:
                found = [problem("elsewhere", "alias", alias=shown(alias.text), place=_name(matcher, book, other))]
        problems += found
    return problems, version


def _check_text(alias: NewAlias) -> list[Problem]:
    plain = strip_hidden(alias.text).strip()
    if not tidy(plain):
        return [problem("missing", "alias")]
    if len(plain) > LONGEST:
        return [problem("too_long", "alias", most=LONGEST, n=len(plain))]
    if mask(plain)[1] or "***" in plain:
        return [problem("personal", "alias", alias=shown(plain))]
    return []


def _check_places(connection: Connection, by: Scope, book: PlaceBook, alias: NewAlias) -> list[Problem]:
    if get_place(connection, by, alias.place_code, today()) is None:
        return [problem("place_unknown", "place", place=shown(alias.place_code))]
    if alias.parent_code is not None and alias.parent_code not in book:
        return [problem("place_unknown", "parent", place=shown(alias.parent_code))]
    return []


def _check_name(matcher: Matcher, book: PlaceBook, alias: NewAlias) -> list[Problem]:
    """A name that means a place by itself is never read as an alias: whoever accepted it would wait in vain."""
    level = book.latest(alias.place_code).level
    found = matcher.match(strip_hidden(alias.text).strip(), level, alias.parent_code or "")
    text = shown(alias.text)
    if found.code == alias.place_code:
        return [problem("not_needed", "alias", alias=text, place=_name(matcher, book, found.code))]
    if found.code is not None:
        return [problem("is_name", "alias", alias=text, place=_name(matcher, book, found.code))]
    names = [one for one in found.candidates if one.why == "same_name"]
    if names:
        places = " / ".join(_name(matcher, book, one.code) for one in names)
        return [problem("is_name", "alias", alias=text, place=places)]
    return []


def _name(matcher: Matcher, book: PlaceBook, code: str) -> str:
    above = matcher.index.township_of(code)
    return f"{book.latest(code).name} ({above})" if above else book.latest(code).name


# What is written

def _keep(act: Act, by: Scope, alias: NewAlias) -> int | None:
    text = strip_hidden(alias.text).strip()
    known = act.connection.execute(select(PlaceAlias.id, PlaceAlias.place_code).where(
        PlaceAlias.folded == tidy(text), PlaceAlias.withdrawn_at.is_(None),
        PlaceAlias.parent_code.is_(None) if alias.parent_code is None else PlaceAlias.parent_code == alias.parent_code,
    )).all()
    same = next((row for row in known if row.place_code == alias.place_code), None)
    if same is not None:
        act.audit("place_aliases", same.id, repeated=True)
        return None
    codes = [alias.place_code, *(row.place_code for row in known)]
    level = {row.code: row.level for row in act.connection.execute(
        select(Place.code, Place.level).where(Place.code.in_(codes)))}
    rival = next((row for row in known if level.get(row.place_code) == level.get(alias.place_code)), None)
    if rival is not None:  # somebody was quicker
        raise AliasRefusedError([problem("elsewhere", "alias", alias=shown(text), place=rival.place_code)])
    done = act.connection.execute(insert(PlaceAlias).values(
        alias=text, folded=tidy(text), parent_code=alias.parent_code, place_code=alias.place_code, by=by.account,
        at=now()))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    act.audit("place_aliases", int(key[0]), alias=shown(text), place=alias.place_code, parent=alias.parent_code)
    return int(key[0])

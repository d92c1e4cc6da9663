"""What later work rests on a batch: as long as there is any, the batch cannot be undone."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, String, Table, and_, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from govdesk.queries.batches import ABOUT_PLACES, Batch, get_batch
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import (
    Account,
    Base,
    BeforeImage,
    Call,
    GridVacancy,
    ImportBatch,
    Incident,
    Mediation,
    MediationSession,
    Photo,
    Post,
    Revisit,
    Step,
)

Kind = Literal["places", "changed", "steps", "mediations", "revisits", "repeats", "merged", "calls", "photos",
               "sessions", "vacancies", "accounts", "posts"]

#: Tables that a kind of record is kept in, where the name is not the kind's own.
_TABLES = {"works": "works_projects", "vacancies": "grid_vacancies"}
#: Kinds whose rows do not say which batch brought them.
_UNSOURCED = frozenset({"units", "posts"})


@dataclass(frozen=True, slots=True)
class Dependant:
    """Something that rests on a batch.

    Attributes
    ----------
    kind : str
        ``places``: batches of places are not undone at all. ``changed``: a later batch changed rows of this one.
        ``steps``, ``mediations``, ``revisits``, ``repeats``: later rows point at its incidents. ``merged``: somebody
        judged its incidents. ``calls``, ``photos``: are about its incidents. ``sessions``: belong to its mediations.
        ``vacancies``, ``accounts``, ``posts``: rest on its posts or units.
    batch_id : int or None
        The batch that brought them; None for what no batch brought.
    file_name : str or None
        File of that batch.
    n : int
        How many rows.
    """

    kind: Kind
    batch_id: int | None
    file_name: str | None
    n: int


def table_of_batch(about: str) -> Table:
    """Return the table that a batch of this kind fills."""
    return Base.metadata.tables[_TABLES.get(about, about)]


def is_before_image_of(batch_id: int, table: Table, key: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a batch kept what a row was before."""
    return exists().where(BeforeImage.batch_id == batch_id, BeforeImage.table_name == table.name,
                          BeforeImage.row_key == cast(key, String))


def brought_by(batch_id: int, table: Table) -> ColumnElement[bool]:
    """Return the condition that a row of a table that knows its batches was brought, not changed, by a batch."""
    return and_(table.c.batch_id == batch_id, ~is_before_image_of(batch_id, table, table.c.id))


@reads("view_imports")
def list_dependants(connection: Connection, scope: Scope, batch_id: int) -> list[Dependant]:
    """Return all that rests on a batch and would have to be undone first; empty when it may be undone.

    Raises
    ------
    LookupError
        When there is no such batch, or the caller may not see it.
    """
    batch = get_batch(connection, scope, batch_id)
    if batch is None:
        message = f"no batch {batch_id}"
        raise LookupError(message)
    if batch.about in ABOUT_PLACES:
        return [Dependant("places", None, None, batch.n_inserted + batch.n_updated)]
    found = _changed_later(connection, batch)
    if batch.about == "incidents":
        found += _on_incidents(connection, batch_id)
    elif batch.about == "mediations":
        mediations = table_of_batch("mediations")
        found += _count_on("sessions", connection, MediationSession.mediation_id, mediations, batch_id)
    elif batch.about in _UNSOURCED:
        found += _on_organisation(connection, batch)
    return found


def _changed_later(connection: Connection, batch: Batch) -> list[Dependant]:
    """Return later batches that changed rows which this one had brought or changed."""
    table = table_of_batch(batch.about)
    mine = aliased(BeforeImage, name="mine")
    same = exists().where(mine.batch_id == batch.id, mine.table_name == table.name,
                          mine.row_key == BeforeImage.row_key)
    # Keys of an image are sorted and its quotation marks escaped: nothing but the column itself reads so.
    held = or_(same, BeforeImage.image.contains(f'"batch_id": {batch.id},', autoescape=True))
    return _read(connection, "changed", (
        select(BeforeImage.batch_id, func.count()).select_from(BeforeImage)
        .join(ImportBatch, ImportBatch.id == BeforeImage.batch_id)
        .where(BeforeImage.batch_id > batch.id, BeforeImage.table_name == table.name,
               ImportBatch.withdrawn_at.is_(None), held)
        .group_by(BeforeImage.batch_id)))


def _on_incidents(connection: Connection, batch_id: int) -> list[Dependant]:
    incidents = table_of_batch("incidents")
    mine = select(incidents.c.id).where(brought_by(batch_id, incidents))
    found: list[Dependant] = []
    for kind, table, alive in (("steps", Step, Step.is_withdrawn.is_(False)), ("mediations", Mediation, None),
                               ("revisits", Revisit, None)):
        query = select(table.batch_id, func.count()).where(
            table.incident_id.in_(mine), table.batch_id.is_distinct_from(batch_id))
        found += _read(connection, kind, (  # type: ignore[arg-type] # the three names are kinds
            query if alive is None else query.where(alive)).group_by(table.batch_id))
    found += _read(connection, "repeats", (
        select(Incident.batch_id, func.sum(Incident.is_counted)).where(
            Incident.repeat_of.in_(mine), Incident.batch_id.is_distinct_from(batch_id), Incident.is_counted == 1)
        .group_by(Incident.batch_id)))
    merged = connection.scalars(
        select(Incident.id).where(Incident.merged_into.is_not(None), or_(
            Incident.merged_into.in_(mine), Incident.id.in_(mine)))).all()
    found += [Dependant("merged", None, None, len(merged))] if merged else []
    found += _count_on("calls", connection, Call.incident_id, incidents, batch_id)
    return found + _count_on("photos", connection, Photo.incident_id, incidents, batch_id)


def _count_on(
    kind: Kind, connection: Connection, pointing: InstrumentedAttribute[Any], table: Table, batch_id: int
) -> list[Dependant]:
    """Return the rows of the loop that point at rows which a batch brought."""
    mine = select(table.c.id).where(brought_by(batch_id, table))
    n = connection.scalar(select(func.count()).select_from(pointing.class_).where(pointing.in_(mine))) or 0
    return [Dependant(kind, None, None, n)] if n else []


def _on_organisation(connection: Connection, batch: Batch) -> list[Dependant]:
    table = table_of_batch(batch.about)
    mine = select(BeforeImage.row_key).where(
        BeforeImage.batch_id == batch.id, BeforeImage.table_name == table.name, BeforeImage.image == "null")
    if batch.about == "posts":
        found = _read(connection, "vacancies", select(GridVacancy.batch_id, func.count()).where(
            GridVacancy.post_code.in_(mine)).group_by(GridVacancy.batch_id))
        accounts = Account.post_code.in_(mine)
    else:
        posts = connection.scalar(select(func.count()).select_from(Post).where(Post.unit_code.in_(mine))) or 0
        found = [Dependant("posts", None, None, posts)] if posts else []
        accounts = Account.unit_code.in_(mine)
    n = connection.scalar(select(func.count()).select_from(Account).where(accounts)) or 0
    return found + ([Dependant("accounts", None, None, n)] if n else [])


def _read(connection: Connection, kind: Kind, query: Select[Any, Any]) -> list[Dependant]:
    rows = [(batch, int(n)) for batch, n in connection.execute(query)]
    named = {row.id: row.file_name for row in connection.execute(
        select(ImportBatch.id, ImportBatch.file_name).where(ImportBatch.id.in_([batch for batch, _ in rows])))}
    return [Dependant(kind, batch, named.get(batch), n)
            for batch, n in sorted(rows, key=lambda row: (row[0] is None, row[0] or 0))]

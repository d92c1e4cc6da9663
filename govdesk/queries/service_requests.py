"""What another system may read: the services, and the requests of its own source as Open311 lists them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.rules.service_request import RequestFilter
from govdesk.storage.category_changes import list_off_categories
from govdesk.tables import Category, ImportBatch, Incident, Step, Unit

#: Categories for rows of a file that nobody could sort in: no service to ask for.
_NO_SERVICE = "unclassified_%"


@dataclass(frozen=True, slots=True)
class Service:
    """One category that may be asked for."""

    code: str
    stream: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request of the caller's own source; instants aware UTC, the point in the database's own system.

    `is_merged` is True where it is counted under another incident.
    """

    id: int
    category: str
    name_zh: str | None
    name_en: str | None
    summary: str | None
    status: str
    outcome: str | None
    is_merged: bool
    place_code: str
    lon: float | None
    lat: float | None
    handling_unit_name: str | None
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None


def list_services(connection: Connection) -> list[Service]:
    """Return the categories in which something new may be sent, stream by stream, in the order of their codes."""
    off = list_off_categories(connection)
    return [one for one in list_known_services(connection) if one.code not in off]


def list_known_services(connection: Connection) -> list[Service]:
    """Return all categories, those that are off with them: what was sent under one can still be asked for."""
    rows = connection.execute(
        select(Category.code, Category.stream, Category.name_zh, Category.name_en)
        .where(Category.code.not_like(_NO_SERVICE)).order_by(Category.stream, Category.code))
    return [Service(*row) for row in rows]


def find_service(connection: Connection, code: str) -> Service | None:
    """Return one category; None when there is none of that code."""
    return next((one for one in list_services(connection) if one.code == code), None)


@reads("send_incident")
def list_requests(connection: Connection, scope: Scope, source: str, wanted: RequestFilter) -> list[RequestFacts]:
    """Return requests of a source, the newest first: never those of another, nor what concerns the caller's unit."""
    conditions = [_of_source(scope, source)]
    if wanted.ids:
        conditions.append(Incident.id.in_(wanted.ids))
    else:
        conditions += _chosen(source, wanted)
    return _read(connection, and_(*conditions), wanted.page, wanted.page_size)


@reads("send_incident")
def get_request(connection: Connection, scope: Scope, source: str, number: int) -> RequestFacts | None:
    """Return one request of a source; None when there is none, or it may not be seen."""
    found = _read(connection, and_(_of_source(scope, source), Incident.id == number), 1, 1)
    return found[0] if found else None


@reads("send_incident")
def is_own_request(connection: Connection, scope: Scope, source: str, number: int) -> bool:
    """Return whether a number is that of a request of the source that the caller may see."""
    return connection.scalar(select(Incident.id).where(Incident.id == number, _of_source(scope, source))) is not None


def _of_source(scope: Scope, source: str) -> ColumnElement[bool]:
    lives = or_(Incident.is_counted == 1, Incident.merged_into.is_not(None))
    return and_(Incident.source == source, Incident.weight == 1, lives, visible_incidents(scope))


def _chosen(source: str, wanted: RequestFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.codes:
        conditions.append(Incident.category.in_(wanted.codes))
    if wanted.start is not None:
        conditions.append(Incident.reported_at >= wanted.start)
        # Nothing comes in before it was reported: a few batches are read, not the whole table.
        conditions.append(Incident.batch_id.in_(select(ImportBatch.id).where(
            or_(ImportBatch.source == source, ImportBatch.source.is_(None)), ImportBatch.at >= wanted.start)))
    if wanted.end is not None:
        conditions.append(Incident.reported_at <= wanted.end)
    if len(set(wanted.statuses)) == 1:
        is_closed = Incident.status == "closed"
        conditions.append(is_closed if wanted.statuses[0] == "closed" else ~is_closed)
    return conditions


def _read(connection: Connection, where: ColumnElement[bool], page: int, size: int) -> list[RequestFacts]:
    last = (select(func.max(Step.recorded_at)).where(Step.incident_id == Incident.id, Step.is_withdrawn.is_(False))
            .correlate(Incident).scalar_subquery())
    unit = select(Unit.name).where(Unit.code == Incident.handling_unit).correlate(Incident).scalar_subquery()
    columns: list[Any] = [
        Incident.id, Incident.category, Category.name_zh, Category.name_en, Incident.summary, Incident.status,
        Incident.outcome, Incident.merged_into.is_not(None), Incident.place_code, Incident.lon, Incident.lat, unit,
        Incident.reported_at, func.coalesce(last, Incident.recorded_at), Incident.due_at]
    statement = (
        select(*columns).select_from(Incident).outerjoin(Category, Category.code == Incident.category).where(where)
        .order_by(Incident.reported_at.desc(), Incident.id.desc()).limit(size).offset((page - 1) * size))
    return [RequestFacts(*row) for row in connection.execute(statement)]

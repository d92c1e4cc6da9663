"""Old cases 信访积案: petitions still open after the longest time the law gives, oldest first."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select, union_all

from govdesk.queries.counts import open_rows
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, INSTANT, TEXT, make_frame
from govdesk.queries.incidents import list_oldest_open
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Post, Step
from govdesk.terms import Stream

#: 60 days, once prolonged by 30 (Regulations on Petitioning 信访工作条例 2022, article 34).
OLD_DAYS = 90


@reads("view_overview")
def count_old_cases(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> int:
    """Return how many petitions have been open for at least `OLD_DAYS`, whatever week they occurred in."""
    if not _has_petitions(filters):
        return 0
    rows = open_rows(scope, _petitions(filters), as_of, func.coalesce(func.sum(Incident.weight), 0).label("n"))
    is_old = Incident.reported_at <= as_of - timedelta(days=OLD_DAYS)
    both = union_all(*(part.where(is_old) for part in rows)).subquery()
    return int(connection.scalar(select(func.coalesce(func.sum(both.c.n), 0))) or 0)


@reads("view_overview")
def list_old_cases(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, limit: int = 200
) -> pd.DataFrame:
    """Return the ledger 台账 of old cases, oldest first; empty where `filters` leave petitions out.

    Returns
    -------
    DataFrame
        The columns of `incidents.list_incidents`, and ``post_title`` (post of the newest step that names one), ``plan``
        (newest remark on a step), ``last_kind``, ``last_at`` (newest step).
    """
    shown = limit if _has_petitions(filters) else 0
    found = list_oldest_open(
        connection, scope, _petitions(filters), as_of, shown, reported_by=as_of - timedelta(days=OLD_DAYS))
    steps = _read_steps(connection, found["id"].tolist(), as_of)
    for column in ("post_title", "plan", "last_kind", "last_at"):
        newest = steps.dropna(subset=[column]).drop_duplicates("id", keep="last")
        found = found.merge(newest[["id", column]], on="id", how="left")
    return found


def _petitions(filters: IncidentFilter) -> IncidentFilter:
    return replace(filters, streams=(Stream.PETITION.value,))


def _has_petitions(filters: IncidentFilter) -> bool:
    return not filters.streams or Stream.PETITION.value in filters.streams


def _read_steps(connection: Connection, ids: list[int], as_of: datetime) -> pd.DataFrame:
    """Return the steps of incidents that the caller was found to see, oldest first."""
    title: Any = select(Post.title).where(Post.code == Step.by_post).scalar_subquery()
    rows = connection.execute(
        select(Step.incident_id, func.coalesce(title, Step.by_post), Step.note, Step.kind, Step.occurred_at)
        .where(Step.incident_id.in_(ids), Step.is_withdrawn.is_(False), Step.recorded_at <= as_of)
        .order_by(Step.incident_id, Step.occurred_at, Step.id)).all()
    return make_frame(rows, {"id": COUNT, "post_title": TEXT, "plan": TEXT, "last_kind": TEXT, "last_at": INSTANT})

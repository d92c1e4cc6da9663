"""Old cases 信访积案: petitions still open after the longest time the law gives; oldest first, and the oldest open."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select, union_all

from govdesk.queries.counts import open_rows
from govdesk.queries.filters import IncidentFilter, at_place
from govdesk.queries.frames import COUNT, INSTANT, TEXT, make_frame
from govdesk.queries.incidents import get_incident
from govdesk.queries.quality_cohort import seconds
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Post, Step
from govdesk.terms import Stream

#: 60 days, once prolonged by 30 (Regulations on Petitioning 信访工作条例 2022, article 34).
OLD_DAYS = 90

FIELDS = ("id", "source_ref", "stream", "category", "place_code", "place_name", "township_name", "occurred_on",
          "reported_at", "status", "handling_unit_name", "due_at")
TYPES = {"id": COUNT, "source_ref": TEXT, "stream": TEXT, "category": TEXT, "place_code": TEXT, "place_name": TEXT,
         "township_name": TEXT, "occurred_on": "datetime64[s]", "reported_at": INSTANT, "status": TEXT,
         "handling_unit_name": TEXT, "due_at": INSTANT}


def list_oldest_open(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, limit: int = 10
) -> pd.DataFrame:
    """Return what has been open longest, whatever week it occurred in; corrections are left out.

    Returns
    -------
    DataFrame
        ``id``, ``source_ref``, ``stream``, ``category``, ``place_code``, ``place_name``, ``township_name``,
        ``occurred_on``, ``reported_at``, ``status``, ``handling_unit_name``, ``due_at``, ``age_days``, ``is_overdue``.
    """
    rows = open_rows(scope, filters, as_of, Incident.id.label("id"), seconds(Incident.reported_at).label("at"))
    both = union_all(*(at_place(part, filters).where(Incident.weight == 1) for part in rows)).subquery()
    ids = connection.scalars(select(both.c.id).order_by(both.c.at, both.c.id).limit(limit)).all()
    facts = [found for number in ids if (found := get_incident(connection, scope, number)) is not None]
    found = make_frame([[getattr(one, name) for name in FIELDS] for one in facts], TYPES)
    return _with_age(found, as_of)


def _with_age(found: pd.DataFrame, as_of: datetime) -> pd.DataFrame:
    age = ((pd.Timestamp(as_of) - found["reported_at"]) // pd.Timedelta(days=1)).clip(lower=0).astype("int64")
    return found.assign(age_days=age, is_overdue=found["due_at"] < pd.Timestamp(as_of))


def count_old_cases(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> int:
    """Return how many petitions have been open for at least `OLD_DAYS`, whatever week they occurred in."""
    if not _has_petitions(filters):
        return 0
    rows = open_rows(scope, _petitions(filters), as_of, func.coalesce(func.sum(Incident.weight), 0).label("n"))
    is_old = Incident.reported_at <= as_of - timedelta(days=OLD_DAYS)
    both = union_all(*(at_place(part, filters).where(is_old) for part in rows)).subquery()
    return int(connection.scalar(select(func.coalesce(func.sum(both.c.n), 0))) or 0)


def list_old_cases(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, limit: int = 200
) -> pd.DataFrame:
    """Return the ledger 台账 of old cases, oldest first; empty where `filters` leave petitions out.

    Returns
    -------
    DataFrame
        The columns of `list_oldest_open`, and ``post_title`` (post of the newest step that names one), ``plan``
        (newest remark on a step), ``last_kind``, ``last_at`` (newest step).
    """
    shown = limit if _has_petitions(filters) else 0
    oldest = list_oldest_open(connection, scope, _petitions(filters), as_of, shown)
    found = oldest[oldest["age_days"] >= OLD_DAYS].reset_index(drop=True)
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

"""Visits 走访 to villages: what was met, what followed in 90 days, and when each was last seen."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, Connection, ScalarSelect, String, and_, cast, func, select, type_coerce
from sqlalchemy.orm import aliased

from govdesk.clock import week_of
from govdesk.queries.comparing import may_see_county
from govdesk.queries.frames import COUNT, DAY, INSTANT, TEXT, make_column, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.risk_list import list_in_force
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.escalation_parts import OFFICE_PARTS
from govdesk.rules.visit_orders import OUTCOME_DAYS, classify_outcome
from govdesk.rules.visit_sample import draw_sample
from govdesk.storage.properties import Properties
from govdesk.tables import (
    Account,
    AuditEvent,
    EscalationEvent,
    Incident,
    Place,
    PlaceAncestor,
    Post,
    Visit,
)
from govdesk.terms import Level

_TYPES = {"id": COUNT, "visited_on": DAY, "place_code": TEXT, "place": TEXT, "reason": TEXT, "found": TEXT,
          "post": TEXT, "note": TEXT, "recorded_outcome": TEXT, "recorded_by": TEXT, "recorded_at": INSTANT}
#: Seconds within which the audit of an act follows the instant that the act wrote down.
_SAME_ACT = 60


@reads("view_visits")
def list_visits(connection: Connection, scope: Scope, day_from: date, day_to: date, as_of: date) -> pd.DataFrame:
    """Return the visits of a window of days, newest first.

    Parameters
    ----------
    day_from, day_to : date
        `day_to` exclusive.
    as_of : date
        Day up to which escalations are known.

    Returns
    -------
    DataFrame
        ``id`` (int64), ``visited_on`` (day), ``place_code``, ``place`` (its name then), ``reason``
        (terms.VisitReason), ``found`` (terms.VisitFinding), ``post`` (its title), ``note``, ``recorded_outcome``,
        with ``recorded_by`` (title) and ``recorded_at``; ``n_escalations`` (int64, in the `OUTCOME_DAYS` days after the
        visit, corrections netted); ``derived``: ``escalated``, ``quiet``, or ``pending`` while the days are not over
        and nothing happened; ``outcome``: what was recorded, else what is derived.
    """
    then = and_(Place.code == Visit.place_code, Place.valid_from <= Visit.visited_on,
                (Place.valid_to.is_(None)) | (Place.valid_to > Visit.visited_on))
    rows = read_frame(connection, (
        select(Visit.id, Visit.visited_on, Visit.place_code, func.coalesce(Place.name, Visit.place_code), Visit.reason,
               Visit.found, func.coalesce(Post.title, Account.title, Visit.by_post), Visit.note, Visit.outcome_90_days,
               _find_recorder(), Visit.outcome_recorded_at)
        .outerjoin(Place, then).outerjoin(Post, Post.code == Visit.by_post)
        .outerjoin(Account, Account.code == Visit.by_post)
        .where(Visit.visited_on >= day_from, Visit.visited_on < day_to, within_area(scope, Visit.place_code))
        .order_by(Visit.visited_on.desc(), Visit.id.desc())), _TYPES)
    followed = _count_followed(connection, scope, day_from, as_of)
    days = rows["visited_on"].dt.date
    rows["n_escalations"] = [
        sum(n for on, n in followed.get(code, ()) if visited < on <= visited + timedelta(days=OUTCOME_DAYS))
        for code, visited in zip(rows["place_code"], days, strict=True)]
    recorded = [one if isinstance(one, str) else None for one in rows["recorded_outcome"]]
    for name, said in (("derived", [None] * len(rows)), ("outcome", recorded)):
        rows[name] = make_column([
            classify_outcome(visited, n, as_of, one)
            for visited, n, one in zip(days, rows["n_escalations"], said, strict=True)], TEXT)
    return rows.astype({"n_escalations": COUNT})


def _find_recorder() -> ScalarSelect[Any]:
    """Return whose account recorded the outcome of a visit: the audit row written in the same act."""
    recorded, account = type_coerce(Visit.outcome_recorded_at, BigInteger), aliased(Account, name="recorder")
    at = type_coerce(AuditEvent.at, BigInteger)
    return (
        select(func.coalesce(account.title, AuditEvent.by))
        .select_from(AuditEvent).outerjoin(account, account.code == AuditEvent.by)
        .where(at >= recorded, at <= recorded + _SAME_ACT, AuditEvent.action == "record_outcome",
               AuditEvent.subject_key == cast(Visit.id, String))
        .order_by(AuditEvent.id.desc()).limit(1).correlate(Visit).scalar_subquery())


def _count_followed(
    connection: Connection, scope: Scope, day_from: date, as_of: date
) -> dict[str, list[tuple[date, int]]]:
    """Return the escalation events of visited places by place: day and weight."""
    inside, event = aliased(PlaceAncestor, name="inside"), EscalationEvent
    visited = select(Visit.place_code).where(Visit.visited_on >= day_from)
    found: dict[str, list[tuple[date, int]]] = {}
    for row in connection.execute(
        select(inside.ancestor_code, event.occurred_on, event.incident_id, Incident.weight)
        .join(Incident, Incident.place_code == inside.code).join(event, event.incident_id == Incident.id)
        .where(inside.ancestor_code.in_(visited), Incident.week_occurred >= inside.week_from,
               Incident.week_occurred < inside.week_to, Incident.is_counted == 1, visible_incidents(scope),
               event.part.not_in(sorted(OFFICE_PARTS)), event.occurred_on > day_from, event.occurred_on <= as_of)
        .distinct()
    ):
        found.setdefault(row.ancestor_code, []).append((row.occurred_on, row.weight))
    return found


@reads("view_visits")
def last_contacts(connection: Connection, scope: Scope) -> pd.DataFrame:
    """Return when each place was visited last.

    Returns
    -------
    DataFrame
        ``place_code``, ``visited_on`` (day, of the last visit), ``n_visits`` (int64, ever); by code.
    """
    return read_frame(
        connection, select(Visit.place_code, func.max(Visit.visited_on), func.count())
        .where(within_area(scope, Visit.place_code)).group_by(Visit.place_code).order_by(Visit.place_code),
        {"place_code": TEXT, "visited_on": DAY, "n_visits": COUNT})


def lot_seed(properties: Properties) -> str:
    """Return what tells the lots of one database from those of others."""
    return f"{properties.title_zh}|{properties.kind}"


@dataclass(frozen=True, slots=True)
class Lot:
    """The villages drawn in a week that the caller may see, and from how many of the whole database was drawn.

    ``n_from`` is None where fewer than three townships lie outside of the caller's area: it tells how many are listed.
    """

    codes: tuple[str, ...]
    n_from: int | None


@reads("view_visits")
def read_lot(connection: Connection, scope: Scope, on: date, seed: str) -> Lot:
    """Return the villages that the lot of the week of `on` fell on, in the order of the lot.

    Drawn once from all villages that are not listed; a township sees those of them that lie in it. Each drawing from
    its own villages would give villages of small townships a greater chance.
    """
    villages = set(connection.scalars(select(Place.code).where(Place.level == Level.VILLAGE, valid_on(on))))
    listed = list_in_force(connection, SYSTEM, on)
    drawn = draw_sample(villages, listed, week=week_of(on), seed=seed)
    seen = set(connection.scalars(select(Place.code).where(Place.code.in_(drawn), within_area(scope, Place.code))))
    n_from = len(villages - set(listed)) if may_see_county(connection, scope, on) else None
    return Lot(tuple(code for code in drawn if code in seen), n_from)

"""Reasons of the scores: the dated records behind each village's number, as known before the as-of day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, Connection, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.clock import day_start, local_day, week_of
from govdesk.queries.filters import at_level
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.queries.village_spans import find_successors, find_village, read_spans
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import OFFICE_PARTS
from govdesk.rules.risk_reasons import (
    LONG_WEEKS,
    RECORD_WEEKS,
    County,
    Fact,
    Met,
    Reason,
    Records,
    choose_reasons,
    thin,
)
from govdesk.tables import EscalationEvent, Incident, PlaceAncestor
from govdesk.terms import Level
from models.panel import STALE_WEEKS

#: An incident counts once in so many weeks.
HORIZON_WEEKS = 4
#: Incidents looked up at once; both engines bound the number of parameters.
_AT_ONCE = 500
#: Room for an incident's key beside its week in one number.
_KEYS = 2**40


@reads("score_villages")
def build_reasons(connection: Connection, scope: Scope, as_of: date, scores: pd.DataFrame) -> list[list[Reason]]:
    """Return the reasons of each row of `scores`, in its order.

    Parameters
    ----------
    as_of : date
        The Monday of the scoring: only what was recorded before it is looked at.
    scores : DataFrame
        ``place_code``, ``probability`` (NaN or None: too few records to tell); ``in_scope`` (optional): a place out of
        scope has no probability either, yet its records can tell.

    Returns
    -------
    list of list of dict
        See `rules.risk_reasons.choose_reasons`.
    """
    week = week_of(as_of)
    facts = read_facts(connection, scope, as_of)
    codes = [str(code) for code in scores["place_code"]]
    is_thin = scores["probability"].isna().to_numpy()
    if "in_scope" in scores:
        is_thin = is_thin & scores["in_scope"].to_numpy(dtype=bool)
    counts, first = count_records(connection, scope, as_of), _first_week(connection)
    since = max(week - LONG_WEEKS, first or week)
    wanted = [code for code, few in zip(codes, is_thin, strict=True) if few or _net(facts.get(code, ()), since) <= 0]
    newest = find_records(connection, [counts[code][1] for code in wanted if code in counts])
    county = County(
        n_facts=sum(_net(facts.get(code, ()), week - LONG_WEEKS) for code in set(codes)),
        n_places=len(codes), n_weeks=0 if first is None else week - first)
    return [
        choose_reasons(facts.get(code, ()), _tell(counts.get(code), newest), county, week, is_thin=bool(few))
        for code, few in zip(codes, is_thin, strict=True)
    ]


def _net(facts: Iterable[Fact], since: int) -> int:
    return sum(fact.weight for fact in facts if fact.week >= since)


@reads("score_villages")
def read_facts(connection: Connection, scope: Scope, before: date) -> dict[str, list[Fact]]:
    """Return the escalations known before a day by village, as the score counts them (`queries.panel_facts`)."""
    event = EscalationEvent
    rows = connection.execute(
        select(event.incident_id, event.part, event.occurred_on, event.recorded_at, Incident.source_ref,
               Incident.category, Incident.weight, Incident.place_code, Incident.week_occurred)
        .join(Incident, Incident.id == event.incident_id)
        .where(Incident.is_counted == 1, visible_incidents(scope), event.part.not_in(sorted(OFFICE_PARTS)),
               event.recorded_at < day_start(before))
        .order_by(event.incident_id, event.occurred_on, event.recorded_at, event.part)).all()
    spans = read_spans(connection, before)
    by_incident: dict[int, list[tuple[Any, Met]]] = defaultdict(list)
    for row in rows:
        occurred = week_of(row.occurred_on)
        fact = Fact(row.incident_id, row.source_ref, row.category, (row.part,), row.occurred_on, occurred, row.weight)
        by_incident[row.incident_id].append((row, Met(fact, occurred, week_of(local_day(row.recorded_at)))))
    found: dict[str, list[Fact]] = defaultdict(list)
    for events in by_incident.values():
        first = events[0][0]
        for fact in thin((met for _, met in events), HORIZON_WEEKS, STALE_WEEKS):
            # A grid that was split before the event is gone: then the village it lay in.
            village = find_village(spans, first.place_code, week_of(fact.on), first.week_occurred)
            if village is not None:
                found[village].append(fact)
    return dict(found)


def _first_week(connection: Connection) -> int | None:
    """Return the first week on record."""
    found: int | None = connection.scalar(select(func.min(Incident.week_occurred)).where(Incident.is_counted == 1))
    return found


@reads("score_villages")
def count_records(
    connection: Connection, scope: Scope, as_of: date, weeks: int = RECORD_WEEKS, streams: Sequence[str] | None = None
) -> dict[str, tuple[int, int | None]]:
    """Return by village the records of some weeks before a day, and the key of the newest of them.

    Parameters
    ----------
    streams : sequence of str, optional
        Only records of these; by default of any kind.
    """
    week, village = week_of(as_of), aliased(PlaceAncestor, name="village")
    first = week - weeks
    of_stream = [] if streams is None else [Incident.stream.in_(streams)]
    # As models.panel counts: in the week it became known, unless that was long after it happened.
    is_fresh = and_(Incident.week_known - Incident.week_occurred <= STALE_WEEKS, Incident.week_known >= first)
    packed = cast(Incident.week_occurred, BigInteger) * _KEYS + Incident.id
    rows = connection.execute(at_level(
        select(village.ancestor_code, func.sum(Incident.weight),
               func.max(case((Incident.weight > 0, packed), else_=None))).select_from(Incident), Level.VILLAGE, village,
    ).where(Incident.is_counted == 1, visible_incidents(scope), Incident.week_known < week, *of_stream,
            or_(is_fresh, Incident.week_occurred >= first)).group_by(village.ancestor_code))
    successors = find_successors(connection, as_of)
    sums: dict[str, list[int]] = defaultdict(list)
    newest: dict[str, list[int]] = defaultdict(list)
    for code, n, key in rows:
        today = successors.get(code, code)
        sums[today].append(int(n))
        newest[today] += [] if key is None else [int(key)]
    return {code: (sum(sums[code]), max(newest[code]) % _KEYS if newest[code] else None) for code in sums}


def find_records(connection: Connection, keys: Sequence[int | None]) -> dict[int, Any]:
    """Return number and day of some incidents, by their keys."""
    wanted = [key for key in keys if key is not None]
    found: dict[int, Any] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        rows = connection.execute(select(Incident.id, Incident.source_ref, Incident.occurred_on)
                                  .where(Incident.id.in_(wanted[at : at + _AT_ONCE])))
        found |= {row.id: row for row in rows}
    return found


def _tell(count: tuple[int, int | None] | None, newest: dict[int, Any]) -> Records:
    n, key = count or (0, None)
    row = newest.get(key) if key is not None else None
    return Records(n) if row is None else Records(n, row.id, row.source_ref, row.occurred_on)

"""What is known of a village and is not in its score: open disputes, petitions, works, agreements, news since the list.

It stands under a heading of its own, for on real data it added nothing to the forecast, and yet it is what a visitor is
asked about. A petition is an unmet need: it is shown so that somebody answers, never counted against the village.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from govdesk.clock import day_start, local_day, week_of
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.queries.village_spans import Spans, find_village, read_spans
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import OFFICE_PARTS
from govdesk.tables import EscalationEvent, Incident, Mediation, WorksProject
from govdesk.terms import Stream

#: Weeks back in which a petition was reported; days ahead in which an agreement falls due.
PETITION_WEEKS, DUE_DAYS = 26, 28

#: More places than these are not asked for one by one.
_MOST_PLACES = 5000


@dataclass(frozen=True, slots=True)
class Item:
    """One record that is known.

    Attributes
    ----------
    place_code : str
        The village.
    kind : str
        ``dispute`` (open), ``petition``, ``agreement_overdue``, ``agreement_due``, ``works``, ``event`` (an escalation
        that became known after the scoring).
    on : date
        Reported, due, begun, or happened on.
    incident, ref : int or None, str
        The incident; of works the name.
    category : str
        Of the incident; the kind of works; of an event the part that became known last.
    is_open : bool
        Of a petition: not closed yet.
    is_late : bool
        Of what is open: past its due date.
    """

    place_code: str
    kind: str
    on: date
    incident: int | None
    ref: str
    category: str
    is_open: bool = True
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One escalation event with the day on which it became known."""

    place_code: str
    incident: int
    ref: str
    category: str
    part: str
    on: date
    known_on: date
    weight: int


@reads("view_warnings")
def list_known(
    connection: Connection, scope: Scope, codes: Sequence[str], scored_on: date, now: datetime
) -> list[Item]:
    """Return what is known at `now` of some villages and was not in the scores of `scored_on`, the oldest first."""
    if not codes:
        return []
    spans = read_spans(connection, scored_on, codes)
    found = [*_list_cases(connection, scope, spans, now), *_list_agreements(connection, scope, spans, scored_on, now),
             *_list_works(connection, scope, codes, local_day(now))]
    wanted, tomorrow = set(codes), local_day(now) + timedelta(days=1)
    once = {(event.place_code, event.incident): event
            for event in list_new_events(connection, scope, scored_on, until=tomorrow)
            if event.place_code in wanted and event.weight > 0}
    found += [Item(one.place_code, "event", one.on, one.incident, one.ref, one.part) for one in once.values()]
    return sorted(found, key=lambda item: (item.place_code, item.kind, item.on, item.ref))


def _is_open(now: datetime) -> ColumnElement[bool]:
    return or_(Incident.closed_at.is_(None), Incident.closed_at > now)


def _list_cases(connection: Connection, scope: Scope, spans: Spans, now: datetime) -> Iterable[Item]:
    """Return open disputes, and the petitions of the last weeks."""
    since = now - timedelta(weeks=PETITION_WEEKS)
    is_dispute = and_(Incident.stream == Stream.DISPUTE, _is_open(now))
    is_petition = and_(Incident.stream == Stream.PETITION, Incident.reported_at >= since)
    rows = connection.execute(
        select(Incident.id, Incident.source_ref, Incident.stream, Incident.category, Incident.reported_at,
               Incident.closed_at, Incident.due_at, Incident.place_code, Incident.week_occurred)
        .where(Incident.place_code.in_(list(spans)), Incident.is_counted == 1, Incident.weight > 0,
               visible_incidents(scope), Incident.recorded_at <= now, or_(is_dispute, is_petition)))
    for row in rows:
        village = find_village(spans, row.place_code, row.week_occurred)
        if village is not None:
            is_open = row.closed_at is None or row.closed_at > now
            is_late = is_open and row.due_at is not None and row.due_at < now
            kind = "dispute" if row.stream == Stream.DISPUTE else "petition"
            yield Item(village, kind, local_day(row.reported_at), row.id, row.source_ref, row.category, is_open,
                       is_late)


def _list_agreements(
    connection: Connection, scope: Scope, spans: Spans, scored_on: date, now: datetime
) -> Iterable[Item]:
    """Return agreements not performed that are or fall due, but those that the score counts as escalations already."""
    today = local_day(now)
    is_due = and_(Mediation.performed_on.is_(None), Mediation.performance_due_on <= today + timedelta(days=DUE_DAYS),
                  Mediation.recorded_at <= now)
    # Few are due: asked for first and alone, or an engine begins with all incidents.
    due = connection.execute(select(Mediation.incident_id, Mediation.performance_due_on).where(is_due)).all()
    if not due:
        return
    is_scored = exists().where(EscalationEvent.incident_id == Incident.id, EscalationEvent.part == "agreement_broken",
                               EscalationEvent.recorded_at < day_start(scored_on))
    rows = {row.id: row for row in connection.execute(
        select(Incident.id, Incident.source_ref, Incident.category, Incident.place_code, Incident.week_occurred)
        .where(Incident.id.in_(select(Mediation.incident_id).where(is_due)), Incident.is_counted == 1,
               Incident.weight > 0, visible_incidents(scope), ~is_scored))}
    for incident, on in due:
        row = rows.get(incident)
        village = None if row is None else find_village(spans, row.place_code, row.week_occurred)
        if row is not None and village is not None and on is not None:
            kind = "agreement_overdue" if on < today else "agreement_due"
            yield Item(village, kind, on, row.id, row.source_ref, row.category)


def _list_works(connection: Connection, scope: Scope, codes: Sequence[str], today: date) -> Iterable[Item]:
    """Return the works projects under way."""
    rows = connection.execute(
        select(WorksProject.place_code, WorksProject.name, WorksProject.kind, WorksProject.started_on)
        .where(WorksProject.place_code.in_(codes), within_area(scope, WorksProject.place_code),
               WorksProject.started_on <= today,
               or_(WorksProject.ended_on.is_(None), WorksProject.ended_on >= today)))
    for row in rows:
        yield Item(row.place_code, "works", row.started_on, None, row.name, row.kind)


@reads("view_warnings")
def list_new_events(connection: Connection, scope: Scope, since: date, *, until: date) -> list[NewEvent]:
    """Return the escalation events that became known from `since` on and before `until`, the oldest first."""
    event = EscalationEvent
    rows = connection.execute(
        select(event.incident_id, Incident.source_ref, Incident.category, Incident.place_code, Incident.week_occurred,
               event.part, event.occurred_on, event.recorded_at, Incident.weight).select_from(event)
        .join(Incident, Incident.id == event.incident_id)
        .where(event.recorded_at >= day_start(since), event.recorded_at < day_start(until), Incident.is_counted == 1,
               visible_incidents(scope), event.part.not_in(sorted(OFFICE_PARTS)))
        .order_by(event.recorded_at, event.incident_id, event.part)).all()
    found = {row.place_code for row in rows}
    spans = read_spans(connection, until, places=sorted(found) if len(found) < _MOST_PLACES else None)
    places = ((find_village(spans, row.place_code, week_of(row.occurred_on), row.week_occurred), row) for row in rows)
    return [NewEvent(village, row.incident_id, row.source_ref, row.category, row.part, row.occurred_on,
                     local_day(row.recorded_at), row.weight) for village, row in places if village is not None]

"""Turns what the records hold into facts of the parts: one way for each part, all of the whole database."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import groupby

from sqlalchemy import Connection

from govdesk.clock import day_start, local_day, today
from govdesk.queries import escalation_facts as facts
from govdesk.rules.access import SYSTEM
from govdesk.rules.escalation_facts import LoopStep, find_breach, find_reopening, follows_alert, was_left_waiting
from govdesk.rules.escalation_parts import EscalationParts
from govdesk.rules.step_cache import StepFact, derive_cache
from govdesk.storage.category_changes import list_added_categories
from govdesk.storage.escalation_parts import list_delivered_categories
from govdesk.terms import PetitionKind

#: Incident, day it happened, since when it is known.
Fact = tuple[int, date, datetime]
_Reader = Callable[[Connection, EscalationParts], Iterable[Fact]]


def read_facts(connection: Connection, parts: EscalationParts) -> dict[str, list[Fact]]:
    """Return the facts of every part that is on, by part."""
    return {name: list(_READERS[name](connection, parts)) for name in parts.list_on()}


def _first(found: Iterable[Fact]) -> Iterator[Fact]:
    """Keep the fact of each incident that was known first: one typed in later, of whatever day, does not move it."""
    best: dict[int, Fact] = {}
    for fact in found:
        kept = best.get(fact[0])
        if kept is None or (fact[2], fact[1]) < (kept[2], kept[1]):
            best[fact[0]] = fact
    return iter(best.values())


def _handed_over(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
    part = parts.police_handover
    found: list[Fact] = [(row.incident_id, local_day(row.occurred_at), row.recorded_at)
                         for row in facts.list_steps_to_units(connection, SYSTEM, part.streams, part.unit_kinds)]
    found += map(tuple, facts.list_mediations(connection, SYSTEM, part.streams, part.mediation_channels))
    found += map(tuple, facts.list_followers(connection, SYSTEM, part.streams, part.followed_by))
    return _first(found)


def _reopened(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
    part = parts.reopened_twice
    steps = facts.list_loop_steps(connection, SYSTEM, part.streams, part.times)
    for incident, own in groupby(steps, key=lambda row: int(row.incident_id)):
        told = (LoopStep(row.kind, _seconds(row.occurred_at), _seconds(row.recorded_at)) for row in own)
        found = find_reopening(told, part.times)
        if found is not None:
            yield incident, local_day(_instant(found[0])), _instant(found[1])


def _broken(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
    part = parts.agreement_broken
    for row in facts.list_agreements(connection, SYSTEM, part.streams, today()):
        day = find_breach(row.performance_due_on, row.performed_on, part.grace_days, today())
        if day is not None:
            # Nobody can know of it before the day itself, however early the agreement was written down.
            yield row.incident_id, day, max(day_start(day), row.recorded_at)


def _violent(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
    return map(tuple, facts.list_of_categories(connection, SYSTEM, parts.violence.categories))


def _at_county(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
    part = parts.county_level
    visits: dict[str, list[tuple[int, int, date]]] = defaultdict(list)
    for visit in facts.list_alert_visits(connection, SYSTEM):
        visits[visit.code].append((visit.week_from, visit.week_to, visit.visited_on))
    first: dict[int, tuple[Fact, str, int]] = {}
    for row in facts.list_steps_at_levels(connection, SYSTEM, part.streams, part.levels):
        fact = (row.incident_id, local_day(row.occurred_at), row.recorded_at)
        kept = first.get(row.incident_id)
        if kept is None or (fact[2], fact[1]) < (kept[0][2], kept[0][1]):
            first[row.incident_id] = (fact, row.place_code, row.week_occurred)
    for fact, place, week in first.values():
        days = [day for week_from, week_to, day in visits.get(place, ()) if week_from <= week < week_to]
        if not follows_alert(fact[1], days, part.alert_days):
            yield fact


def _of_stream(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
    part = parts.stream
    # A category that the county added is as good as a delivered one: a source that uses it is no foreign one.
    known = list_delivered_categories() | list_added_categories(connection)
    sources = part.sources or facts.find_bare_sources(connection, SYSTEM, part.streams, known)
    return map(tuple, facts.list_of_sources(connection, SYSTEM, part.streams, sources))


def _petitions(kind: PetitionKind) -> _Reader:
    def read(connection: Connection, parts: EscalationParts) -> Iterator[Fact]:
        days = getattr(parts, f"{kind}_petition").unanswered_days
        steps: dict[int, list[StepFact]] = defaultdict(list)
        for row in facts.list_steps_of_followed(connection, SYSTEM, kind):
            steps[row.incident_id].append(StepFact(
                row.kind, _seconds(row.occurred_at), row.outcome, row.level, _maybe(row.due_at), row.is_withdrawn))
        for row in facts.list_following_petitions(connection, SYSTEM, kind):
            at = _seconds(row.reported_at)
            # Without any step nothing is known of how it was handled; that is not the same as unanswered.
            until = [step for step in steps[row.first_id] if step.at <= at]
            then = derive_cache(until, _maybe(row.due_given_at))
            if until and was_left_waiting(
                    at, _seconds(row.first_reported_at), then.first_answered_at, then.due_at, then.closed_at, days):
                yield row.first_id, row.occurred_on, row.recorded_at
    return read


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _maybe(at: datetime | None) -> int | None:
    return None if at is None else _seconds(at)


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


_READERS: dict[str, _Reader] = {
    "police_handover": _handed_over, "reopened_twice": _reopened, "agreement_broken": _broken, "violence": _violent,
    "county_level": _at_county, "stream": _of_stream, "group_petition": _petitions(PetitionKind.GROUP),
    "skip_level_petition": _petitions(PetitionKind.SKIP_LEVEL),
}

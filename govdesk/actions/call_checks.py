"""What is checked before a call is written: the form, whom it calls, how it ends."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from govdesk.clock import today
from govdesk.queries.calls import CalledUnit
from govdesk.queries.places import get_place
from govdesk.queries.scoping import visible_incidents
from govdesk.queries.triage import read_units
from govdesk.rules.access import Scope
from govdesk.rules.calls import SEVERITIES, check_ending, check_units
from govdesk.rules.record_checks import LONGEST_SUMMARY, Problem, problem
from govdesk.rules.triage import check_route
from govdesk.storage.category_changes import read_off_categories
from govdesk.tables import Call, Category, Incident, Unit
from govdesk.terms import CallHop, CallOutcome


@dataclass(frozen=True, slots=True)
class Subject:
    """The incident that a call is about."""

    id: int
    place_code: str
    concerns_unit: str | None


def find_subject(connection: Connection, by: Scope, incident_id: int | None) -> Subject | None:
    """Return an incident that the caller may see and that counts, or None."""
    if incident_id is None:
        return None
    row = connection.execute(
        select(Incident.id, Incident.place_code, Incident.concerns_unit)
        .where(Incident.id == incident_id, Incident.is_counted == 1, visible_incidents(by))).first()
    return None if row is None else Subject(row.id, row.place_code, row.concerns_unit)


def list_concerned(connection: Connection, call_id: int) -> list[str | None]:
    """Return whom a call concerns: as recorded when it was called, and as its incident says now; one, or both."""
    row = connection.execute(
        select(Call.concerns_unit, Incident.concerns_unit).outerjoin(Incident, Incident.id == Call.incident_id)
        .where(Call.id == call_id)).one()
    return list(dict.fromkeys(row))


def check_form(
    connection: Connection, by: Scope, place_code: str | None, category: str | None, severity: int | None, note: str,
    *, is_place_known: bool,
) -> list[Problem]:
    """Return what is wrong with a call's place, category, severity and note; an incident's own place is known."""
    fields = {"place": place_code, "category": category, "severity": severity}
    found = [problem("missing", name) for name, value in fields.items() if not value]
    if severity and severity not in SEVERITIES:
        found.append(problem("no_option", "severity"))
    if category and connection.scalar(select(Category.code).where(Category.code == category)) is None:
        found.append(problem("no_option", "category"))
    elif category and not is_place_known and category in read_off_categories(connection, today()):
        found.append(problem("no_option", "category"))  # a call about an incident keeps the incident's
    if len(note) > LONGEST_SUMMARY:
        found.append(problem("too_long", "note", most=LONGEST_SUMMARY, n=len(note)))
    if place_code and not is_place_known and get_place(connection, by, place_code, today()) is None:
        found.append(problem("place_outside", "place"))
    return found


def check_named(
    connection: Connection, by: Scope, named: list[str], lead: str | None, concerned: str | None,
    new: str | None = None,
) -> list[Problem]:
    """Return what is wrong with the units of a call; `new` is the only one of them that is looked up."""
    why = check_units(named, lead)
    if why is not None:
        return [problem(why, "lead" if why == "lead_outside" else "units")]
    names = {row.code: row.name for row in connection.execute(select(Unit.code, Unit.name))}
    known = read_units(connection)
    found = []
    for code in named if new is None else [new]:
        if code not in names:
            found.append(problem("no_option", "units"))
        elif known.by_code[code].is_off:
            found.append(problem("unit_off", "units", unit=names[code]))
        elif code == by.unit_code:
            found.append(problem("own_unit", "units", unit=names[code]))
        elif check_route(concerned, code, known) is not None:
            found.append(problem("barred", "units", unit=names[code]))
    return found


def check_end(lead: CalledUnit, outcome: str | None, note: str | None) -> list[Problem]:
    """Return why a call may not end so."""
    if outcome not in list(CallOutcome):
        return [problem("missing" if outcome is None else "no_option", "outcome")]
    why = check_ending(outcome, lead.find(CallHop.ANSWER) is not None)
    if why is not None:
        return [problem(why, "outcome", unit=lead.name)]
    return [problem("missing", "end_note")] if outcome != CallOutcome.SETTLED and not note else []

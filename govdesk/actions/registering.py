"""Registers one record entered by hand: the checks, the masking and the way into the tables of an import."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, func, select

from govdesk.actions.acting import acting
from govdesk.actions.one_record import (
    AlreadyThereError,
    NotRegisteredError,
    ReadyRecord,
    Registered,
    find_record,
    read_record,
    write_record,
)
from govdesk.clock import now, today, week_of
from govdesk.ingest.profiles import Column, PlaceSection, Profile
from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.incidents import IncidentFacts, get_incident
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import About, Problem, check_record, problem
from govdesk.storage.category_changes import read_off_categories
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import read_properties
from govdesk.storage.units_off import is_off
from govdesk.tables import Incident, Place
from govdesk.terms import DataKind

__all__ = ["SOURCE", "NotRegisteredError", "Registered", "action_of", "register_record"]

#: What `rules.access` asks about, where it is another than for records.
_ACTIONS: dict[About, str] = {"source_changes": "register_source_change"}

#: Source of everything entered by hand.
SOURCE = "register"

_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


def register_record(
    engine: Engine, *, by: Scope, about: About, values: Mapping[str, object], form_key: str,
) -> Registered:
    """Write one record, once.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; the record must lie in its area.
    about : {"incidents", "mediations", "nil_returns", "works", "source_changes"}
        Kind of record. A source change without a place holds everywhere.
    values : mapping
        Field to text, number, bool or date, None where nothing was entered. A mediation names its incident by
        ``incident_number`` (as its source wrote it, or our key); a nil return's ``period_to`` is its last day,
        inclusive.
    form_key : str
        Names one instance of the form: sent twice, the record is written once.

    Raises
    ------
    NotRegisteredError
        When something is to be corrected; nothing was written.
    RefusedError
        When the caller may not register.
    """
    action = action_of(about)
    require(by, action)
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    source_ref = f"R{form_key}"
    entered = {name: value for name, value in values.items() if value not in (None, "")}
    with read_transaction(engine) as connection:
        found = find_record(connection, about, SOURCE, source_ref)
        if found is not None:
            return found
        problems = check_record(about, entered, today())
        problems += _check_against(connection, by, about, entered)
        if problems:
            raise NotRegisteredError(problems)
        ready = _prepare(connection, by, about, entered, source_ref)
    try:
        with acting(engine, by=by, action=action, changes=(ready.profile.kind.subject,)) as act:
            return write_record(act, ready, by)
    except AlreadyThereError as error:
        return error.found


def action_of(about: About) -> str:
    """Return the action of `rules.access.ALLOWED` that a kind of record is registered by."""
    return _ACTIONS.get(about, "register_record")


def _check_against(connection: Connection, by: Scope, about: About, values: Mapping[str, object]) -> list[Problem]:
    """Return what contradicts the database: place, incident, records in a period said to be empty."""
    found: list[Problem] = []
    code = values.get("place_code")
    if code is not None and connection.scalar(
        select(func.count()).select_from(Place).where(Place.code == code, within_area(by, Place.code))) == 0:
        found.append(problem("place_outside", "place"))
    if about == "source_changes" and code is None and by.area_code is not None:
        found.append(problem("place_needed", "place"))
    if about == "incidents" and values.get("category") in read_off_categories(connection, today()):
        found.append(problem("category_off", "category"))
    unit = values.get("handling_unit")
    if unit is not None and is_off(connection, str(unit), today()):
        found.append(problem("unit_off", "handling_unit"))
    number = values.get("incident_number")
    if about == "mediations" and number is not None and _find_incident(connection, by, number) is None:
        found.append(problem("incident_unknown", "incident_number", id=number))
    first, last = values.get("period_from"), values.get("period_to")
    if about == "nil_returns" and isinstance(first, date) and isinstance(last, date) and code is not None:
        n = _count_records(connection, by, str(code), values.get("stream"), first, last)
        if n > 0:
            found.append(problem("nil_contradicts", "period_from", n=n))
    return found


def _find_incident(connection: Connection, by: Scope, number: object) -> IncidentFacts | None:
    """Return the one visible incident of a number as its source wrote it, or of a key of ours."""
    if not isinstance(number, int):
        found = connection.scalars(
            select(Incident.id).where(Incident.source_ref == str(number), visible_incidents(by)).limit(2)).all()
        if len(found) == 1:
            return get_incident(connection, by, found[0])
    text = str(number)
    return get_incident(connection, by, int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _count_records(
    connection: Connection, by: Scope, code: str, stream: object, first: date, last: date,
) -> int:
    filters = IncidentFilter(
        week_of(first), week_of(last) + 1, (str(stream),) if stream else (), (), code)
    statement = at_place(select(func.coalesce(func.sum(Incident.weight), 0)).select_from(Incident), filters)
    return int(connection.scalar(
        statement.where(counted(by, filters), Incident.occurred_on >= first, Incident.occurred_on <= last)) or 0)


def _prepare(
    connection: Connection, by: Scope, about: About, values: Mapping[str, object], source_ref: str,
) -> ReadyRecord:
    """Run the checks of an import over the one row."""
    cells = {name: _as_text(value) for name, value in values.items() if name != "incident_number"}
    cells |= {"source_ref": source_ref, "recorded_at": now().isoformat()}
    incident_source = None
    if about == "incidents":
        cells["reported_at"] = now().isoformat()
    if about == "nil_returns" and isinstance(last := values["period_to"], date):
        cells["period_to"] = (last + timedelta(days=1)).isoformat()
    if about == "mediations":
        incident = _find_incident(connection, by, values["incident_number"])
        assert incident is not None  # noqa: S101 - checked just before, in the same transaction
        cells["incident_ref"], incident_source = incident.source_ref, incident.source
    kind_is_sample = read_properties(connection).kind is DataKind.SAMPLE
    profile = _make_profile(about, tuple(cells), incident_source, is_sample=kind_is_sample)
    return read_record(connection, profile, cells, source_ref)


def _make_profile(about: About, names: tuple[str, ...], incident_source: str | None, *, is_sample: bool) -> Profile:
    fields = {name: Column.model_validate({"from": [name]}) for name in names if name != "place_code"}
    place = PlaceSection(code=Column.model_validate({"from": ["place_code"]})) if "place_code" in names else None
    return Profile(about=about, name=SOURCE, source=SOURCE, sample=is_sample, fields=fields, place=place,
                   incident_source=incident_source)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)

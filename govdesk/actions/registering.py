"""Registers one record entered by hand: the checks, the masking and the way into the tables of an import."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

import numpy as np
from sqlalchemy import Connection, Engine, func, insert, select

from govdesk.actions.acting import Act, acting
from govdesk.actions.import_context import read_surroundings
from govdesk.actions.incident_links import write_links
from govdesk.actions.record_columns import Stamp
from govdesk.actions.record_storing import Comparison, Plan, Writer, silent, table_of
from govdesk.clock import now, today, week_of
from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.notes import ImportReport, Note
from govdesk.ingest.profiles import Column, PlaceSection, Profile
from govdesk.ingest.readers import Piece
from govdesk.ingest.records import RecordReader, Rows, Surroundings
from govdesk.ingest.row_store import RowStore
from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.incidents import IncidentFacts, get_incident
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import About, Problem, check_record, problem
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import read_properties
from govdesk.storage.weekly_counts import recounting
from govdesk.tables import ImportBatch, Incident, Place
from govdesk.terms import DataKind

#: What `rules.access` asks about, where it is another than for records.
_ACTIONS: dict[About, str] = {"source_changes": "register_source_change"}

#: Source of everything entered by hand.
SOURCE = "register"

_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class NotRegisteredError(ValueError):
    """The record was not written; `problems` and `notes` say what to correct."""

    def __init__(self, problems: list[Problem], notes: list[Note] | None = None) -> None:
        super().__init__("; ".join([item.key for item in problems] + [item.code for item in notes or []]))
        self.problems = problems
        self.notes = notes or []


@dataclass(frozen=True, slots=True)
class Registered:
    """What was written.

    Attributes
    ----------
    source_ref : str
        Number that the record got.
    row_id : int
        Its key in the table; for a mediation that of its incident.
    n_masked : int
        Texts in which numbers of persons were masked.
    notes : tuple of Note
        What the checks remarked without refusing.
    is_repeated : bool
        The same form was registered before; nothing was written now.
    """

    source_ref: str
    row_id: int
    n_masked: int = 0
    notes: tuple[Note, ...] = ()
    is_repeated: bool = False


class _AlreadyThereError(Exception):
    """Leaves the transaction without a trace."""

    def __init__(self, found: Registered) -> None:
        super().__init__(found.source_ref)
        self.found = found


@dataclass(frozen=True, slots=True)
class _Ready:
    """A record that passed the checks, before it meets the table."""

    about: About
    profile: Profile
    rows: Rows
    headers: dict[str, str]
    around: Surroundings
    notes: NoteBook
    source_ref: str


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
        found = _find(connection, about, source_ref)
        if found is not None:
            return found
        problems = check_record(about, entered, today())
        problems += _check_against(connection, by, about, entered)
        if problems:
            raise NotRegisteredError(problems)
        ready = _prepare(connection, by, about, entered, source_ref)
    try:
        with acting(engine, by=by, action=action, changes=(ready.profile.kind.subject,)) as act:
            return _write(act, ready, by)
    except _AlreadyThereError as error:
        return error.found


def action_of(about: About) -> str:
    """Return the action of `rules.access.ALLOWED` that a kind of record is registered by."""
    return _ACTIONS.get(about, "register_record")


def _find(connection: Connection, about: About, source_ref: str) -> Registered | None:
    """Return what was written before under the same number."""
    table = table_of(_TABLES[about])
    key = table.c.incident_id if about == "mediations" else table.c.id
    row = connection.scalar(select(key).where(table.c.source == SOURCE, table.c.source_ref == source_ref))
    return None if row is None else Registered(source_ref, int(row), is_repeated=True)


_TABLES: dict[About, str] = {
    "incidents": "incidents", "mediations": "mediations", "nil_returns": "nil_returns", "works": "works_projects",
    "source_changes": "source_changes",
}


def _check_against(connection: Connection, by: Scope, about: About, values: Mapping[str, object]) -> list[Problem]:
    """Return what contradicts the database: place, incident, records in a period said to be empty."""
    found: list[Problem] = []
    code = values.get("place_code")
    if code is not None and connection.scalar(
        select(func.count()).select_from(Place).where(Place.code == code, within_area(by, Place.code))) == 0:
        found.append(problem("place_outside", "place"))
    if about == "source_changes" and code is None and by.area_code is not None:
        found.append(problem("place_needed", "place"))
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
) -> _Ready:
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
    around = read_surroundings(connection, profile)
    notes = NoteBook(ImportReport())
    reader = RecordReader(profile, list(cells), around, notes)
    piece = Piece(np.array([1], dtype=np.int64), [np.array([text], dtype=object) for text in cells.values()])
    rows = reader.read(piece)
    if len(rows) != 1:
        raise NotRegisteredError([], notes.report.errors)
    rows.values["source_ref"][0] = source_ref
    return _Ready(about, profile, rows, reader.headers, around, notes, source_ref)


def _make_profile(about: About, names: tuple[str, ...], incident_source: str | None, *, is_sample: bool) -> Profile:
    fields = {name: Column.model_validate({"from": [name]}) for name in names if name != "place_code"}
    place = PlaceSection(code=Column.model_validate({"from": ["place_code"]})) if "place_code" in names else None
    return Profile(about=about, name=SOURCE, source=SOURCE, sample=is_sample, fields=fields, place=place,
                   incident_source=incident_source)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def _write(act: Act, ready: _Ready, by: Scope) -> Registered:
    connection, report = act.connection, ready.notes.report
    found = _find(connection, ready.about, ready.source_ref)
    if found is not None:  # the same form, sent by two clicks at once
        raise _AlreadyThereError(found)
    one = RowStore()
    one.append(ready.rows)
    plan: Plan = Comparison(connection, ready.profile, ready.notes, ready.headers).compare(one, silent)
    if plan.n_new != 1:
        raise NotRegisteredError([], report.errors)
    stamp = Stamp(SOURCE, ready.around.now, ready.around.meanings.county, is_first_load=False)
    batch = _write_batch(connection, ready, by)
    writer = Writer(connection, ready.profile.kind, stamp, batch, silent)
    if ready.about == "incidents":
        with recounting(connection, [], batch):
            writer.insert(plan)
            write_links(connection, plan, stamp, batch)
    else:
        writer.insert(plan)
    ready.notes.finish()
    written = _find(connection, ready.about, ready.source_ref)
    assert written is not None  # noqa: S101 - it was inserted just now
    act.audit(ready.profile.kind.table, ready.source_ref, about=ready.about, row=written.row_id, masked=report.masked)
    return Registered(ready.source_ref, written.row_id, report.masked, tuple(report.warnings))


def _write_batch(connection: Connection, ready: _Ready, by: Scope) -> int:
    """Keep the record as a batch of one, so that it is undone like an import."""
    done = connection.execute(insert(ImportBatch).values(
        about=ready.about, profile=SOURCE, file_name=SOURCE, file_hash=sha256(ready.source_ref.encode()).hexdigest(),
        by=by.account, at=now(), n_read=1, n_inserted=1, n_updated=0, n_unchanged=0, n_rejected=0,
        n_masked=ready.notes.report.masked))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])

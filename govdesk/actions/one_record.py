"""One record on its own way into the tables of an import: entered by hand, or sent by another system.

The checks, the masking, the batch that can be undone and the weekly counts are those of a file; `read_record` says
what is wrong with the row, `write_record` keeps it once, however often and from how many sides it comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from sqlalchemy import Connection, insert, select

from govdesk.actions.acting import Act
from govdesk.actions.append_step import NewStep, append_step
from govdesk.actions.import_context import read_surroundings
from govdesk.actions.incident_links import write_links
from govdesk.actions.record_columns import Stamp
from govdesk.actions.record_storing import Comparison, Plan, Writer, silent, table_of
from govdesk.clock import now
from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.notes import ImportReport, Note
from govdesk.ingest.profiles import Profile
from govdesk.ingest.readers import Piece
from govdesk.ingest.records import RecordReader, Rows, Surroundings
from govdesk.ingest.row_store import RowStore
from govdesk.queries.standing import find_post
from govdesk.rules.access import Scope
from govdesk.rules.record_checks import About, Problem
from govdesk.storage.engine import take_turn
from govdesk.storage.weekly_counts import recounting
from govdesk.tables import ImportBatch
from govdesk.terms import StepKind

_TABLES: dict[About, str] = {
    "incidents": "incidents", "mediations": "mediations", "nil_returns": "nil_returns", "works": "works_projects",
    "source_changes": "source_changes",
}


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


class AlreadyThereError(Exception):
    """Leaves the transaction without a trace: the record is there already."""

    def __init__(self, found: Registered) -> None:
        super().__init__(found.source_ref)
        self.found = found


@dataclass(frozen=True, slots=True)
class ReadyRecord:
    """A record that passed the checks, before it meets the table."""

    about: About
    profile: Profile
    rows: Rows
    headers: dict[str, str]
    around: Surroundings
    notes: NoteBook
    source_ref: str


def find_record(connection: Connection, about: About, source: str, source_ref: str) -> Registered | None:
    """Return what was written before under the same number."""
    table = table_of(_TABLES[about])
    key = table.c.incident_id if about == "mediations" else table.c.id
    row = connection.scalar(select(key).where(table.c.source == source, table.c.source_ref == source_ref))
    return None if row is None else Registered(source_ref, int(row), is_repeated=True)


def read_record(
    connection: Connection, profile: Profile, cells: Mapping[str, str], source_ref: str,
    around: Surroundings | None = None,
) -> ReadyRecord:
    """Run the checks of an import over one row.

    Parameters
    ----------
    connection : Connection
        For what the row is read against.
    profile : Profile
        What the cells mean.
    cells : mapping of str to str
        Header to text.
    source_ref : str
        Number of the record within its source.
    around : Surroundings, optional
        What the row is read against, where it was read before.

    Raises
    ------
    NotRegisteredError
        When the row is rejected; its `notes` say why.
    """
    around = around or read_surroundings(connection, profile)
    notes = NoteBook(ImportReport())
    reader = RecordReader(profile, list(cells), around, notes)
    piece = Piece(np.array([1], dtype=np.int64), [np.array([text], dtype=object) for text in cells.values()])
    rows = reader.read(piece)
    if len(rows) != 1:
        raise NotRegisteredError([], notes.report.errors)
    rows.values["source_ref"][0] = source_ref
    return ReadyRecord(profile.kind.about, profile, rows, reader.headers, around, notes, source_ref)  # type: ignore[arg-type]


def write_record(act: Act, ready: ReadyRecord, by: Scope) -> Registered:
    """Write a record that passed the checks, in the transaction of the act.

    Raises
    ------
    AlreadyThereError
        When it came before, or came from two sides at once and the other one was first.
    NotRegisteredError
        When it contradicts what is stored.
    """
    connection, report = act.connection, ready.notes.report
    take_turn(connection, f"{ready.profile.source}/{ready.source_ref}")
    found = find_record(connection, ready.about, ready.profile.source, ready.source_ref)
    if found is not None:  # the same form, sent by two clicks at once
        raise AlreadyThereError(found)
    one = RowStore()
    one.append(ready.rows)
    plan: Plan = Comparison(connection, ready.profile, ready.notes, ready.headers).compare(one, silent)
    if plan.n_new != 1:
        raise NotRegisteredError([], report.errors)
    stamp = Stamp(ready.profile.source, ready.around.now, ready.around.meanings.county, is_first_load=False)
    batch = _write_batch(connection, ready, by)
    writer = Writer(connection, ready.profile.kind, stamp, batch, silent)
    if ready.about == "incidents":
        with recounting(connection, [], batch):
            writer.insert(plan)
            write_links(connection, plan, stamp, batch)
    else:
        writer.insert(plan)
    ready.notes.finish()
    written = find_record(connection, ready.about, ready.profile.source, ready.source_ref)
    assert written is not None  # noqa: S101 - it was inserted just now
    if ready.about == "incidents":  # its first clock starts now, not when a file says that it was reported
        append_step(act, written.row_id, NewStep(
            kind=StepKind.REPORT, source_ref=f"report-{written.row_id}", by_post=find_post(connection, by),
            batch_id=batch))
    act.audit(ready.profile.kind.table, ready.source_ref, about=ready.about, row=written.row_id, masked=report.masked)
    return Registered(ready.source_ref, written.row_id, report.masked, tuple(report.warnings))


def _write_batch(connection: Connection, ready: ReadyRecord, by: Scope) -> int:
    """Keep the record as a batch of one, so that it is undone like an import."""
    name = ready.profile.name
    done = connection.execute(insert(ImportBatch).values(
        about=ready.about, profile=name, file_name=name, file_hash=sha256(ready.source_ref.encode()).hexdigest(),
        by=by.account, at=now(), n_read=1, n_inserted=1, n_updated=0, n_unchanged=0, n_rejected=0,
        n_masked=ready.notes.report.masked, source=ready.profile.source))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])

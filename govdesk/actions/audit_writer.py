"""Writes audit rows beside what they tell of: in order, in the background, again and again until they are kept.

What somebody changes is told inside the transaction of the change (`actions.acting`). What somebody only looked at, and
what was refused, has no transaction: it is handed to this writer, so that no page waits for a disk or for a lock.
While the database cannot be written (locked, full, read-only, away) the rows wait in memory with the time at which it
happened, and the log says so; what would be more than `MOST` is counted, and the count is written as soon as anything
can be. Only a process that is killed loses what waits, a second's worth where nothing is wrong.
"""

import atexit
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import SQLAlchemyError

from govdesk.clock import now
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, AuditEvent

#: Rows that wait at most.
MOST = 20_000
#: Seconds between two tries while the database cannot be written.
PAUSE = 5.0
#: Seconds over which the same refusal is counted instead of written again.
FLOOD_SECONDS = 60.0
#: Different refusals that are told apart within that time; all others are counted together.
MOST_FLOODS = 500
#: Who it was, where nobody was signed in.
NOBODY = "nobody"

log = logging.getLogger("govdesk.audit")


@dataclass(frozen=True, slots=True)
class Note:
    """One row to write.

    Attributes
    ----------
    typed : str or None
        What a stranger typed as account: kept as `by` if there is such an account, else only its beginning.
    done : threading.Event
        Set when the row is kept.
    """

    engine: Engine
    at: datetime
    by: str
    action: str
    subject: str
    subject_key: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    address: str | None = None
    is_refused: bool = False
    typed: str | None = None
    done: threading.Event = field(default_factory=threading.Event, compare=False)


@dataclass(slots=True)
class _Flood:
    since: float
    last: Note
    n: int = 0


class AuditWriter:
    """A queue and the thread that empties it; the thread begins with the first row and ends with the process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Note] = deque()
        self._floods: dict[Hashable, _Flood] = {}
        self._lost = 0
        self._tries = 0
        self._failing = False
        self._thread: threading.Thread | None = None

    def put(self, note: Note) -> None:
        """Take a row; returns at once."""
        with self._changed:
            self._put(note)

    def put_counted(self, key: Hashable, note: Note) -> None:
        """Take a row that may come a thousand times: the first is written, those like it are counted for a while."""
        moment = time.monotonic()
        with self._changed:
            self._end_floods(moment)
            if key not in self._floods and len(self._floods) >= MOST_FLOODS:
                key = None
                note = replace(note, by=NOBODY, address=None, typed=None, detail={"reason": "many"})
            flood = self._floods.get(key)
            if flood is None:
                self._floods[key] = _Flood(moment, note)
                self._put(note)
            else:
                flood.n, flood.last = flood.n + 1, note
                note.done.set()

    def flush(self, seconds: float = 5.0) -> bool:
        """Wait until everything is written, counts of refusals among it; False when it was not, or could not be."""
        end = time.monotonic() + seconds
        with self._changed:
            self._end_floods(float("inf"))
            tries = self._tries
            while self._waiting and time.monotonic() < end:
                if self._failing and self._tries > tries + 1:
                    return False
                self._changed.wait(0.05)
            return not self._waiting

    def _put(self, note: Note) -> None:
        if len(self._waiting) >= MOST:
            self._lost += 1
            return
        self._waiting.append(note)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _end_floods(self, moment: float) -> None:
        """Tell of the refusals that were counted, when their time is over."""
        for key in [key for key, flood in self._floods.items() if moment - flood.since >= FLOOD_SECONDS]:
            flood = self._floods.pop(key)
            if flood.n:
                self._put(replace(flood.last, detail={**flood.last.detail, "more": flood.n}, done=threading.Event()))

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait(1.0 if self._floods else None)
                    self._end_floods(time.monotonic())
                batch = list(self._waiting)
            kept = self._write(batch)
            with self._changed:
                self._waiting = deque(note for note in self._waiting if id(note) not in kept)
                self._tries += 1
                self._changed.notify_all()
                failing = self._failing
            if failing:
                time.sleep(PAUSE)

    def _write(self, batch: list[Note]) -> set[int]:
        """Write each database's rows in a transaction; return which were kept."""
        kept: set[int] = set()
        failed: Exception | None = None
        for engine in dict.fromkeys(note.engine for note in batch):
            notes = [note for note in batch if note.engine is engine]
            try:
                with write_transaction(engine) as connection:
                    self._insert(connection, notes)
            except Exception as error:  # whatever it is, the rows wait and the next try tells more
                failed = error
            else:
                kept |= {id(note) for note in notes}
                for note in notes:
                    note.done.set()
        if failed is not None and not self._failing:
            what = failed.orig if isinstance(failed, SQLAlchemyError) and hasattr(failed, "orig") else failed
            log.error("audit rows wait, the database cannot be written: %s", type(what).__name__)
        elif failed is None and self._failing:
            log.warning("audit rows are written again")
        self._failing = failed is not None
        return kept

    def _insert(self, connection: Connection, notes: list[Note]) -> None:
        typed = {note.typed for note in notes if note.typed is not None}
        known = set(connection.scalars(select(Account.code).where(Account.code.in_(typed)))) if typed else set()
        rows = [_row(note, known) for note in notes]
        if self._lost:
            lost, self._lost = self._lost, 0
            rows.append(_row(Note(notes[0].engine, now(), "system", "audit_gap", "audit_events",
                                  detail={"lost": lost}), known))
        connection.execute(insert(AuditEvent), rows)


def _row(note: Note, known: set[str]) -> dict[str, object]:
    by, detail = note.by, dict(note.detail)
    if note.typed is not None:
        if note.typed in known:
            by = note.typed
        else:
            detail["typed"] = f"{note.typed[:2]}***"
    return {"at": note.at, "by": by, "action": note.action, "subject": note.subject,
            "subject_key": note.subject_key, "address": note.address, "is_refused": note.is_refused,
            "detail": json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)}


#: The writer of this process.
WRITER = AuditWriter()
atexit.register(WRITER.flush, 2.0)

"""Takes in an incident that another system sends: checked, masked and counted like a row of a file, and kept once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from threading import Lock

import numpy as np
from sqlalchemy import Connection, Engine, select

from govdesk.actions.acting import acting
from govdesk.actions.import_context import read_places, read_surroundings
from govdesk.actions.one_record import (
    AlreadyThereError,
    NotRegisteredError,
    ReadyRecord,
    Registered,
    find_record,
    read_record,
    write_record,
)
from govdesk.clock import now, today
from govdesk.ingest.coordinates import Crs, convert
from govdesk.ingest.dates import day_number
from govdesk.ingest.notes import Note
from govdesk.ingest.place_book import PlaceBook
from govdesk.ingest.profiles import Column, PlaceSection, PointSection, Profile
from govdesk.ingest.readers import FileRefusedError
from govdesk.ingest.records import Surroundings
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import EARLIEST
from govdesk.rules.service_request import Wanted, refuse
from govdesk.storage.category_changes import read_off_categories
from govdesk.storage.engine import read_transaction, take_turn
from govdesk.storage.properties import read_properties
from govdesk.storage.versions import read_versions
from govdesk.tables import Category, Incident
from govdesk.terms import LEVELS, Channel, DataKind

_ACTION = "send_incident"
#: Name of the profile in the batch of one.
PROFILE = "open311"
#: Seconds within which a request of the same words, sent without a key of its own, is the same request.
WINDOW = 3_600
#: Longest key that a sender may give.
LONGEST_KEY = 200
#: What a repeated key is compared by: what never changes after the first writing.
_SAME = ("category", "summary", "n_people", "lon", "lat")

_BOOKS: dict[tuple[str, int], PlaceBook] = {}
_BOOKS_LOCK = Lock()


class NotSentError(ValueError):
    """The row was refused as a file's would be; `notes` say why."""

    def __init__(self, notes: list[Note]) -> None:
        super().__init__("; ".join(one.code for one in notes))
        self.notes = notes


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a request.

    Attributes
    ----------
    incident_id : int
        Key of the incident.
    place_code : str
        Place that it was found to lie in.
    is_repeated : bool
        It came before; nothing was written now.
    is_masked : bool
        Something personal was masked in its description.
    notes : tuple of Note
        What the checks remarked without refusing.
    """

    incident_id: int
    place_code: str
    is_repeated: bool = False
    is_masked: bool = False
    notes: tuple[Note, ...] = ()


def send_incident(engine: Engine, *, by: Scope, source: str, wanted: Wanted, key: str | None = None) -> Sent:
    """Write an incident of another system, once.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller, ``intake:<source>``.
    source : str
        Code of the intake source.
    wanted : Wanted
        The request.
    key : str, optional
        The sender's own key of this request: sent again, ever, it is the same. Without one, the same words of the
        same source within `WINDOW` seconds are the same request.

    Raises
    ------
    RequestRefusedError
        When the category, the place, the day or the key cannot be used.
    NotSentError
        When the row is refused by the checks of an import.
    RefusedError
        When the caller may not send.
    """
    require(by, _ACTION)
    names = names_of(key, wanted.content)
    with read_transaction(engine) as connection:
        ready = _prepare(connection, source, wanted, names[0])
        found = _find(connection, source, names)
        if found is not None:
            return _repeated(connection, found, ready if key else None)
    try:
        with acting(engine, by=by, action=_ACTION, changes=("incidents",)) as act:
            take_turn(act.connection, f"{source}/{names[0].partition('-')[0]}")
            found = _find(act.connection, source, names)
            if found is not None:
                raise AlreadyThereError(found)
            done = write_record(act, ready, by)
    except AlreadyThereError as error:
        with read_transaction(engine) as connection:
            return _repeated(connection, error.found, ready if key else None)
    except NotRegisteredError as error:
        raise NotSentError(error.notes) from error
    return Sent(done.row_id, str(ready.rows.values["place_code"][0]), is_masked=done.n_masked > 0, notes=done.notes)


def names_of(key: str | None, content: str) -> tuple[str, ...]:
    """Return under which number something is kept, and the other one under which it may have been kept already.

    Raises
    ------
    RequestRefusedError
        When the sender's key cannot be used.
    """
    if key is not None:
        if not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise refuse(400, "key_unusable", most=LONGEST_KEY)
        return (f"K{_digest(key)}",)
    part = int(now().timestamp()) // WINDOW
    digest = _digest(content)
    return f"H{digest}-{part}", f"H{digest}-{part - 1}"


def is_recent(at: datetime | None) -> bool:
    """Return whether what was kept at an instant is still within the window."""
    return at is not None and (now() - at).total_seconds() < WINDOW


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _find(connection: Connection, source: str, names: tuple[str, ...]) -> Registered | None:
    """Return what came before: under the same key, or in the same words within the window."""
    first = find_record(connection, "incidents", source, names[0])
    if first is not None or len(names) == 1:
        return first
    before = find_record(connection, "incidents", source, names[1])
    if before is None:
        return None
    at = connection.scalar(select(Incident.recorded_at).where(Incident.id == before.row_id))
    return before if is_recent(at) else None


def _repeated(connection: Connection, found: Registered, ready: ReadyRecord | None) -> Sent:
    row = connection.execute(select(Incident.__table__).where(Incident.id == found.row_id)).one()
    if ready is not None and any(_plain(ready.rows.values[name][0]) != getattr(row, name) for name in _SAME):
        raise refuse(409, "key_used")
    return Sent(found.row_id, row.place_code, is_repeated=True)


def _plain(value: object) -> object:
    """Return a cell as the table gives it back."""
    if isinstance(value, np.floating):
        return None if np.isnan(value) else float(value)
    if isinstance(value, np.integer):
        return None if value < 0 else int(value)  # the mark of a missing number is far below zero
    return value


def _prepare(connection: Connection, source: str, wanted: Wanted, source_ref: str) -> ReadyRecord:
    stream = connection.scalar(select(Category.stream).where(Category.code == wanted.service_code))
    if stream is None or wanted.service_code in read_off_categories(connection, today()):
        raise refuse(404, "service_code_unknown")
    occurred_on = date.fromisoformat(wanted.attributes.get("occurred_on", today().isoformat()))
    if not EARLIEST <= occurred_on <= today():
        raise refuse(400, "day_outside", first=EARLIEST, last=today())
    given: dict[str, str] = {
        "source_ref": source_ref, "stream": stream, "category": wanted.service_code, "channel": Channel.ONLINE.value,
        "occurred_on": occurred_on.isoformat(), "reported_at": now().isoformat(), "recorded_at": now().isoformat(),
        **{name: text for name, text in wanted.attributes.items() if name != "occurred_on"},
    }
    if wanted.description:
        given["summary"] = wanted.description
    facts = read_properties(connection)
    profile = _make_profile(source, tuple(given), facts.crs, has_point=wanted.lon is not None,
                            is_sample=facts.kind is DataKind.SAMPLE)
    around = read_surroundings(connection, profile, _read_book(connection))
    given |= _place(around, wanted, occurred_on)
    try:
        return read_record(connection, profile, given, source_ref, around)
    except NotRegisteredError as error:
        raise NotSentError(error.notes) from error
    except FileRefusedError as error:  # a description that is nothing but a name
        raise NotSentError([error.note]) from error


def _read_book(connection: Connection) -> PlaceBook:
    """Return the places; read once for each version of them, for a county has thousands of shapes."""
    key = str(connection.engine.url), read_versions(connection)["places"]
    with _BOOKS_LOCK:
        if key not in _BOOKS:
            _BOOKS.clear()
            _BOOKS[key] = read_places(connection)
        return _BOOKS[key]


def _make_profile(source: str, names: tuple[str, ...], crs: Crs, *, has_point: bool, is_sample: bool) -> Profile:
    def column(name: str) -> Column:
        return Column.model_validate({"from": [name]})

    return Profile(
        about="incidents", name=PROFILE, source=source, sample=is_sample, fields={name: column(name) for name in names},
        place=PlaceSection(code=column("place_code")),
        point=PointSection(lon=column("lon"), lat=column("lat"), crs=crs) if has_point else None)


def _place(around: Surroundings, wanted: Wanted, day: date) -> Mapping[str, str]:
    """Return the cells of the place: that which holds the point, or where none does, the one that was named."""
    book = around.book
    if wanted.place_code is not None and wanted.place_code not in book:
        raise refuse(400, "place_unknown")
    if wanted.lon is None or wanted.lat is None:
        return {"place_code": wanted.place_code or ""}
    # The standard speaks WGS84; the database keeps its own system.
    lon, lat = convert([wanted.lon], [wanted.lat], "wgs84", around.crs)
    if bool(book.are_outside(lon, lat)[0]) or (wanted.lon == 0 and wanted.lat == 0):
        raise refuse(400, "point_outside")
    found = find_place_at(book, float(lon[0]), float(lat[0]), day) or wanted.place_code
    if found is None:
        raise refuse(400, "point_nowhere")
    return {"place_code": found, "lon": repr(float(lon[0])), "lat": repr(float(lat[0]))}


def find_place_at(book: PlaceBook, lon: float, lat: float, day: date) -> str | None:
    """Return the finest place whose shape held a point on a day; None where no shape does."""
    where = np.array([lon]), np.array([lat]), np.array([day_number(day)], dtype=np.int64)
    for level in reversed(LEVELS):
        found = book.owners(*where, level.value)[0]
        if found is not None:
            return str(found)
    return None

"""Photos of one incident, for those who handle it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from govdesk.clock import now
from govdesk.queries.incidents import MAX_ID
from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents
from govdesk.rules.access import Scope
from govdesk.rules.photos import may_see
from govdesk.storage.photo_files import read_photo_file
from govdesk.tables import Incident, Photo


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """One photo; instants aware UTC.

    Attributes
    ----------
    kind : str
        `terms.PhotoKind`.
    by : str
        Account, or source of an intake.
    deleted_at : datetime or None
        Its file is gone since.
    """

    id: int
    kind: str
    by: str
    at: datetime
    delete_at: datetime
    deleted_at: datetime | None
    width: int
    height: int
    n_bytes: int


@reads("view_photos", "add_photo")
def may_see_photos(connection: Connection, scope: Scope, incident_id: int) -> bool:
    """Return whether the caller may see the photos of an incident: it sees the incident, and handles it."""
    if not 0 < incident_id <= MAX_ID:
        return False
    row = connection.execute(select(Incident.handling_unit, Incident.concerns_unit).where(
        Incident.id == incident_id, handled_incidents(scope))).first()
    return row is not None and may_see(
        scope, handling_unit=row.handling_unit, concerns=row.concerns_unit is not None)


@reads("view_photos")
def list_photos(connection: Connection, scope: Scope, incident_id: int) -> tuple[PhotoFacts, ...]:
    """Return the photos of an incident, the oldest first, deleted ones among them; none for who may not see them."""
    if not may_see_photos(connection, scope, incident_id):
        return ()
    rows = connection.execute(select(
        Photo.id, Photo.kind, Photo.by, Photo.at, Photo.delete_at, Photo.deleted_at, Photo.width, Photo.height,
        Photo.n_bytes).where(Photo.incident_id == incident_id).order_by(Photo.at, Photo.id)).all()
    return tuple(PhotoFacts(*row) for row in rows)


@reads("view_photos")
def read_photo(connection: Connection, scope: Scope, photo_id: int) -> bytes | None:
    """Return a photo as JPEG; None where there is none, it is deleted, or the caller may not see it.

    From the promised instant on it is shown no more, also where nothing has deleted its file yet.
    """
    row = find_photo(connection, photo_id)
    is_gone = row is None or row.deleted_at is not None or row.delete_at <= now()
    if row is None or is_gone or not may_see_photos(connection, scope, row.incident_id):
        return None
    return read_photo_file(row.stored_as)


def find_photo(connection: Connection, photo_id: int) -> Row[int, str, str, datetime | None, datetime] | None:
    """Return ``incident_id, stored_as, by, deleted_at, delete_at`` of a photo, whoever may see it; for actions."""
    if not 0 < photo_id <= MAX_ID:
        return None
    return connection.execute(select(
        Photo.incident_id, Photo.stored_as, Photo.by, Photo.deleted_at, Photo.delete_at,
    ).where(Photo.id == photo_id)).first()

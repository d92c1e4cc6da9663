"""Takes photos of incidents in, and deletes them when their time is over.

The file is written before the row and removed when the row is not kept: a crash leaves at most a file that no row
knows, which `remove_old_photos` deletes. A row is never deleted; it says since when its file is gone.
"""

import logging
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.actions.audit_trail import note_refused
from govdesk.clock import now
from govdesk.ingest.pictures import Picture, PictureRefusedError, make_picture
from govdesk.queries.incidents import MAX_ID
from govdesk.queries.photos import find_photo, may_see_photos
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import SYSTEM, RefusedError, Scope, allows, require
from govdesk.rules.photos import LONG_SIDE, MOST, MOST_BYTES, MOST_PIXELS, find_end
from govdesk.rules.record_checks import FormRefusedError, problem
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.photo_files import list_left_over, remove_photo_file, write_photo
from govdesk.storage.schema import is_initialised
from govdesk.tables import ImportBatch, Incident, Photo
from govdesk.terms import PhotoKind, Role

log = logging.getLogger("govdesk.photos")

_ADD, _REMOVE = "add_photo", "remove_photos"
_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class PhotoRefusedError(FormRefusedError):
    """The photo was not taken in; `problems` say why."""


@dataclass(frozen=True, slots=True)
class PhotoAdded:
    """What was written: the photo's number, and whether it was there already."""

    photo_id: int
    is_repeated: bool = False


def add_photo(
    engine: Engine, *, by: Scope, incident_id: int, kind: PhotoKind, data: bytes, form_key: str,
) -> PhotoAdded:
    """Take one photo in, once: the same file of the same incident is kept once, however often it is sent.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller: one who handles the incident, who registered it, or the intake that it came through.
    kind : PhotoKind
        What was reported, or evidence of what was done.
    data : bytes
        The file as delivered: JPEG, PNG or WebP.
    form_key : str
        Names the form that it came with, for the audit.

    Raises
    ------
    PhotoRefusedError
        When the file cannot be used, there are `MOST` already, or the caller may add none to this incident.
    RefusedError
        When the caller may add no photo at all.
    """
    require(by, _ADD)
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    try:
        return _add(engine, by, incident_id, kind, data, form_key)
    except PhotoRefusedError as error:
        note_refused(engine, by=by, action=_ADD, reason=f"photo_{error.problems[0].key}", subject="photos",
                     subject_key=f"incident={incident_id}")
        raise


def _add(engine: Engine, by: Scope, incident_id: int, kind: PhotoKind, data: bytes, form_key: str) -> PhotoAdded:
    file_hash = sha256(data).hexdigest()
    with read_transaction(engine) as connection:
        _check(connection, by, incident_id)
        known = _find(connection, incident_id, file_hash)
    if known is not None:
        return PhotoAdded(known, is_repeated=True)
    picture = _prepare(data)
    at = now()
    stored_as = write_photo(picture.content, at)
    is_kept = False
    try:
        with acting(engine, by=by, action=_ADD, changes=("loop",)) as act:
            # Two at once: the second waits here, and then finds the first.
            act.connection.execute(
                select(Incident.id).where(Incident.id == incident_id).with_for_update(key_share=True))
            _check(act.connection, by, incident_id)
            known = _find(act.connection, incident_id, file_hash)
            number = known or _insert(
                act, incident_id=incident_id, kind=kind.value, stored_as=stored_as, file_hash=file_hash,
                n_bytes=len(picture.content), width=picture.width, height=picture.height, by=by.account, at=at,
                delete_at=find_end(at, get_settings().photo_days))
            act.audit("photos", number, incident=incident_id, kind=kind.value, form=form_key, repeated=bool(known))
        is_kept = known is None
    finally:
        if not is_kept:
            remove_photo_file(stored_as)
    return PhotoAdded(number, is_repeated=known is not None)


def _prepare(data: bytes) -> Picture:
    try:
        return make_picture(data)
    except PictureRefusedError as error:
        raise PhotoRefusedError([problem(error.key, "photo", mb=MOST_BYTES // 2**20, million=MOST_PIXELS // 10**6,
                                         side=LONG_SIDE)]) from error


def _check(connection: Connection, by: Scope, incident_id: int) -> None:
    """Refuse an incident that the caller does not see or has no part in, as if there were none."""
    if not (may_see_photos(connection, by, incident_id) or _has_reported(connection, by, incident_id)):
        raise PhotoRefusedError([problem("no_incident", "photo")])


def _has_reported(connection: Connection, by: Scope, incident_id: int) -> bool:
    """Return whether an incident came in through the caller: who reports may add, whoever handles it later."""
    if not 0 < incident_id <= MAX_ID:
        return False
    row = connection.execute(
        select(Incident.source, ImportBatch.by)
        .outerjoin(ImportBatch, ImportBatch.id == Incident.batch_id)
        .where(Incident.id == incident_id, visible_incidents(by))).first()
    if row is None:
        return False
    # An intake signs as itself, whoever imports another file of its source.
    return bool(by.account == (f"intake:{row.source}" if by.role == Role.INTAKE else row.by))


def _find(connection: Connection, incident_id: int, file_hash: str) -> int | None:
    return connection.scalar(select(Photo.id).where(
        Photo.incident_id == incident_id, Photo.file_hash == file_hash, Photo.deleted_at.is_(None)))


def _insert(act: Act, **values: Any) -> int:
    n = act.connection.scalar(select(func.count()).select_from(Photo).where(
        Photo.incident_id == values["incident_id"], Photo.deleted_at.is_(None))) or 0
    if n >= MOST:
        raise PhotoRefusedError([problem("too_many", "photo", most=MOST)])
    key = act.connection.execute(insert(Photo).values(**values)).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])


def remove_photo(engine: Engine, *, by: Scope, photo_id: int) -> None:
    """Delete one photo before its time: it shows what it should not.

    Raises
    ------
    RefusedError
        When the caller neither added it nor may remove photos; or there is none.
    """
    require(by, _ADD)
    with acting(engine, by=by, action=_ADD, changes=("loop",)) as act:
        found = find_photo(act.connection, photo_id)
        is_own = found is not None and found.by == by.account
        if found is None or not (may_see_photos(act.connection, by, found.incident_id) or is_own) or not (
                is_own or allows(by, _REMOVE)):
            message = f"{by.account} may not remove photo {photo_id}"
            raise RefusedError(message)
        act.connection.execute(update(Photo).where(Photo.id == photo_id, Photo.deleted_at.is_(None)).values(
            deleted_at=now()))
        act.audit("photos", photo_id, removed=True)
    remove_photo_file(found.stored_as)


@dataclass(frozen=True, slots=True)
class PhotosRemoved:
    """What a tidying did, or would do: photos past their time, and files that no row knows."""

    n_old: int
    n_unknown: int


def remove_old_photos(engine: Engine, *, by: Scope, commit: bool) -> PhotosRemoved:
    """Delete the files of photos past their time, and left-over ones; the rows stay and say since when.

    Raises
    ------
    RefusedError
        When the caller may not.
    """
    require(by, _REMOVE)
    at = now()
    with read_transaction(engine) as connection:
        rows = connection.execute(select(Photo.id, Photo.stored_as, Photo.delete_at).where(
            Photo.deleted_at.is_(None))).all()
    old = [row for row in rows if row.delete_at <= at]
    unknown = list_left_over({row.stored_as for row in rows}, at)
    if commit and old:
        with acting(engine, by=by, action=_REMOVE, changes=("loop",)) as act:
            for row in old:
                act.connection.execute(update(Photo).where(Photo.id == row.id, Photo.deleted_at.is_(None)).values(
                    deleted_at=at))
                act.audit("photos", row.id, removed=True, past=row.delete_at)
    if commit:
        for name in [*(row.stored_as for row in old), *unknown]:
            remove_photo_file(name)
    return PhotosRemoved(len(old), len(unknown))


def tidy_photos() -> None:
    """Remove what is past its time, when a server starts; a failure does not stop it."""
    try:
        engine = get_engine()
        if is_initialised(engine):
            remove_old_photos(engine, by=SYSTEM, commit=True)
    except Exception as error:
        log.warning("old photos could not be removed: %s", type(error).__name__)

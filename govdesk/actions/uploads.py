"""Takes a file in, keeps what was chosen about it, and deletes it when it has served.

The bytes lie in the work folder under a name of ours, readable by this program's user alone; what the file was called
is kept, masked, as a text and never used as a path. Nothing of the content is logged.
"""

import logging
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.clock import now
from govdesk.ingest.masking import shown_name, strip_hidden
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.upload_times import find_end
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.schema import is_initialised
from govdesk.tables import Upload
from govdesk.terms import Role, UploadStatus

log = logging.getLogger("govdesk.imports")

_ACTION = "import_records"
#: Length of a file's name as it is kept.
_LONGEST_NAME = 200
#: A file without a row is somebody's upload that is just being written, or it is left over.
_BEING_WRITTEN = timedelta(hours=1)
_STAMP = "%Y%m%d%H%M%S"


class UploadRefusedError(ValueError):
    """The file is not taken in.

    Attributes
    ----------
    key : str
        Why: ``too_large``, ``empty``, ``gone`` or ``committed``.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def uploads_folder() -> Path:
    """Return the folder of the uploaded files, made when it is not there."""
    folder = get_settings().var / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def path_of(stored_as: str) -> Path:
    """Return where an uploaded file lies.

    Raises
    ------
    UploadRefusedError
        When it is not there any more.
    """
    path = uploads_folder() / stored_as
    if path.parent != uploads_folder() or not path.is_file():
        raise UploadRefusedError("gone")
    return path


def name_file(given: str) -> str:
    """Return a file's name as it may be kept and shown: without folders, hidden characters and personal numbers."""
    name = strip_hidden(given.replace("\\", "/").rsplit("/", 1)[-1]).strip()
    return shown_name(name)[:_LONGEST_NAME] or "-"


def store_upload(engine: Engine, *, by: Scope, name: str, content: bytes | bytearray | memoryview) -> int:
    """Take a file in; return its number.

    Parameters
    ----------
    name : str
        What the user's computer calls it.
    content : bytes-like
        All of it.

    Raises
    ------
    UploadRefusedError
        When it is empty or larger than ``GOVDESK_UPLOAD_MB``.
    RefusedError
        When the caller may not import.
    """
    view = memoryview(content)
    if not view.nbytes:
        raise UploadRefusedError("empty")
    if view.nbytes > get_settings().upload_mb * 2**20:
        raise UploadRefusedError("too_large")
    at = now()
    stored_as = f"{at:{_STAMP}}-{secrets.token_hex(16)}"
    path = uploads_folder() / stored_as
    try:
        with acting(engine, by=by, action=_ACTION) as act:
            number = _insert(act.connection, file_name=name_file(name), file_hash=sha256(view).hexdigest(),
                             n_bytes=view.nbytes, stored_as=stored_as, by=by.account, at=at,
                             status=UploadStatus.UPLOADED.value, changed_at=at)
            act.audit("uploads", number, n_bytes=view.nbytes)
            _write(path, view)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return number


def _insert(connection: Connection, **values: object) -> int:
    key = connection.execute(insert(Upload).values(**values)).inserted_primary_key
    if key is None:
        message = "the upload got no number"
        raise RuntimeError(message)
    return int(key[0])


def _write(path: Path, view: memoryview) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(view)
        file.flush()
        os.fsync(file.fileno())


def _own(act: Act, by: Scope, number: int) -> Any:
    """Return the row of an upload of the caller's.

    Raises
    ------
    RefusedError
        When it is somebody else's, or does not exist: neither is told apart.
    """
    found = act.connection.execute(select(Upload.__table__).where(Upload.id == number)).first()
    if found is None or (found.by != by.account and by.role != Role.ADMIN):
        message = f"{by.account} has no upload {number}"
        raise RefusedError(message)
    return found


def _change(act: Act, number: int, **values: object) -> None:
    act.connection.execute(update(Upload).where(Upload.id == number).values(changed_at=now(), **values))


def set_mapping(engine: Engine, *, by: Scope, number: int, profile_text: str) -> None:
    """Keep what an upload's columns are; what a dry run said before is forgotten when that changes.

    Raises
    ------
    UploadRefusedError
        When its rows are committed already.
    RefusedError
        When it is not the caller's.
    """
    with acting(engine, by=by, action=_ACTION) as act:
        found = _own(act, by, number)
        if found.status == UploadStatus.COMMITTED:
            raise UploadRefusedError("committed")
        is_same = found.profile_text == profile_text
        status = found.status if is_same and found.report else UploadStatus.MAPPED.value
        _change(act, number, profile_text=profile_text, status=status, report=found.report if is_same else None)
        act.audit("uploads", number, status=status)


def keep_report(engine: Engine, *, by: Scope, number: int, report: str, is_committed: bool,
                batch: int | None = None) -> None:
    """Keep what a dry run, or the commit, said about an upload.

    Raises
    ------
    RefusedError
        When it is not the caller's.
    """
    with acting(engine, by=by, action=_ACTION) as act:
        _own(act, by, number)
        status = UploadStatus.COMMITTED if is_committed else UploadStatus.CHECKED
        more = {"batch_id": batch, "committed_at": now()} if is_committed else {}
        _change(act, number, report=report, status=status.value, **more)
        act.audit("uploads", number, status=status.value, batch=batch)


def cancel_upload(engine: Engine, *, by: Scope, number: int) -> None:
    """Delete an uploaded file before its time; its row says so.

    Raises
    ------
    RefusedError
        When it is not the caller's.
    """
    with acting(engine, by=by, action=_ACTION) as act:
        found = _own(act, by, number)
        status = found.status if found.status == UploadStatus.COMMITTED else UploadStatus.CANCELLED.value
        _change(act, number, status=status, removed_at=found.removed_at or now())
        act.audit("uploads", number, status=status, removed=True)
    (uploads_folder() / found.stored_as).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Removed:
    """What a tidying did, or would do: files past their time, and files that no row knows."""

    n_old: int
    n_unknown: int


def remove_old_uploads(engine: Engine, *, by: Scope, commit: bool) -> Removed:
    """Delete the files that have served: a day after the commit, a week after the last touch, and left-over ones.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    with read_transaction(engine) as connection:
        rows = connection.execute(select(Upload.id, Upload.stored_as, Upload.changed_at, Upload.committed_at,
                                         Upload.removed_at)).all()
    old = [row for row in rows if row.removed_at is None and find_end(row.changed_at, row.committed_at) <= now()]
    kept = {row.stored_as for row in rows if row.removed_at is None} - {row.stored_as for row in old}
    known = kept | {row.stored_as for row in old}
    unknown = [path for path in uploads_folder().iterdir() if path.name not in known and _is_left_over(path.name)]
    if commit and old:
        with acting(engine, by=by, action=_ACTION) as act:
            for row in old:
                act.connection.execute(update(Upload).where(Upload.id == row.id).values(removed_at=now()))
                act.audit("uploads", row.id, removed=True)
    if commit:
        for path in [*(uploads_folder() / row.stored_as for row in old), *unknown]:
            path.unlink(missing_ok=True)
    return Removed(len(old), len(unknown))


def _is_left_over(name: str) -> bool:
    try:
        began = datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return True
    return began + _BEING_WRITTEN <= now()


def tidy_uploads() -> None:
    """Remove what has served, when a server starts or the page is opened; a failure of that stops neither."""
    try:
        engine = get_engine()
        if is_initialised(engine):
            remove_old_uploads(engine, by=SYSTEM, commit=True)
    except Exception as error:
        log.warning("old uploads could not be removed: %s", type(error).__name__)

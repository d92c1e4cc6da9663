"""Uploaded files on their way in: one's own, and for the administrator everybody's."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope, require
from govdesk.rules.upload_times import find_end
from govdesk.tables import ImportBatch, Upload
from govdesk.terms import Role, UploadStatus


@dataclass(frozen=True, slots=True)
class UploadRow:
    """One uploaded file.

    Attributes
    ----------
    number : int
        Its number.
    file_name : str
        As given, masked; never a path.
    file_hash : str
        SHA-256 of the bytes, hexadecimal.
    n_bytes : int
        Length.
    stored_as : str
        Name in the work folder.
    by : str
        Account.
    at, changed_at : datetime
        When it came, and when somebody last worked on it (UTC).
    status : UploadStatus
        How far it has come.
    profile_text : str or None
        Mapping chosen so far (TOML).
    report : str or None
        JSON of the last dry run or of the commit.
    batch_id : int or None
        Batch that it became; None before the commit, and where nothing was to be written.
    committed_at, removed_at : datetime or None
        When its rows were committed, and when the file was deleted.
    """

    number: int
    file_name: str
    file_hash: str
    n_bytes: int
    stored_as: str
    by: str
    at: datetime
    status: UploadStatus
    changed_at: datetime
    profile_text: str | None
    report: str | None
    batch_id: int | None
    committed_at: datetime | None
    removed_at: datetime | None

    @property
    def ends_at(self) -> datetime:
        """When the file is deleted, or was."""
        return self.removed_at or find_end(self.changed_at, self.committed_at)


def _visible(scope: Scope) -> Select[Any]:
    statement = select(Upload.__table__)
    return statement if scope.role == Role.ADMIN else statement.where(Upload.by == scope.account)


def _row(found: Any) -> UploadRow:
    return UploadRow(
        number=found.id, file_name=found.file_name, file_hash=found.file_hash, n_bytes=found.n_bytes,
        stored_as=found.stored_as, by=found.by, at=found.at, status=UploadStatus(found.status),
        changed_at=found.changed_at, profile_text=found.profile_text, report=found.report, batch_id=found.batch_id,
        committed_at=found.committed_at, removed_at=found.removed_at)


def _read(connection: Connection, statement: Select[Any]) -> list[UploadRow]:
    return [_row(found) for found in connection.execute(statement)]


@reads("import_records")
def list_uploads(connection: Connection, scope: Scope) -> tuple[UploadRow, ...]:
    """Return the files whose bytes are still kept, the one last worked on first.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    require(scope, "import_records")
    statement = _visible(scope).where(Upload.removed_at.is_(None)).order_by(Upload.changed_at.desc(), Upload.id.desc())
    return tuple(_read(connection, statement))


@reads("import_records")
def get_upload(connection: Connection, scope: Scope, number: int) -> UploadRow | None:
    """Return one file, also after its bytes were deleted; None where it is somebody else's or there is none.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    require(scope, "import_records")
    found = _read(connection, _visible(scope).where(Upload.id == number))
    return found[0] if found else None


@reads("import_records")
def find_same_file(connection: Connection, scope: Scope, file_hash: str) -> tuple[int, datetime] | None:
    """Return number and instant of the newest batch, not undone, that was made of exactly these bytes.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    require(scope, "import_records")
    statement = select(ImportBatch.id, ImportBatch.at).where(
        ImportBatch.file_hash == file_hash, ImportBatch.withdrawn_at.is_(None)).order_by(ImportBatch.id.desc()).limit(1)
    found = connection.execute(statement).first()
    return None if found is None else (int(found[0]), found[1])

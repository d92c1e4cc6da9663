"""Brings a backup into an empty place: whole, or not at all.

Everything is unpacked and checked beside its place first. Then the files are put where they belong, and the database
last: until it is there the product says that there is no database, so that nothing half-done is ever shown. A restore
that was killed is simply begun again, for what it left is the same as what comes.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from govdesk.clock import now
from govdesk.settings import ROOT, get_settings
from govdesk.storage.backup import check_room, list_files, sync_folder, unfinished, unpack_database
from govdesk.storage.backup_archive import FILES, SQLITE, Archive, BackupError, Manifest, open_archive
from govdesk.storage.backup_postgres import check_is_empty, load_postgres
from govdesk.storage.sqlite_file import find_file

#: What SQLite keeps beside a database. One that stayed behind would be read into the restored one.
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, or would be.

    Attributes
    ----------
    manifest : Manifest
        What the backup holds.
    is_older : bool
        Its tables are those of an earlier program: ``upgrade-db`` comes next.
    """

    manifest: Manifest
    is_older: bool


def restore_backup(engine: Engine, path: Path, *, account: str, commit: bool) -> Restored:
    """Restore a backup into the work folder and the database of the settings, which must be empty.

    Parameters
    ----------
    engine : Engine
        Where the database comes to be.
    path : Path
        The backup.
    account : str
        Who restores, for the audit.
    commit : bool
        Without it everything is checked and nothing is kept.

    Raises
    ------
    BackupError
        When the backup is not whole, the place is not empty, or the database is of another kind or of a later program.
    """
    var = get_settings().var
    try:
        with open_archive(path) as archive:
            done = Restored(archive.manifest, _is_older(archive.manifest.schema))
            _check_place(engine, archive, var)
            place = find_file(engine.url) or var / "database"
            first = _first_that_is_there(var)
            check_room(first, 2 * archive.manifest.n_bytes)
            with unfinished(first) as trial:
                unpack_database(archive, trial / "database")
                for entry in archive.manifest.files[1:]:
                    archive.check(entry)
                if not commit:
                    return done
            var.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            with unfinished(var) as work, unfinished(place.parent) as beside:
                archive.extract(archive.manifest.database, beside / "database")
                staged = _stage_files(archive, work)
                with _placed(staged, var):
                    _place_database(engine, beside / "database", archive.manifest, account)
    except OSError as error:
        raise BackupError(f"nothing was restored: {error.strerror or error}") from error
    return done


def _is_older(schema: str) -> bool:
    """Return whether a revision lies before this program's."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    known = [script.revision for script in scripts.walk_revisions()]
    if schema not in known:
        raise BackupError(f"the backup has schema {schema}, which this program does not know: it was made by a later "
                          "one, restore it with that")
    return schema != known[0]


def _check_place(engine: Engine, archive: Archive, var: Path) -> None:
    manifest = archive.manifest
    if (manifest.database.name == SQLITE) != (engine.dialect.name == "sqlite"):
        raise BackupError(f"the backup is of another kind of database ({manifest.database.name}): see "
                          "GOVDESK_DATABASE_URL")
    file = find_file(engine.url)
    if file is not None:
        for one in (file, *(file.with_name(f"{file.name}{ending}") for ending in _BESIDE)):
            if one.exists():
                raise BackupError(f"{one} is there: a backup is restored into an empty place only, move the old one "
                                  "away first")
    else:
        check_is_empty(engine)
    told = {entry.name: entry.sha256 for entry in manifest.files}
    for name, path in list_files(var).items():
        if told.get(name) != hashlib.sha256(path.read_bytes()).hexdigest():
            raise BackupError(f"{path} is there and not as in the backup: a backup is restored into an empty place "
                              "only, move the old one away first")


def _first_that_is_there(folder: Path) -> Path:
    while not folder.is_dir():
        folder = folder.parent
    return folder


def _stage_files(archive: Archive, work: Path) -> dict[str, Path]:
    staged = {}
    for number, entry in enumerate(archive.manifest.files[1:]):
        staged[entry.name.removeprefix(FILES)] = work / f"file-{number}"
        archive.extract(entry, work / f"file-{number}")
    return staged


@contextmanager
def _placed(staged: dict[str, Path], var: Path) -> Iterator[None]:
    """Put the files into the work folder; take them away again when the block fails."""
    placed: list[Path] = []
    try:
        for name, source in staged.items():
            target = var / name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            if not target.exists():
                placed.append(target)
                source.rename(target)
        for folder in {target.parent for target in placed}:
            sync_folder(folder)
        yield
    except BaseException:
        for target in placed:
            with suppress(OSError):
                target.unlink(missing_ok=True)
        raise


def _place_database(engine: Engine, staged: Path, manifest: Manifest, account: str) -> None:
    file = find_file(engine.url)
    if file is None:
        load_postgres(engine, staged)
        with engine.begin() as connection:
            _note(connection, manifest, account)
        return
    opened = create_engine(f"sqlite:///{staged}")
    with opened.begin() as connection:
        _note(connection, manifest, account)
    opened.dispose()
    with staged.open("rb") as written:
        os.fsync(written.fileno())
    _put(staged, file)
    sync_folder(file.parent)


def _put(source: Path, target: Path) -> None:
    """Give a file its name without taking it from another one."""
    try:
        target.hardlink_to(source)
    except FileExistsError as error:
        raise BackupError(f"{target} came to be meanwhile; nothing was restored") from error
    except OSError:  # a file system without links
        shutil.move(source, target)


def _note(connection: Connection, manifest: Manifest, account: str) -> None:
    """Write the restore into the audit, and end the sign-ins that were open when the backup was made.

    A sign-in that was ended since would otherwise be open again. Only columns that every schema has are named.
    """
    at = int(now().timestamp())
    detail = {"made_at": manifest.made_at.isoformat(), "schema": manifest.schema, "program": manifest.program}
    connection.execute(text('INSERT INTO audit_events ("at", "by", action, subject, subject_key, detail) '
                            "VALUES (:at, :by, 'restore_backup', 'backups', NULL, :detail)"),
                       {"at": at, "by": account, "detail": json.dumps(detail, sort_keys=True)})
    if inspect(connection).has_table("sign_ins"):
        connection.execute(text("UPDATE sign_ins SET ended_at = :at, ended_because = 'restored' "
                                "WHERE ended_at IS NULL"), {"at": at})

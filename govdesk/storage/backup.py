"""Backups of the whole product: made while it runs, checked, restored whole or not at all, old ones removed.

A backup is written into a folder of its own under a temporary name, read back, and renamed when it is whole and on
the disk: a killed one leaves nothing that looks like a backup, and the next one clears it away. The database is
copied after the files at the top of the work folder (the anchor of the audit is written after its seals, so that it
never knows of more than the copy) and before the photos (a photo is written before its row, so that no row of the copy
misses its photo).
"""

import fcntl
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from govdesk.clock import now
from govdesk.settings import ROOT, get_settings
from govdesk.storage.backup_archive import (
    FILES,
    POSTGRES,
    SQLITE,
    Archive,
    BackupError,
    Manifest,
    Writer,
    open_archive,
)
from govdesk.storage.backup_postgres import dump_postgres, look_into_postgres
from govdesk.storage.backup_sqlite import Facts, copy_sqlite, look_into_sqlite

#: Days that a backup is kept; the newest good one is never removed.
DAYS = 14
_STAMP = "%Y%m%dT%H%M%SZ"
_BACKUP = re.compile(r"govdesk-(\d{8}T\d{6}Z)(?:-\d+)?\.zip")
_UNFINISHED = ".govdesk-unfinished-"
#: Folder of the work folder that belongs to a backup, beside the files at its top. What was uploaded to be imported
#: does not: it is not masked yet and is deleted within a week. The sample county's files can be made again.
_PHOTOS = "photos"
_KEPT_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,150}")
_DATABASE_ENDINGS = (".db", ".db-wal", ".db-shm", ".db-journal", ".sqlite", ".pid", ".log", ".zip", ".tmp")


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in its folder: where it lies, when it was made by its name, how large it is."""

    path: Path
    made_at: datetime
    size: int


def backup_folder() -> Path:
    """Return the folder of the backups (``GOVDESK_BACKUP_FOLDER``), not made by asking."""
    settings = get_settings()
    return settings.backup_folder or settings.var / "backups"


def list_files(var: Path) -> dict[str, Path]:
    """Return the files of a work folder that belong to a backup, by their name in it."""
    found = {}
    for folder, prefix in ((var, FILES), (var / _PHOTOS, f"{FILES}{_PHOTOS}/")):
        if not folder.is_dir():
            continue
        for path in sorted(folder.iterdir()):
            if _KEPT_NAME.fullmatch(path.name) and path.is_file() and not path.name.endswith(_DATABASE_ENDINGS):
                found[f"{prefix}{path.name}"] = path
    return found


def make_backup(engine: Engine, folder: Path) -> tuple[Path, Manifest]:
    """Write one backup into `folder`; return the file and what it holds.

    Raises
    ------
    BackupError
        When it could not be made; nothing that looks like a backup is left then.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unfinished(folder) as work:
            made_at = now()
            manifest = _write(engine, work, made_at)
            with open_archive(work / "backup.zip") as archive:  # read back: what the disk kept, not what we sent
                for entry in manifest.files:
                    archive.check(entry)
            target = _free_name(folder, made_at)
            (work / "backup.zip").rename(target)
            sync_folder(folder)
    except OSError as error:
        raise BackupError(f"the backup cannot be written to {folder}: {error.strerror or error}") from error
    return target, manifest


def _write(engine: Engine, work: Path, made_at: datetime) -> Manifest:
    before, copy = _copy_top(work), work / "database"
    if engine.dialect.name == "sqlite":
        copy_sqlite(engine, copy)
        name, facts = SQLITE, look_into_sqlite(copy)
    else:
        name, facts = POSTGRES, dump_postgres(engine, copy)
    photos = {inside: path for inside, path in list_files(get_settings().var).items() if path.parent.name == _PHOTOS}
    writer = Writer(work / "backup.zip")
    try:
        entries = [writer.add(name, copy, compress=name == SQLITE)]
        for inside, path in {**before, **photos}.items():
            with suppress(FileNotFoundError):  # a photo whose time is over may be deleted meanwhile
                entries.append(writer.add(inside, path, compress=False))
        manifest = Manifest(made_at=made_at, program=read_version(), schema=facts.schema, kind=facts.kind,
                            zone=facts.zone, counts=facts.counts, files=tuple(entries))
        writer.finish(manifest)
    finally:
        writer.abandon()
    return manifest


def _copy_top(work: Path) -> dict[str, Path]:
    """Keep the files at the top of the work folder as they are now."""
    copies = {}
    for number, (inside, path) in enumerate(list_files(get_settings().var).items()):
        if path.parent.name != _PHOTOS:
            copies[inside] = Path(shutil.copyfile(path, work / f"top-{number}"))
    return copies


def read_version() -> str:
    """Return the version of this program."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(said["project"]["version"])


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Give a folder in `folder` that is this process's own as long as it lives, and is gone afterwards."""
    _clear_unfinished(folder)
    work = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=folder))
    with (work / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _clear_unfinished(folder: Path) -> None:
    """Remove what a killed backup or restore left: nobody holds its lock any more."""
    for work in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError), (work / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(work, ignore_errors=True)


def _free_name(folder: Path, made_at: datetime) -> Path:
    stem = f"govdesk-{made_at.astimezone(UTC):{_STAMP}}"
    n, path = 1, folder / f"{stem}.zip"
    while path.exists():
        n += 1
        path = folder / f"{stem}-{n}.zip"
    return path


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def verify_backup(path: Path) -> Manifest:
    """Check one backup through: every SHA-256, the database's integrity, its schema, the rows of each table.

    Raises
    ------
    BackupError
        When anything is not as its manifest says.
    """
    with open_archive(path) as archive, unfinished(_room_beside(path.parent)) as work:
        unpack_database(archive, work / "database")
        for entry in archive.manifest.files[1:]:
            archive.check(entry)
        return archive.manifest


def _room_beside(folder: Path) -> Path:
    """Return where there is room to unpack: beside the backup, or, where that is read-only, where the system has it."""
    return folder if os.access(folder, os.W_OK) else Path(tempfile.gettempdir())


def unpack_database(archive: Archive, target: Path) -> None:
    """Unpack the database and hold it against the manifest.

    Raises
    ------
    BackupError
        When they differ, or there is no room for it.
    """
    manifest = archive.manifest
    check_room(target.parent, manifest.database.size)
    archive.extract(manifest.database, target)
    facts = look_into_sqlite(target) if manifest.database.name == SQLITE else look_into_postgres(target)
    told = Facts(schema=manifest.schema, kind=manifest.kind, zone=manifest.zone, counts=manifest.counts)
    if facts != told:
        wrong = sorted(set(facts.counts.items()) ^ set(told.counts.items()))
        what = f"rows of {wrong[0][0]}" if wrong else "schema, kind or zone"
        raise BackupError(f"the database in the backup and its manifest differ: {what}")


def check_room(folder: Path, n_bytes: int) -> None:
    """Refuse to begin what the disk has no room for.

    Raises
    ------
    BackupError
        When fewer than `n_bytes` are free.
    """
    free = shutil.disk_usage(folder).free
    if free < n_bytes:
        raise BackupError(f"{folder} has {free / 2**20:,.0f} MB free, {n_bytes / 2**20:,.0f} MB are needed")


def list_backups(folder: Path) -> list[Kept]:
    """Return the backups of a folder by their names, the newest first; an absent folder holds none."""
    found = []
    with suppress(OSError):
        for path in folder.iterdir():
            named = _BACKUP.fullmatch(path.name)
            if named is not None:
                with suppress(OSError, ValueError):
                    made_at = datetime.strptime(named.group(1), _STAMP).replace(tzinfo=UTC)
                    found.append(Kept(path, made_at, path.stat().st_size))
    return sorted(found, key=lambda one: (one.made_at, one.path.name), reverse=True)


def remove_old(folder: Path, at: datetime) -> list[Path]:
    """Remove the backups that are older than `DAYS` days; never the newest one that is good.

    Nothing goes where the newest two lie further apart than that: either nothing ran for so long, or the clock jumped
    ahead and all the others only look old. The next one decides.

    Returns
    -------
    list of Path
        What was removed.
    """
    kept = list_backups(folder)
    old = [one for one in kept if one.made_at < at - timedelta(days=DAYS)]
    if not old or kept[0].made_at - kept[min(1, len(kept) - 1)].made_at > timedelta(days=DAYS):
        return []
    good = next((one.path for one in kept if _is_good(one.path)), None)
    removed = []
    for one in old:
        if one.path != good:
            one.path.unlink(missing_ok=True)
            removed.append(one.path)
    return removed


def _is_good(path: Path) -> bool:
    try:
        with open_archive(path) as archive:
            for entry in archive.manifest.files:
                archive.check(entry)
    except (BackupError, OSError):
        return False
    return True


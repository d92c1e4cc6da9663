"""Backups as acts of somebody: allowed to administrators, written into the audit, failures too."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from govdesk.actions.acting import acting
from govdesk.clock import now
from govdesk.rules.access import Scope, require
from govdesk.storage.backup import make_backup as write_backup
from govdesk.storage.backup import remove_old
from govdesk.storage.backup_archive import BackupError, Manifest
from govdesk.storage.restore import Restored
from govdesk.storage.restore import restore_backup as bring_back

log = logging.getLogger("govdesk.backups")

_MAKE, _RESTORE = "make_backup", "restore_backup"


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup that was made: its file, what it holds, and which old ones were removed."""

    path: Path
    manifest: Manifest
    removed: tuple[Path, ...] = ()

    @property
    def made_at(self) -> datetime:
        """Instant of the snapshot."""
        return self.manifest.made_at

    @property
    def n_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.manifest.counts.values())


def make_backup(engine: Engine, *, by: Scope, folder: Path, is_tidy: bool = False) -> BackupMade:
    """Write a backup into `folder` while everybody works.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    folder : Path
        Where to.
    is_tidy : bool
        Remove afterwards what is past its time in `folder` (`storage.backup.remove_old`).

    Raises
    ------
    RefusedError
        When the caller may not do this.
    BackupError
        When it could not be made; the audit says so, where it can be written.
    """
    require(by, _MAKE)
    try:
        path, manifest = write_backup(engine, folder)
    except BackupError as error:
        log.error("backup failed: %s", error)
        _note(engine, by, None, failed=str(error)[:300])
        raise
    removed = tuple(remove_old(folder, now())) if is_tidy else ()
    done = BackupMade(path, manifest, removed)
    # With commas: seven digits and more in a row are masked in the log like a telephone number.
    log.info("backup made: %s, %s rows, %s bytes", path.name, f"{done.n_rows:,}", f"{path.stat().st_size:,}")
    _note(engine, by, path.name, rows=done.n_rows, bytes=path.stat().st_size, schema=manifest.schema,
          removed=[one.name for one in removed])
    return done


def _note(engine: Engine, by: Scope, name: str | None, **detail: object) -> None:
    """Write the act down. A backup of a database that takes no more rows is still a backup, and wanted most then."""
    try:
        with acting(engine, by=by, action=_MAKE) as act:
            act.audit("backups", name, **detail)
    except Exception as error:
        log.error("the audit could not be told of a backup: %s", type(error).__name__)


def restore_backup(engine: Engine, *, by: Scope, path: Path, commit: bool) -> Restored:
    """Restore a backup into an empty place; the audit row is part of what is restored.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    BackupError
        When it cannot be restored; nothing was changed then.
    """
    require(by, _RESTORE)
    done = bring_back(engine, path, account=by.account, commit=commit)
    if commit:
        log.info("backup restored: made at %s, schema %s", done.manifest.made_at.isoformat(), done.manifest.schema)
    return done

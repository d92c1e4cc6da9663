"""The nightly backup, beside the server: a thread that ends with it and never stops it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from govdesk.actions.backups import make_backup
from govdesk.clock import day_start, local_day, moment, now
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.backup import backup_folder, list_backups
from govdesk.storage.backup_archive import BackupError
from govdesk.storage.engine import get_engine
from govdesk.storage.schema import is_initialised
from govdesk.storage.ticking import ticking
from govdesk.storage.trouble import explain

#: Seconds between two looks at whether it is time.
SECONDS = 60.0
#: Seconds after which a backup that failed is tried again.
AGAIN = 3_600.0
#: The same where only the database was away or busy: nobody waits an hour for what is over in a minute.
SOON = 60.0
#: A backup is missed when the newest one is this much older than it should be.
LATE = timedelta(hours=12)
#: A backup dated later than this from now was made while the clock was wrong, and says nothing about last night.
_AHEAD = timedelta(minutes=5)

log = logging.getLogger("govdesk.backups")


@dataclass(slots=True)
class _Failure:
    """The last failure of this process: its sentence and since when backups fail; and when to try again."""

    said: str = ""
    since: datetime | None = None
    wait_until: float = 0.0


_failure = _Failure()


@dataclass(frozen=True, slots=True)
class BackupState:
    """How the backups stand.

    Attributes
    ----------
    newest_at : datetime or None
        Instant of the newest backup in the folder.
    failed_since : datetime or None
        Since when they fail, as far as this process has seen it.
    said : str
        Why the last one failed.
    is_late : bool
        The one of last night is missing although it should be there for `LATE`.
    """

    newest_at: datetime | None
    failed_since: datetime | None
    said: str
    is_late: bool


def find_due(at: datetime, hour: int) -> datetime:
    """Return the last instant, at `at` or before, at which a nightly backup is due: `hour` o'clock, county's time."""
    due = day_start(local_day(at)) + timedelta(hours=hour)
    return due if due <= at else day_start(local_day(at) - timedelta(days=1)) + timedelta(hours=hour)


def find_newest(folder: Path, at: datetime) -> datetime | None:
    """Return the instant of the newest backup that is not of the future."""
    return next((one.made_at for one in list_backups(folder) if one.made_at <= at + _AHEAD), None)


def read_state() -> BackupState:
    """Return how the backups stand: from their folder, and from what this process has seen."""
    settings, at = get_settings(), now()
    newest = find_newest(backup_folder(), at)
    is_late = settings.backup_hour >= 0 and newest is not None and newest < find_due(at, settings.backup_hour) - LATE
    return BackupState(newest, _failure.since, _failure.said, is_late)


@contextmanager
def backing_up(seconds: float = SECONDS) -> Iterator[None]:
    """Make a backup each night while the server runs, and make up for a missed one.

    With a fixed clock (``GOVDESK_NOW``) or with ``GOVDESK_BACKUP_HOUR=-1`` none is made.
    """
    settings = get_settings()
    if settings.now is not None or settings.backup_hour < 0:
        yield
        return
    with ticking(look_once, name="backups", seconds=seconds):
        yield


def look_once() -> bool:
    """Make a backup if one is due; return whether one was made. Whatever goes wrong is tried again."""
    try:
        folder, at = backup_folder(), now()
        newest = find_newest(folder, at)
        if newest is not None and newest >= find_due(at, get_settings().backup_hour):
            _failure.since = None  # somebody else made one
            return False
        if _failure.since is not None and moment() < _failure.wait_until:
            return False
        engine = get_engine()
        if not is_initialised(engine):
            return False
        make_backup(engine, by=SYSTEM, folder=folder, is_tidy=True)
    except Exception as error:
        _failure.said = str(error)[:300] if isinstance(error, BackupError) else type(error).__name__
        _failure.since = _failure.since or now()
        _failure.wait_until = moment() + (SOON if explain(error) in ("away", "locked") else AGAIN)
        log.error("the nightly backup failed: %s", _failure.said)
        return False
    _failure.since, _failure.said = None, ""
    return True

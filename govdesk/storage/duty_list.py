"""Which duty list 权责清单 is in force: the office's own in the work folder, else the delivered one.

What an administrator set on screen since (`tables.SettingChange`) goes before the file, row by row.
"""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, select

from govdesk.rules.duty_list import DutyListError, parse_duty_list
from govdesk.rules.duty_list_changes import merge_rows
from govdesk.rules.triage import DutyRow
from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.escalation_parts import list_delivered_categories
from govdesk.storage.schema import is_initialised
from govdesk.storage.setting_changes import read_last_changes
from govdesk.tables import Category

NAME = "duty_list.csv"
#: Under which its changes are kept.
SUBJECT = "duty_list"
DELIVERED = ROOT / "data" / "reference" / NAME


def find_duty_file() -> Path:
    """Return the file that is in force."""
    own = get_settings().var / NAME
    return own if own.is_file() else DELIVERED


def read_stamp() -> int:
    """Return a number that changes with the file."""
    try:
        return find_duty_file().stat().st_mtime_ns
    except OSError:
        return 0


def read_duty_list(connection: Connection) -> tuple[DutyRow, ...]:
    """Return the rows in force: the file's, and what was set on screen since.

    Raises
    ------
    DutyListError
        When the file cannot be used; the message names it, the row and the reason.
    """
    changes = read_last_changes(connection, SUBJECT)
    rows = read_duty_file(connection)
    return merge_rows(rows, {key: change.value for key, change in changes.items()}) if changes else rows


def read_duty_file(connection: Connection) -> tuple[DutyRow, ...]:
    """Return the rows of the file; read anew only when file or categories have changed.

    Raises
    ------
    DutyListError
        When the file cannot be used; the message names it, the row and the reason.
    """
    path = find_duty_file()
    stat = path.stat()
    known = list_delivered_categories() | frozenset(connection.scalars(select(Category.code)))
    return _read(path, stat.st_mtime_ns, stat.st_size, known)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int, categories: frozenset[str]) -> tuple[DutyRow, ...]:
    del changed, size  # stand for what is in the file
    try:
        return parse_duty_list(path.read_text(encoding="utf-8-sig"), categories)
    except (DutyListError, UnicodeDecodeError) as error:
        message = f"{path.name}: {error}"
        raise DutyListError(message) from error


def check_duty_list() -> None:
    """Refuse to start with a duty list that cannot be used.

    Raises
    ------
    DutyListError
        When it cannot; the message names the file, the row and the reason.
    """
    engine = get_engine()
    if is_initialised(engine):
        with read_transaction(engine) as connection:
            read_duty_list(connection)

"""Which duty list 权责清单 is in force: the office's own in the work folder, else the delivered one."""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, select

from govdesk.rules.duty_list import DutyListError, parse_duty_list
from govdesk.rules.triage import DutyRow
from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.escalation_parts import list_delivered_categories
from govdesk.storage.schema import is_initialised
from govdesk.tables import Category

NAME = "duty_list.csv"
DELIVERED = ROOT / "data" / "reference" / NAME


def find_duty_file() -> Path:
    """Return the file that is in force."""
    own = get_settings().var / NAME
    return own if own.is_file() else DELIVERED


def read_duty_list(connection: Connection) -> tuple[DutyRow, ...]:
    """Return the rows in force; read anew only when file or categories have changed.

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

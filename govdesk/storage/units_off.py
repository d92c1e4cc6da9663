"""Units and posts as they were set on screen: from which day a unit takes nothing more."""

from datetime import date

from sqlalchemy import Connection

from govdesk.clock import today
from govdesk.storage.setting_changes import read_last_changes

UNITS, POSTS = "units", "posts"


def read_off_days(connection: Connection) -> dict[str, date]:
    """Return from which day each unit that was switched off takes nothing more."""
    found = {}
    for code, change in read_last_changes(connection, UNITS).items():
        day = (change.value or {}).get("off_on")
        if isinstance(day, str):
            found[code] = date.fromisoformat(day)
    return found


def list_units_off(connection: Connection, on: date) -> frozenset[str]:
    """Return the units that take nothing more on a day."""
    return frozenset(code for code, day in read_off_days(connection).items() if day <= on)


def list_units_off_now(connection: Connection) -> frozenset[str]:
    """Return the units that take nothing more today."""
    return list_units_off(connection, today())


def is_off(connection: Connection, code: str | None, on: date) -> bool:
    """Return whether a unit takes nothing more on a day."""
    day = None if code is None else read_off_days(connection).get(code)
    return day is not None and day <= on

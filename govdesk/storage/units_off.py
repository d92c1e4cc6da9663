"""Units and posts as they were set on screen: from which day a unit takes nothing more."""

from datetime import date

from sqlalchemy import Connection

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


def is_off(connection: Connection, code: str | None, on: date) -> bool:
    """Return whether a unit takes nothing more on a day."""
    day = None if code is None else read_off_days(connection).get(code)
    return day is not None and day <= on

"""Categories 类别 as they were set on screen: off for what is new, renamed, added; incidents keep theirs for good."""

import json
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, select

from govdesk.clock import today
from govdesk.storage.setting_changes import read_last_changes
from govdesk.tables import SettingChange

SUBJECT = "categories"


def read_off_categories(connection: Connection, on: date) -> frozenset[str]:
    """Return the categories that nothing new is registered under on a day; what is imported may still name them."""
    changes = read_last_changes(connection, SUBJECT)
    days = {code: (change.value or {}).get("off_on") for code, change in changes.items()}
    return frozenset(code for code, day in days.items() if isinstance(day, str) and date.fromisoformat(day) <= on)


def list_off_categories(connection: Connection) -> frozenset[str]:
    """Return the categories that nothing new is registered under today."""
    return read_off_categories(connection, today())


def read_former_names(connection: Connection) -> dict[str, set[str]]:
    """Return every name that a category ever had on screen, or before it was first changed there.

    Files go on naming a category as it was called: an import reads the former names, too.
    """
    found: dict[str, set[str]] = {}
    rows = connection.execute(select(SettingChange.key, SettingChange.value).where(
        SettingChange.subject == SUBJECT, SettingChange.value.is_not(None)))
    for code, text in rows:
        value: Mapping[str, object] = json.loads(text or "{}")
        was = value.get("was")
        names = [value.get("name_zh"), value.get("name_en"), *(was if isinstance(was, list) else [])]
        found.setdefault(code, set()).update(str(name) for name in names if name)
    return found


def list_added_categories(connection: Connection) -> frozenset[str]:
    """Return the categories that were added on screen: the county's own, as much as the delivered ones."""
    rows = connection.execute(select(SettingChange.key, SettingChange.value).where(
        SettingChange.subject == SUBJECT, SettingChange.value.is_not(None)))
    return frozenset(code for code, text in rows if json.loads(text or "{}").get("is_added"))

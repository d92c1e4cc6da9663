"""The last word on each setting that an administrator changed on screen, and how the next one is written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from govdesk.clock import now
from govdesk.tables import SettingChange


@dataclass(frozen=True, slots=True)
class LastChange:
    """The change of a setting that holds.

    Attributes
    ----------
    id : int
        Of its row; what a form says that it has seen.
    by : str
        Account.
    value : dict or None
        None: the file holds again.
    """

    id: int
    at: datetime
    by: str
    value: dict[str, object] | None
    reason: str


def read_last_changes(connection: Connection, subject: str, before: datetime | None = None) -> dict[str, LastChange]:
    """Return the last change of each key of a subject (before an instant), in the order in which keys first changed."""
    found: dict[str, LastChange] = {}
    until = [] if before is None else [SettingChange.at < before]
    for row in connection.execute(
            select(SettingChange.id, SettingChange.key, SettingChange.at, SettingChange.by, SettingChange.value,
                   SettingChange.reason).where(SettingChange.subject == subject, *until).order_by(SettingChange.id)):
        value = None if row.value is None else json.loads(row.value)
        found[row.key] = LastChange(row.id, row.at, row.by, value, row.reason)
    return found


def write_change(connection: Connection, *, by: str, subject: str, key: str, value: Mapping[str, object] | None,
                 reason: str) -> int:
    """Write one change and return its number; nothing that was written before is altered."""
    done = connection.execute(insert(SettingChange).values(
        at=now(), by=by, subject=subject, key=key, reason=reason,
        value=None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)))
    number = done.inserted_primary_key
    assert number is not None  # noqa: S101 - one row was inserted
    return int(number[0])

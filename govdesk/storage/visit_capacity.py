"""Visits a week that the office can make, as an administrator set it: the last word until thresholds are adopted anew.

An adoption of thresholds names a capacity, too. There is one truth all the same: whichever was said last holds. A
change keeps the number of the adoption that stood when it was made; a newer adoption goes before it. Numbers decide,
not instants, for two of the same second have an order, too.
"""

from datetime import datetime

from sqlalchemy import Connection

from govdesk.storage.setting_changes import LastChange, read_last_changes

SUBJECT, KEY = "capacity", "visits_per_week"


def make_value(visits: int, adoption_id: int | None) -> dict[str, object]:
    """Return what a change keeps: the visits a week, and the adoption that stood then (0: none)."""
    return {"visits": visits, "adoption": adoption_id or 0}


def capacity_of(change: LastChange) -> int:
    """Return the visits a week that a change set."""
    return int(str((change.value or {})["visits"]))


def read_set_capacity(connection: Connection, adoption_id: int | None, before: datetime | None = None,
                      ) -> LastChange | None:
    """Return the change that holds beside an adoption (None: nothing is adopted); None where the adoption does."""
    change = read_last_changes(connection, SUBJECT, before).get(KEY)
    if change is None or change.value is None:
        return None
    return change if int(str(change.value["adoption"])) >= (adoption_id or 0) else None

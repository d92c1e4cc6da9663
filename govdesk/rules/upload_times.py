"""How long an uploaded file is kept: it may hold what nobody should read twice."""

from datetime import datetime, timedelta

#: After its rows were committed.
KEPT_AFTER_COMMIT = timedelta(hours=24)
#: After somebody last worked on it without committing.
KEPT_UNTOUCHED = timedelta(days=7)


def find_end(changed_at: datetime, committed_at: datetime | None) -> datetime:
    """Return the instant from which on a file is deleted.

    Parameters
    ----------
    changed_at : datetime
        When somebody last worked on it (UTC).
    committed_at : datetime or None
        When its rows were committed.
    """
    return changed_at + KEPT_UNTOUCHED if committed_at is None else committed_at + KEPT_AFTER_COMMIT

"""Sign-ins that were looked at a moment ago: a page fetches thirty files at once, and each would ask the database.

What ends in this process is forgotten at once; what another process ends (the command line), after `SECONDS`.
"""

from datetime import datetime
from threading import Lock

from govdesk.clock import moment
from govdesk.queries.sign_ins import SignedIn, find_by_token
from govdesk.storage.engine import get_engine, read_transaction

#: Seconds for which an answer holds.
SECONDS = 2.0
_MOST = 2_000

_known: dict[str, tuple[float, SignedIn]] = {}
_lock = Lock()


def find(key: str, now: datetime) -> SignedIn | None:
    """Return the sign-in of the hash of a token, or None when it does not hold.

    Raises
    ------
    sqlalchemy.exc.SQLAlchemyError
        When the database cannot be asked.
    """
    with _lock:
        kept = _known.get(key)
    if kept is not None and moment() - kept[0] < SECONDS:
        return kept[1]
    with read_transaction(get_engine()) as connection:
        who = find_by_token(connection, key, now)
    with _lock:
        _known.pop(key, None)
        if who is not None:
            if len(_known) >= _MOST:
                _known.clear()
            _known[key] = (moment(), who)
    return who


def forget() -> None:
    """Forget all answers: something ended."""
    with _lock:
        _known.clear()

"""What the audit learns of reading, of exports and of what was refused; whoever tells it never waits long, or fails.

What a stranger typed is never kept as it is: it may be a password in the wrong field. Control characters, and what
looks personal, are taken out of every text, so that no entry can forge another.
"""

import logging
import threading
import time
from collections import OrderedDict

from sqlalchemy import Engine

from govdesk.actions.audit_writer import NOBODY, WRITER, Note
from govdesk.clock import now
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.rules.access import Scope
from govdesk.rules.plain_text import clean_line

#: Seconds in which the same account looking at the same page again is the same look.
SAME_LOOK = 300.0
#: Looks that are remembered at most, so that they are not written twice.
_MOST_LOOKS = 20_000
#: Seconds that an export waits for its row; then it is handed out, and the row follows (`audit_writer`).
_EXPORT_WAITS = 1.0
_LONGEST = 120

log = logging.getLogger("govdesk.audit")

_looks: OrderedDict[tuple[object, ...], float] = OrderedDict()
_lock = threading.Lock()


def note_seen(engine: Engine, *, by: Scope, page: str, subject_key: str | None = None, **detail: object) -> None:
    """Tell that an account reads a page of alerts: once for each page and key within `SAME_LOOK` seconds.

    Parameters
    ----------
    page : str
        Name of the page, as in the menu.
    subject_key : str, optional
        What of the page: the code of a village.
    """
    try:
        if _is_new(engine, by, page, subject_key):
            WRITER.put(_make(engine, by, "read_page", page, subject_key, detail))
    except Exception:  # a page is never stopped by being noted
        log.exception("reading of %s could not be noted", page)


def note_export(engine: Engine, *, by: Scope | None, name: str, **detail: object) -> None:
    """Tell that an account takes a file away; waits a second at most until that is on the disk."""
    try:
        note = _make(engine, by, "export", name, None, detail)
        WRITER.put(note)
        note.done.wait(_EXPORT_WAITS)
    except Exception:
        log.exception("export of %s could not be noted", name)


def note_refused(engine: Engine, *, by: Scope | str | None, action: str, reason: str, address: str | None = None,
                 subject: str = "access", subject_key: str | None = None, waits: float = 0.0, **detail: object) -> None:
    """Tell that something was refused, in a transaction of its own; a flood of the same is counted together.

    Parameters
    ----------
    by : Scope, str or None
        Who it was; a text is what somebody typed as account, and stays only if there is such an account.
    action : str
        What was tried.
    reason : str
        Why not.
    address : str, optional
        Where from; that of the scope unless given.
    waits : float
        Seconds to wait until the row is kept.
    """
    try:
        key = None if subject_key is None else clean_text(subject_key)  # an address may hold anything
        found = _make(engine, by, action, subject, key, {**detail, "reason": reason}, address)
        note = Note(found.engine, found.at, found.by, found.action, found.subject, found.subject_key, found.detail,
                    found.address, is_refused=True, typed=found.typed)
        WRITER.put_counted(
            (str(engine.url), note.by, note.typed, action, note.subject, note.detail["reason"], note.address), note)
        if waits:
            note.done.wait(waits)
    except Exception:
        log.exception("a refusal of %s could not be noted", action)


def forget_looks() -> None:
    """Forget who looked at what: the next look is a new one."""
    with _lock:
        _looks.clear()


def clean_text(value: object, longest: int = _LONGEST) -> str:
    """Return a text as the audit keeps it: one line, masked, short."""
    return clean_line(mask(strip_hidden(str(value)[:2_000]))[0], longest)


def _is_new(engine: Engine, by: Scope, page: str, subject_key: str | None) -> bool:
    key, moment = (str(engine.url), by.account, by.address, page, subject_key), time.monotonic()
    with _lock:
        last = _looks.get(key)
        if last is not None and moment - last < SAME_LOOK:
            return False
        _looks[key] = moment
        _looks.move_to_end(key)
        if len(_looks) > _MOST_LOOKS:
            _looks.popitem(last=False)
    return True


def _make(engine: Engine, by: Scope | str | None, action: str, subject: str, subject_key: str | None,
          detail: dict[str, object], address: str | None = None) -> Note:
    where = address or (by.address if isinstance(by, Scope) else None)
    said = {name: clean_text(value) if isinstance(value, str) else value for name, value in detail.items()}
    return Note(
        engine, now(), by=by.account if isinstance(by, Scope) else NOBODY, action=clean_line(action, 40),
        subject=clean_line(subject, 40), subject_key=None if subject_key is None else clean_line(subject_key, 130),
        detail=said, address=None if where is None else clean_line(where, 45),
        typed=clean_line(by, 40) if isinstance(by, str) and by else None)

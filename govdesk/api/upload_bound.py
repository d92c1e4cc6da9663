"""Bounds what one account holds in memory by files that are on their way or wait in a chooser; behind the gate.

Streamlit keeps each chosen file whole in the one process until its window is closed, also one that nobody reads.
"""

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from govdesk.actions.audit_trail import note_refused
from govdesk.api.client_address import read_address
from govdesk.api.served import WHO
from govdesk.queries.sign_ins import SignedIn
from govdesk.rules.access import allows
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine
from govdesk.words import LANGUAGES, say

PATH = "/_stcore/upload_file/"
#: Files that one account may hold in choosers; what is kept elsewhere is let go (`ui.held_files`).
MOST_FILES = 60
#: What a form adds to its file, in bytes.
_AROUND = 65_536
#: Who has a page with a chooser.
_ACTIONS = ("import_records", "add_photo")

#: Gives the bytes of those files of a session that are still kept.
Measure = Callable[[str, Iterable[str]], dict[str, int]]
_File = tuple[str, str]


class UploadBound:
    """Refuses a file that would be more than an account may hold, before any of it is read.

    Parameters
    ----------
    app : ASGIApp
        What takes files.
    measure : callable
        Tells how many bytes each file of a session holds; one that is gone is left out.
    base : str
        Path under which the application is served.
    """

    def __init__(self, app: ASGIApp, *, measure: Measure, base: str = "") -> None:
        self.app = app
        self._measure = measure
        self._path = (f"/{base.strip('/')}" if base.strip("/") else "") + PATH
        self._kept: dict[str, set[_File]] = {}
        self._coming: dict[str, dict[str, int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but a file that is too much; what Streamlit refuses of files is noted as well."""
        if scope["type"] != "http" or not scope["path"].startswith(self._path) or scope["method"] != "PUT":
            await self.app(scope, receive, send)
            return
        who = scope.get(WHO)
        n_bytes = _read_length(scope)
        reason = self._find_reason(who, n_bytes)
        if not isinstance(who, SignedIn) or reason is not None:
            await _refuse(scope, receive, send, who, reason or "upload_refused")
            return

        async def look(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                _note(scope, who, "upload_too_large" if message["status"] == 413 else "upload_refused")
            await send(message)

        account = who.scope.account
        session, _, number = scope["path"].removeprefix(self._path).partition("/")
        with self._on_its_way(account, n_bytes):
            await self.app(scope, receive, look)
            self._kept.setdefault(account, set()).add((session, number))

    def _find_reason(self, who: Any, n_bytes: int) -> str | None:
        """Return why a file of that many bytes is not taken from an account, None when it is."""
        if not isinstance(who, SignedIn):  # the database is away: nobody knows who it is
            return "upload_refused"
        if not any(allows(who.scope, action) for action in _ACTIONS):
            return "role"
        most = get_settings().upload_mb * 2**20 + _AROUND
        if n_bytes > most:
            return "upload_too_large"
        n_files, held = self._count(who.scope.account)
        return "uploads_full" if n_files >= MOST_FILES or held + n_bytes > 2 * most else None

    def _count(self, account: str) -> tuple[int, int]:
        """Return how many files and bytes an account holds now, and forget what is gone."""
        kept, coming = self._kept.get(account, set()), self._coming.get(account, {})
        sizes: dict[_File, int] = {}
        for session in {session for session, _ in kept}:
            found = self._measure(session, [number for where, number in kept if where == session])
            sizes |= {(session, number): size for number, size in found.items()}
        self._kept[account] = set(sizes)
        return len(sizes) + len(coming), sum(sizes.values()) + sum(coming.values())

    @contextmanager
    def _on_its_way(self, account: str, n_bytes: int) -> Any:
        mark = uuid4().hex
        self._coming.setdefault(account, {})[mark] = n_bytes
        try:
            yield
        finally:
            del self._coming[account][mark]


def _read_length(scope: Scope) -> int:
    """Return how long a body says it is; one that does not say is taken to be as long as it may be."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else get_settings().upload_mb * 2**20


def _note(scope: Scope, who: Any, reason: str) -> None:
    note_refused(get_engine(), by=who.scope if isinstance(who, SignedIn) else None, action="upload_file", reason=reason,
                 address=read_address(scope), subject="uploads")


async def _refuse(scope: Scope, receive: Receive, send: Send, who: Any, reason: str) -> None:
    _note(scope, who, reason)
    most = get_settings().upload_mb
    sentences = {language: say(f"upload.{reason}", language, most=most, all=2 * most, n=MOST_FILES)
                 for language in LANGUAGES}
    status = {"role": 403, "upload_refused": 503}.get(reason, 413)
    answer = JSONResponse({"error": sentences}, status_code=status,
                          headers={"cache-control": "no-store", "connection": "close"})
    await answer(scope, receive, send)

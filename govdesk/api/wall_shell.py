"""``/wall``: a page that outlives the server. It frames the wall screen, asks for its health, keeps the last picture.

A Streamlit page cannot speak once its server is gone; this one holds no data and needs nothing but itself
(docs/adr/0012-wall-shell.md).
"""

import hashlib
import json
import secrets
from functools import cache
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from govdesk import palette
from govdesk.clock import now
from govdesk.settings import get_settings
from govdesk.storage.database_check import find_fault, is_answering
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.signing import format_versions
from govdesk.storage.versions import read_versions
from govdesk.words import LANGUAGES, say

HERE = Path(__file__).parent
#: Of this process: a shell that meets another one knows that the server was started anew.
BOOT = secrets.token_hex(8)
NO_STORE = {"cache-control": "no-store"}

#: Words of the shell, by the name its program knows them by; filled in by the browser.
WORDS = ("opening", "waiting", "server", "database", "frame", "frame_only", "yesterday", "day", "title")
_BLANKS = {name: f"{{{name}}}" for name in ("since", "at", "time", "month", "day")}


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _write_facts(facts: dict[str, object]) -> str:
    """Return facts for a script element: no text of them can end it."""
    return json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")


def _style() -> dict[str, str]:
    return {"page": palette.WALL_PAGE, "ink": palette.WALL_INK, "mark": palette.WALL_MARK,
            "mark_ink": palette.WALL_MARK_INK, "font": escape(palette.FONT, quote=False)}


def choose_language(request: Request) -> str:
    """Return the language of the address, else that of the settings."""
    asked = request.query_params.get("lang")
    return asked if asked in LANGUAGES else get_settings().language


@cache
def fingerprint() -> str:
    """Return what changes with the shell: an open one of an older program loads itself anew."""
    words = "".join(say(f"wall.shell_{name}", language) for language in LANGUAGES for name in WORDS)
    text = _read("wall_shell.html") + _read("wall_shell.js") + words
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def build_shell(language: str) -> str:
    """Return the shell as one page that asks for nothing but the frame and its health."""
    words = {name: say(f"wall.shell_{name}", language, **_BLANKS) for name in WORDS}
    facts = _write_facts({"words": words, "zone": get_settings().zone, "shell": fingerprint()})
    return _read("wall_shell.html").format(
        language=language, title=escape(words["title"]), opening=escape(words["opening"]), facts=facts,
        script=_read("wall_shell.js"), **_style())


def build_start_file(language: str, wall: str, query: str) -> str:
    """Return the page to be kept on a wall's computer, which waits for the server at `wall` and opens it."""
    facts = _write_facts({"wall": wall, "query": query, "since": say("wall.start_since", language, since="{since}")})
    return _read("wall_start.html").format(
        language=language, title=escape(say("wall.shell_title", language)), facts=facts,
        waiting=escape(say("wall.start_waiting", language)), **_style())


def get_shell(request: Request) -> Response:
    """Answer ``/wall``."""
    return HTMLResponse(build_shell(choose_language(request)), headers=NO_STORE)


def get_start_file(request: Request) -> Response:
    """Answer ``/wall/start-file`` with a file for the wall's computer."""
    wall = str(request.url.replace(query="")).removesuffix("/start-file").rstrip("?")
    query = f"?{request.url.query}" if request.url.query else ""
    text = build_start_file(choose_language(request), wall.removesuffix("/start-file"), query)
    return HTMLResponse(text, headers={**NO_STORE, "content-disposition": 'attachment; filename="wall.html"'})


def get_health(request: Request) -> Response:
    """Answer ``/wall/health``: whether the database answers, and the version of the data; nothing of the data."""
    del request
    found: dict[str, object] = {"now": int(now().timestamp() * 1000), "boot": BOOT, "shell": fingerprint(),
                                "database": "away", "version": None}
    if find_fault() is None and is_answering():
        with read_transaction(get_engine()) as connection:
            found |= {"database": "ok", "version": format_versions(read_versions(connection))}
    return JSONResponse(found, headers=NO_STORE)


ROUTES: list[BaseRoute] = [
    Route("/wall", get_shell, methods=["GET"]),
    Route("/wall/health", get_health, methods=["GET"]),
    Route("/wall/start-file", get_start_file, methods=["GET"]),
]

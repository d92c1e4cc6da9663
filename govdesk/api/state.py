"""``/api/state``: whether anything is wrong with the database, in words; a program in each page asks every two seconds.

The answer comes from the memory of the process (`storage.database_watch`), so that it comes in time when the database
does not, and while the reader's own click still waits. It names no place and no record.
"""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from govdesk.clock import zone
from govdesk.settings import get_settings
from govdesk.storage.database_watch import Trouble, find_trouble
from govdesk.words import LANGUAGES, say

#: Address of the program that asks; a page has it from `page_start`.
SCRIPT = "/api/state.js"
_PROGRAM = Path(__file__).parent / "state.js"


async def get_state(request: Request) -> Response:
    """Answer what is wrong now, in the language that was asked for."""
    asked = request.query_params.get("lang")
    words = asked if asked in LANGUAGES else get_settings().language
    trouble = find_trouble()
    body = {"trouble": None, "lost": say("faults.server_away", words)} if trouble is None else write(trouble, words)
    return JSONResponse(body, headers={"cache-control": "no-store"})


def write(trouble: Trouble, words: str) -> dict[str, object]:
    """Return the sentences of a trouble."""
    since = say("faults.since", words, at=f"{trouble.since.astimezone(zone()):%m-%d %H:%M}")
    return {"trouble": trouble.key, "title": f"{say(f'faults.title_{trouble.key}', words)} · {since}",
            "lines": [say(f"faults.{part}_{trouble.key}", words) for part in ("what", "todo")],
            "lost": say("faults.server_away", words)}


async def get_script(request: Request) -> Response:
    """Answer the program that asks."""
    del request
    return Response(_read(), media_type="text/javascript", headers={"cache-control": "no-cache"})


def build_link(base: str) -> str:
    """Return the element that brings the program into a page.

    Parameters
    ----------
    base : str
        Path under which the application is served, ``server.baseUrlPath``.
    """
    root = f"/{base.strip('/')}".rstrip("/")
    return f'<script defer src="{root}{SCRIPT}" data-base="{root}"></script>'


@cache
def _read() -> bytes:
    return _PROGRAM.read_bytes()


ROUTES: list[BaseRoute] = [
    Route("/api/state", get_state, methods=["GET"]),
    Route(SCRIPT, get_script, methods=["GET"]),
]

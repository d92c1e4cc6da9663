"""Tells the browser of a page with a map to fetch the map's program along with the rest, not after it."""

from functools import cache
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Pages that open with a map; "" is the first one.
MAP_PAGES = ("", "incident_map")
_STATIC = Path(st.__file__).parent / "static" / "static" / "js"


@cache
def find_map_program() -> str | None:
    """Return the file name of Streamlit's map component, or None where its build calls it differently.

    Without it the map comes half a second later, and nothing else changes.
    """
    return next((path.name for path in sorted(_STATIC.glob("DeckGlJsonChart.*.js"))), None)


class MapPreload:
    """Adds a ``Link: …; rel=modulepreload`` header (RFC 8288, HTML 4.6.7) to the pages that open with a map."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self.app = app
        root = f"/{base.strip('/')}".rstrip("/")
        self._paths = {f"{root}/{page}" for page in MAP_PAGES}
        name = find_map_program()
        self._link = None if name is None else f"<{root}/static/js/{name}>; rel=modulepreload"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the answer of a page with a map leaves with the header."""
        if self._link is None or scope["type"] != "http" or scope["path"] not in self._paths:
            await self.app(scope, receive, send)
            return

        async def send_with_link(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("link", str(self._link))
            await send(message)

        await self.app(scope, receive, send_with_link)

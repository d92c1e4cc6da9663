"""Counts and times requests by route; pure ASGI, so that websockets are seen as well."""

from collections.abc import Collection, Iterable
from time import perf_counter

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from govdesk.api.unknown_pages import RESERVED
from govdesk.metrics import REQUEST, REQUESTS, WEBSOCKETS

#: Methods that are told apart; a made-up one is not a name of ours.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class Measuring:
    """Counts every request under the name of its route, of which there are few: never under its address.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    routes : iterable of BaseRoute
        Routes beside the pages.
    pages : collection of str
        Paths of the pages.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[BaseRoute], pages: Collection[str]) -> None:
        self.app = app
        self._routes = tuple(routes)
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count how it was answered."""
        if scope["type"] == "websocket":
            with WEBSOCKETS.track_inprogress():
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = perf_counter(), 500

        async def look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, look)
        finally:
            route = self._name(scope)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            REQUESTS.labels(route, method, str(status)).inc()
            REQUEST.labels(route).observe(perf_counter() - began)

    def _name(self, scope: Scope) -> str:
        for route in self._routes:
            if route.matches(scope)[0] is not Match.NONE:
                return str(getattr(route, "path", "other"))
        first = scope["path"].strip("/").split("/")[0]
        if first in RESERVED:
            return f"/{first}"
        return "page" if first in self._pages or not first else "other"

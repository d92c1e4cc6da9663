"""What stands in the page before Streamlit's program runs: our style, the map's program, the watch at the door.

The style would otherwise come with every rerun, and only after the placeholders have pulsed for a second.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Pages that open with a map; "" is the first one.
MAP_PAGES = ("", "incident_map")
_EMBED = b"embed=true"
_HEAD_END, _BODY_END, _ROOT = b"</head>", b"</body>", b'id="root"'

#: Headers of a request for a page that are not passed on: what a browser kept may hold another style, so it is never
#: told that nothing changed; and a compressed page could not be read here.
_LEFT_OUT = (b"if-none-match", b"if-modified-since", b"accept-encoding")


def find_map_program(scripts: Path) -> str | None:
    """Return the file name of Streamlit's map component, or None where its build calls it differently.

    Without it the map comes half a second later, and nothing else changes.
    """
    return next((path.name for path in sorted(scripts.glob("DeckGlJsonChart.*.js"))), None)


class PageStart:
    """Puts the style into the page that Streamlit serves, and on pages with a map the address of its program.

    Parameters
    ----------
    app : ASGIApp
        What answers.
    pages : collection of str
        Paths of the pages, without slashes; the first page is at ``/``.
    style : str
        A style element.
    scripts : Path
        Folder of Streamlit's own programs.
    base : str
        Path under which the application is served, ``server.baseUrlPath``.
    watch : str, optional
        A script element that looks whether the reader is still in (`api.door_watch`).
    framed : str, optional
        An element of pages that are not shown alone (`api.state`).
    embedded : mapping of str to str, optional
        Style elements of pages that are shown alone (``embed=true``), by path: there before the first picture, so
        that a dark page does not begin white.
    """

    def __init__(self, app: ASGIApp, *, pages: Collection[str], style: str, scripts: Path, base: str = "",
                 watch: str = "", framed: str = "", embedded: Mapping[str, str] = MappingProxyType({})) -> None:
        self.app = app
        self._style = (style + watch).encode()
        self._framed = framed.encode()
        root = f"/{base.strip('/')}".rstrip("/")
        self._paths = {f"{root}/{page}" for page in ("", *pages)} | {root}
        self._embedded = {f"{root}/{page}": sheet.encode() for page, sheet in embedded.items()}
        self._map_paths = {f"{root}/{page}" for page in MAP_PAGES}
        name = find_map_program(scripts)
        self._map_link = b"" if name is None else f'<link rel="modulepreload" href="{root}/static/js/{name}">'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; a page comes back with more in it, anything else as it is."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in self._paths:
            await self.app(scope, receive, send)
            return
        plain = [item for item in scope["headers"] if item[0] not in _LEFT_OUT]
        start: Message = {}
        pieces: list[bytes] = []

        async def send_page(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if MutableHeaders(scope=message).get("content-type", "").startswith("text/html"):
                    start = message
                else:
                    await send(message)
            elif not start:
                await send(message)
            else:
                pieces.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send_whole(start, b"".join(pieces), scope, send)

        await self.app({**scope, "headers": plain}, receive, send_page)

    async def _send_whole(self, start: Message, body: bytes, scope: Scope, send: Send) -> None:
        if _ROOT in body:
            path = scope["path"]
            style = self._style
            if _EMBED in scope["query_string"].split(b"&"):
                style += self._embedded.get(path, b"")
            else:
                style += self._framed
            if path in self._map_paths:
                body = body.replace(_HEAD_END, self._map_link + _HEAD_END, 1)
            # In the body: Streamlit writes its own rules into the head, and of two equal ones the later holds.
            body = body.replace(_BODY_END, style + _BODY_END, 1)
            headers = MutableHeaders(scope=start)
            headers["content-length"] = str(len(body))
            for name in ("etag", "last-modified"):
                del headers[name]
        await send(start)
        await send({"type": "http.response.body", "body": body})

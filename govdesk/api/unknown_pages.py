"""What a stranger sees under an address that names no page; pure ASGI, before Streamlit answers in its own words."""

from collections.abc import Collection, Iterable
from html import escape

from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from govdesk import palette
from govdesk.words import LANGUAGES, say

#: First or second step of every address that Streamlit answers itself.
RESERVED = frozenset({"_stcore", "media", "component", "static"})
#: Files at the root of its own folder, and what browsers ask for unasked.
FILES = frozenset({"index.html", "manifest.json", "favicon.png"})

_STYLE = f"""body{{margin:0;min-height:100vh;display:grid;place-items:center;background:{palette.PAGE};
color:{palette.INK};font:16px/1.6 {escape(palette.FONT, quote=False)}}}
main{{background:{palette.CARD};border:1px solid {palette.LINE};border-radius:8px;padding:32px;margin:16px;
max-width:34rem}}h1{{font-size:20px;margin:0 0 8px}}p{{margin:0 0 8px}}section+section{{margin-top:20px}}
a{{color:{palette.LINK}}}"""


class UnknownPages:
    """Answers 404 in our own words, in both languages, where an address names no page.

    The address itself is not repeated on the page: it stands in the browser's address line, and whatever somebody
    wrote into a link must not look like a sentence of ours.

    Parameters
    ----------
    app : ASGIApp
        What answers everything else.
    pages : collection of str
        Paths of the pages, without slashes; the first page is at ``/``.
    routes : iterable of BaseRoute
        Routes beside the pages: the first step of each is known.
    base : str
        Path under which the application is served, ``server.baseUrlPath``.
    """

    def __init__(self, app: ASGIApp, *, pages: Collection[str], routes: Iterable[BaseRoute] = (),
                 base: str = "") -> None:
        self.app = app
        self._pages = frozenset(pages)
        self._first = RESERVED | FILES | {_steps(getattr(route, "path", "") or "")[0] for route in routes}
        self._base = f"/{base.strip('/')}" if base.strip("/") else ""

    def knows(self, path: str) -> bool:
        """Return whether an address names a page, or something that is no page."""
        if self._base and path != self._base and not path.startswith(f"{self._base}/"):
            return False
        steps = _steps(path[len(self._base):])
        if steps[0] in self._first or RESERVED & set(steps[1:2]):
            return True
        return steps == [""] or (len(steps) == 1 and steps[0] in self._pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it asks for a page that does not exist."""
        asks = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not asks or self.knows(scope["path"]):
            await self.app(scope, receive, send)
            return
        answer = HTMLResponse(build_page(f"{self._base}/"), status_code=404, headers={"cache-control": "no-store"})
        await answer(scope, receive, send)


def _steps(path: str) -> list[str]:
    return path.strip("/").split("/")


def build_page(home: str) -> str:
    """Return the page that leads to `home`; it asks for nothing else, and runs nothing."""
    parts = [
        f'<section lang="{language}"><h1>{escape(say("frame.unknown_page_title", language))}</h1>'
        f'<p>{escape(say("frame.unknown_page", language))}</p>'
        f'<a href="{escape(home)}">{escape(say("frame.unknown_page_link", language))}</a></section>'
        for language in LANGUAGES
    ]
    title = " · ".join(say("frame.unknown_page_title", language) for language in LANGUAGES)
    return (
        f'<!doctype html><html lang="{LANGUAGES[0]}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )

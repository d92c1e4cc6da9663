"""The gate: pure ASGI, before Streamlit and every route, for HTTP and websocket alike.

Who is not in gets the login page and nothing else: no program, no geometry, no figure, no websocket. Who is in is named
to the pages by a header that only the gate writes; the pages look again at each run (`ui.signed_in`).
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from govdesk.actions.audit_trail import note_refused
from govdesk.api import cookies
from govdesk.api.client_address import read_address
from govdesk.api.gate_page import build_wall_notice
from govdesk.api.served import LOOPBACK, SERVED, WHO, Served
from govdesk.clock import real_now
from govdesk.queries import known_sign_ins
from govdesk.queries.sign_ins import SignedIn, hash_token
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine
from govdesk.terms import Role

#: The header by which pages know who is in: the hash of the token, of which nobody makes a cookie.
HEADER = b"x-govdesk-sign-in"
#: Headers by which other systems name a user; none of them is ever passed on.
_NAMES_OF_OTHERS = frozenset({
    b"remote-user", b"x-remote-user", b"x-forwarded-user", b"x-forwarded-email", b"x-forwarded-preferred-username",
    b"x-auth-request-user", b"x-auth-request-email", b"x-user", b"x-webauth-user", b"x-authenticated-user",
    b"x-streamlit-user",
})
_OUR_NAMES = (b"x-govdesk-", b"x-gov-")
#: What anybody may ask for, with its own door where it needs one: the API of other systems has tokens.
OPEN = ("/login", "/healthz", "/readyz", "/metrics", "/api/open311", "/_stcore/health")
#: All that the account of a wall may ask for.
WALL = ("/wall", "/wall_screen", "/_stcore", "/static", "/component", "/media", "/favicon.png", "/manifest.json")
#: What pages fetch by program: who is not in gets a refusal there, not a page.
PROGRAMS = ("/_stcore", "/static", "/component", "/media", "/api", "/wall/health")
NO_STORE = {"cache-control": "no-store"}
#: What a websocket is closed with when it may not be opened (RFC 6455, 7.4.1: policy).
_POLICY = 1008


@dataclass(frozen=True, slots=True)
class Found:
    """What the gate knows of a request: who is in, if the database could be asked, and why nobody is."""

    who: SignedIn | None
    is_asked: bool
    token_hash: str = ""
    reason: str = "nobody_in"


class Gate:
    """Lets in who is signed in, and names them.

    Parameters
    ----------
    app : ASGIApp
        What is behind it.
    base : str
        Path under which the application is served.
    address : str
        Interface that it is served on.
    """

    def __init__(self, app: ASGIApp, *, base: str = "", address: str = "") -> None:
        self.app = app
        self._base = f"/{base.strip('/')}" if base.strip("/") else ""
        self._served = Served(self._base, is_local=address in LOOPBACK)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with the name of who asks, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        kept = [(name, value) for name, value in scope["headers"] if not _names_somebody(name)]
        if len(kept) < len(scope["headers"]):
            _note(scope, "names_somebody")  # let pass without it: a proxy of the office may add one
        scope["headers"] = kept
        path = _plain_path(scope["path"], self._base)
        if path is None:
            await _refuse(scope, receive, send, 400, "odd_path")
            return
        scope[SERVED] = self._served
        if scope["type"] == "http" and is_under(path, OPEN):
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket" and not _is_same_origin(scope):
            await _refuse(scope, receive, send, 403, "other_origin")
            return
        await self._pass(path, scope, receive, send)

    async def _pass(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        found = await _find(scope)
        if found.who is None and found.is_asked:
            _note(scope, found.reason)
            await self._send_to_login(path, scope, receive, send)
            return
        if found.who is not None:
            if found.who.must_change:
                await self._send_to(f"{self._base}/login/password", scope, receive, send)
                return
            if found.who.scope.role is Role.WALL and not is_under(path, WALL):
                _note(scope, "wall_only", found.who)
                await self._send_to(f"{self._base}/wall", scope, receive, send)
                return
            scope[WHO] = found.who
        # Also while the database is away: the page looks who it is as soon as it is back.
        scope["headers"] = [*scope["headers"], (HEADER, found.token_hash.encode())]
        await self.app(scope, receive, send)

    async def _send_to_login(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope.get("query_string", b"").decode("latin-1")
        if _asks_for_page(scope) and (path == "/wall" or "embed=true" in query.split("&")):
            # A wall is never shown a form to fill in: nobody stands before it.
            notice = HTMLResponse(build_wall_notice(f"{self._base}/login?next=%2Fwall"), status_code=401,
                                  headers=NO_STORE)
            await notice(scope, receive, send)
            return
        asked = f"{path}?{query}" if query else path
        await self._send_to(f"{self._base}/login" + ("" if asked == "/" else f"?next={quote(asked, safe='')}"),
                            scope, receive, send)

    async def _send_to(self, where: str, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_page(scope):
            await _refuse(scope, receive, send, 401)
            return
        answer: Response = RedirectResponse(where, status_code=303, headers=NO_STORE)
        await answer(scope, receive, send)


def is_under(path: str, roots: tuple[str, ...]) -> bool:
    """Return whether a path is one of these, or lies below one."""
    return any(path == root or path.startswith(f"{root}/") for root in roots)


def _asks_for_page(scope: Scope) -> bool:
    """Return whether somebody opens an address: a browser says html, a program that follows links says anything."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    accept = Headers(scope=scope).get("accept", "*/*")
    return "text/html" in accept or (accept == "*/*" and not is_under(scope["path"], PROGRAMS))


def _names_somebody(name: bytes) -> bool:
    # Servers behind us may read "_" as "-": both spellings are taken out.
    plain = name.lower().replace(b"_", b"-")
    return plain in _NAMES_OF_OTHERS or plain.startswith(_OUR_NAMES)


def _plain_path(path: str, base: str) -> str | None:
    """Return the path below the base, or None for one that plays tricks: it might mean another to who is behind us."""
    if base and not (path == base or path.startswith(f"{base}/")):
        return "/"
    below = path[len(base):] or "/"
    steps = below.split("/")
    if "\\" in below or "\x00" in below or ".." in steps or "." in steps or "" in steps[1:-1] or "%" in below:
        return None
    return below


def _is_same_origin(scope: Scope) -> bool:
    """Return whether a websocket is opened by a page of ours: browsers always say by which origin."""
    headers = Headers(scope=scope)
    origin = headers.get("origin", "")
    public = get_settings().public_url
    if public and origin.rstrip("/").casefold() == public.rstrip("/").casefold():
        return True
    return urlsplit(origin).netloc.casefold() == headers.get("host", "").casefold() != ""


async def _find(scope: Scope) -> Found:
    header = "; ".join(Headers(scope=scope).getlist("cookie"))
    ticket, now = cookies.read_ticket(header), real_now()
    if ticket is None:
        is_made_up = cookies.cookie_name() in cookies.read_cookies(header)
        return Found(None, is_asked=True, reason="made_up_cookie" if is_made_up else "nobody_in")
    if ticket.ends_at <= now:
        return Found(None, is_asked=True, reason="ended_sign_in")
    token_hash = hash_token(ticket.token)
    try:
        who = await run_in_threadpool(known_sign_ins.find, token_hash, now)
    except (SQLAlchemyError, OSError):
        # The database is away: nothing can be shown, but that this is so. The signature was good.
        return Found(None, is_asked=False, token_hash=token_hash)
    return Found(who, is_asked=True, token_hash=token_hash, reason="ended_sign_in")


def _note(scope: Scope, reason: str, who: SignedIn | None = None) -> None:
    """Tell the audit what was refused; floods are counted together there, and nobody waits for it."""
    note_refused(get_engine(), by=who.scope if who is not None else None, action="pass_gate", reason=reason,
                 address=read_address(scope), subject="gate", subject_key=scope["path"])


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str | None = None) -> None:
    if reason is not None:
        _note(scope, reason)
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": _POLICY, "reason": ""})
        return
    answer = JSONResponse({"error": "sign in first" if status == 401 else "refused"}, status_code=status,
                          headers=NO_STORE)
    await answer(scope, receive, send)

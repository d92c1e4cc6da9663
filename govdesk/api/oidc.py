"""``/login/oidc``: to the office's identity service and back. What comes of it is a sign-in like any other.

The attempt is held by a signed cookie of this browser for ten minutes: an answer that was begun elsewhere, came late,
or came twice opens nothing (RFC 9700, 2.1 and 4.7). Of the service's token only the code of the account is read.
"""

import logging
import secrets
import time
from functools import lru_cache
from hmac import compare_digest

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from govdesk.actions.sign_in import Granted, find_wait, refuse_provider, sign_in_as_known
from govdesk.api import cookies, sign_in
from govdesk.api.client_address import read_address
from govdesk.api.oidc_provider import Provider, ProviderError, Secrets
from govdesk.api.served import read_served
from govdesk.clock import real_now
from govdesk.rules.access import Visitor
from govdesk.rules.sign_in import own_path
from govdesk.settings import Settings, get_settings
from govdesk.storage.engine import get_engine
from govdesk.terms import SignInMethod
from govdesk.words import say

log = logging.getLogger("govdesk.oidc")

#: Seconds that an attempt may take.
LONGEST = 600
#: Longest code that is passed on, and how many answered attempts are remembered.
_LONGEST_CODE, _MOST_USED = 2_048, 10_000
_NO_STORE = {"cache-control": "no-store"}

#: Attempts that were answered, by their state, with the time from which the cookie is too old in any case.
_used: dict[str, float] = {}


@lru_cache(maxsize=4)
def _provider(settings: Settings) -> Provider:
    return Provider(settings)


async def get_start(request: Request) -> Response:
    """Send a browser to the identity service."""
    settings = get_settings()
    if not settings.oidc_issuer:
        return _nothing_here()
    held = Secrets(*(secrets.token_urlsafe(32) for _ in range(3)))
    next_path = own_path(request.query_params.get("next"))
    try:
        address = await _provider(settings).build_start(held, _redirect(request, settings))
    except ProviderError as error:
        return await _fail(request, str(error), next_path)
    answer = RedirectResponse(address, status_code=303, headers=_NO_STORE)
    text = cookies.seal({"s": held.state, "n": held.nonce, "v": held.verifier, "to": next_path,
                         "at": int(real_now().timestamp())}, "oidc")
    # Lax, not Strict: the way back begins on another site.
    answer.set_cookie(cookies.oidc_cookie_name(), text, path="/", httponly=True, samesite="lax",
                      secure=cookies.is_over_tls(), max_age=LONGEST)
    return answer


async def get_back(request: Request) -> Response:
    """Let somebody in whom the service vouches for, or say what went wrong."""
    settings = get_settings()
    if not settings.oidc_issuer:
        return _nothing_here()
    found = _read_attempt(request)
    asked = request.query_params
    if found is None or asked.get("iss", settings.oidc_issuer) != settings.oidc_issuer:
        return await _fail(request, "oidc_state", own_path(None))
    held, next_path = found
    code = asked.get("code", "")
    if "error" in asked or not code or len(code) > _LONGEST_CODE:
        return await _fail(request, "oidc_refused", next_path)
    return await _answer(request, settings, held, next_path, code)


async def _answer(request: Request, settings: Settings, held: Secrets, next_path: str, code: str) -> Response:
    by = Visitor(read_address(request.scope))
    wait = await run_in_threadpool(find_wait, get_engine(), by=by, now=real_now())
    if wait:
        return await _fail(request, "oidc_refused", next_path, wait)
    try:
        account = await _provider(settings).read_account(code, held, _redirect(request, settings), real_now())
    except ProviderError as error:
        return await _fail(request, str(error), next_path)
    done = await run_in_threadpool(lambda: sign_in_as_known(
        get_engine(), by=by, account=account, now=real_now(), method=SignInMethod.OIDC))
    if not isinstance(done, Granted):
        return await _say(request, say("sign_in.oidc_no_account", sign_in.choose_language(request)), next_path, 403)
    return _end(await run_in_threadpool(sign_in.let_in, request, done, next_path))


def _redirect(request: Request, settings: Settings) -> str:
    """Return where the service sends the browser back to: the configured address, never one that a request names."""
    return f"{settings.public_url}{read_served(request).base}/login/oidc/back"


def _read_attempt(request: Request) -> tuple[Secrets, str] | None:
    """Return the attempt that this browser began and this answer belongs to, once; None for all others."""
    held = cookies.read_cookies(request.headers.get("cookie", "")).get(cookies.oidc_cookie_name(), "")
    match cookies.unseal(held, "oidc"):
        case {"s": str(state), "n": str(nonce), "v": str(verifier), "to": str(next_path), "at": int(at)}:
            named = request.query_params.getlist("state")
            is_ours = len(named) == 1 and compare_digest(named[0].encode(), state.encode())
            is_fresh = 0 <= real_now().timestamp() - at <= LONGEST
            if is_ours and is_fresh and _use(state):
                return Secrets(state, nonce, verifier), own_path(next_path)
    return None


def _use(state: str) -> bool:
    """Return whether an attempt is answered for the first time; from then on it is not."""
    now = time.monotonic()
    for old in [known for known, until in _used.items() if until < now]:
        del _used[old]
    if state in _used or len(_used) >= _MOST_USED:
        return False
    _used[state] = now + LONGEST
    return True


async def _fail(request: Request, reason: str, next_path: str, wait: int = 0) -> Response:
    """Say that it did not work, why, and note it; what the service wrote is neither shown nor kept."""
    words = sign_in.choose_language(request)
    by = Visitor(read_address(request.scope))
    if reason in ("oidc_away", "oidc_state") or wait:  # nobody's guess: noted, not counted against an address
        sign_in.note(request, reason)
    else:
        await run_in_threadpool(refuse_provider, get_engine(), by=by, now=real_now(), reason=reason)
    said = say("sign_in.oidc_away" if reason == "oidc_away" else "sign_in.oidc_refused", words)
    text = say("sign_in.oidc_failed", words, reason=said)
    if wait:
        text = f'{text} {say("sign_in.wait", words, seconds=wait)}'
    return await _say(request, text, next_path, 503 if reason == "oidc_away" else 429 if wait else 403)


async def _say(request: Request, text: str, next_path: str, status: int) -> Response:
    """Show the login page with a sentence: whoever has a password can still come in."""
    words = sign_in.choose_language(request)
    return _end(await run_in_threadpool(sign_in.show_login, request, words, next_path, text, status))


def _end(answer: Response) -> Response:
    """Let the browser forget the attempt."""
    answer.delete_cookie(cookies.oidc_cookie_name(), path="/", httponly=True, samesite="lax",
                         secure=cookies.is_over_tls())
    return answer


def _nothing_here() -> Response:
    return JSONResponse({"error": "no identity service is configured"}, status_code=404, headers=_NO_STORE)


ROUTES: list[BaseRoute] = [
    Route("/login/oidc", sign_in.tell_trouble(get_start), methods=["GET"]),
    Route("/login/oidc/back", sign_in.tell_trouble(get_back), methods=["GET"]),
]

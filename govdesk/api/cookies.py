"""The cookie of a sign-in, and the token of a form: signed, so that a made-up one costs no look at the database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer
from starlette.responses import Response

from govdesk.settings import get_settings
from govdesk.storage.secret import read_secret

#: Longest cookie header that is looked at.
_LONGEST = 8_192


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a cookie holds: a token, and until when it can be good at the latest (UTC)."""

    token: str
    ends_at: datetime


def is_over_tls() -> bool:
    """Return whether browsers reach us by https."""
    return get_settings().public_url.startswith("https://")


def cookie_name() -> str:
    """Return the name; the prefix makes browsers keep it to this host, this path and TLS (RFC 6265bis, 4.1.3)."""
    return "__Host-govdesk_session" if is_over_tls() else "govdesk_session"


def form_cookie_name() -> str:
    """Return the name of the cookie that a form's token must fit."""
    return "__Host-govdesk_form" if is_over_tls() else "govdesk_form"


def oidc_cookie_name() -> str:
    """Return the name of the cookie that holds an attempt to sign in at the identity service."""
    return "__Host-govdesk_oidc" if is_over_tls() else "govdesk_oidc"


@lru_cache(maxsize=8)
def _serializer(var: Path, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(read_secret(var), salt=salt)


def seal(payload: object, salt: str) -> str:
    """Return a payload as signed text, for one use named by `salt`."""
    return str(_serializer(get_settings().var, salt).dumps(payload))


def unseal(text: str, salt: str) -> object:
    """Return what was signed for this use, or None."""
    try:
        found: object = _serializer(get_settings().var, salt).loads(text)
    except BadData:
        return None
    return found


def read_cookies(header: str) -> dict[str, str]:
    """Return the cookies of a header; of a name that stands there twice the first: browsers send the nearest first."""
    found: dict[str, str] = {}
    for part in header[:_LONGEST].split(";"):
        try:
            parsed = SimpleCookie(part.strip())
        except CookieError:
            continue
        for name, morsel in parsed.items():
            found.setdefault(name, morsel.value)
    return found


def read_ticket(header: str) -> Ticket | None:
    """Return the ticket in a cookie header; None without one, or where the signature does not fit."""
    payload = unseal(read_cookies(header).get(cookie_name(), ""), "sign-in")
    match payload:
        case {"t": str(token), "e": int(ends)}:
            return Ticket(token, datetime.fromtimestamp(ends, UTC))
    return None


def give_ticket(response: Response, token: str, ends_at: datetime, *, is_kept: bool) -> None:
    """Let the browser keep a sign-in: until it is closed, or (`is_kept`, for walls) until it ends."""
    text = seal({"t": token, "e": int(ends_at.timestamp())}, "sign-in")
    # Browsers keep no cookie for longer than 400 days (RFC 6265bis, 5.6.1).
    response.set_cookie(cookie_name(), text, path="/", httponly=True, samesite="lax", secure=is_over_tls(),
                        max_age=400 * 86_400 if is_kept else None)


def take_ticket(response: Response) -> None:
    """Let the browser forget the sign-in."""
    response.delete_cookie(cookie_name(), path="/", httponly=True, samesite="lax", secure=is_over_tls())

"""How a message to another system is signed, when it is tried again, and which addresses may be told; pure.

The signature is HMAC-SHA-256 (RFC 2104, FIPS 180-4) over the time and the body, so that who knows the secret can tell
that we sent it, that nobody changed it, and that it is not an old one sent again.
"""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

#: Minutes until the next try, after the first, second, … failure; after the last one it is given up.
BACK_OFF = (1, 5, 15, 60, 180, 480, 1_440)
#: Tries in all.
MOST_TRIES = len(BACK_OFF) + 1
#: Longest address.
LONGEST = 300


def sign_body(secret: str, at: int, body: str) -> str:
    """Return the value of the header ``X-Govdesk-Signature``.

    Parameters
    ----------
    secret : str
        What sender and receiver know.
    at : int
        Seconds since 1970-01-01T00:00Z at which it is sent.
    body : str
        The JSON, as it is sent.

    Examples
    --------
    >>> sign_body("k", 1, "{}")[:7]
    't=1,v1='
    """
    mac = hmac.new(secret.encode(), f"{at}.{body}".encode(), sha256).hexdigest()
    return f"t={at},v1={mac}"


def find_wait(n_tries: int) -> int | None:
    """Return the seconds until the next try after `n_tries` failures; None: it is given up."""
    return BACK_OFF[n_tries - 1] * 60 if n_tries < MOST_TRIES else None


def find_address_fault(address: str) -> str | None:
    """Return why an address cannot be told, or None."""
    if len(address) > LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        return f"an address has at most {LONGEST} printable ASCII characters and no blanks"
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "this is no address"
    if parts.scheme not in ("http", "https") or not host:
        return "an address begins with http:// or https:// and names a host"
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "an address here holds no user, no password and no part after #"
    return None

"""Where a request comes from.

The server itself believes a forwarded address only from its own machine: a proxy there.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import Scope

#: Headers by which a proxy says that it stands between.
FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host", "x-forwarded-proto")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


def read_address(scope: Scope) -> str:
    """Return the address of who asks, at most 45 characters; ``unknown`` where there is none."""
    client = scope.get("client")
    return str(client[0])[:45] if client and client[0] else "unknown"


def is_on_this_machine(scope: Scope) -> bool:
    """Return whether a request was typed at this very machine, without a proxy between and by a name of its own.

    A page of another site may point its own name at 127.0.0.1 (DNS rebinding); therefore the name counts as well.
    """
    headers = Headers(scope=scope)
    if any(name in headers for name in FORWARDED):
        return False
    host = headers.get("host", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    try:
        is_here = ip_address(read_address(scope)).is_loopback
    except ValueError:
        is_here = False
    return is_here and name.casefold() in _LOCAL_NAMES

"""Bounds how long a connection may keep the server waiting for the head of a request.

uvicorn closes a connection that says nothing after an answer, but waits for ever for the first request of a new one and
for a head that comes a byte at a time; no setting of uvicorn or Streamlit bounds either. A body is bounded by whoever
reads it (`api.request_body`, `api.request_photos`).
"""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("govdesk.doors")

#: Seconds from the opening of a connection, or from an answer, until the next head must have come. A browser opens
#: connections ahead of need: it finds one closed and opens another.
PATIENCE = 20.0

_ARMED = "_govdesk_head_timer"


def bound_heads() -> None:
    """Let every connection that is opened from now on be closed when no head comes in time; twice is once.

    The two methods of uvicorn are replaced, for Streamlit builds its configuration itself and lets nobody name another
    protocol. Were they named otherwise in a later uvicorn, the server would not start, and a test holds what they do.
    """
    for name in ("connection_made", "on_response_complete"):
        original = getattr(H11Protocol, name)
        if not hasattr(original, _ARMED):
            setattr(H11Protocol, name, _arming(original))


def _arming(original: Callable[..., None]) -> Callable[..., None]:
    def call(protocol: H11Protocol, *arguments: object) -> None:
        original(protocol, *arguments)
        _arm(protocol)

    setattr(call, _ARMED, True)
    return call


def _arm(protocol: H11Protocol) -> None:
    before = cast("asyncio.TimerHandle | None", getattr(protocol, _ARMED, None))
    if before is not None:
        before.cancel()
    setattr(protocol, _ARMED, protocol.loop.call_later(PATIENCE, _close_if_waiting, protocol))


def _close_if_waiting(protocol: H11Protocol) -> None:
    """Close a connection with no request under way; one that became a websocket is somebody else's by now."""
    is_answering = protocol.cycle is not None and not protocol.cycle.response_complete
    if not is_answering and not protocol.transport.is_closing() and protocol.transport.get_protocol() is protocol:
        if protocol.conn.trailing_data[0]:  # a head was begun; a browser that only opened ahead of need says nothing
            log.warning("a request whose head did not come within %s seconds was given up", PATIENCE)
        protocol.transport.close()

"""Reads a request that brings photos along: ``multipart/form-data``, text and photos within bounds.

Photos over a megabyte lie in a temporary file while they come; what is too large is given up as soon as it is.
"""

import asyncio

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from govdesk.api.request_body import LARGEST, MOST_FIELDS, read_fields
from govdesk.rules.photos import MOST, MOST_BYTES
from govdesk.rules.service_request import RequestRefusedError, refuse

_MULTIPART = "multipart/form-data"
#: How Starlette says that more files came than were allowed; its exception has no code (a test holds the words).
_TOO_MANY = "Too many files"
#: Name of the parts that are photos, as other servers and clients of Open311 call it.
PART = "media"
#: Most bytes of text and photos together.
LARGEST_WITH_PHOTOS = MOST_BYTES + LARGEST
#: Seconds until all of it must have come.
PATIENCE = 60.0


async def read_report(request: Request) -> tuple[dict[str, object], tuple[bytes, ...]]:
    """Return the fields of a new request, and its photos.

    Raises
    ------
    RequestRefusedError
        400, 408, 413 or 415.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _MULTIPART:
        return await read_fields(request), ()
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and (len(said) > 9 or int(said) > LARGEST_WITH_PHOTOS):
        raise refuse(413, "body_too_large", most=LARGEST_WITH_PHOTOS)
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read_parts(_bounded(request))
    except TimeoutError as error:
        raise refuse(408, "body_too_slow", seconds=int(PATIENCE)) from error
    except ClientDisconnect as error:
        raise refuse(400, "body_broken") from error
    except RequestRefusedError:
        raise
    except (HTTPException, MultiPartException, ValueError) as error:
        if _TOO_MANY in str(getattr(error, "detail", error)):
            raise refuse(400, "too_many_photos", most=MOST) from error
        raise refuse(400, "body_unreadable") from error


def _bounded(request: Request) -> Request:
    """Return the same request, which ends when more comes than is taken."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > LARGEST_WITH_PHOTOS:
            raise _TooLargeError
        return message

    return Request(request.scope, receive)


class _TooLargeError(Exception):
    """More came than is taken."""


async def _read_parts(request: Request) -> tuple[dict[str, object], tuple[bytes, ...]]:
    fields: dict[str, object] = {}
    photos: list[bytes] = []
    try:
        async with request.form(max_files=MOST, max_fields=MOST_FIELDS, max_part_size=LARGEST) as form:
            for name, part in form.multi_items():
                if not isinstance(part, str) and name == PART:
                    photos.append(await part.read())
                elif name in fields:
                    raise refuse(400, "field_twice")
                else:
                    fields[name] = part if isinstance(part, str) else "?"  # another file: named, never read
    except _TooLargeError as error:
        raise refuse(413, "body_too_large", most=LARGEST_WITH_PHOTOS) from error
    if not fields:
        raise refuse(400, "body_empty")
    return fields, tuple(photo for photo in photos if photo)

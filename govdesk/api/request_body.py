"""Reads what another system sends: never more than a little of it, never for long, and only what is plain.

A body is given up as soon as it is too large, whatever its length was said to be; ten megabytes of text are never held.
"""

import asyncio
import json
from typing import NoReturn
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from govdesk.rules.service_request import RequestRefusedError, refuse

#: Largest body in bytes: the longest description of the standard in UTF-8, percent-encoded, with room.
LARGEST = 65_536
#: Seconds until a whole body must have come.
PATIENCE = 10.0
#: Most fields of one body.
MOST_FIELDS = 100

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"


async def read_fields(request: Request) -> dict[str, object]:
    """Return the fields of a form or of a JSON object.

    Raises
    ------
    RequestRefusedError
        400, 408, 413 or 415.
    """
    kind = _kind_of(request)
    body = await read_body(request)
    return parse_fields(kind, body)


def _kind_of(request: Request) -> str:
    """Return the content type, or refuse what is not read here."""
    kind, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    charsets = {part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")}
    if kind not in (_FORM, _JSON) or charsets - {"utf-8", "utf8"}:
        raise refuse(415, "content_type")
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise refuse(415, "content_encoding")
    return kind


async def read_body(request: Request) -> bytes:
    """Return the whole body, or refuse it without having held it."""
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and (len(said) > 9 or int(said) > LARGEST):
        raise refuse(413, "body_too_large", most=LARGEST)
    parts, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                size += len(part)
                if size > LARGEST:
                    raise refuse(413, "body_too_large", most=LARGEST)
                parts.append(part)
    except TimeoutError as error:
        raise refuse(408, "body_too_slow", seconds=int(PATIENCE)) from error
    except ClientDisconnect as error:
        raise refuse(400, "body_broken") from error
    return b"".join(parts)


def parse_fields(kind: str, body: bytes) -> dict[str, object]:
    """Return the fields of a body of a known content type.

    Raises
    ------
    RequestRefusedError
        When it is no UTF-8, no such text, no object, or says one field twice.
    """
    try:
        text = body.decode("utf-8")
        fields = _parse_json(text) if kind == _JSON else _parse_form(text)
    except RequestRefusedError:
        raise
    except (ValueError, RecursionError) as error:  # also what is no UTF-8, and a number of a thousand digits
        raise refuse(400, "body_unreadable") from error
    if not fields:
        raise refuse(400, "body_empty")
    if len(fields) > MOST_FIELDS:
        raise refuse(400, "too_many_fields", most=MOST_FIELDS)
    return fields


def _parse_json(text: str) -> dict[str, object]:
    found = json.loads(text, object_pairs_hook=_take_once, parse_constant=_no_number) if text.strip() else {}
    if not isinstance(found, dict):
        raise refuse(400, "body_no_object")
    return found


def _parse_form(text: str) -> dict[str, object]:
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict",
                      max_num_fields=MOST_FIELDS) if text else []
    return _take_once(pairs)


def _take_once(pairs: list[tuple[str, object]] | list[tuple[str, str]]) -> dict[str, object]:
    fields: dict[str, object] = dict(pairs)
    if len(fields) != len(pairs):
        raise refuse(400, "field_twice")
    return fields


def _no_number(name: str) -> NoReturn:
    raise refuse(400, "not_a_finite_number", value=name)



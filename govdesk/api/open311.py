"""Intake for others: the Open311 GeoReport v2 interface in JSON, under ``/api/open311/v2/``.

What is offered and what is dropped stands in `docs/open311.md`. A request's token is looked at before anything is read
from the database for it; no token, no text and no address is logged.
"""

import asyncio
import base64
import binascii
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from govdesk.actions.audit_trail import note_refused
from govdesk.actions.change_request import change_request
from govdesk.actions.photos import PhotoRefusedError, add_photo
from govdesk.actions.send_incident import NotSentError, Sent, send_incident
from govdesk.api.client_address import read_address
from govdesk.api.open311_answers import (
    Photos,
    answer,
    answer_notes,
    answer_refusals,
    define_service,
    describe_changed,
    describe_discovery,
    describe_request,
    describe_sent,
    describe_service,
)
from govdesk.api.rate_limit import RateLimit
from govdesk.api.request_body import read_fields
from govdesk.api.request_photos import read_report
from govdesk.clock import now
from govdesk.queries.intake_sources import Caller, find_caller
from govdesk.queries.service_requests import (
    find_service,
    get_request,
    list_known_services,
    list_requests,
    list_services,
)
from govdesk.rules.service_request import FORGED, RequestRefusedError, read_change, read_filter, read_request, refuse
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import read_properties
from govdesk.terms import PhotoKind
from govdesk.words import LANGUAGES, say

log = logging.getLogger("govdesk.open311")

BASE = "/api/open311/v2"
#: Requests a minute of one address that need no token, and such with a token that is nobody's.
OPEN_PER_MINUTE = 120
FAILED_PER_MINUTE = 20
#: Longest token that is looked at.
_LONGEST_TOKEN = 200
_NO_FIELDS: Mapping[str, object] = {}

LIMITS = RateLimit()

#: Threads that wait for the database on behalf of other systems: during a long import they wait for its end, and the
#: pages, which have threads of their own, must not wait with them.
_WORKERS = ThreadPoolExecutor(8, thread_name_prefix="open311")

Handler = Callable[[Request], Awaitable[Response]]
Found = TypeVar("Found")


async def _apart(work: Callable[[], Found]) -> Found:
    """Run what waits for the database beside the loop that serves everybody."""
    return await asyncio.get_running_loop().run_in_executor(_WORKERS, work)


def _guarded(handler: Handler) -> Handler:
    """Turn every refusal into the standard's errors, and everything else into a reference."""

    async def handle(request: Request) -> Response:
        language = _language_of(request)
        try:
            return await handler(request)
        except RequestRefusedError as error:
            _note(request, error)
            return _with_headers(answer_refusals(error.refusals, language), error)
        except NotSentError as error:
            return answer_notes(error.notes, language)
        except OperationalError:
            refused = refuse(503, "busy")
            return _with_headers(answer_refusals(refused.refusals, language), refused)
        except Exception as error:
            reference = secrets.token_hex(4)
            # Where it happened, not what was said: the message of an error may hold what somebody sent.
            log.error("open311 error %s: %s\n%s", reference, type(error).__name__,
                      "".join(traceback.format_tb(error.__traceback__)))
            return answer_refusals(refuse(500, "fault", reference=reference).refusals, language)

    return handle


#: Under which of few reasons the audit counts a refusal together, by its status; 503 is nobody's fault.
_REASONS = {401: "intake_token", 403: "intake_token", 404: "intake_no_such", 429: "intake_too_often"}


def _note(request: Request, error: RequestRefusedError) -> None:
    """Tell the audit what was refused; a source that goes on is one further row a minute, whatever it sends."""
    first = error.refusals[0]
    if first.status != 503:
        note_refused(
            get_engine(), by=getattr(request.state, "caller", None), action="open_address",
            address=_address_of(request), reason=_REASONS.get(first.status, "intake_unusable"),
            subject="intake_sources", subject_key=request.url.path, status=first.status, error=first.key)


def _with_headers(response: Response, error: RequestRefusedError) -> Response:
    first = error.refusals[0]
    if first.status == 401:
        response.headers["www-authenticate"] = 'Bearer realm="open311"'
    if first.status in (429, 503):
        response.headers["retry-after"] = dict(first.values).get("seconds", "5")
    return response


def _language_of(request: Request) -> str:
    """Return the language of the answer: ``lang`` or ``locale``, what the client accepts, or the settings'."""
    for text in (request.query_params.get("lang", ""), request.query_params.get("locale", ""),
                 request.headers.get("accept-language", "")):
        if text[:2].lower() in LANGUAGES:
            return text[:2].lower()
    return get_settings().language


def _address_of(request: Request) -> str:
    return read_address(request.scope)


def _limit(caller: str, per_minute: int) -> None:
    wait = LIMITS.ask(caller, per_minute)
    if wait is not None:
        raise refuse(429, "too_often", seconds=wait)


def find_token(request: Request, fields: Mapping[str, object] = _NO_FIELDS) -> str | None:
    """Return the token of a request: as Bearer, as the password of Basic, or as the parameter ``api_key``."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    found: object = None
    if scheme.lower() == "bearer":
        found = value.strip()
    elif scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return ""
        found = password or name
    found = found or fields.get("api_key") or request.query_params.get("api_key")
    return found if isinstance(found, str) and len(found) <= _LONGEST_TOKEN else None if found is None else ""


async def _admit(request: Request, fields: Mapping[str, object] = _NO_FIELDS, *, to_write: bool) -> Caller:
    """Return whose request it is, or refuse it."""
    token = find_token(request, fields)
    if token is None:
        _limit(f"failed {_address_of(request)}", FAILED_PER_MINUTE)
        raise refuse(401, "token_missing")
    caller = await _apart(partial(_look_up, token, _address_of(request)))
    if caller is None:
        _limit(f"failed {_address_of(request)}", FAILED_PER_MINUTE)
        raise refuse(403, "token_unknown")
    request.state.caller = caller.scope
    _limit(f"source {caller.source}", caller.per_minute)
    if not (caller.may_write if to_write else caller.may_read):
        raise refuse(403, "token_reads_not" if caller.may_write else "token_writes_not")
    return caller


def _look_up(token: str, address: str) -> Caller | None:
    with read_transaction(get_engine()) as connection:
        return find_caller(connection, token, address)


def _open_to_all(request: Request) -> None:
    _limit(f"open {_address_of(request)}", OPEN_PER_MINUTE)


async def _get_discovery(request: Request) -> Response:
    _open_to_all(request)

    def work() -> object:
        with read_transaction(get_engine()) as connection:
            return describe_discovery(f"{str(request.base_url).rstrip('/')}{BASE}", read_properties(connection))

    return answer(await _apart(work))


async def _get_services(request: Request) -> Response:
    _open_to_all(request)
    language = _language_of(request)

    def work() -> object:
        with read_transaction(get_engine()) as connection:
            return [describe_service(one, language) for one in list_services(connection)]

    return answer(await _apart(work))


async def _get_service(request: Request) -> Response:
    _open_to_all(request)

    def work() -> object:
        with read_transaction(get_engine()) as connection:
            found = find_service(connection, request.path_params["code"])
        if found is None:
            raise refuse(404, "service_code_unknown")
        return define_service(found, _language_of(request))

    return answer(await _apart(work))


async def _get_requests(request: Request) -> Response:
    caller = await _admit(request, to_write=False)
    wanted = read_filter(request.query_params, now())

    def work() -> object:
        with read_transaction(get_engine()) as connection:
            known = {one.code for one in list_known_services(connection)}
            if set(wanted.codes) - known and not wanted.ids:
                raise refuse(404, "service_code_unknown")
            crs = read_properties(connection).crs
            return [describe_request(one, crs, _language_of(request))
                    for one in list_requests(connection, caller.scope, caller.source, wanted)]

    return answer(await _apart(work))


async def _get_request(request: Request) -> Response:
    caller = await _admit(request, to_write=False)
    number = _number_of(request)

    def work() -> object:
        with read_transaction(get_engine()) as connection:
            found = get_request(connection, caller.scope, caller.source, number)
            crs = read_properties(connection).crs
        if found is None:
            raise refuse(404, "request_unknown")
        return [describe_request(found, crs, _language_of(request))]

    return answer(await _apart(work))


async def _get_token(request: Request) -> Response:
    """Every request gets its number at once: the token of a request is its number."""
    caller = await _admit(request, to_write=False)
    number = _number_of(request)

    def work() -> object:
        with read_transaction(get_engine()) as connection:
            found = get_request(connection, caller.scope, caller.source, number)
        if found is None:
            raise refuse(404, "request_unknown")
        return [{"service_request_id": str(found.id), "token": str(found.id)}]

    return answer(await _apart(work))


def _number_of(request: Request) -> int:
    text = request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise refuse(404, "request_unknown")
    return int(text)


async def _admit_early(request: Request) -> Caller | None:
    """Look at a token in a header before anything is read; one among the fields is looked at after them."""
    if find_token(request) is not None:
        return await _admit(request, to_write=True)
    _limit(f"unread {_address_of(request)}", OPEN_PER_MINUTE)
    return None


async def _post_request(request: Request) -> Response:
    early = await _admit_early(request)
    fields, photos = await read_report(request)
    caller = early or await _admit(request, fields, to_write=True)
    wanted = read_request(fields)
    forged = FORGED & {name.removeprefix("attribute[").removesuffix("]") for name in wanted.dropped}
    if forged:
        note_refused(get_engine(), by=caller.scope, action="send_incident", reason="own_field", subject="incidents",
                     subject_key=",".join(sorted(forged)))
    key, language = request.headers.get("idempotency-key"), _language_of(request)

    def work() -> tuple[Sent, object]:
        sent = send_incident(get_engine(), by=caller.scope, source=caller.source, wanted=wanted, key=key)
        added = _add_photos(caller, sent, photos, language)
        with read_transaction(get_engine()) as connection:
            facts = read_properties(connection)
        return sent, [describe_sent(sent, wanted.dropped, facts, language, added)]

    sent, said = await _apart(work)
    return answer(said, 200 if sent.is_repeated else 201)


def _add_photos(caller: Caller, sent: Sent, photos: tuple[bytes, ...], language: str) -> Photos:
    """Keep the photos of a request; one that cannot be used is said, and takes nothing of the request with it."""
    n_kept, problems = 0, []
    for data in photos:
        try:
            add_photo(get_engine(), by=caller.scope, incident_id=sent.incident_id, kind=PhotoKind.REPORT, data=data,
                      form_key=f"open311-{sent.incident_id}")
            n_kept += 1
        except PhotoRefusedError as error:
            problems += [say(f"photos.error_{one.key}", language, **dict(one.values)) for one in error.problems]
    return Photos(n_kept, tuple(problems))


async def _post_change(request: Request) -> Response:
    """The standard knows no update; this is ours: a further note, or the withdrawal of an own request."""
    early = await _admit_early(request)
    fields = await read_fields(request)
    caller = early or await _admit(request, fields, to_write=True)
    number, change, key = _number_of(request), read_change(fields), request.headers.get("idempotency-key")

    def work() -> object:
        done = change_request(get_engine(), by=caller.scope, source=caller.source, incident_id=number, change=change,
                              key=key)
        with read_transaction(get_engine()) as connection:
            facts = read_properties(connection)
        return [describe_changed(number, done, change, facts, _language_of(request))]

    return answer(await _apart(work))


async def _refuse_other(request: Request) -> Response:
    """Answer what is not offered: other formats, other methods, other addresses."""
    path = request.path_params["path"]
    if path.endswith(".xml"):
        raise refuse(406, "only_json")
    if path in ("discovery.json", "services.json", "requests.json") or (path.endswith(".json") and path.startswith(
            ("services/", "requests/", "tokens/"))):
        raise refuse(405, "method")
    raise refuse(404, "address_unknown")


_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

ROUTES: list[BaseRoute] = [
    Route(f"{BASE}/discovery.json", _guarded(_get_discovery), methods=["GET"]),
    Route(f"{BASE}/services.json", _guarded(_get_services), methods=["GET"]),
    Route(f"{BASE}/services/{{code}}.json", _guarded(_get_service), methods=["GET"]),
    Route(f"{BASE}/requests.json", _guarded(_get_requests), methods=["GET"]),
    Route(f"{BASE}/requests.json", _guarded(_post_request), methods=["POST"]),
    Route(f"{BASE}/requests/{{number}}.json", _guarded(_get_request), methods=["GET"]),
    Route(f"{BASE}/requests/{{number}}.json", _guarded(_post_change), methods=["POST"]),
    Route(f"{BASE}/tokens/{{number}}.json", _guarded(_get_token), methods=["GET"]),
    Route(f"{BASE}/{{path:path}}", _guarded(_refuse_other), methods=_ANY),
]

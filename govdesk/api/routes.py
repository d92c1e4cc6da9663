"""The routes beside the pages: what the map fetches. Reserved by Streamlit: /_stcore/, /media/, /component/, /static/.

An address is signed and names its account: typed by hand or changed it is refused, and each request looks again
whether the account is still active. Answers are small enough to be kept in memory under everything they depend on.
"""

import gzip
import hashlib
import logging
import secrets
from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from govdesk.actions.audit_trail import note_refused
from govdesk.api.client_address import read_address
from govdesk.api.geometry import build_cells, build_context, build_lines, build_places
from govdesk.api.health import ROUTES as HEALTH_ROUTES
from govdesk.api.labels import build_labels
from govdesk.api.oidc import ROUTES as OIDC_ROUTES
from govdesk.api.open311 import ROUTES as OPEN311_ROUTES
from govdesk.api.picture import build_picture
from govdesk.api.points import build_points
from govdesk.api.served import read_account
from govdesk.api.sign_in import ROUTES as SIGN_IN_ROUTES
from govdesk.api.state import ROUTES as STATE_ROUTES
from govdesk.api.wall_shell import ROUTES as WALL_ROUTES
from govdesk.queries.accounts import find_scope
from govdesk.queries.map_request import MapRequest
from govdesk.rules.access import RefusedError, Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.signing import BadAddressError, format_versions, unsign
from govdesk.storage.versions import read_versions

log = logging.getLogger("govdesk.api")

Builder = Callable[[Connection, Scope, MapRequest], bytes]
BUILDERS: dict[str, Builder] = {
    "places": build_places, "lines": build_lines, "context": build_context, "cells": build_cells,
    "points": build_points, "labels": build_labels, "picture": build_picture,
}
#: What an answer is, where it is not JSON.
MEDIA = {"picture": "image/svg+xml"}

#: Seconds that a browser may keep an answer of the version of the data that was asked for.
KEEP = 3600


def _answer(status: int, error: str) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers={"cache-control": "no-store"})


def _refuse(request: Request, reason: str, error: str) -> Response:
    note_refused(get_engine(), by=read_account(request), action="open_address", reason=reason, subject="map",
                 subject_key=request.url.path, address=read_address(request.scope))
    return _answer(403, error)


def get_geometry(request: Request) -> Response:
    """Answer one signed address with GeoJSON, a list or a picture, gzipped where the browser takes it."""
    layer = request.path_params["layer"]
    try:
        payload = unsign(request.query_params.get("t", ""))
        if layer not in BUILDERS or payload["l"] != layer:
            raise BadAddressError(layer)
        wanted = MapRequest.from_payload(payload["q"])
        account, version = str(payload["a"]), str(payload["v"])
        if read_account(request) not in (None, account):  # sent on, or copied from another's window
            raise BadAddressError(account)
    except (BadAddressError, KeyError, TypeError, ValueError):
        return _refuse(request, "not_signed", "not an address of this program")
    try:
        with read_transaction(get_engine()) as connection:
            scope = find_scope(connection, account)
            now = format_versions(read_versions(connection))
        if scope is None:
            raise RefusedError(account)
        body, tag = _build(get_settings().url, now, layer, scope, wanted)
    except RefusedError:
        return _refuse(request, "role", "not for this account")
    except Exception as error:
        reference = secrets.token_hex(4)
        log.error("map layer error %s", reference, exc_info=error)
        return _answer(500, f"reference {reference}")
    keep = f"private, max-age={KEEP}" if version == now else "private, no-cache"
    headers = {"etag": f'"{tag}"', "cache-control": keep, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    media = MEDIA.get(layer, "application/json")
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(body, media_type=media, headers={**headers, "content-encoding": "gzip"})
    return Response(gzip.decompress(body), media_type=media, headers=headers)


@lru_cache(maxsize=256)
def _build(url: str, version: str, layer: str, scope: Scope, wanted: MapRequest) -> tuple[bytes, str]:
    del url, version  # parts of the key only
    with read_transaction(get_engine()) as connection:
        body = BUILDERS[layer](connection, scope, wanted)
    return gzip.compress(body, compresslevel=5, mtime=0), hashlib.blake2b(body, digest_size=12).hexdigest()


def go_to_overview(request: Request) -> Response:
    """Send ``/overview`` to ``/``, where the first page lives."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{query}", status_code=303)


ROUTES: list[BaseRoute] = [
    Route("/api/geo/{layer}", get_geometry, methods=["GET"]),
    Route("/overview", go_to_overview, methods=["GET"]),
    *HEALTH_ROUTES,
    *STATE_ROUTES,
    *SIGN_IN_ROUTES, *OIDC_ROUTES,
    *WALL_ROUTES,
    *OPEN311_ROUTES,
]

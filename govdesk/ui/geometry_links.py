"""Signed addresses of the map's layers: shapes and points travel by address, never inside the page."""

from govdesk.queries.map_request import MapRequest
from govdesk.storage.signing import format_versions, sign
from govdesk.ui import loaders, session


def build_link(layer: str, request: MapRequest) -> str:
    """Return the address that answers `request` for the session's account and today's data.

    Parameters
    ----------
    layer : {"places", "lines", "context", "cells", "points", "labels", "picture"}
        What is asked for (`govdesk.api.routes.BUILDERS`).
    """
    payload = {
        "l": layer, "a": session.scope().account, "v": format_versions(dict(loaders.versions())),
        "q": request.as_payload(),
    }
    return f"/api/geo/{layer}?t={sign(payload)}"

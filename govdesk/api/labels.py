"""Names on the map that keep off each other: the large places first, the rest where there is room."""

import json

from sqlalchemy import Connection

from govdesk import palette
from govdesk.api.tooltips import one_line
from govdesk.queries.map_request import MapRequest
from govdesk.queries.shapes import read_shapes
from govdesk.rules.access import Scope
from govdesk.rules.label_placing import Label, place_labels


def build_labels(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return the names of a level that fit: ``p`` (lon, lat), ``t`` (text)."""
    shapes = read_shapes(connection, scope, request.level, request.day, request.within)
    wanted = [
        Label(one_line(row.name), float(row.label_lon), float(row.label_lat),
              (row.max_lon - row.min_lon) * (row.max_lat - row.min_lat))
        for row in shapes.itertuples(index=False)
    ]
    return json.dumps([
        {"p": [label.lon, label.lat], "t": label.text, "c": palette.rgba(palette.INK)}
        for label in place_labels(wanted, request.zoom)
    ], ensure_ascii=False, separators=(",", ":")).encode()

"""Points of incidents near enough to be shown one by one; what lies on one spot is one mark with a number."""

import json

from sqlalchemy import Connection

from govdesk import palette
from govdesk.queries.incidents import list_points
from govdesk.queries.map_request import MapRequest
from govdesk.rules.access import Scope
from govdesk.words import say

#: Most incidents fetched for one view.
LIMIT = 2000
ALPHA = 220


def build_points(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return one mark a spot: ``p`` (lon, lat), ``r`` (radius in pixels), ``fill``, ``name``, ``tip``."""
    points = list_points(connection, scope, request.filters, LIMIT)
    marks = []
    for (lon, lat, kind), group in points.groupby(["lon", "lat", "point_kind"], sort=False, dropna=False):
        streams = group["stream"].value_counts()
        words = [f"{say(f'map.stream_{code}', request.language)} {number}" for code, number in streams.items()]
        colour = palette.STREAMS.get(str(streams.index[0]), palette.MUTED)
        newest = f"{group['occurred_on'].max()}"[:10]
        marks.append({
            "p": [lon, lat], "r": round(4 + 2.5 * (len(group) ** 0.5 - 1), 1),
            "fill": palette.rgba(colour, ALPHA),
            "name": say("map.tip_count", request.language, n=f"{len(group):,}"),
            "tip": " · ".join([*words, newest, say(f"map.point_{kind}", request.language)]),
        })
    return json.dumps(marks, ensure_ascii=False, separators=(",", ":")).encode()

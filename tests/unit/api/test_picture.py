"""The first picture of a map: the same places, colours and pixels as the live one, and no word that somebody wrote."""

import json
import re

import pytest
from sqlalchemy import update

from govdesk.api.geometry import build_places
from govdesk.api.picture import build_picture
from govdesk.clock import week_of
from govdesk.queries.map_request import MapRequest
from govdesk.rules.access import SYSTEM
from govdesk.rules.label_placing import project
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Place
from tests.support import tiny_county

WEEK = week_of(tiny_county.UNTIL)
REQUEST = MapRequest(week_from=WEEK - 52, week_to=WEEK + 1, on="2026-11-22", zoom=11.3, breaks=(60.0, 70.0),
                     as_of=int(tiny_county.NOW.timestamp()))


def draw(engine):
    with read_transaction(engine) as connection:
        return (build_picture(connection, SYSTEM, REQUEST).decode(),
                json.loads(build_places(connection, SYSTEM, REQUEST))["features"])


def test_each_place_has_one_path_in_its_colour(tiny_engine):
    picture, features = draw(tiny_engine)
    drawn = re.findall(r'fill="rgba\((\d+),(\d+),(\d+)', picture)
    assert sorted(tuple(map(int, one)) for one in drawn) == sorted(tuple(one["properties"]["fill"][:3]) for one in features)


def test_picture_is_as_large_as_the_places_at_its_zoom(tiny_engine):
    picture, features = draw(tiny_engine)
    points = [point for one in features for ring in one["geometry"]["coordinates"] for point in ring]
    x, y = zip(*(project(lon, lat, REQUEST.zoom) for lon, lat in points), strict=True)
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture).groups())
    assert (width, height) == pytest.approx((max(x) - min(x), max(y) - min(y)), abs=0.2)
    corners = re.findall(r"([\d.e-]+) ([\d.e-]+)[LZ]", picture)
    assert max(float(one) for one, _ in corners) == pytest.approx(width, abs=0.2)
    assert min(float(one) for _, one in corners) == pytest.approx(0, abs=0.2)


def test_hostile_name_is_not_in_it(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).values(name="</svg><script>alert(1)</script>"))
    assert "script" not in draw(tiny_engine)[0]

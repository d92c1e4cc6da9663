"""The map's addresses: what is answered, to whom, and what is refused."""

import json

import pytest
import shapely
from sqlalchemy import insert, select, update
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from govdesk.actions.audit_writer import WRITER
from govdesk.api.routes import BUILDERS, ROUTES
from govdesk.api.security_headers import HEADERS, SecurityHeaders
from govdesk.clock import week_of
from govdesk.queries.map_request import MapRequest
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.signing import format_versions, sign
from govdesk.storage.versions import bump, read_versions
from govdesk.tables import Account, AuditEvent, ContextLayer, Place
from tests.support import tiny_county

WEEK = week_of(tiny_county.UNTIL)


@pytest.fixture
def client(tiny_engine):
    return TestClient(Starlette(routes=ROUTES, middleware=[Middleware(SecurityHeaders)]))


def address(layer="places", account="local_centre", **wanted):
    wanted = {"week_from": WEEK - 52, "week_to": WEEK + 1, "on": "2026-11-22",
              "as_of": int(tiny_county.NOW.timestamp()), **wanted}
    with read_transaction(get_engine()) as connection:
        version = format_versions(read_versions(connection))
    token = sign({"l": layer, "a": account, "v": version, "q": MapRequest(**wanted).as_payload()})
    return f"/api/geo/{layer}?t={token}"


def test_places_are_coloured_features(client):
    answer = client.get(address(breaks=(60.0, 70.0)))
    assert answer.status_code == 200
    features = answer.json()["features"]
    assert len(features) == 12
    properties = features[0]["properties"]
    assert set(properties) == {"code", "name", "tip", "fill"}
    assert len(properties["fill"]) == 4


@pytest.mark.parametrize("layer", sorted(BUILDERS))
def test_every_layer_answers(client, layer):
    assert client.get(address(layer, within="990101001", level="village")).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "eyJhIjoxfQ.abc", "a" * 5000, "\x00", "é"])
def test_address_typed_by_hand_is_refused(client, token):
    answer = client.get("/api/geo/places", params={"t": token})
    assert answer.status_code == 403
    assert answer.json() == {"error": "not an address of this program"}


def test_address_with_one_changed_letter_is_refused(client):
    good = address()
    changed = good[:-10] + ("A" if good[-10] != "A" else "B") + good[-9:]
    assert client.get(changed).status_code == 403


def test_refused_address_is_in_the_audit(client, tiny_engine):
    assert client.get("/api/geo/places", params={"t": "x"}).status_code == 403
    assert WRITER.flush()
    with write_transaction(tiny_engine) as connection:
        found = connection.execute(select(AuditEvent.action, AuditEvent.subject, AuditEvent.is_refused)).all()
    assert found == [("open_address", "map", True)]


def test_address_of_one_layer_does_not_open_another(client):
    assert client.get(address("lines").replace("/geo/lines", "/geo/points")).status_code == 403


def test_unknown_layer_is_refused(client):
    token = sign({"l": "secrets", "a": "local_centre", "v": "1.1", "q": {}})
    assert client.get(f"/api/geo/secrets?t={token}").status_code == 403


@pytest.mark.parametrize("query", [{"measure": "x"}, {"streams": ["y"]}, {"week_from": "1"}, {"within": 5}, {"z": 1}])
def test_signed_nonsense_is_refused_too(client, query):
    token = sign({"l": "places", "a": "local_centre", "v": "1.1", "q": query})
    assert client.get(f"/api/geo/places?t={token}").status_code == 403


def test_account_that_was_closed_is_refused(client, tiny_engine):
    link = address()
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).where(Account.code == "local_centre").values(is_active=False))
    assert client.get(link).status_code == 403


def test_township_account_gets_its_own_area_only(client, tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [{"code": "t1", "title": "t1", "role": "township",
                                              "area_code": "990101001", "is_active": True}])
    features = client.get(address(account="t1")).json()["features"]
    assert len(features) == 4
    assert {one["properties"]["code"][:9] for one in features} == {"990101001"}
    own, all_places = (shapely.from_geojson(client.get(address("places", account=account)).text)
                       for account in ("t1", "local_centre"))
    borders = shapely.from_geojson(client.get(address("lines", account="t1")).text)
    assert borders.bounds == own.bounds != all_places.bounds
    assert client.get(address(account="t1", within="990101002")).json()["features"] == []


def test_common_borders_are_sent_once(client):
    places = shapely.from_geojson(client.get(address()).text)
    borders = shapely.from_geojson(client.get(address("lines")).text)
    outlines = shapely.boundary(shapely.get_parts(places))
    assert borders.length < 0.8 * shapely.length(outlines).sum()
    assert borders.length == pytest.approx(shapely.union_all(outlines).length)
    assert client.get(address("lines", within="990101999")).json()["features"] == []


def test_old_address_is_refused(client, monkeypatch):
    from govdesk.settings import get_settings

    link = address()
    monkeypatch.setenv("GOVDESK_NOW", "2026-11-26T02:00:00+00:00")
    get_settings.cache_clear()
    assert client.get(link).status_code == 403


def test_answer_is_kept_by_its_tag_until_the_data_changes(client, tiny_engine):
    link = address()
    first = client.get(link)
    assert first.headers["cache-control"] == "private, max-age=3600"
    assert first.headers["content-encoding"] == "gzip"
    again = client.get(link, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.code == "990101001001").values(name="新名村"))
        bump(connection, "places")
    later = client.get(link, headers={"if-none-match": first.headers["etag"]})
    assert later.status_code == 200
    assert later.headers["cache-control"] == "private, no-cache"
    assert "新名村" in later.text


def test_answer_without_gzip_is_plain(client):
    answer = client.get(address(), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert json.loads(answer.content)["type"] == "FeatureCollection"


def test_rates_from_few_incidents_are_counts(client):
    features = client.get(address(measure="per_1000", week_from=WEEK - 3)).json()["features"]
    assert all("不计率" in one["properties"]["tip"] or one["properties"]["tip"].startswith("每千人 0")
               for one in features)


def test_empty_window_knows_nothing(client):
    features = client.get(address(week_from=0, week_to=0)).json()["features"]
    assert all(one["properties"]["tip"].startswith("尚无记录") for one in features)


def test_context_layer_is_sent_as_imported(client, tiny_engine):
    text = '{"type":"FeatureCollection","features":[]}'
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(ContextLayer), [{"name": "river", "geojson": text}])
    assert client.get(address("context", name="river")).json() == json.loads(text)


def test_error_tells_a_number_and_nothing_else(client, monkeypatch):
    monkeypatch.setitem(BUILDERS, "places", lambda *_: 1 / 0)
    answer = client.get(address(zoom=3.21))
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("reference ")


def test_every_answer_carries_the_security_headers(client):
    for answer in (client.get(address()), client.get("/api/geo/places?t=x")):
        for name, value in HEADERS.items():
            assert answer.headers[name] == value


def test_overview_lives_at_the_root(client):
    answer = client.get("/overview?lang=en", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=en")

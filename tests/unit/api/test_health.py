"""Health, readiness and metrics: what is said, to whom, and that it names no place."""

import threading
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from govdesk.actions.backups import make_backup
from govdesk.api import health
from govdesk.api.measuring import Measuring
from govdesk.api.routes import ROUTES
from govdesk.metrics import REGISTRY
from govdesk.queries.health import count_open
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from tests.support.tiny_county import COUNTY, NOW

TOKEN = "a-token-of-a-test-0123"


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch):
    monkeypatch.setattr(health, "_last", health._Last())
    monkeypatch.setattr(health, "KEEP", 0.0)


@pytest.fixture
def client():
    return TestClient(Starlette(routes=ROUTES))


def scrape(client, monkeypatch, token=TOKEN):
    monkeypatch.setenv("GOVDESK_METRICS_TOKEN", TOKEN)
    get_settings.cache_clear()
    return client.get("/metrics", headers={"authorization": f"Bearer {token}"})


def test_process_answers_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_ready_says_schema_and_age_of_the_data(client, tiny_engine):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    said = answer.json()
    assert set(said) == {"status", "schema", "data_as_of", "data_age_seconds"}
    assert 0 < said["data_age_seconds"] < timedelta(days=30).total_seconds()


def test_not_ready_without_a_database_and_ready_when_it_is_back(client, tiny_engine):
    assert client.get("/readyz").status_code == 200
    file = get_settings().var / "govdesk.db"
    file.rename(file.with_name("away"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "no_answer")
    file.with_name("away").rename(file)
    assert client.get("/readyz").status_code == 200


def test_not_ready_with_another_schema_even_after_a_good_look(client, tiny_engine):
    assert client.get("/readyz").status_code == 200
    with write_transaction(tiny_engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0010'")
    assert client.get("/readyz").json() == {"status": "not ready", "reason": "wrong_schema", "schema": "0010"}


def test_database_that_hangs_is_said_in_time(client, tiny_engine, monkeypatch):
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    let_go = threading.Event()
    monkeypatch.setattr(health, "find_fault", lambda: let_go.wait(10))
    for _ in range(4):  # more than there are threads for it
        assert client.get("/readyz").json()["reason"] == "no_answer_in_time"
    assert client.get("/healthz").status_code == 200
    let_go.set()


def test_answer_is_kept_for_a_moment(client, tiny_engine, monkeypatch):
    monkeypatch.setattr(health, "KEEP", 60.0)
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "_look", lambda: 1 / 0)
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"bearer {TOKEN}", f"Bearer {TOKEN}x"])
def test_metrics_without_the_token_are_refused(client, monkeypatch, shown):
    monkeypatch.setenv("GOVDESK_METRICS_TOKEN", TOKEN)
    get_settings.cache_clear()
    assert client.get("/metrics", headers={"authorization": shown}).status_code == 403
    assert scrape(client, monkeypatch).status_code == 200


def test_metrics_are_refused_to_all_without_a_configured_token(client):
    for shown in ("", "Bearer "):
        assert client.get("/metrics", headers={"authorization": shown}).status_code == 403


def test_short_token_is_refused_at_the_start(monkeypatch):
    monkeypatch.setenv("GOVDESK_METRICS_TOKEN", "short")
    get_settings.cache_clear()
    with pytest.raises(ValueError, match="GOVDESK_METRICS_TOKEN"):
        get_settings()


def test_metrics_say_how_it_stands_and_name_no_place(client, tiny_engine, monkeypatch):
    make_backup(tiny_engine, by=SYSTEM, folder=get_settings().var / "backups")
    text = scrape(client, monkeypatch).text
    with read_transaction(tiny_engine) as connection:
        assert f"govdesk_open_incidents {count_open(connection)}.0" in text
    told = next(line for line in text.splitlines() if line.startswith("govdesk_last_backup_timestamp_seconds"))
    assert float(told.split()[1]) == NOW.timestamp()
    for name in ("govdesk_database_up 1.0", "govdesk_backup_failing 0.0", "govdesk_data_age_seconds",
                 "govdesk_database_write_seconds_count", "govdesk_database_wait_seconds_sum",
                 "process_resident_memory_bytes"):
        assert name in text
    for part in (COUNTY, "测试县", "第1镇", "local_", "U-LAND"):
        assert part not in text


def test_metrics_without_a_database_leave_out_what_is_not_known(client, monkeypatch):
    text = scrape(client, monkeypatch).text
    assert "govdesk_database_up 0.0" in text
    assert "govdesk_open_incidents" not in text
    assert "govdesk_last_backup" not in text


def test_open_incidents_are_those_that_are_not_closed(tiny_engine):
    with tiny_engine.connect() as connection:
        expected = connection.exec_driver_sql(
            "SELECT SUM(weight) FROM incidents WHERE is_counted = 1 AND closed_at IS NULL").scalar_one()
        assert count_open(connection) == expected > 0


def test_requests_are_counted_by_route_never_by_address():
    everything = Route("/{path:path}", lambda request: PlainTextResponse("ok"), methods=["GET"])
    known = Middleware(Measuring, routes=ROUTES, pages=["village"])
    client = TestClient(Starlette(routes=[everything], middleware=[known]))
    for path in ("/api/geo/places?t=secret", "/village", "/", "/_stcore/health", "/张三", "/x" * 200):
        client.get(path)
    client.request("MADE-UP", "/healthz")
    routes = {sample.labels["route"] for metric in REGISTRY.collect() for sample in metric.samples
              if metric.name == "govdesk_requests"}
    assert {"/api/geo/{layer}", "page", "/_stcore", "other", "/healthz"} <= routes
    assert not any("张" in route or "/x" in route or "secret" in route for route in routes)
    assert REGISTRY.get_sample_value("govdesk_requests_total", {"route": "/healthz", "method": "other", "status": "405"})

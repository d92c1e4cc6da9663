"""``/healthz``, ``/readyz`` and ``/metrics``: for the machine that watches over this one. Nothing about any place.

The first says that the process answers, the second that it can do its work; both are open to whoever can reach the
server. The third needs the word of ``GOVDESK_METRICS_TOKEN``.
"""

import hmac
import logging
from dataclasses import dataclass
from functools import cache

import anyio
import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from govdesk.actions.audit_trail import note_refused
from govdesk.actions.backup_tick import read_state
from govdesk.api.client_address import read_address
from govdesk.clock import moment, now
from govdesk.logs import COUNTED
from govdesk.metrics import REGISTRY
from govdesk.queries.health import Health, count_open, read_health
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.database_check import find_fault
from govdesk.storage.engine import get_engine, read_transaction

log = logging.getLogger("govdesk.api")

#: Seconds that the database has to answer; a balancer asks again anyway.
PATIENCE = 3.0
#: Seconds for which an answer is given again without a look: nobody can keep the database busy by asking.
KEEP = 1.0


@dataclass(slots=True)
class _Last:
    at: float = -KEEP
    status: int = 503
    body: dict[str, object] | None = None


_last = _Last()
_NO_STORE = {"cache-control": "no-store"}


@cache
def _limiter() -> anyio.CapacityLimiter:
    """Return the turn of the looks at the database: threads of their own, few, for one that hangs keeps its thread."""
    return anyio.CapacityLimiter(2)


async def get_health(request: Request) -> Response:
    """Say that the process answers."""
    del request
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def get_readiness(request: Request) -> Response:
    """Say whether the product can do its work, or why it cannot: 503 with the reason."""
    del request
    if _last.body is None or moment() - _last.at >= KEEP:
        status, body = 503, dict[str, object]({"status": "not ready", "reason": "no_answer_in_time"})
        with anyio.move_on_after(PATIENCE):
            status, body = await anyio.to_thread.run_sync(_look, abandon_on_cancel=True, limiter=_limiter())
        _last.at, _last.status, _last.body = moment(), status, body
    return JSONResponse(_last.body, status_code=_last.status, headers=_NO_STORE)


def _look() -> tuple[int, dict[str, object]]:
    fault = find_fault()
    if fault is not None:
        return 503, {"status": "not ready", "reason": fault.key}
    try:
        with read_transaction(get_engine()) as connection:
            found = read_health(connection, SYSTEM)
    except Exception as error:
        if not isinstance(error, SQLAlchemyError):
            log.exception("readiness could not be looked at")
        return 503, {"status": "not ready", "reason": "no_answer"}
    if not found.is_right:
        return 503, {"status": "not ready", "reason": "wrong_schema", "schema": found.schema}
    return 200, {"status": "ready", "schema": found.schema, **_say_age(found)}


def _say_age(found: Health) -> dict[str, object]:
    if found.data_as_of is None:
        return {"data_as_of": None, "data_age_seconds": None}
    return {"data_as_of": found.data_as_of.isoformat(),
            "data_age_seconds": max(0, int((now() - found.data_as_of).total_seconds()))}


class _Asked(Collector):
    """What is looked up when somebody asks: the state of database and backups, warnings in the log."""

    def collect(self) -> list[Metric]:
        """Return them; what cannot be known is left out, never zero."""
        up = GaugeMetricFamily("govdesk_database_up", "1 when the database answers")
        found: list[Metric] = [up, *_tell_backups(), _tell_log()]
        try:
            with read_transaction(get_engine()) as connection:
                n_open, health = count_open(connection), read_health(connection, SYSTEM)
        except Exception:
            up.add_metric([], 0)
            return found
        up.add_metric([], 1)
        found.append(GaugeMetricFamily("govdesk_open_incidents", "Incidents that are not closed", value=n_open))
        if health.data_as_of is not None:
            found.append(GaugeMetricFamily("govdesk_data_age_seconds", "Since the last incident was recorded",
                                           value=(now() - health.data_as_of).total_seconds()))
        return found


def _tell_backups() -> list[Metric]:
    state = read_state()
    failing = GaugeMetricFamily("govdesk_backup_failing", "1 when the last nightly backup failed or is missing",
                                value=int(state.failed_since is not None or state.is_late))
    if state.newest_at is None:
        return [failing]
    return [failing, GaugeMetricFamily("govdesk_last_backup_timestamp_seconds", "When the newest backup was made",
                                       value=state.newest_at.timestamp())]


def _tell_log() -> Metric:
    told = CounterMetricFamily("govdesk_log_events", "Warnings and errors in the log", labels=["logger", "level"])
    for (logger, level), n in COUNTED.copy().items():
        told.add_metric([logger, level], n)
    return told


_asked = CollectorRegistry()
_asked.register(_Asked())


def get_metrics(request: Request) -> Response:
    """Give the figures for Prometheus to whoever shows the token."""
    token = get_settings().metrics_token
    shown = request.headers.get("authorization", "")
    if not token or not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        note_refused(get_engine(), by=None, action="open_address", reason="metrics_token",
                     address=read_address(request.scope), subject="gate", subject_key=request.url.path)
        return JSONResponse({"error": "the token is missing or wrong"}, status_code=403, headers=_NO_STORE)
    return Response(generate_latest(REGISTRY) + generate_latest(_asked), media_type=CONTENT_TYPE_LATEST,
                    headers=_NO_STORE)


ROUTES: list[BaseRoute] = [
    Route("/healthz", get_health, methods=["GET"]),
    Route("/readyz", get_readiness, methods=["GET"]),
    Route("/metrics", get_metrics, methods=["GET"]),
]

"""What is counted and timed for Prometheus; labels are names of this program, never of a place, post or address."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

#: A registry of our own: what libraries would add to the common one is not shown.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)

RERUN = Histogram("govdesk_rerun_seconds", "Seconds of a run of a page on the server", ["page"], buckets=_SECONDS,
                  registry=REGISTRY)
REQUEST = Histogram("govdesk_request_seconds", "Seconds until a request was answered", ["route"], buckets=_SECONDS,
                    registry=REGISTRY)
REQUESTS = Counter("govdesk_requests", "Requests by route, method and status", ["route", "method", "status"],
                   registry=REGISTRY)
WEBSOCKETS = Gauge("govdesk_websockets", "Websockets that are open", registry=REGISTRY)
ERRORS = Counter("govdesk_errors", "Errors by what they stopped", ["where"], registry=REGISTRY)
WRITE = Histogram("govdesk_database_write_seconds", "Seconds of a transaction that writes, once it has its turn",
                  buckets=_SECONDS, registry=REGISTRY)
WAIT = Histogram("govdesk_database_wait_seconds", "Seconds that a writer waited for its turn", buckets=_SECONDS,
                 registry=REGISTRY)
WRITE_FAILURES = Counter("govdesk_database_write_failures", "Transactions that wrote and were taken back",
                         registry=REGISTRY)


@contextmanager
def timed_rerun(page: str) -> Iterator[None]:
    """Time one run of a page, however it ends."""
    began = perf_counter()
    try:
        yield
    finally:
        RERUN.labels(page).observe(perf_counter() - began)


class WriteTimer:
    """Times one transaction that writes: first its wait, then its work."""

    def __init__(self) -> None:
        self._began = perf_counter()

    def begin(self) -> None:
        """Say that the turn has come."""
        WAIT.observe(perf_counter() - self._began)
        self._began = perf_counter()

    def end(self) -> None:
        """Say that it is kept."""
        WRITE.observe(perf_counter() - self._began)

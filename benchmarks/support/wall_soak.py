"""A wall that is looked at for a day in minutes: heap, nodes and listeners of the browser, memory of the server."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.app_server import Address


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement, after a forced collection in the browser.

    Attributes
    ----------
    looks : int
        Pictures that the wall had drawn by then, over all its frames.
    seconds : float
        Since the beginning.
    heap, server : float
        JavaScript heap in use and resident memory of the server, in MB.
    nodes, listeners, documents : int
        What the browser's renderer holds of each.
    """

    looks: int
    seconds: float
    heap: float
    server: float
    nodes: int
    listeners: int
    documents: int


#: What must not grow.
MEASURES = ("heap", "server", "nodes", "listeners", "documents")


def read_server(base: Address) -> float:
    """Return the resident memory of a server, in MB."""
    line = next(line for line in Path(f"/proc/{base.pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def watch_wall(
    page: Any, base: Address, *, looks: int, every: float, change: Callable[[int], None] = lambda _: None,
) -> list[Sample]:
    """Sample an open wall (the page of the shell) until it has drawn `looks` pictures.

    Parameters
    ----------
    every : float
        Seconds between two samples.
    change : callable
        Called after each sample with its number: alters the data beneath the wall.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    start, done, last, samples = time.monotonic(), 0, 0, []
    while True:
        page.wait_for_timeout(1000 * every)
        n = int(page.evaluate("shown ? shown.n : 0"))
        done, last = (done + last if n < last else done), n  # a new frame counts from one again
        samples.append(_sample(session, base, done + last, time.monotonic() - start))
        if samples[-1].looks >= looks:
            return samples
        change(len(samples))


def _sample(session: Any, base: Address, looks: int, seconds: float) -> Sample:
    session.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    counters = session.send("Memory.getDOMCounters")
    return Sample(looks, seconds, metrics["JSHeapUsedSize"] / 2**20, read_server(base), counters["nodes"],
                  counters["jsEventListeners"], counters["documents"])


def grow(samples: list[Sample], measure: str, warm_up: int) -> float:
    """Return by which share a measure grew after `warm_up` looks, from the first third of the rest to the last.

    Of each third the lower quartile: nodes and heap go up and down with the scene that is shown and with a frame that
    is renewed behind the picture; what leaks raises the low ones, too.
    """
    kept = [getattr(one, measure) for one in samples if one.looks > warm_up]
    third = max(len(kept) // 3, 2)
    first, last = (statistics.quantiles(part, n=4, method="inclusive")[0] for part in (kept[:third], kept[-third:]))
    return last / first - 1 if first else 0.0

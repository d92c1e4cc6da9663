"""Clicks on one of our pages against the same on pages made otherwise: one server process and one websocket each."""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.support.machine import describe_machine
from govdesk import settings
from govdesk.storage.engine import get_engine
from tests.support import tiny_county
from tests.support.app_server import Address, connect, serve
from tests.support.reader import Reader


@dataclass(frozen=True, slots=True)
class Clicks:
    """What is measured.

    Attributes
    ----------
    page : str
        Name of our page.
    ours, theirs : sequence of str
        What is done on our page and on each baseline (`Reader.go`: links, choices); every one leads to a view that was
        not asked for before.
    baseline : str
        Script of the baselines, with ``{way!r}`` and ``{path!r}`` (the database) to be filled in.
    most_ms : float
        Budget of a click, on the median.
    most_bytes : int, optional
        Budget of the largest rerun on the wire.
    least : mapping of str to float
        The baselines, and how many times slower each must be at a million incidents (0: no claim).
    """

    page: str
    ours: Sequence[str]
    theirs: Sequence[str]
    baseline: str
    most_ms: float
    most_bytes: int | None = None
    least: Mapping[str, float] = field(default_factory=lambda: {"reads": 0.0, "cached": 0.0})


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds and bytes of each click, and processor ms of all in the mean."""

    times: list[float]
    sizes: list[int]
    processor: float

    @property
    def median(self) -> float:
        """Median milliseconds of a click."""
        return statistics.median(self.times)


def read_options(doc: str, *, rows: int, clicks: int, baseline_clicks: int = 3) -> Namespace:
    """Return the options that all benchmarks of pages take: ``rows, var, changes, baseline_changes``."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=rows, help="incidents in the county")
    parser.add_argument("--var", type=Path, help="a work folder that an earlier run filled, to be used again or filled")
    parser.add_argument("--changes", type=int, default=clicks, help="clicks measured on our page")
    parser.add_argument("--baseline-changes", type=int, default=baseline_clicks, help="on each baseline")
    return parser.parse_args()


async def measure(base: Address, page: str, clicks: Sequence[str], account: str | None = None) -> Taken:
    """Return what each click took, after a first load that is not counted."""
    times, sizes = [], []
    async with connect(base, account) as wire, asyncio.timeout(3600):
        reader = Reader(wire, page)
        await reader.go("?")
        used = base.cpu_seconds()
        for click in clicks:
            start = time.perf_counter()
            sizes.append(await reader.go(click))
            times.append(1000 * (time.perf_counter() - start))
        used = base.cpu_seconds() - used
    return Taken(times, sizes, 1000 * used / len(clicks))


def build_tiny(rows: int) -> None:
    """Fill the database of the settings with a county of 24 townships, 360 villages and 364 weeks."""
    tiny_county.build(get_engine(), n_incidents=rows, townships=24, villages=15, grids=6, weeks=364)


def _settle(var: Path, rows: int, build: Callable[[int], None]) -> Path:
    """Return the database in `var`, made where there is none."""
    database = var / "govdesk.db"
    if not database.exists():
        os.environ["GOVDESK_VAR"] = str(var)
        settings.get_settings.cache_clear()
        get_engine.cache_clear()
        build(rows)
        with get_engine().connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()
        get_engine().dispose()
    return database


def run(
    clicks: Clicks, options: Namespace, *, build: Callable[[int], None] = build_tiny,
    check: Callable[[Path], None] | None = None,
) -> int:
    """Measure, print, and return 1 when a budget or a ratio is not kept."""
    os.environ["GOVDESK_NOW"] = tiny_county.NOW.isoformat()
    print(f"{describe_machine()}, {options.rows:,} incidents")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        database = _settle(options.var or Path(folder) / "var", options.rows, build)
        if check is not None:
            check(database)
        with serve(database.parent, now=tiny_county.NOW.isoformat()) as base:
            ours = asyncio.run(measure(base, clicks.page, clicks.ours))
        for click, took in zip(clicks.ours, ours.times, strict=True):
            print(f"  {took:8.0f} ms  {click}")
        print(f"govdesk    median {ours.median:8.0f} ms   processor {ours.processor:6.0f} ms (mean)   "
              f"slowest {max(ours.times):8.0f} ms   largest {max(ours.sizes):10,} bytes")
        for way, least in clicks.least.items():
            script = Path(folder) / f"{way}.py"
            script.write_text(clicks.baseline.format(way=way, path=str(database)), encoding="utf-8")
            with serve(script=script) as base:
                theirs = asyncio.run(measure(base, "", clicks.theirs))
            ratio = theirs.median / ours.median
            wanted = f" (at least {least:.0f})" if least else ""
            print(f"{way:10} median {theirs.median:8.0f} ms   processor {theirs.processor:6.0f} ms (mean)   "
                  f"{ratio:6.1f} x{wanted}   largest {max(theirs.sizes):10,} bytes   "
                  f"{max(theirs.sizes) / max(ours.sizes):6.1f} x")
            failed |= options.rows >= 1_000_000 and ratio < least
    if ours.median > clicks.most_ms or max(ours.sizes) > (clicks.most_bytes or max(ours.sizes)):
        print(f"over the budget of {clicks.most_ms} ms or {clicks.most_bytes or 0:,} bytes")
        failed = True
    return int(failed)

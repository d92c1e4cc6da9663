"""Ten walls and forty users at once: one server process, fifty sessions over the websocket, as browsers hold them.

Each wall looks every five seconds, as it does by itself; each user opens a page and follows a link every fifteen
seconds. They come one after the other within fifteen seconds; what is answered in the first thirty is not counted.
Told are the times of answers of both, with the walls alone beside them, and the memory of the server. Fails where a
look takes longer than the five seconds between two of them (95 of 100), or anything ends in an error.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.machine import describe_machine  # noqa: E402
from benchmarks.support.page_clicks import build_tiny  # noqa: E402
from benchmarks.support.wall_soak import read_server  # noqa: E402
from govdesk import settings  # noqa: E402
from govdesk.storage.engine import get_engine  # noqa: E402
from tests.support import tiny_county  # noqa: E402
from tests.support.app_server import Address, connect, serve  # noqa: E402
from tests.support.reader import Reader  # noqa: E402

TICK, CLICK, ARRIVING = 5.0, 15.0, 30.0
PAGES = ("", "dispute_trends", "case_quality", "incident_map")
LINKS = ("?lang=zh", "?lang=en")
MOST_SECONDS = 5.0


class Times:
    """Seconds and bytes of every answer of one kind of session."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.sizes: list[int] = []
        self.errors = 0

    def describe(self, name: str) -> str:
        """Return the figures in one line."""
        ordered = sorted(self.seconds)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        return (f"{name:12} {len(ordered):6,} answers   median {1000 * statistics.median(ordered):6.0f} ms   "
                f"95 of 100 {1000 * p95:6.0f} ms   slowest {1000 * ordered[-1]:6.0f} ms   "
                f"median {statistics.median(self.sizes) / 1024:6.1f} KB   errors {self.errors}")

    @property
    def p95(self) -> float:
        """Seconds within which 95 of 100 answers came."""
        return sorted(self.seconds)[int(0.95 * (len(self.seconds) - 1))]


async def hold(base: Address, page: str, start: str, repeat: tuple[str, ...], every: float, counted_from: float,
               until: float, times: Times, *, is_wall: bool, account: str | None = None) -> None:
    """Hold one session open: go on with `repeat` in turn, once every `every` seconds; an error ends it and counts."""
    try:
        async with connect(base, account) as wire:
            reader = Reader(wire, page, is_embedded=is_wall)
            await reader.go(start)
            turn = 0
            while time.monotonic() < until:
                begun = time.monotonic()
                size = await reader.go(repeat[turn % len(repeat)])
                if begun >= counted_from:
                    times.sizes.append(size)
                    times.seconds.append(time.monotonic() - begun)
                turn += 1
                await asyncio.sleep(max(every - (time.monotonic() - begun), 0))
    except Exception as error:
        times.errors += 1
        print(f"  {account or ''} {page or 'overview'}: {type(error).__name__} {error}")


async def run(base: Address, walls: int, users: int, seconds: float) -> tuple[Times, Times]:
    """Return the times of walls and users after `seconds`; they begin one after the other."""
    of_walls, of_users = Times(), Times()
    start = time.monotonic()
    span = (start + ARRIVING, start + ARRIVING + seconds)
    jobs = [hold(base, "wall_screen", "?", ("again",), TICK, *span, of_walls, is_wall=True) for _ in range(walls)]
    jobs += [hold(base, PAGES[number % len(PAGES)], "?", LINKS, CLICK, *span, of_users, is_wall=False)
             for number in range(users)]

    async def later(number: int, job: object) -> None:
        await asyncio.sleep(number * CLICK / max(len(jobs), 1))
        await job  # type: ignore[misc]

    await asyncio.gather(*(later(number, job) for number, job in enumerate(jobs)))
    return of_walls, of_users


def fill(var: Path | None, folder: Path) -> str:
    """Put a county into `folder`: a copy of that of `var`, else the invented one; return the instant to look at it."""
    if var is not None:
        for file in var.glob("govdesk.db*"):
            shutil.copy(file, folder)
        return "2026-11-22T08:00:00+08:00"
    os.environ |= {"GOVDESK_VAR": str(folder), "GOVDESK_NOW": tiny_county.NOW.isoformat()}
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    build_tiny(84_000)
    get_engine().dispose()
    return tiny_county.NOW.isoformat()


def main() -> int:
    """Measure and print; 1 when walls wait or anything failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--var", type=Path, help="a work folder whose database is copied")
    parser.add_argument("--seconds", type=float, default=90, help="seconds of each of the two runs")
    parser.add_argument("--walls", type=int, default=10)
    parser.add_argument("--users", type=int, default=40)
    options = parser.parse_args()
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder:
        now = fill(options.var, Path(folder))
        with serve(Path(folder), now=now) as base:
            alone, _ = asyncio.run(run(base, options.walls, 0, options.seconds / 3))
            print(alone.describe("walls alone"))
            before = base.cpu_seconds()
            walls, users = asyncio.run(run(base, options.walls, options.users, options.seconds))
            print(walls.describe("walls"))
            print(users.describe("users"))
            print(f"server: {read_server(base):,.0f} MB, processor {base.cpu_seconds() - before:.0f} s "
                  f"of {options.seconds + ARRIVING:.0f}")
    return int(walls.p95 > MOST_SECONDS or walls.errors + users.errors > 0)


if __name__ == "__main__":
    sys.exit(main())

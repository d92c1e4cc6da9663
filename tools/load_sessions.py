"""Load: 50 sessions over half an hour; no error, memory that does not grow, 95 of 100 reruns within 1.5 seconds.

``make load`` runs it after the steps of twenty users. Ten walls look every five seconds, forty people of five roles
open their pages and follow a link every fifteen seconds, each signed in by the door. Memory is that of the server
after the first tenth of the time, when kept answers have reached their number, and at the end.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.machine import describe_machine  # noqa: E402
from benchmarks.support.wall_soak import read_server  # noqa: E402
from benchmarks.wall_load import CLICK, LINKS, TICK, Times, fill, hold  # noqa: E402
from tests.support.app_server import Address, serve, sign_in  # noqa: E402

#: Who sits before which pages.
DESKS = (
    ("local_leader", ("", "dispute_trends", "brief", "staffing")),
    ("local_centre", ("dispatch_board", "incident_map", "early_warning", "handover")),
    ("local_analyst", ("threshold_tuning", "model_card", "case_quality", "data_quality")),
    ("local_clerk", ("data_import", "import_batches", "duplicates", "data_quality")),
    ("local_admin", ("", "visits", "calls", "dispatch_board")),
)
#: Part of the time after which memory is read first.
WARM = 0.1


async def run(base: Address, walls: int, users: int, seconds: float) -> dict[str, object]:
    """Return what was measured."""
    of_walls, of_users = Times(), Times()
    start = time.monotonic()
    until = start + seconds
    jobs = [hold(base, "wall_screen", "?", ("again",), TICK, start, until, of_walls, is_wall=True)
            for _ in range(walls)]
    for number in range(users):
        account, pages = DESKS[number % len(DESKS)]
        page = pages[number // len(DESKS) % len(pages)]
        jobs.append(hold(base, page, "?", LINKS, CLICK, start, until, of_users, is_wall=False, account=account))
    memory: list[float] = []

    async def later(number: int, job: object) -> None:
        await asyncio.sleep(number * CLICK / len(jobs))
        await job  # type: ignore[misc]

    async def watch() -> None:
        await asyncio.sleep(WARM * seconds)
        while time.monotonic() < until:
            memory.append(read_server(base))
            await asyncio.sleep(max(1.0, seconds / 60))

    await asyncio.gather(watch(), *(later(number, job) for number, job in enumerate(jobs)))
    early, late = (statistics.median(part) for part in (memory[:3], memory[-3:]))
    return {"walls": of_walls.describe("walls"), "users": of_users.describe("users"),
            "errors": of_walls.errors + of_users.errors, "p95_ms": round(1000 * of_users.p95),
            "memory_mb": [round(early), round(late)], "growth": round(late / early - 1, 3)}


def main() -> int:
    """Run the load; 1 where a session failed, an answer was slow or memory grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--var", type=Path, help="a work folder whose database is copied; default: an invented county")
    parser.add_argument("--seconds", type=float, default=1_800)
    parser.add_argument("--walls", type=int, default=10)
    parser.add_argument("--users", type=int, default=40)
    parser.add_argument("--most-ms", type=float, default=1_500, help="largest p95 of a rerun")
    parser.add_argument("--most-growth", type=float, default=0.1, help="largest growth of the server's memory")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        now = fill(options.var, Path(folder))
        with serve(Path(folder), now=now) as base:
            for account in sorted({account for account, _ in DESKS}):
                sign_in(base, account)
            found = asyncio.run(run(base, options.walls, options.users, options.seconds))
    print(json.dumps({**found, "machine": describe_machine()}, ensure_ascii=False, indent=1))
    return int(found["errors"] != 0 or found["p95_ms"] > options.most_ms or found["growth"] > options.most_growth)


if __name__ == "__main__":
    sys.exit(main())

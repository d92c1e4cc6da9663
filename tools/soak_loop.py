"""Soak of the event loop: random steps by several actors, with files, mergers, clocks put back and crashes in between.

``make soak-loop`` runs the machine of ``tests/support/loop_machine.py`` until at least 50,000 steps were tried. After
every step the tables are compared with a model in memory, the derived columns with a replay, the deadlines with a clock
that counts minute by minute. The first difference ends the run with the way to it.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hypothesis import HealthCheck, Phase, seed, settings  # noqa: E402
from hypothesis.stateful import run_state_machine_as_test  # noqa: E402

from benchmarks.support.machine import describe_machine  # noqa: E402

#: Runs of one go of hypothesis, and rules a run.
_RUNS, _RULES = 5, 50


def main() -> int:
    """Run the soak; 1 where something did not hold, or too few steps were tried."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=50_000, help="steps to be tried, at least")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--minutes", type=float, default=120, help="give up after so long")
    parser.add_argument("--seed", type=int, default=1, help="the same seed tries the same steps")
    options = parser.parse_args()
    began = time.monotonic()
    tally: Counter[str] = Counter()
    share = -(-options.steps // options.processes)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        jobs = [(options.seed * 1_000 + n, share, options.minutes * 60) for n in range(options.processes)]
        for found in pool.imap_unordered(_work, jobs):
            tally.update(found)
    seconds = time.monotonic() - began
    print(describe_machine())
    print(json.dumps({**dict(sorted(tally.items())), "seconds": round(seconds)}))
    return int(tally["attempts"] < options.steps)


def _work(job: tuple[int, int, float]) -> dict[str, int]:
    """Run one share in a work folder of its own; return what happened."""
    first, share, seconds = job
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"GOVDESK_VAR": folder, "GOVDESK_DATABASE_URL": "", "GOVDESK_ZONE": "Asia/Shanghai"}
        # Read the settings only now: they say where the work folder is.
        from tests.support.loop_machine import LoopMachine, World  # noqa: PLC0415

        options = settings(max_examples=_RUNS, stateful_step_count=_RULES, deadline=None, database=None,
                           phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
        end, goes = time.monotonic() + seconds, 0
        while World.tally["attempts"] < share and time.monotonic() < end:
            machine = type("SeededMachine", (LoopMachine,), {})
            run_state_machine_as_test(seed(first * 10_000 + goes)(machine), settings=options)
            goes += 1
            print(f"{first}: {World.tally['attempts']:,} of {share:,} tried", file=sys.stderr, flush=True)
        return dict(World.tally) | {"worlds": World.n_worlds}


if __name__ == "__main__":
    sys.exit(main())

"""Sends broken files through the public import and fails where one leaves a trace that it must not leave.

``make fuzz`` runs 2,000 files: each a dry run and a commit, in child processes, so that a crash of a native library is
seen. A fault is: an exception other than a refusal, a batch that is not what its report says, a dry run that writes or
promises something else, a sentence that cannot be said, memory above 1 GB, more than 30 seconds for a file. Files that
found a fault are kept. The same seed makes the same files.
"""

import argparse
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from govdesk.storage.engine import get_engine  # noqa: E402
from tests.support import corpus  # noqa: E402

CHILD = Path(__file__).with_name("fuzz_child.py")
#: Seconds a file may take.
MOST_SECONDS = 30
_NOW = "2026-11-22T02:00:00+00:00"
#: Files a child, so that the database it fills stays small.
PER_CHILD = 100


@dataclass
class Tally:
    """What a run found."""

    files: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    memory: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)


# The parent

def _watch(start: int, first: int, last: int, environment: dict[str, str], tally: Tally) -> int:
    """Run a child; return the number of the first file that it did not come to."""
    child = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, str(CHILD), str(start), str(first), str(last)], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if child.stdout is None:
        raise RuntimeError
    current, done, path = first, first, ""
    while True:
        ready, _, _ = select.select([child.stdout], [], [], MOST_SECONDS + (60 if done == first else 0))
        line = child.stdout.readline() if ready else ""
        if not line:
            break
        found = json.loads(line)
        current, path = found["file"], found["path"]
        if "outcome" in found:
            done = current + 1
            _count(found, tally)
    if not ready:
        child.kill()
        tally.faults.append(f"file {current} ({Path(path).name}): more than {MOST_SECONDS} s")
    child.wait()
    if not ready or child.returncode != 0:
        keep(Path(path), Path(environment["FUZZ_KEPT"]))
    if ready and child.returncode != 0:
        tally.faults.append(f"file {current} ({Path(path).name}): the process died ({child.returncode})")
    return done if ready and child.returncode == 0 else current + 1


def keep(path: Path, kept: Path) -> None:
    """Keep a file that found a fault; its child could not."""
    if path.is_file():
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, kept / path.name)


def _count(found: dict[str, object], tally: Tally) -> None:
    tally.files += 1
    kind = str(found["outcome"]) or "fault"
    if kind in ("imported", "nothing new", "fault"):
        tally.outcomes[kind] += 1
    else:
        tally.outcomes["refused"] += 1
        tally.refusals[kind] += 1
    tally.rows += int(str(found["rows"]))
    tally.memory = max(tally.memory, int(str(found["memory"])))
    tally.slowest = max(tally.slowest, float(str(found["seconds"])))
    if found["problem"]:
        tally.faults.append(f"file {found['file']} ({Path(str(found['path'])).name}): {found['problem']}")


def run(files: int, start: int, kept: Path) -> Tally:
    """Run so many files, and return what was found."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "seed"
        seed.mkdir()
        engine = get_engine(f"sqlite:///{seed / 'govdesk.db'}")
        corpus.build(engine)
        engine.dispose()
        first = 0
        while first < files:
            var = Path(folder) / "var"
            shutil.rmtree(var, ignore_errors=True)
            shutil.copytree(seed, var)
            environment = {**os.environ, "GOVDESK_VAR": str(var), "FUZZ_KEPT": str(kept), "FUZZ_FOLDER": folder,
                           "GOVDESK_NOW": _NOW}
            first = _watch(start, first, min(first + PER_CHILD, files), environment, tally)
            print(f"{tally.files} files, {len(tally.faults)} faults", file=sys.stderr, flush=True)
    return tally


def main() -> None:
    """Run, print the figures, and leave with 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kept", type=Path, default=ROOT / "var" / "fuzz", help="where files go that found a fault")
    chosen = parser.parse_args()
    began = time.monotonic()
    tally = run(chosen.files, chosen.seed, chosen.kept)
    print(f"{tally.files} files, seed {chosen.seed}, {time.monotonic() - began:.0f} s: {dict(tally.outcomes)}, "
          f"{tally.rows} rows read")
    print("refused because of:", dict(tally.refusals.most_common()))
    print(f"most memory of a child {tally.memory / 2**20:.0f} MB, slowest file {tally.slowest:.1f} s, "
          f"faults {len(tally.faults)}")
    for fault in tally.faults:
        print("FAULT", fault)
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()

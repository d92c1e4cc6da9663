"""A week's scoring of up to 50,000 villages × 156 weeks: panel from facts, fit, scores, list; all three labels.

    python benchmarks/scoring_speed.py                       # 12,500, 25,000 and 50,000 villages
    python benchmarks/scoring_speed.py --villages 2000 4000  # smaller ones

Gated: growth from the smallest to the largest size (a village costs at most 1.3 times as much), the panel against a
plain pandas one (a group of each village, its weeks filled, rolling sums; made of a fraction and scaled up), and for
50,000 villages 60 s and 8 GB. The clock depends on what else the machine does; seconds of processors are held.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from time import perf_counter, process_time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.queries.risk_panel import build_risk_panel  # noqa: E402
from models.labels import LABELS  # noqa: E402
from models.weekly_lists import NEVER, ListRules  # noqa: E402
from models.weekly_scores import fit_label, list_week, score_label  # noqa: E402

WEEKS, FIRST = 156, 2800
#: Records and escalations a village-week, as in the sample county.
RECORDS, ESCALATIONS = 0.64, 0.07
ROLES = ("complaint", "dispute", "hazard", "petition", "public_order")
SIZES = (12_500, 25_000, 50_000)
MOST_SECONDS, MOST_GB, MOST_GROWTH, LEAST_RATIO = 60.0, 8.0, 1.3, 5.0


def make_facts(n_villages: int, seed: int = 1) -> pd.DataFrame:
    """Rows as `queries.panel_facts.read_panel_facts` gives them."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.8, 1 / 0.8, n_villages)
    codes = pd.Index([f"{990000000000 + i}" for i in range(n_villages)], dtype="str")
    parts = []
    for role, per_week in [*((role, RECORDS / len(ROLES)) for role in ROLES), ("escalation", ESCALATIONS)]:
        place = np.repeat(np.arange(n_villages), rng.poisson(rates * per_week * WEEKS))
        week = rng.integers(FIRST, FIRST + WEEKS, len(place))
        known = np.minimum(week + rng.choice([0, 0, 0, 1, 4], len(place)), FIRST + WEEKS - 1)
        parts.append((role, place, week, known))
    names = sorted(role for role, *_ in parts)
    role = np.concatenate([np.full(len(place), names.index(name)) for name, place, *_ in parts])
    return pd.DataFrame({
        "place_code": pd.Categorical.from_codes(np.concatenate([place for _, place, *_ in parts]), codes),
        "role": pd.Categorical.from_codes(role, pd.Index(names, dtype="str")),
        "week_occurred": np.concatenate([week for _, _, week, _ in parts]),
        "week_known": np.concatenate([known for *_, known in parts]),
        "weight": np.ones(len(role), dtype=np.int64),
    })


def score_all(facts: pd.DataFrame, codes: list[str]) -> dict[str, float]:
    """Score a week; return seconds by step."""
    seconds, started = {}, perf_counter()

    def lap(step: str) -> None:
        nonlocal started
        seconds[step] = seconds.get(step, 0.0) + perf_counter() - started
        started = perf_counter()

    panel = build_risk_panel(facts, pd.DataFrame({"code": codes}), FIRST, FIRST + WEEKS)
    records = panel.everything.counts(52)[:, -1]
    lap("panel")
    scores = {}
    for label in LABELS:
        fitted = fit_label(panel.events, label)
        lap("fit")
        assert fitted.classifier is not None
        scores[label] = score_label(panel.events, fitted.classifier, records)
        lap("score")
    listed = list_week(panel.events, scores["elevated"], scores["onset"], visits=len(codes) // 20, rules=ListRules(),
                       last_listed=np.full(len(codes), NEVER, dtype=np.int64))
    lap("list")
    assert len(listed) == len(codes) // 20
    assert scores["elevated"].rows["probability"].notna().mean() > 0.5
    return seconds


def group_by_village(facts: pd.DataFrame) -> float:
    """Seconds of the plain way: each village's weeks filled and summed over 4, 13 and 52 weeks, role by role."""
    started = perf_counter()
    weeks = pd.RangeIndex(FIRST, FIRST + WEEKS)
    for _, rows in facts.groupby(["place_code", "role"], observed=True):
        counts = rows.groupby("week_known")["weight"].sum().reindex(weeks, fill_value=0)
        for window in (4, 13, 52):
            counts.rolling(window, min_periods=1).sum()
    return perf_counter() - started


def measure(n_villages: int) -> None:
    """Measure one size in this process, and print it as one line that the caller reads."""
    facts = make_facts(n_villages)
    codes = facts["place_code"].cat.categories.tolist()
    busy = process_time()
    seconds = score_all(facts, codes)
    busy = process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    part = max(50, n_villages // 250)
    plain = group_by_village(facts[facts["place_code"].cat.codes < part]) * n_villages / part
    steps = " ".join(f"{step} {value:.1f}" for step, value in seconds.items())
    print(f"{n_villages} {sum(seconds.values()):.3f} {busy:.3f} {peak:.3f} {plain / seconds['panel']:.1f} "
          f"{len(facts)} {steps}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--villages", type=int, nargs="*", default=list(SIZES))
    options.add_argument("--measure", type=int)
    given = options.parse_args()
    if given.measure:
        measure(given.measure)
        return 0
    print(describe_machine())
    found = []
    for size in sorted(given.villages):  # each in a process of its own: the peak of memory is its own
        line = subprocess.run([sys.executable, __file__, "--measure", str(size)], check=True, stdout=subprocess.PIPE,
                              text=True)
        n, total, busy, peak, ratio, n_rows, *steps = line.stdout.split()
        found.append((int(n), float(total), float(busy), float(peak), float(ratio)))
        print(f"{int(n):,} villages × {WEEKS} weeks, {int(n_rows):,} facts: {float(total):.1f} s by the clock, "
              f"{float(busy):.1f} s of processors, {float(peak):.2f} GB at most; {' '.join(steps)}; "
              f"panel {float(ratio):.0f} times as fast as a pandas group of each village")
    return 0 if all(judge(found)) else 1


def judge(found: list[tuple[int, float, float, float, float]]) -> list[bool]:
    """Print which promises hold."""
    (least, *_), (most, total, busy, peak, _) = found[0], found[-1]
    growth = busy / most / (found[0][2] / least)
    held = [growth <= MOST_GROWTH, min(row[4] for row in found) >= LEAST_RATIO]
    said = [f"a village costs {growth:.2f} times as much among {most:,} as among {least:,} (at most {MOST_GROWTH})",
            f"panel at least {LEAST_RATIO:.0f} times as fast as pandas by village"]
    if most == SIZES[-1]:
        held += [busy <= MOST_SECONDS, peak <= MOST_GB]
        said += [f"{most:,} villages: {busy:.1f} s of processors (at most {MOST_SECONDS:.0f}), clock {total:.1f} s",
                 f"{most:,} villages: {peak:.2f} GB (at most {MOST_GB:.0f})"]
    for is_held, line in zip(held, said, strict=True):
        print(f"{'holds' if is_held else 'FAILS'} {line}")
    return held


if __name__ == "__main__":
    sys.exit(main())

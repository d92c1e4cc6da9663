"""How long the slider of the tuning page waits: weekly lists and what they caught, for a whole sweep of K.

104 dates, 364 places, 40 values of K: both lists with the rest rule, caught and missed, repeats and bootstrap bands.
Beside it a plain Python loop makes the lists of some of the K, in the same run; the lists are compared.

    python benchmarks/weekly_lists.py
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.machine import describe_machine  # noqa: E402
from models.thresholds import judge_lists, summarise  # noqa: E402
from models.weekly_lists import NEVER, Events, ListRules, build_lists, draw_ties  # noqa: E402

#: What issue 4 allows the slider, and the ratio to a plain loop that must hold on any machine.
MOST_MS, LEAST_RATIO = 200, 5
HORIZON = 4


def make_scores(n_dates: int, n_places: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, Events]:
    """Return scores of both labels, weeks and events; some places without a score, some scores equal."""
    rng = np.random.default_rng(7)
    rate = rng.gamma(0.6, 0.05, n_places)
    counts = rng.poisson(rate, (n_dates + HORIZON, n_places))
    week, place = np.nonzero(counts)
    noise = rng.normal(0, 0.3, (n_dates, n_places))
    elevated = np.round(np.log(rate + 1e-3) + noise, 1)
    quiet = rng.random((n_dates, n_places)) < 0.5
    onset = np.where(quiet, elevated + rng.normal(0, 0.3, noise.shape), np.nan)
    elevated[:, rng.random(n_places) < 0.1] = np.nan
    return elevated, onset, np.arange(n_dates), Events(place, week, week + rng.integers(0, 3, len(week)))


def plain_loop(elevated, onset, weeks, events: Events, k: int, rules: ListRules) -> np.ndarray:
    """Return the lists of one K, place after place."""
    lists = np.zeros(elevated.shape, dtype=np.uint8)
    ties = draw_ties(weeks, elevated.shape[1], rules.seed)
    known_of: dict[int, list[int]] = {}
    for place, known in zip(events.place.tolist(), events.week_known.tolist(), strict=True):
        known_of.setdefault(place, []).append(known)
    listed_in: dict[int, int] = {}
    n_quiet = int(k * rules.share_quiet + 0.5)
    for date, week in enumerate(weeks.tolist()):
        awake = []
        for place in range(elevated.shape[1]):
            since = listed_in.get(place, NEVER)
            if week - since > rules.rest_weeks or any(since <= v < week for v in known_of.get(place, ())):
                awake.append(place)
        order = [sorted((p for p in awake if scores[date, p] == scores[date, p]),
                        key=lambda p: (-scores[date, p], ties[date, p])) for scores in (elevated, onset)]
        high = order[0][: k - n_quiet]
        quiet = [p for p in order[1] if p not in high][:n_quiet]
        short = n_quiet - len(quiet), k - n_quiet - len(high)
        high += [p for p in order[0] if p not in high and p not in quiet][: short[0]]
        quiet += [p for p in order[1] if p not in high and p not in quiet][: short[1]]
        for place in high:
            lists[date, place], listed_in[place] = 1, week
        for place in quiet:
            lists[date, place], listed_in[place] = 2, week
    return lists


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dates", type=int, default=104)
    parser.add_argument("--places", type=int, default=364)
    parser.add_argument("--sweep", type=int, default=40, help="how many values of K")
    options = parser.parse_args()
    print(f"{describe_machine()}, {options.dates} dates, {options.places} places, {options.sweep} values of K")
    elevated, onset, weeks, events = make_scores(options.dates, options.places)
    visits, rules = np.arange(1, options.sweep + 1), ListRules()
    build, whole = [], []
    for _ in range(15):
        began = time.perf_counter()
        lists = build_lists(elevated, onset, weeks=weeks, events=events, visits=visits, rules=rules)
        build.append(time.perf_counter() - began)
        outcomes = judge_lists(lists, weeks=weeks, events=events, visits=visits, horizon=HORIZON,
                               known_until=options.dates + HORIZON)
        summarise(outcomes)
        whole.append(time.perf_counter() - began)
    chosen = visits[:: max(options.sweep // 5, 1)]
    began = time.perf_counter()
    for k in chosen:
        assert np.array_equal(plain_loop(elevated, onset, weeks, events, int(k), rules), lists[k - 1]), "lists differ"
    loop = (time.perf_counter() - began) / len(chosen) * options.sweep
    ms = 1000 * statistics.median(whole)
    print(f"lists {1000 * statistics.median(build):6.0f} ms   with what they caught and bands {ms:6.0f} ms   "
          f"plain loop, lists alone {1000 * loop:8.0f} ms   ratio {loop / statistics.median(build):5.1f}   equal: yes")
    return 0 if ms <= MOST_MS and loop / statistics.median(build) >= LEAST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())

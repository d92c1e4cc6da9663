"""How many incidents happen where and when: the hidden process of the invented county.

It is deliberately none that a pooled logistic regression on past rates can express: tension spreads between
neighbouring villages and dies out (self-exciting), villages fall into and out of hidden tense regimes, works projects
raise land disputes while they run, and what is reported is not what happens (`reporting`).

Each week draws from a generator of its own, seeded by (seed, week): the past does not depend on how far the county is
simulated.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.clock import week_of
from govdesk.synthetic.seasons import stream_seasons

STREAMS = ("dispute", "petition", "hazard", "request", "public_order")

#: Incidents that happen in a year in the whole county, by stream, before reporting takes its share.
YEARLY = (2_000.0, 1_750.0, 3_900.0, 5_000.0, 1_450.0)

#: Disputes that one dispute brings about in its own village, and in each neighbour; the echo halves in two weeks.
OWN_EXCITATION, NEIGHBOUR_EXCITATION, DECAY = 0.12, 0.05, 0.70

#: Weekly chance to become tense, to calm down, and what tension does to disputes, petitions and public order.
BECOME_TENSE, CALM_DOWN = 0.006, 0.035
TENSE_FACTOR = np.array([2.4, 1.5, 1.0, 1.0, 1.9])

#: What works do to land disputes in their villages, at their height.
WORKS_FACTOR = 16.0

#: Independent streams of random numbers.
_STATIC, _REGIME, _EVENTS = 11, 12, 13


def generator(seed: int, *path: int) -> np.random.Generator:
    """Return the generator of one part of the process; the same path draws the same numbers for ever."""
    return np.random.default_rng(np.random.SeedSequence([seed, *path]))


def weekly_draws(weeks: NDArray[np.int64], seed: int, part: int, width: int) -> NDArray[np.float64]:
    """Return uniform numbers, shape (rows, width): the rows of each week from that week's own generator.

    Parameters
    ----------
    weeks : ndarray of int
        Week of each row, ascending.
    seed, part : int
        The county's seed and the part of the process.
    width : int
        Numbers a row.
    """
    found, counts = np.unique(weeks, return_counts=True)
    return np.vstack(
        [generator(seed, part, int(week)).random((int(n), width)) for week, n in zip(found, counts, strict=True)]
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """What truly happened, one row an incident, in the order of weeks.

    Attributes
    ----------
    events : DataFrame
        ``week`` int, ``village`` int (position), ``stream`` int, ``by_works`` bool, ``tense`` bool.
    tense : ndarray of bool, shape (weeks, villages)
        The hidden regime, for the truth.
    rates : ndarray of float, shape (villages, 5)
        Constant weekly rates before season, regime and contagion.
    """

    events: pd.DataFrame
    tense: NDArray[np.bool_]
    rates: NDArray[np.float64]


def base_rates(villages: pd.DataFrame, seed: int) -> NDArray[np.float64]:
    """Return each village's weekly rate by stream, shape (villages, 5): population times a gamma-distributed temper."""
    rng = generator(seed, _STATIC)
    temper = rng.gamma(1.6, 1 / 1.6, len(villages))
    own = rng.gamma(4.0, 1 / 4.0, (len(villages), len(STREAMS)))
    kind = villages["kind"].to_numpy()
    by_kind = np.ones((len(villages), len(STREAMS)))
    by_kind[kind == "urban"] = (0.9, 1.0, 1.1, 1.6, 1.5)
    by_kind[kind == "mountain"] = (1.15, 0.8, 1.1, 0.7, 0.7)
    weight = villages["population"].to_numpy()[:, None] ** 0.8 * by_kind * own
    weight[:, [0, 1, 4]] *= temper[:, None]
    rates: NDArray[np.float64] = weight / weight.sum(0) * (np.array(YEARLY) / 52.18)
    return rates


def works_factors(works: pd.DataFrame, n_villages: int, week: int) -> NDArray[np.float64]:
    """Return by how much works multiply land disputes in each village in a week, shape (villages,)."""
    factor = np.ones(n_villages)
    for row in works[(works["week_from"] <= week) & (works["week_to"] > week)].itertuples():
        age = week - row.week_from
        # Rises in the first month, when boundaries are staked out, and wears off slowly.
        factor[row.village] += WORKS_FACTOR * row.strength * min(1.0, (age + 1) / 4) * np.exp(-max(0, age - 10) / 20)
    return factor


def simulate(villages: pd.DataFrame, works: pd.DataFrame, seed: int, week_from: int, week_to: int) -> Happened:
    """Simulate weeks `week_from` ≤ w < `week_to`.

    Parameters
    ----------
    villages : DataFrame
        ``kind``, ``population``, ``neighbours`` (positions of adjacent villages), ``begins``, ``ends`` (dates).
    works : DataFrame
        ``village`` (position), ``week_from``, ``week_to``, ``strength``.
    seed : int
        The county's seed.
    week_from, week_to : int
        Weeks of `govdesk.clock`.
    """
    n = len(villages)
    rates = base_rates(villages, seed)
    adjacent = np.zeros((n, n))
    for position, neighbours in enumerate(villages["neighbours"]):
        adjacent[position, neighbours] = 1.0
    tense = generator(seed, _REGIME).random(n) < BECOME_TENSE / (BECOME_TENSE + CALM_DOWN)
    excitement = np.zeros(n)
    begins, ends = (villages[name].map(week_of).to_numpy() for name in ("begins", "ends"))
    parts, regimes = [], []
    for week in range(week_from, week_to):
        turned = generator(seed, _REGIME, week).random(n)
        tense = np.where(tense, turned >= CALM_DOWN, turned < BECOME_TENSE)
        regimes.append(tense)
        rng = generator(seed, _EVENTS, week)
        exists = (begins <= week) & (ends > week)
        expected = rates * stream_seasons(week) * np.where(tense[:, None], TENSE_FACTOR, 0.85)
        by_works = (rates[:, 0] + rates[:, 0].mean()) * 0.5 * (works_factors(works, n, week) - 1) * exists
        expected[:, 0] += excitement
        expected *= exists[:, None]
        counts = rng.poisson(expected)
        works_counts = rng.poisson(by_works)
        excitement = DECAY * excitement + (1 - DECAY) * (
            OWN_EXCITATION * (counts[:, 0] + works_counts) + NEIGHBOUR_EXCITATION * adjacent @ counts[:, 0]
        )
        parts.append(_as_events(counts, works_counts, tense, week))
    return Happened(pd.concat(parts, ignore_index=True), np.array(regimes), rates)


def _as_events(
    counts: NDArray[np.int64], works_counts: NDArray[np.int64], tense: NDArray[np.bool_], week: int
) -> pd.DataFrame:
    village, stream = np.nonzero(counts)
    times = counts[village, stream]
    at_works = np.nonzero(works_counts)[0]
    village = np.concatenate([np.repeat(village, times), np.repeat(at_works, works_counts[at_works])])
    stream = np.concatenate([np.repeat(stream, times), np.zeros(works_counts.sum(), dtype=np.int64)])
    by_works = np.zeros(len(village), dtype=bool)
    if works_counts.sum():
        by_works[-works_counts.sum() :] = True
    return pd.DataFrame(
        {"week": week, "village": village, "stream": stream, "by_works": by_works, "tense": tense[village]}
    )

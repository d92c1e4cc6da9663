"""Lays out townships and villages on the ground: where they lie, what they are like, how many people they have."""

from dataclasses import dataclass

import numpy as np

from govdesk.synthetic.county_shape import Bools, Floats, Ground, Ints, relax
from govdesk.synthetic.regions import cost_edges, find_neighbours, grow, spread_seeds

#: The agreed size of the county; one village more at the start, because two are merged later.
N_TOWNSHIPS, N_VILLAGES = 24, 365
N_URBAN, N_PLAIN = 40, 150
N_GRIDS = 2_200
N_PEOPLE = 620_000
#: Least, most and skew of the people of a village of each kind.
_PEOPLE = {"urban": (3_000, 8_000, 1.3, 2.5), "plain": (1_300, 3_000, 1.3, 2.6), "mountain": (550, 1_600, 1.2, 2.6)}
_PEOPLE_A_HOUSEHOLD = 3.3


@dataclass(frozen=True, slots=True)
class Layout:
    """Villages and townships as regions of micro cells.

    Attributes
    ----------
    village_of_cell, township_of_village : array
        Numbers from 0; township 0 is the seat.
    kinds : list of str
        Kind of each village.
    people, households, n_grids : array
        Of each village.
    pairs : array (m, 2)
        Villages that touch.
    merged : tuple of int
        The two small neighbours that become one village.
    """

    costs: Floats
    village_of_cell: Ints
    township_of_village: Ints
    kinds: list[str]
    people: Ints
    households: Ints
    n_grids: Ints
    pairs: Ints
    merged: tuple[int, int]


def lay_out(rng: np.random.Generator, ground: Ground) -> Layout:
    """Return villages and townships of a new county."""
    costs = cost_edges(ground)
    village = _grow_villages(rng, ground, costs)
    middles = _middles(ground.points, village, N_VILLAGES)
    pairs = find_neighbours(ground.edges, village)
    township = _grow_townships(ground, middles, pairs)
    kinds = _choose_kinds(ground, village)
    merged = _choose_merged(pairs, township, kinds, middles)
    people = _count_people(rng, kinds)
    for at in merged:
        people[at] = people[at] * 3 // 5
    homes = np.maximum(1, np.round(people / rng.normal(_PEOPLE_A_HOUSEHOLD, 0.12, N_VILLAGES))).astype(np.int64)
    return Layout(costs, village, township, kinds, people, homes, _count_grids(homes, kinds), pairs, merged)


def _middles(points: Floats, owner: Ints, n: int) -> Floats:
    count = np.maximum(np.bincount(owner, minlength=n), 1)
    return np.stack([np.bincount(owner, points[:, at], n) / count for at in (0, 1)], axis=1)


def _grow_villages(rng: np.random.Generator, ground: Ground, costs: Floats) -> Ints:
    """Grow villages of about as many cells each, towns' with more: there cells lie denser."""
    weight = 1 / (1 + 0.9 * ground.urbanity)
    cloud = rng.choice(len(ground.points), 5_000, replace=False, p=weight / weight.sum())
    seeds = cloud[_seeds_by_share(rng, ground.points[cloud], N_VILLAGES)]
    return grow(ground.edges, costs, seeds, len(ground.points))


def _seeds_by_share(rng: np.random.Generator, points: Floats, n: int) -> Ints:
    """Return `n` points of a cloud, dense where it is dense: drawn, then pushed apart (k-means of few rounds)."""
    centres = relax(points[rng.choice(len(points), n, replace=False)], points, 6)
    taken: dict[int, None] = {}
    for centre in centres:
        order = np.hypot(*(points - centre).T).argsort(kind="stable")
        taken[next(int(at) for at in order if int(at) not in taken)] = None
    return np.array(list(taken), dtype=np.int64)


def _grow_townships(ground: Ground, middles: Floats, pairs: Ints) -> Ints:
    """Group villages; the township of the seat is number 0, the others follow from west to east, north first."""
    steps = np.hypot(*(middles[pairs[:, 0]] - middles[pairs[:, 1]]).T)
    # Distances in villages rather than kilometres: small townships in towns, wide ones in the hills.
    costs = 0.6 + 0.4 * steps / steps.mean()
    seeds = spread_seeds(middles, N_TOWNSHIPS, 6)
    owner = grow(pairs, costs, seeds, N_VILLAGES)
    for _ in range(8):
        seeds = np.array([_most_central(middles, np.flatnonzero(owner == at)) for at in range(N_TOWNSHIPS)])
        owner = grow(pairs, costs, seeds, N_VILLAGES)
    seat = owner[np.hypot(*(middles - ground.towns[0, :2]).T).argmin()]
    centres = _middles(middles, owner, N_TOWNSHIPS)
    order = sorted(range(N_TOWNSHIPS), key=lambda at: (at != seat, round(centres[at, 0] / 14), -centres[at, 1]))
    rank = np.empty(N_TOWNSHIPS, dtype=np.int64)
    rank[order] = np.arange(N_TOWNSHIPS)
    renumbered: Ints = rank[owner]
    return renumbered


def _most_central(points: Floats, members: Ints) -> int:
    middle = points[members].mean(axis=0)
    return int(members[np.hypot(*(points[members] - middle).T).argmin()])


def _choose_kinds(ground: Ground, village: Ints) -> list[str]:
    """Call the most urban villages urban, the lowest of the rest plain, all others mountain."""
    count = np.bincount(village, minlength=N_VILLAGES)
    urban = np.bincount(village, ground.urbanity, N_VILLAGES) / count
    height = np.bincount(village, ground.height, N_VILLAGES) / count
    is_urban: Bools = np.zeros(N_VILLAGES, dtype=bool)
    is_urban[np.argsort(-urban, kind="stable")[:N_URBAN]] = True
    is_plain: Bools = np.zeros(N_VILLAGES, dtype=bool)
    is_plain[np.argsort(np.where(is_urban, np.inf, height), kind="stable")[:N_PLAIN]] = True
    return ["urban" if town else "plain" if low else "mountain" for town, low in zip(is_urban, is_plain, strict=True)]


def _count_people(rng: np.random.Generator, kinds: list[str]) -> Ints:
    people = []
    for kind in kinds:
        least, most, low, high = _PEOPLE[kind]
        people.append(round(least + (most - least) * rng.beta(low, high)))
    scale = N_PEOPLE * rng.uniform(0.985, 1.015) / sum(people)
    return np.round(np.array(people) * scale).astype(np.int64)


def _count_grids(homes: Ints, kinds: list[str]) -> Ints:
    """Give each village at least two grids; about one for each 85 households, fewer homes a grid in the hills."""
    size = np.array([{"urban": 1.0, "plain": 0.93, "mountain": 1.35}[kind] for kind in kinds])
    weight = homes**0.72 * size
    n: Ints = np.maximum(2, np.round(N_GRIDS * weight / weight.sum())).astype(np.int64)
    return n


def _choose_merged(pairs: Ints, township: Ints, kinds: list[str], middles: Floats) -> tuple[int, int]:
    """Return two neighbouring mountain villages of one township, the nearest to each other."""
    fit = [(float(np.hypot(*(middles[a] - middles[b]))), int(a), int(b)) for a, b in pairs
           if township[a] == township[b] and kinds[a] == kinds[b] == "mountain"]
    _, first, second = min(fit)
    return first, second

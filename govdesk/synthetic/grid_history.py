"""Cuts villages into grids and lets them change on dates: splits, merged grids, one merger of two villages.

All dates are drawn from the seed alone, up to the end of the plan; a file of an earlier day simply lacks the later
ones. A grid that is split ends, and two new ones begin; codes are never used twice.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from govdesk.synthetic.county_shape import Ground, Ints
from govdesk.synthetic.regions import find_neighbours, grow, partition, spread_seeds
from govdesk.synthetic.villages import N_VILLAGES, Layout

#: The day on which two villages become one.
MERGER_ON = date(2023, 7, 3)
#: Splits and merged grids happen between these days.
FIRST_CHANGE, LAST_CHANGE = date(2020, 3, 2), date(2026, 12, 21)
N_SPLITS, N_JOINED = 79, 6
_LEAST_CELLS = 6


@dataclass(slots=True)
class GridRow:
    """A grid in the time it exists; `village` is the number of its village, -1 the merged one."""

    village: int
    number: int
    half: str
    cells: Ints
    households: int = 0
    begins: date | None = None
    ends: date | None = None


@dataclass(slots=True)
class GridHistory:
    """All grids that ever are, and what became of them."""

    grids: list[GridRow]
    #: position of the old grid, of the new one, day, kind, share
    changes: list[tuple[int, int, date, str, float]] = field(default_factory=list)


def cut_grids(rng: np.random.Generator, ground: Ground, layout: Layout) -> GridHistory:
    """Return the grids of all villages with their history."""
    part = partition(ground, layout.costs, layout.village_of_cell, layout.n_grids)
    n = int(part.max()) + 1
    order = np.argsort(part, kind="stable")
    members = np.split(order, np.searchsorted(part[order], np.arange(1, n)))
    village = layout.village_of_cell[[cells[0] for cells in members]]
    history = GridHistory([])
    for at in range(N_VILLAGES):
        own = [members[int(one)] for one in np.flatnonzero(village == at)]
        homes = _share_out(rng, int(layout.households[at]), [len(cells) for cells in own])
        history.grids += [GridRow(at, number, "", cells, count)
                          for number, (cells, count) in enumerate(zip(own, homes, strict=True), start=1)]
    busy = _split(rng, ground, layout, history)
    _join(rng, ground, layout, history, busy)
    _merge_villages(layout, history)
    return history


def _share_out(rng: np.random.Generator, total: int, sizes: list[int]) -> list[int]:
    """Share households out by size and chance; the sum is exact and nobody gets none (largest remainders)."""
    weight = np.sqrt(np.array(sizes)) * rng.uniform(0.75, 1.25, len(sizes))
    exact = (total - len(sizes)) * weight / weight.sum()
    shares = np.floor(exact).astype(np.int64)
    left = int(total - len(sizes) - shares.sum())
    shares[np.argsort(-(exact - shares), kind="stable")[:left]] += 1
    return [int(share) + 1 for share in shares]


def _day(rng: np.random.Generator) -> date:
    """Return a Monday, more likely at a quarter's beginning, when lists are revised."""
    days = (LAST_CHANGE - FIRST_CHANGE).days // 7
    return FIRST_CHANGE + timedelta(days=7 * int(rng.integers(days + 1)))


def _split(rng: np.random.Generator, ground: Ground, layout: Layout, history: GridHistory) -> set[int]:
    """Split grids that have many households; return the positions of those that are split."""
    fit = [at for at, grid in enumerate(history.grids)
           if len(grid.cells) >= _LEAST_CELLS and grid.village not in layout.merged]
    weight = np.array([history.grids[at].households for at in fit], dtype=np.float64) ** 1.5
    chosen = rng.choice(fit, N_SPLITS, replace=False, p=weight / weight.sum())
    for at in sorted(int(one) for one in chosen):
        old = history.grids[at]
        old.ends = _day(rng)
        halves = _halve(ground, layout, old.cells)
        homes = _share_out(rng, old.households, [len(half) for half in halves])
        for half, cells, count in zip("ab", halves, homes, strict=True):
            history.changes.append((at, len(history.grids), old.ends, "split", count / old.households))
            history.grids.append(GridRow(old.village, old.number, half, cells, count, old.ends))
    return {int(one) for one in chosen}


def _halve(ground: Ground, layout: Layout, cells: Ints) -> list[Ints]:
    number = np.full(len(ground.points), -1, dtype=np.int64)
    number[cells] = np.arange(len(cells))
    ends = number[ground.edges]
    inner = (ends >= 0).all(axis=1)
    side = grow(ends[inner], layout.costs[inner], spread_seeds(ground.points[cells], 2, 0), len(cells))
    return [cells[side == 0], cells[side == 1]]


def _join(rng: np.random.Generator, ground: Ground, layout: Layout, history: GridHistory, busy: set[int]) -> None:
    """Merge pairs of small neighbouring grids of one village into one with a new number."""
    owner = np.full(len(ground.points), -1, dtype=np.int64)
    last: dict[int, int] = {}
    for at, grid in enumerate(history.grids):
        last[grid.village] = max(last.get(grid.village, 0), grid.number)
        if not grid.half:
            owner[grid.cells] = at
    touched = {history.grids[at].village for at in busy} | set(layout.merged)
    pairs = [(int(a), int(b)) for a, b in find_neighbours(ground.edges, owner)
             if history.grids[a].village == history.grids[b].village and history.grids[a].village not in touched
             and last[history.grids[a].village] >= 4]
    pairs.sort(key=lambda pair: history.grids[pair[0]].households + history.grids[pair[1]].households)
    done: set[int] = set()
    for first, second in pairs[:200]:
        village = history.grids[first].village
        if village in done or len(done) == N_JOINED:
            continue
        done.add(village)
        on, olds = _day(rng), [history.grids[first], history.grids[second]]
        for at, old in zip((first, second), olds, strict=True):
            old.ends = on
            history.changes.append((at, len(history.grids), on, "merge", 1.0))
        history.grids.append(GridRow(village, last[village] + 1, "", np.r_[olds[0].cells, olds[1].cells],
                                     sum(old.households for old in olds), on))


def _merge_villages(layout: Layout, history: GridHistory) -> None:
    """Give the grids of the two merged villages new numbers in the new village."""
    old = [at for at, grid in enumerate(history.grids) if grid.village in layout.merged]
    for number, at in enumerate(old, start=1):
        grid = history.grids[at]
        grid.ends = MERGER_ON
        history.changes.append((at, len(history.grids), MERGER_ON, "move", 1.0))
        history.grids.append(GridRow(-1, number, "", grid.cells, grid.households, MERGER_ON))

"""Places × weeks from facts: what was known before each as-of week, and what happened after it.

A fact is one row: place, week_occurred, week_known, weight (+1, −1 for a correction). At as-of week j only facts with
week_known < j exist, corrections included. A known fact counts in the week in which it *became known*, since a record
is booked days or weeks after the event and the last weeks by event date are therefore always half empty; a fact that
became known more than `STALE_WEEKS` after it happened is history, not news, and counts in the week in which it happened
(else a later load of old files would look like an outbreak).
Source: method.md, "Traps" (event date used where the entry date was later; corrections applied before they were known).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: A fact that became known later than so many weeks after it happened counts where it happened.
STALE_WEEKS = 26
_COLUMNS = ("place", "week_occurred", "week_known", "weight")


@dataclass(frozen=True)
class Panel:
    """Facts of P places over T weeks. As-of positions 0…T stand for weeks first_week … end_week (end_week = "now").

    Attributes
    ----------
    places : place codes, in the order of the rows of every array.
    first_week, end_week : int, weeks since the epoch Monday; weeks [first_week, end_week) have been observed.
    place, occurred, known : int64 (n,), row of the place and positions of the two weeks.
    weight : float64 (n,).
    """

    places: tuple[str, ...]
    first_week: int
    end_week: int
    place: Ints
    occurred: Ints
    known: Ints
    weight: Floats

    @property
    def n_places(self) -> int:
        """Number of places P."""
        return len(self.places)

    @property
    def n_weeks(self) -> int:
        """Number of observed weeks T."""
        return self.end_week - self.first_week

    @cached_property
    def counted_at(self) -> Ints:
        """Position of the week in which each fact counts once it is known, int64 (n,)."""
        return np.where(self.known - self.occurred > STALE_WEEKS, self.occurred, self.known)

    def counts(self, weeks: int) -> Floats:
        """Net count in the last `weeks` weeks as known before each as-of week, float64 (P, T + 1).

        A fact known in k and counted at c lies in the window of j exactly for max(k, c) < j ≤ c + weeks: one step up,
        one down, and a running sum.
        """
        begin, end = self.known + 1, np.minimum(self.counted_at + weeks + 1, self.n_weeks + 1)
        use = (begin < end) & (begin >= 0)
        steps = self._sum_at(begin[use], self.place[use], self.weight[use])
        steps -= self._sum_at(end[use], self.place[use], self.weight[use])
        return np.cumsum(steps, axis=1)[:, :-1]

    def discounted_counts(self, half_life: float) -> Floats:
        """Net count in which a fact i weeks back weighs 2^(−i / half_life), float64 (P, T + 1)."""
        decay = 2.0 ** (-1.0 / half_life)
        use = (self.known < self.n_weeks) & (self.counted_at >= 0)
        begin = self.known[use] + 1
        fresh = self._sum_at(begin, self.place[use], self.weight[use] * decay ** (begin - self.counted_at[use]))
        remembered: Floats = lfilter([1.0], [1.0, -decay], fresh, axis=1)[:, :-1]
        return remembered

    def exposure(self, weeks: int) -> Floats:
        """Weeks of the window that have been observed before each as-of week, float64 (T + 1,); at least one."""
        seen: Floats = np.clip(np.arange(self.n_weeks + 1.0), 1.0, weeks)
        return seen

    def discounted_exposure(self, half_life: float) -> Floats:
        """Discounted weeks observed before each as-of week, float64 (T + 1,)."""
        decay, seen = 2.0 ** (-1.0 / half_life), np.maximum(np.arange(self.n_weeks + 1.0), 1.0)
        total: Floats = np.asarray(decay * (1.0 - decay**seen) / (1.0 - decay), dtype=np.float64)
        return total

    def future_counts(self, horizon: int, known_before: int | None = None) -> Floats:
        """Net count of facts that *happened* in the next `horizon` weeks, float64 (P, T + 1), NaN while not over.

        `known_before` (a position) leaves out what became known in or after that week and makes every label whose
        horizon had not ended by then unknown: the labels as a training at that week saw them.
        """
        until = self.n_weeks if known_before is None else min(known_before, self.n_weeks)
        use = (self.occurred >= 0) & (self.occurred < until)
        if known_before is not None:
            use &= self.known < known_before
        happened = self._sum_at(self.occurred[use], self.place[use], self.weight[use])[:, : self.n_weeks]
        running = np.concatenate([np.zeros((self.n_places, 1)), np.cumsum(happened, axis=1)], axis=1)
        ahead = np.full((self.n_places, self.n_weeks + 1), np.nan)
        last = until - horizon + 1
        if last > 0:
            ahead[:, :last] = running[:, horizon : horizon + last] - running[:, :last]
        return ahead

    def settling_weeks(self, known_before: int, share: float = 0.9, most: int = 13) -> int:
        """Weeks after which `share` of the facts known before a position had become known; 0 without facts.

        A label is used for training only when its horizon and these weeks are over: before, it looks too calm.
        """
        use = (self.known < known_before) & (self.occurred >= 0)
        if not use.any():
            return 0
        return int(min(np.quantile((self.known - self.occurred)[use], share, method="higher"), most))

    def _sum_at(self, position: Ints, place: Ints, weight: Floats) -> Floats:
        width = self.n_weeks + 2
        flat = np.bincount(place * width + position, weight, minlength=self.n_places * width)
        return np.asarray(flat, dtype=np.float64).reshape(self.n_places, width)


def build_panel(facts: pd.DataFrame, *, places: Sequence[str], first_week: int, end_week: int) -> Panel:
    """Make the panel of `places`; facts of other places are left out.

    Parameters
    ----------
    facts : columns place (code), week_occurred, week_known (int, weeks since the epoch Monday), weight (±1).
        A fact cannot be known before it happened: such a week_known is read as week_occurred.

    Raises
    ------
    ValueError
        A column is missing, a place is named twice, or there is no week between first_week and end_week.
    """
    missing = [name for name in _COLUMNS if name not in facts.columns]
    if missing:
        raise ValueError(f"facts lack the columns {missing}")
    if len(set(places)) != len(places) or end_week <= first_week:
        raise ValueError("places must differ and end_week must lie after first_week")
    row = pd.Index(list(places)).get_indexer(facts["place"])
    occurred = facts["week_occurred"].to_numpy(np.int64) - first_week
    known = np.maximum(facts["week_known"].to_numpy(np.int64) - first_week, occurred)
    use = (row >= 0) & (known >= -STALE_WEEKS * 100)
    return Panel(
        places=tuple(places), first_week=first_week, end_week=end_week, place=row[use].astype(np.int64),
        occurred=occurred[use], known=np.minimum(known[use], end_week - first_week),
        weight=facts["weight"].to_numpy(np.float64)[use],
    )

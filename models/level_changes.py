"""Changes of level in weekly counts: when a series rose or fell for weeks on end, by how much, and how sure that is.

Method
------
1. Season: `count_season` (three harmonics, sparse series lean on all).
2. Scan: every stretch of at least `MIN_LASTING` weeks, up to the end of the series or up to half of it and back again,
   is compared with the rest by the likelihood ratio of two negative binomial sums, of which the signed root is taken: a
   scan for one changed segment (Levin and Kline 1985; circular binary segmentation: Olshen et al. 2004) on counts.
3. Over-dispersion and autocorrelation (`count_dispersion`): a sum over L weeks of mean m has variance
   m (1 + ω(L) m / L), where ω(L) grows with the length of the stretch, since slow waves move long stretches and not
   short ones. Series of a family lend each other strength. What comes and goes within months widens the scale and is
   no change.
4. Multiplicity within a series: the distribution of the largest of all roots under no change was simulated for 40 to
   520 weeks and is described by `_K` (the p-value of a series). Several changes: the found stretch is taken into the
   expectation and the rest is scanned again, up to `MAX_CHANGES`.
5. Multiplicity across series: what stands out after Benjamini and Hochberg (1995) is called very likely; what would by
   itself come by chance in two series of a hundred, likely.

Known breaks (a new app, a new office) cut a series: the level is fitted on either side, stretches do not span them, and
what happens at one is said to happen at one.

References
----------
Levin, B., Kline, J. (1985): The cusum test of homogeneity with an application in spontaneous abortion epidemiology.
Statistics in Medicine 4(4).
Olshen, A. et al. (2004): Circular binary segmentation for the analysis of array-based DNA copy number data.
Biostatistics 5(4).
Hilbe, J. (2011): Negative Binomial Regression, 2nd ed., Cambridge University Press.
Benjamini, Y., Hochberg, Y. (1995): Controlling the false discovery rate. J. R. Statist. Soc. B 57(1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd
from scipy import stats

from models.break_levels import judge_breaks
from models.change_scan import scan_all, set_up
from models.count_dispersion import Ints
from models.count_season import MIN_WEEKS
from models.stretch_measure import Stretch

#: One series looked at alone: chance of any flag where nothing changed, for ``likely`` and for ``very_likely``.
LIKELY, VERY_LIKELY = 0.05, 0.01
#: Many series: ``likely`` where by itself it would come by chance in two of a hundred series, ``very_likely`` where it
#: stands out among all that were looked at (false discovery rate).
LIKELY_OF_MANY, DISCOVERY_RATE = 0.02, 0.05
#: Smaller changes are not written about, however certain.
MIN_RATIO = 1.3
#: A change begins at a source change when it lies so many weeks from it.
NEAR_BREAK = 2
#: Fewest cases of a series, and fewest a week on average, for silence to mean anything.
MIN_COUNT, MIN_MEAN = 60, 0.3


@dataclass(frozen=True, slots=True)
class ChangeFlag:
    """One change of level.

    Attributes
    ----------
    week_from : int
        First week of the new level.
    week_low, week_high : int
        Between which weeks it began, about 95 %.
    week_to : int or None
        First week after it; None where it lasts until the end of the series (or until the next source change).
    ratio, low, high : float
        New level over the level outside of it, season allowed for, with 95 % interval.
    n, expected : float
        Cases while it lasted, and what the level outside would have given.
    p_value : float
        Chance of such a change anywhere in this series where nothing changed.
    q_value : float
        Smallest false discovery rate at which it stands out among all series looked at; `p_value` for one alone.
    sureness : str
        ``likely`` or ``very_likely``.
    direction : str
        ``rise`` or ``fall``.
    at_source_change : bool
        Whether a known break lies within `NEAR_BREAK` weeks of its beginning: it may be the recording that changed.
    """

    week_from: int
    week_low: int
    week_high: int
    week_to: int | None
    ratio: float
    low: float
    high: float
    n: float
    expected: float
    p_value: float
    q_value: float
    sureness: str
    direction: str
    at_source_change: bool


def reasons_for_silence(weekly_by_series: pd.DataFrame) -> pd.Series:
    """Return for each column why no change can be told: ``sparse``, ``short``, or an empty text where it can.

    ``sparse``: fewer than `MIN_COUNT` cases or `MIN_MEAN` a week. ``short``: fewer than two years of known weeks, in
    which a season cannot be told from a change.
    """
    known, total = weekly_by_series.notna().sum(), weekly_by_series.sum()
    sparse = (total < MIN_COUNT) | (total < MIN_MEAN * known)
    return pd.Series(np.select([known < MIN_WEEKS, sparse], ["short", "sparse"], ""), weekly_by_series.columns)


def find_changes(
    weekly_counts: pd.Series, *, known_breaks: Sequence[int] = (), likely: float = LIKELY,
    very_likely: float = VERY_LIKELY,
) -> list[ChangeFlag]:
    """Return the changes of level of one series, oldest first; none where `reasons_for_silence` gives a reason.

    Parameters
    ----------
    weekly_counts : Series of number
        Indexed by consecutive integer weeks; NaN where unknown (not recorded is not zero).
    known_breaks : sequence of int
        First weeks of a changed source.
    likely, very_likely : float
        Chance of any flag where nothing changed, for either degree of sureness.
    """
    found = find_changes_in_many(weekly_counts.to_frame("one"), known_breaks={"one": known_breaks}, likely=likely,
                                 very_likely=very_likely)
    names = [field.name for field in fields(ChangeFlag)]
    return [ChangeFlag(**dict(zip(names, row, strict=True))) for row in found[names].itertuples(index=False)]


def find_changes_in_many(
    weekly_by_series: pd.DataFrame, *, known_breaks: Mapping[object, Sequence[int]] | None = None,
    families: Mapping[object, object] | None = None, likely: float = LIKELY_OF_MANY,
    very_likely: float = DISCOVERY_RATE,
) -> pd.DataFrame:
    """Return the changes of level of many series, looked at together.

    Parameters
    ----------
    weekly_by_series : DataFrame
        Rows are consecutive integer weeks, columns are series; NaN where unknown.
    known_breaks : mapping of column to sequence of int
        First weeks of a changed source, by series; series that are missing have none.
    families : mapping of column to anything, optional
        Which series are alike (of one category or stream): they lend each other season and autocorrelation. All are
        alike if not given; give it where disputes and hazards are looked at together.
    likely : float, default 0.02
        Share of unchanged series that may be flagged.
    very_likely : float, default 0.05
        False discovery rate among what is called very likely (Benjamini–Hochberg over all series).

    Returns
    -------
    DataFrame
        One row a change: ``series`` (column) and the attributes of `ChangeFlag`, ``week_to`` being None where it
        lasts; in the order of columns, then weeks.

    Raises
    ------
    ValueError
        When weeks are not consecutive.
    """
    weeks = weekly_by_series.index.to_numpy(dtype="int64")
    if (np.diff(weeks) != 1).any():
        message = "weeks follow one another without a gap; an unknown week is NaN"
        raise ValueError(message)
    columns = weekly_by_series.columns
    heard = np.flatnonzero((reasons_for_silence(weekly_by_series) == "").to_numpy())
    cuts = [_cuts((known_breaks or {}).get(columns[at], ()), weeks) for at in heard]
    if not len(heard):
        return _as_frame([], columns)
    kinds = pd.factorize(pd.Series([(families or {}).get(columns[at], "") for at in heard]))[0].astype("int64")
    stage = set_up(weekly_by_series.to_numpy(dtype=float).T[heard], weeks, cuts, kinds)
    stretches = scan_all(stage, cuts)
    breaks = judge_breaks(stage, cuts, stretches)
    rows = [(int(heard[one.series]), _describe(one, q_value, cuts[one.series], weeks, very_likely))
            for group in (stretches, breaks) for one, q_value in _discover(group, len(heard))
            if one.p_value <= likely or q_value <= very_likely]
    return _as_frame(rows, columns)


def _as_frame(rows: list[tuple[int, ChangeFlag]], columns: pd.Index) -> pd.DataFrame:
    ordered = sorted(rows, key=lambda row: (row[0], row[1].week_from))
    names = [field.name for field in fields(ChangeFlag)]
    frame = pd.DataFrame([asdict(flag) for _, flag in ordered], columns=names)
    numbers = dict.fromkeys(("ratio", "low", "high", "n", "expected", "p_value", "q_value"), "float64")
    frame = frame.astype({"at_source_change": "bool", "week_from": "int64", **numbers})
    frame["week_to"] = pd.Series([flag.week_to for _, flag in ordered], dtype="object")
    frame.insert(0, "series", pd.Series([columns[at] for at, _ in ordered], dtype="object"))
    return frame


def _cuts(breaks: Sequence[int], weeks: Ints) -> tuple[int, ...]:
    """Return the positions at which a series is cut, its ends included."""
    inside = sorted({int(week - weeks[0]) for week in breaks if weeks[0] < week <= weeks[-1]})
    return (0, *inside, len(weeks))


def _discover(stretches: list[Stretch], n_series: int) -> list[tuple[Stretch, float]]:
    """Return the stretches that are large enough, each with its q-value (Benjamini–Hochberg over the series)."""
    best: dict[int, float] = {}
    for one in stretches:
        best[one.series] = min(one.p_value, best.get(one.series, 1.0))
    ranked = np.sort(np.array(list(best.values())))
    steps = np.minimum(ranked * n_series / np.arange(1, len(ranked) + 1), 1.0)
    smallest = np.minimum.accumulate(steps[::-1])[::-1]
    judged = []
    for one in stretches:
        if max(one.ratio, 1 / max(one.ratio, 1e-9)) < MIN_RATIO:
            continue
        rank = int(np.searchsorted(ranked, one.p_value, side="right"))  # of a second change: among the first ones
        later = float(smallest[rank]) if rank < len(ranked) else 1.0
        judged.append((one, min(one.p_value * n_series / max(rank, 1), later, 1.0)))
    return judged


def _describe(
    one: Stretch, q_value: float, edges: tuple[int, ...], weeks: Ints, very_likely: float
) -> ChangeFlag:
    lasts = one.at_break or one.last in edges
    spread = stats.norm.isf(0.025) * one.error
    return ChangeFlag(
        week_from=int(weeks[one.first]), week_low=int(weeks[one.earliest]), week_high=int(weeks[one.latest]),
        week_to=None if lasts else int(weeks[one.last]), ratio=one.ratio,
        low=float(one.ratio * np.exp(-spread)), high=float(one.ratio * np.exp(spread)), n=one.n,
        expected=one.expected, p_value=one.p_value,
        q_value=q_value, sureness="very_likely" if q_value <= very_likely else "likely",
        direction="rise" if one.ratio > 1 else "fall",
        at_source_change=one.at_break or any(abs(one.first - cut) <= NEAR_BREAK for cut in edges[1:-1]),
    )

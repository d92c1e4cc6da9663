"""Which offices close within minutes, and which close in batches at the end of the month: more than custom explains.

An office is named for a habit when all three hold:

1. its share of such closings is at least `MIN_EXCESS` above what was to be expected;
2. its tail probability stays below `ALPHA` after Holm's correction for all offices and habits that were looked at;
3. it closed at least `MIN_CLOSED` incidents in at least `MIN_MONTHS` months.

What was to be expected: for quick closings the share of the other offices in the same streams (indirect
standardisation), the fifth with the highest shares left out, so that some offices with the habit do not make it the
custom; for the month's end the calendar, so that it is seen even where all offices have the habit. The tail is
beta-binomial: offices differ by more than chance (moments over the offices that were kept), and what an office closes
in one month goes together (its counts are divided by the design effect of months, Kish 1965).

It says what was found in the records, not why: a quick closing may be a question answered on the telephone.

References
----------
Breslow, N., Day, N. (1987): Statistical Methods in Cancer Research II, IARC, chapter 2 (indirect standardisation).
Holm, S. (1979): A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6(2).
Kish, L. (1965): Survey Sampling, section 5.4 (design effect). Williams, D. (1975): The analysis of binary responses
from toxicological experiments involving reproduction and teratogenicity. Biometrics 31(4) (beta-binomial).
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

#: Chance that any office is named where none has a habit.
ALPHA = 0.05
#: A closing is quick when it comes within so many minutes of the report; each is looked at, and corrected for.
QUICK_MINUTES = (10, 30, 60)
#: The last working day of a month is among its last three days, unless a holiday ends it.
LAST_DAYS = 3
#: Share of the days of the calendar that are such.
LAST_DAYS_SHARE = LAST_DAYS * 12 / 365.2425
MIN_EXCESS = 0.10
MIN_CLOSED = 30
MIN_MONTHS = 3
#: Share of offices that do not say what is usual.
TRIMMED = 0.2
#: Variance of a normal distribution without its highest fifth, over that of the whole: what trimming takes off.
LEFT_BY_TRIMMING = 0.583
#: Offices differ at least so much (intra-class correlation), even where few offices cannot show it.
LEAST_CORRELATION = 0.01

COUNTS = ("n_closed", *(f"n_within_{minutes}" for minutes in QUICK_MINUTES), "n_month_end")


class _Judged(NamedTuple):
    """What one look at all offices gave, one element an office."""

    n_found: Floats
    share: Floats
    expected: Floats
    p_value: Floats


def count_closings(closings: pd.DataFrame) -> pd.DataFrame:
    """Count closings by unit, stream and month.

    Parameters
    ----------
    closings : DataFrame
        One row a first closing: ``unit``, ``stream``, ``reported_at``, ``closed_at`` (naive local times).

    Returns
    -------
    DataFrame
        ``unit``, ``stream``, ``month`` (text, ``2026-11``) and `COUNTS`. A closing before its report is counted among
        the closed and is not quick.
    """
    at = closings["closed_at"]
    minutes = (at - closings["reported_at"]).dt.total_seconds() / 60
    frame = pd.DataFrame({"unit": closings["unit"], "stream": closings["stream"], "month": at.dt.strftime("%Y-%m"),
                          "n_closed": 1})
    for limit in QUICK_MINUTES:
        frame[f"n_within_{limit}"] = ((minutes >= 0) & (minutes <= limit)).astype("int64")
    frame["n_month_end"] = (at.dt.days_in_month - at.dt.day < LAST_DAYS).astype("int64")
    return frame.groupby(["unit", "stream", "month"], as_index=False, sort=True)[list(COUNTS)].sum()


def find_closing_habits(
    monthly: pd.DataFrame, *, month_end_share: float = LAST_DAYS_SHARE, alpha: float = ALPHA
) -> pd.DataFrame:
    """Return for each office and habit whether it was found.

    Parameters
    ----------
    monthly : DataFrame
        As `count_closings` gives, or a query: ``unit``, ``stream``, ``month`` and `COUNTS`.
    month_end_share : float
        Share of closings that the calendar puts into the days counted as ``n_month_end``.
    alpha : float

    Returns
    -------
    DataFrame
        One row an office and habit: ``unit``, ``habit`` (``quick``, ``month_end``), ``minutes`` (limit that stands out
        most; NaN for month_end), ``n_closed``, ``n_found``, ``share``, ``expected``, ``p_value`` (after Holm's
        correction; NaN where too few), ``is_found`` and ``reason`` (``found``, ``usual``, ``too_few``); found first,
        then by share. Offices with too few closings have counts and no share.
    """
    columns = ["unit", "habit", "minutes", "n_closed", "n_found", "share", "expected", "p_value", "is_found", "reason"]
    if monthly.empty:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    closed = monthly.pivot_table(index="unit", columns="stream", values="n_closed", aggfunc="sum", fill_value=0)
    total = closed.to_numpy(dtype=float).sum(axis=1)
    months = monthly[monthly["n_closed"] > 0].groupby("unit")["month"].nunique().reindex(closed.index, fill_value=0)
    enough = (total >= MIN_CLOSED) & (months.to_numpy() >= MIN_MONTHS)
    looks = {minutes: _judge(monthly, closed, f"n_within_{minutes}", enough) for minutes in QUICK_MINUTES}
    at_end = _judge(monthly, closed, "n_month_end", enough, month_end_share)
    best = np.argmin(np.array([look.p_value for look in looks.values()])[::-1], axis=0)  # of ties the longest limit
    minutes = np.array(QUICK_MINUTES[::-1])[best]
    quick = _Judged(*(np.array([getattr(looks[limit], field)[row] for row, limit in enumerate(minutes)])
                      for field in _Judged._fields))
    quick = quick._replace(p_value=np.minimum(quick.p_value * len(QUICK_MINUTES), 1.0))
    found = pd.concat([_frame(closed.index, total, enough, "quick", minutes, quick),
                       _frame(closed.index, total, enough, "month_end", np.full(len(total), np.nan), at_end)])
    found["p_value"] = _holm(found["p_value"].to_numpy())
    found["is_found"] = (found["p_value"] <= alpha) & (found["share"] - found["expected"] >= MIN_EXCESS)
    found["reason"] = np.select([found["is_found"], found["p_value"].notna()], ["found", "usual"], "too_few")
    return found.sort_values(["is_found", "share", "unit"], ascending=[False, False, True], kind="stable",
                             ignore_index=True)[columns]


def _frame(units: pd.Index, total: Floats, enough: NDArray[np.bool_], habit: str, minutes: Floats,
           judged: _Judged) -> pd.DataFrame:
    known = [np.where(enough, numbers, np.nan) for numbers in (judged.share, judged.expected, judged.p_value)]
    return pd.DataFrame({"unit": units, "habit": habit, "minutes": minutes.astype(float), "n_closed": total,
                         "n_found": judged.n_found, "share": known[0], "expected": known[1], "p_value": known[2]})


def _judge(
    monthly: pd.DataFrame, closed: pd.DataFrame, column: str, enough: NDArray[np.bool_], given: float | None = None
) -> _Judged:
    """Look at all offices for one kind of closing."""
    kind = monthly.pivot_table(index="unit", columns="stream", values=column, aggfunc="sum", fill_value=0)
    cases, hits = closed.to_numpy(dtype=float), kind.to_numpy(dtype=float)
    n, y = cases.sum(axis=1), hits.sum(axis=1)
    share = y / np.maximum(n, 1)
    kept = enough & (share <= np.quantile(share[enough], 1 - TRIMMED)) if enough.any() else enough
    usual = np.full(len(n), given) if given is not None else _standardise(cases, hits, kept)
    # How offices differ from one another, also where all of them differ from the calendar.
    common = np.full(len(n), y[kept].sum() / max(n[kept].sum(), 1.0)) if given is not None else usual
    spread = _correlation(n[kept], y[kept], common[kept])
    effect = _design_effect(monthly, closed.index, column, share)
    fewer = np.maximum(np.round(n / effect), 1.0)
    mean = np.clip(usual, 1e-4, 1 - 1e-4)
    weight = (1 - spread) / spread
    tail = stats.betabinom.sf(np.floor(share * fewer + 1e-9) - 1, fewer, mean * weight, (1 - mean) * weight)
    return _Judged(y, share, usual, np.where(enough, tail, 1.0))


def _standardise(cases: Floats, hits: Floats, kept: NDArray[np.bool_]) -> Floats:
    """Return each office's expected share: that of the other kept offices in each stream, for its own streams."""
    others_cases = (cases * kept[:, None]).sum(axis=0) - cases * kept[:, None]
    others_hits = (hits * kept[:, None]).sum(axis=0) - hits * kept[:, None]
    overall = (others_hits.sum(axis=1) + 0.5) / (others_cases.sum(axis=1) + 1.0)
    # A stream that hardly anybody else handles is drawn towards the share of all streams.
    rates = (others_hits + 10.0 * overall[:, None]) / (others_cases + 10.0)
    expected: Floats = (cases * rates).sum(axis=1) / np.maximum(cases.sum(axis=1), 1)
    return expected


def _correlation(n: Floats, y: Floats, usual: Floats) -> float:
    """Return the intra-class correlation of the offices by moments (Williams 1975), those left out allowed for."""
    chance = n * usual * (1 - usual)
    room = (chance * np.maximum(n - 1, 0)).sum()
    found = ((y - n * usual) ** 2 / LEFT_BY_TRIMMING - chance).sum() / room if room > 0 else 0.0
    return float(np.clip(found, LEAST_CORRELATION, 0.5))


def _design_effect(monthly: pd.DataFrame, units: pd.Index, column: str, share: Floats) -> Floats:
    """Return by how much an office's closings of one month go together: variance between months over chance."""
    sums = monthly.groupby(["unit", "month"])[["n_closed", column]].sum().reset_index()
    at = units.get_indexer(sums["unit"])
    n, y = sums["n_closed"].to_numpy(dtype=float), sums[column].to_numpy(dtype=float)
    squares = np.bincount(at, (y - n * share[at]) ** 2, len(units))
    months, cases = np.bincount(at, minlength=len(units)), np.bincount(at, n, len(units))
    chance = cases * share * (1 - share)
    effect = squares / np.where(chance > 0, chance, 1.0) * months / np.maximum(months - 1, 1)
    result: Floats = np.where(chance > 0, np.maximum(effect, 1.0), 1.0)
    return result


def _holm(p_values: Floats) -> Floats:
    """Return Holm's adjusted p-values; NaN stay out."""
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted

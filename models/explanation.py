"""Why a place has its score, and what changed since last week, in log-odds.

A logistic classifier is a sum: log-odds = base + Σ coefficient · (value − mean) / scale (standardised values; the base
is the log-odds of a place that is average in everything). Each summand is a feature's contribution; features that say
one thing are added up to a line. Features that are the same for every place of a date (county, season) make one line
that is the same for all, so it is shown once and never as a reason for one place.

A difference to last week is split in a fixed order, one thing after another, with the others held:

1. data: last week's places and classifier, this week's records (and calendar)
2. classifier: the new one, on the same values
3. place: today's borders instead of last week's

The parts sum to the difference by construction (a telescoping sum). The order is a choice: another one would give other
parts; it is the same everywhere. A band may also change because the edges were changed: that is told apart.

Source: the additive form is that of the generalised linear model (McCullagh and Nelder 1989, ch. 4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The column of what is neither a feature's nor a place's.
BASE = "base"
#: A probability that is not told has no band.
NO_BAND = -1


@dataclass(frozen=True)
class LinearScore:
    """A fitted classifier: its features by name, in order, and a number for each.

    Raises
    ------
    ValueError
        If the parts differ in length, a feature comes twice, or a scale is not above 0.
    """

    features: tuple[str, ...]
    coefficients: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    intercept: float

    def __post_init__(self) -> None:
        """Refuse a classifier that cannot be."""
        if not len(self.features) == len(self.coefficients) == len(self.means) == len(self.scales):
            raise ValueError("features, coefficients, means and scales differ in length")
        if len(set(self.features)) != len(self.features):
            raise ValueError("a feature comes twice")
        if not all(scale > 0 for scale in self.scales):
            raise ValueError("a scale is not above 0")


def contributions(score: LinearScore, values: pd.DataFrame) -> pd.DataFrame:
    """Return log-odds by feature for each row of `values`, with the base in the first column.

    Raises
    ------
    KeyError
        If a feature of the classifier is not among the columns.
    """
    columns = values[list(score.features)].to_numpy(dtype=float)
    parts = (columns - np.array(score.means)) / np.array(score.scales) * np.array(score.coefficients)
    frame = pd.DataFrame(parts, columns=list(score.features), index=values.index)
    frame.insert(0, BASE, score.intercept)
    return frame


def log_odds(score: LinearScore, values: pd.DataFrame) -> Floats:
    """Return the score of each row: the sum of its contributions, in the order of the features."""
    total: Floats = contributions(score, values).to_numpy().sum(axis=1)
    return total


def explain(
    score: LinearScore, values: pd.DataFrame, lines: Mapping[str, Sequence[str]], common: str | None = None
) -> pd.DataFrame:
    """Return log-odds by line; each row sums to the score.

    Parameters
    ----------
    values
        One row per place of one date, a column per feature.
    lines
        Features that are added up to one line, by the line's name. A feature in no line is a line of its own; a line
        without a feature of this classifier is left out.
    common
        The line that must be the same for all places, such as county and season.

    Raises
    ------
    ValueError
        If a feature stands in two lines, or the common line differs between places.
    """
    parts = contributions(score, values)
    name_of = _line_of(lines)
    columns = {BASE: parts[BASE].to_numpy()}
    for feature in score.features:
        name = name_of.get(feature, feature)
        columns[name] = columns.get(name, 0.0) + parts[feature].to_numpy()
    if common in columns and len(values) and np.ptp(columns[common]) > 1e-9:
        raise ValueError(f"{common} is not the same for all places")
    return pd.DataFrame(columns, index=values.index)


def _line_of(lines: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the line of each feature."""
    name_of: dict[str, str] = {}
    for name, features in lines.items():
        for feature in features:
            if feature in name_of or name == BASE:
                raise ValueError(f"{feature} stands in two lines, or a line is named {BASE}")
            name_of[feature] = name
    return name_of


def round_parts(parts: Floats, digits: int = 2) -> Floats:
    """Round parts so that what is shown adds up to the rounded total (largest remainders).

    No part is moved by a whole unit of the last digit or more, so no shown part has the wrong sign.

    Source: largest remainder method (Hamilton); Balinski and Young, *Fair Representation* (1982).
    """
    unit = 10.0**-digits
    floors = np.floor(parts / unit)
    missing = round(float(parts.sum() / unit)) - int(floors.sum())
    order = np.argsort(floors - parts / unit, kind="stable")
    floors[order[: max(missing, 0)]] += 1
    rounded: Floats = np.round(floors * unit, digits)
    return rounded


@dataclass(frozen=True)
class Change:
    """What moved each place's score since last week, in log-odds.

    Attributes
    ----------
    parts : DataFrame
        A row per place: ``before``, ``data``, ``classifier``, ``place``, ``after``; before + the three = after. NaN
        for a place that has no score at one of the two times.
    data_lines : DataFrame
        ``data`` by line of last week's classifier; each row sums to ``data``.
    """

    parts: pd.DataFrame
    data_lines: pd.DataFrame


def split_change(
    before: tuple[LinearScore, pd.DataFrame],
    after: tuple[LinearScore, pd.DataFrame],
    new_data_old_places: pd.DataFrame,
    lines: Mapping[str, Sequence[str]],
) -> Change:
    """Split the change of each place's score into data, classifier and place, in this order.

    Parameters
    ----------
    before, after
        Classifier and values of last week and of this week; rows are named by place.
    new_data_old_places
        This week's values for last week's borders: columns for the features of both classifiers. Without a change of
        borders these are this week's values.

    Returns
    -------
    Change
        Rows are those of `after`.
    """
    places = after[1].index
    was = before[1].reindex(places)
    between = new_data_old_places.reindex(places)
    steps = [log_odds(before[0], was), log_odds(before[0], between), log_odds(after[0], between), log_odds(*after)]
    moves = np.diff(np.column_stack(steps), axis=1)
    parts = pd.DataFrame(moves, columns=["data", "classifier", "place"], index=places)
    parts.insert(0, "before", steps[0])
    parts["after"] = steps[3]
    parts.loc[parts.isna().any(axis=1), ["data", "classifier", "place"]] = np.nan
    data_lines = explain(before[0], between, lines) - explain(before[0], was, lines)
    return Change(parts, data_lines.drop(columns=BASE))


def band_of(probability: Floats, edges: Sequence[float]) -> Ints:
    """Return the band of each probability: 0 from the first edge up, 1 from the second, …; `NO_BAND` for NaN.

    Raises
    ------
    ValueError
        If the edges do not fall strictly.
    """
    if any(low >= high for high, low in pairwise(edges)):
        raise ValueError("edges fall strictly")
    # Counted from below: a probability on an edge belongs to the band above it.
    band = len(edges) - np.searchsorted(np.array(edges)[::-1], probability, side="right")
    return np.where(np.isnan(probability), NO_BAND, band)


def split_band_change(
    probability: tuple[Floats, Floats], edges: tuple[Sequence[float], Sequence[float]]
) -> pd.DataFrame:
    """Tell a change of band by the score from one by new edges; both given as (last week, this week).

    Returns
    -------
    DataFrame
        ``before``, ``after`` (bands); ``by_score`` and ``by_edges``: bands moved, below 0 = towards band 0; first the
        score under last week's edges, then the edges. They sum to after − before; where there is no band on one side
        both are 0.
    """
    before, after = band_of(probability[0], edges[0]), band_of(probability[1], edges[1])
    between = band_of(probability[1], edges[0])
    told = (before != NO_BAND) & (after != NO_BAND)
    moved = {"by_score": np.where(told, between - before, 0), "by_edges": np.where(told, after - between, 0)}
    return pd.DataFrame({"before": before, "after": after, **moved})

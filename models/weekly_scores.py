"""A week's scores: fit a label with what is known now, and score every place with a fitted classifier.

Where no classifier may rank, the baseline does, in the same form: a classifier of one feature, the log-odds of the
empirical-Bayes tail of the last 52 weeks, with the intercept and slope of its recalibration (Platt) on the past, or as
it is where the past would turn it round.
Source: method.md, "The default classifier"; interval: `models.escalation.probability_interval`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy
import sklearn
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from models.baselines import Recalibration, eb52, rate_posterior
from models.escalation import Classifier, probability_interval, too_few_to_tell
from models.features import FeatureBlock, build_features, join_blocks
from models.fitting import MOST_ROWS, WARM_UP_WEEKS, fit_split, prepare, training_stride, tune
from models.labels import LabelName, scope_of, surge_min_counts
from models.panel import Panel
from models.time_splits import Split
from models.weekly_lists import NEVER, QUIET_UNTIL_NOW, USUALLY_HIGH, Events, ListRules, build_lists, rank_by_score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The baseline's only feature.
BASELINE_FEATURE = "eb_tail_last_52"
#: Names of the two lists.
USUAL, QUIET = "usual", "quiet"


@dataclass(frozen=True)
class FittedLabel:
    """What was fitted for a label.

    Attributes
    ----------
    classifier : Classifier or None
        None: under 104 weeks of history, or only one kind of outcome was ever seen.
    baseline : Classifier
        The recalibrated `eb52` as a classifier of one feature.
    """

    classifier: Classifier | None
    baseline: Classifier


@dataclass(frozen=True)
class LabelScores:
    """Scores of all places at the panel's end, in the order of its places.

    Attributes
    ----------
    rows : DataFrame
        ``place_code``, ``probability``, ``low``, ``high`` (NaN: too few records, or out of scope), ``rank``,
        ``baseline_rank`` (int64; 0: none), ``usual_level`` (the label's probability at the place's own rate of 52
        weeks, shrunken to that of all places), ``in_scope``.
    features, contributions : float64 (P, F)
        In the order of the classifier's features; contributions and its intercept sum to the score.
    """

    classifier: Classifier
    rows: pd.DataFrame
    features: Floats
    contributions: Floats


def fit_label(
    panel: Panel, label: LabelName, horizon: int = 4, most_rows: int = MOST_ROWS, extra: Sequence[FeatureBlock] = (),
) -> FittedLabel:
    """Fit a label with what is known before the panel's end.

    Parameters
    ----------
    extra : features beside the eleven (`models.candidate_features`), at all positions of the panel.

    Raises
    ------
    ValueError
        The panel is not longer than the horizon.
    """
    now = panel.n_weeks
    settling = panel.settling_weeks(now)
    last, stride = now - horizon - settling, training_stride(panel, now, most_rows)
    train = np.arange(last, WARM_UP_WEEKS - 1, -stride, dtype=np.int64)[::-1]
    split = Split(now, train, np.array([now]), horizon, settling)
    with threadpool_limits(limits=1):  # small matrices: more threads only wait for each other
        inputs = prepare(panel, label, horizon, [split], extra)
        classifier, line, outcome = fit_split(inputs, split, tune(inputs, split))
    if line.slope <= 0:  # a few weeks of chance must not turn the ranking round
        line = Recalibration(0.0, 1.0)
    weeks = (int(train[0]), int(train[-1])) if len(train) else (0, 0)
    baseline = Classifier(
        label=label, horizon=horizon, features=(BASELINE_FEATURE,), centre=(0.0,), scale=(1.0,),
        coefficients=(line.slope,), intercept=line.intercept, penalty=0.0,
        train_from_week=weeks[0] + panel.first_week, train_to_week=weeks[1] + panel.first_week, n_rows=len(outcome),
        base_rate=float(outcome.mean()) if len(outcome) else 0.0,
        min_count=None if label == "surge" else int(inputs.min_counts[0, 0]),
        versions={"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    )
    return FittedLabel(classifier, baseline)


def score_label(
    panel: Panel, classifier: Classifier, records_52: Floats, seed: int = 0, extra: Sequence[FeatureBlock] = (),
) -> LabelScores:
    """Score all places at the panel's end.

    Parameters
    ----------
    records_52 : float64 (P,), records of any kind in the last 52 weeks.
    seed : of the draw between equal scores.
    extra : features beside the eleven, at positions that include the panel's end; those that the classifier uses.

    Raises
    ------
    ValueError
        The classifier uses a feature that is not there.
    """
    label: LabelName = classifier.label  # type: ignore[assignment]  # checked where labels are listed
    now = np.array([panel.n_weeks])
    min_counts = (surge_min_counts(panel, classifier.horizon) if classifier.min_count is None
                  else np.full((panel.n_places, panel.n_weeks + 1), float(classifier.min_count)))
    block = join_blocks(build_features(panel, min_counts, classifier.horizon, now), extra)
    columns = [block.names.index(name) for name in classifier.features]
    values = np.ascontiguousarray(block.values[:, 0, columns])
    scores = classifier.scores(values)
    posterior = rate_posterior(panel.counts(52)[:, now], panel.exposure(52)[now])
    low, high = probability_interval(classifier, scores, posterior, min_counts[:, now[0]])
    in_scope = scope_of(panel, label)[:, now[0]]
    told = in_scope & ~too_few_to_tell(records_52, panel.n_weeks)
    last_4 = panel.counts(4)[:, now[0]]
    rows = pd.DataFrame({
        "place_code": np.array(panel.places, dtype=object),
        "probability": np.where(told, classifier.probabilities(values), np.nan),
        "low": np.where(told, low, np.nan), "high": np.where(told, high, np.nan),
        "rank": _rank(scores, told, panel.end_week, seed),
        "baseline_rank": _rank(last_4, told, panel.end_week, seed),
        "usual_level": eb52(panel, min_counts, classifier.horizon)[:, now[0]], "in_scope": in_scope,
    })
    return LabelScores(classifier, rows, values, classifier.contributions(values))


def _rank(scores: Floats, ranked: NDArray[np.bool_], week: int, seed: int) -> Ints:
    """Ranks from 1, the highest score first, ties by the fixed draw of the week; 0 for what is not ranked."""
    ranks: Ints = rank_by_score(np.where(ranked, scores, np.nan)[None, :], np.array([week]), seed)[0]
    return ranks


def list_week(
    panel: Panel, elevated: LabelScores, onset: LabelScores, *, visits: int, rules: ListRules, last_listed: Ints,
) -> pd.DataFrame:
    """Make the lists of the week that begins at the panel's end.

    Parameters
    ----------
    visits : villages visited a week, K.
    last_listed : int64 (P,), week in which each place was last listed or visited before, `NEVER` if never.

    Returns
    -------
    DataFrame
        ``place_code``, ``list`` (`USUAL` or `QUIET`), ``position`` (from 1 within each list, the most urgent first).
    """
    week = np.array([panel.end_week])
    scores = [np.where(one.rows["rank"] > 0, one.rows["probability"], np.nan)[None, :] for one in (elevated, onset)]
    lists = build_lists(scores[0], scores[1], weeks=week, events=known_events(panel), visits=np.array([visits]),
                        rules=rules, last_listed=last_listed)[0, 0]
    parts = []
    for code, name, label in ((USUALLY_HIGH, USUAL, elevated), (QUIET_UNTIL_NOW, QUIET, onset)):
        on_it = np.flatnonzero(lists == code)
        order = on_it[np.argsort(label.rows["rank"].to_numpy()[on_it], kind="stable")]
        parts.append(pd.DataFrame({"place_code": np.array(panel.places, dtype=object)[order], "list": name,
                                   "position": np.arange(1, len(order) + 1)}))
    return pd.concat(parts, ignore_index=True)


def known_events(panel: Panel) -> Events:
    """Events as the lists take them; corrections wake nobody."""
    use = (panel.weight > 0) & (panel.known < panel.n_weeks)
    return Events(panel.place[use], panel.occurred[use] + panel.first_week, panel.known[use] + panel.first_week)


def last_weeks(places: tuple[str, ...], weeks_of: pd.DataFrame) -> Ints:
    """Latest week of each place, int64 (P,), from rows ``place_code``, ``week``; `NEVER` where there is none."""
    latest = np.full(len(places), NEVER, dtype=np.int64)
    row = pd.Index(list(places)).get_indexer(weeks_of["place_code"])
    np.maximum.at(latest, row[row >= 0], weeks_of["week"].to_numpy(np.int64)[row >= 0])
    return latest

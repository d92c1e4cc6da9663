"""The default classifier: L2 logistic regression pooled over all places, kept as JSON.

score = intercept + Σ coefficient · (feature − centre) / scale, probability = σ(score). A fitted classifier is its
numbers, window, label, features and versions; read back from JSON it gives the very same scores (no pickle).
Fit: scikit-learn LogisticRegression, solver newton-cholesky; C by log loss on the year before; then one factor for all
coefficients, by the rows of the last two years (`spread_factor`).
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import scipy
import sklearn
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, gammaincinv
from sklearn.linear_model import LogisticRegression

from models.baselines import EDGE, Posterior, fit_recalibration, log_odds, tail_probability
from models.features import OWN_FEATURES, refuse_features

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Inverse strengths of the penalty that are tried.
PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)
#: A classifier needs so many weeks of history before its refit; before, the list is ranked by eb52.
LEAST_HISTORY_WEEKS = 104
#: The factor of the spread stays within; beyond, few rows speak by chance.
LEAST_SPREAD, MOST_SPREAD = 0.5, 2.0
#: Share of the interval of a probability.
INTERVAL = 0.90
#: Fewer records of any kind in the last 52 weeks, or fewer weeks observed: too few to tell.
LEAST_RECORDS, LEAST_WEEKS = 5, 26
FORMAT = 1


@dataclass(frozen=True)
class Classifier:
    """A fitted classifier; lists run over `features`. Weeks count from the epoch Monday."""

    label: str
    horizon: int
    features: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[float, ...]
    intercept: float
    penalty: float
    train_from_week: int
    train_to_week: int
    n_rows: int
    base_rate: float
    min_count: int | None
    versions: dict[str, str]

    def contributions(self, values: Floats) -> Floats:
        """Parts of the score in log-odds, float64 (…, F); with the intercept they sum to the score."""
        parts: Floats = (values - np.array(self.centre)) / np.array(self.scale) * np.array(self.coefficients)
        return parts

    def scores(self, values: Floats) -> Floats:
        """Log-odds of the label, float64 (…), from feature values (…, F) in the order of `features`."""
        total: Floats = self.contributions(values).sum(axis=-1) + self.intercept
        return total

    def probabilities(self, values: Floats) -> Floats:
        """Probability of the label, float64 (…)."""
        p: Floats = 1.0 / (1.0 + np.exp(-self.scores(values)))
        return p

    def to_json(self) -> str:
        """The classifier as JSON text; numbers keep every digit."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Classifier":
        """Read a classifier back.

        Raises
        ------
        ValueError
            The text has another format, or its lists differ in length.
        """
        content: dict[str, Any] = json.loads(text)
        if content.pop("format", None) != FORMAT:
            raise ValueError("this JSON is no classifier of this format")
        lists = ("features", "centre", "scale", "coefficients")
        content.update({name: tuple(content[name]) for name in lists})
        if len({len(content[name]) for name in lists}) != 1:
            raise ValueError("features, centre, scale and coefficients differ in length")
        refuse_features(content["features"])
        return cls(**content)


def fit_line(values: Floats, outcome: Floats, penalty: float) -> tuple[Floats, Floats, Floats, float]:
    """Fit on rows (n, F): centre, scale, coefficients (F,), intercept; a constant feature gets coefficient 0."""
    centre, scale = values.mean(axis=0), values.std(axis=0)
    scale = np.where(scale < 1e-9, 1.0, scale)
    scaled = (values - centre) / scale
    if len(np.unique(outcome)) < 2:
        rate = float(log_odds(np.array([(outcome.sum() + 0.5) / (len(outcome) + 1.0)]))[0])
        return centre, scale, np.zeros(values.shape[1]), rate
    fitted = LogisticRegression(C=penalty, solver="newton-cholesky", max_iter=50).fit(scaled, outcome)
    return centre, scale, np.asarray(fitted.coef_[0], dtype=np.float64), float(fitted.intercept_[0])


def tune_penalty(early: tuple[Floats, Floats], late: tuple[Floats, Floats]) -> float:
    """The penalty with the least log loss on `late` rows (the year before the test) when fitted on `early` ones."""
    losses = []
    if not len(early[1]) or not len(late[1]):
        return 1.0
    for penalty in PENALTIES:
        centre, scale, slope, intercept = fit_line(*early, penalty)
        p = 1.0 / (1.0 + np.exp(-(((late[0] - centre) / scale) @ slope + intercept)))
        p = np.clip(p, EDGE, 1.0 - EDGE)
        losses.append(float(-(late[1] * np.log(p) + (1.0 - late[1]) * np.log(1.0 - p)).mean()))
    return PENALTIES[int(np.argmin(losses))]


def spread_factor(scores: Floats, outcome: Floats) -> float:
    """By how much log-odds (n,) must be stretched so that they fit the outcomes (n,): the slope of Platt's line.

    1 where only one kind of outcome was seen. Source: Cox (1958), Biometrika 45 (calibration slope); Steyerberg,
    Clinical Prediction Models, 2nd ed., chapter 20 (an old model is fitted to new data by level and slope alone).
    """
    return float(np.clip(fit_recalibration(expit(scores), outcome).slope, LEAST_SPREAD, MOST_SPREAD))


def level_of(scores: Floats, outcome: Floats) -> float:
    """The intercept beside log-odds (n,) with which as many positives are expected as there were, some but not all."""
    return float(brentq(lambda level: (expit(level + scores) - outcome).sum(), -100.0, 100.0))


def fit_classifier(
    values: Floats, outcome: Floats, *, features: tuple[str, ...], label: str, horizon: int, penalty: float,
    window: tuple[int, int], min_count: int | None, recent: Bools | None = None,
) -> Classifier:
    """Fit on training rows, values (n, F) and outcome (n,) of 0 and 1.

    Parameters
    ----------
    recent : bool (n,), rows that set the spread. All coefficients are multiplied by `spread_factor` of these rows and
        the level is set anew on all rows; the order of places is not touched. None: as fitted.

    Raises
    ------
    ValueError
        An outcome is unknown: such rows are left out before.
    RefusedFeatureError
        A feature is about persons or groups of persons.
    """
    refuse_features(features)
    if np.isnan(outcome).any():
        raise ValueError("a row with an unknown label cannot train")
    centre, scale, slope, intercept = fit_line(values, outcome, penalty)
    if recent is not None and slope.any():
        parts = ((values - centre) / scale) @ slope
        factor = spread_factor(parts[recent] + intercept, outcome[recent])
        slope, intercept = slope * factor, level_of(parts * factor, outcome)
    return Classifier(
        label=label, horizon=horizon, features=features, centre=tuple(centre.tolist()), scale=tuple(scale.tolist()),
        coefficients=tuple(slope.tolist()), intercept=intercept, penalty=penalty, train_from_week=window[0],
        train_to_week=window[1], n_rows=len(outcome), base_rate=float(outcome.mean()), min_count=min_count,
        versions={"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    )


def probability_interval(
    classifier: Classifier, scores: Floats, posterior: Posterior, min_count: Floats, share: float = INTERVAL,
) -> tuple[Floats, Floats]:
    """Interval of each probability: what is not known about the place's own rate, carried through the score.

    The rate's gamma posterior has the quantiles λ_low and λ_high; the label's log-odds at those rates lie so far from
    the log-odds of its predictive tail, and the score moves by that distance times what the classifier gives to the
    place's own history (the sum of its weights per log-odd, at least 0). Few records → a wide posterior → a wide
    interval in log-odds. Uncertainty of the coefficients is left out: with tens of thousands of rows it is far smaller.

    Parameters
    ----------
    scores : float64 (P,), log-odds; posterior : shape (P, 1) and rate (1,); min_count : float64 (P,).

    Returns
    -------
    low, high : float64 (P,), low ≤ probability ≤ high.
    """
    own = [i for i, name in enumerate(classifier.features) if name in OWN_FEATURES]
    weight = max(0.0, sum(classifier.coefficients[i] / classifier.scale[i] for i in own))
    c = min_count[:, None]
    middle = log_odds(tail_probability(posterior, c, classifier.horizon))[:, 0]
    ends = []
    for level, sign in (((1.0 - share) / 2.0, -1.0), ((1.0 + share) / 2.0, 1.0)):
        expected = gammaincinv(posterior.shape[:, 0], level) / posterior.rate[0] * classifier.horizon
        moved = log_odds(scipy.special.gammainc(min_count, expected)) - middle
        ends.append(1.0 / (1.0 + np.exp(-(scores + sign * np.maximum(sign * moved, 0.0) * weight))))
    return ends[0], ends[1]


def too_few_to_tell(records_52: Floats, weeks_observed: int) -> NDArray[np.bool_]:
    """Places about which nothing can be said: under 5 records of any kind in 52 weeks, or under 26 weeks observed."""
    thin: NDArray[np.bool_] = (records_52 < LEAST_RECORDS) | (weeks_observed < LEAST_WEEKS)
    return thin

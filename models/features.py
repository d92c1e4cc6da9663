"""The eleven features of the default score, by name; and the names that are refused.

1–3 log-odds of the empirical-Bayes tail with exponential memory of half-life 13, 52, 156 weeks · 4 the same for the
plain last 52 weeks · 5 log of the label's count · 6–7 log ratio of the whole county's last 4 and last 13 weeks to its
last 52 · 8–11 season, two harmonics. Source: method.md, "The default classifier".
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.baselines import log_odds, rate_posterior, tail_probability
from models.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALF_LIVES = (13, 52, 156)
FEATURE_NAMES: tuple[str, ...] = (
    *(f"eb_tail_memory_{h}" for h in HALF_LIVES), "eb_tail_last_52", "log_min_count", "county_last_4", "county_last_13",
    "season_sin_1", "season_cos_1", "season_sin_2", "season_cos_2",
)
#: Features that carry the place's own history; the others are the same for all places of a date.
OWN_FEATURES: tuple[str, ...] = FEATURE_NAMES[:4]
#: Mean length of a year in weeks.
YEAR_WEEKS = 52.1775
MOST_FEATURES = 15

_REFUSED = re.compile(
    r"ethnic|nationalit|minorit|\brace\b|racial|religio|faith|church|mosque|temple|hukou|gender|"
    r"complainant|petitioner|applicant|person_id|\bwho\b|surname|household_id|phone|id_number|"
    r"民族|族裔|宗教|信仰|教徒|信访人(?![数次])|上访人(?![数次])|申请人|姓名|户籍"
)


class RefusedFeatureError(ValueError):
    """A feature about ethnicity, religion or who complained, refused by its name."""


def refuse_features(names: Iterable[str]) -> None:
    """Refuse names about ethnicity, religion or complainants, and more than fifteen features.

    Raises
    ------
    RefusedFeatureError
        A name speaks of persons or groups of persons.
    ValueError
        There are too many features.
    """
    listed = list(names)
    for name in listed:
        if _REFUSED.search(re.sub(r"[_\-]+", " ", name.lower())) or _REFUSED.search(name.lower()):
            raise RefusedFeatureError(f"the feature {name!r} is about persons or groups and is refused")
    if len(listed) > MOST_FEATURES:
        raise ValueError(f"at most {MOST_FEATURES} features, got {len(listed)}")


class FeatureBlock(NamedTuple):
    """Features at chosen as-of positions: values float64 (P, D, F), names (F,), at int64 (D,)."""

    values: Floats
    names: tuple[str, ...]
    at: Ints

    def rows(self, positions: Ints) -> Floats:
        """Values at some of the positions, float64 (P, len(positions), F)."""
        return self.values[:, np.searchsorted(self.at, positions), :]


def join_blocks(block: FeatureBlock, more: Iterable[FeatureBlock]) -> FeatureBlock:
    """Put further features beside those of `block`, at the positions of `block`.

    Parameters
    ----------
    more : blocks of the same places whose positions include those of `block`.

    Raises
    ------
    RefusedFeatureError
        A name is about persons or groups of persons.
    ValueError
        A name occurs twice, a position is missing, or there are too many features.
    """
    blocks = [block, *more]
    names = tuple(name for one in blocks for name in one.names)
    if len(set(names)) != len(names):
        raise ValueError("a feature is named twice")
    refuse_features(names)
    if any(not np.isin(block.at, one.at).all() for one in blocks):
        raise ValueError("a block of features lacks some of the as-of weeks")
    return FeatureBlock(np.concatenate([one.rows(block.at) for one in blocks], axis=-1), names, block.at)


def build_features(panel: Panel, min_counts: Floats, horizon: int, at: Ints) -> FeatureBlock:
    """Make the eleven features at the as-of positions `at` (sorted), from what was known before each of them.

    Parameters
    ----------
    min_counts : float64 (P, T + 1), the label's count.
    """
    refuse_features(FEATURE_NAMES)
    c = min_counts[:, at]
    columns = [
        _eb_log_odds(panel.discounted_counts(h)[:, at], panel.discounted_exposure(h)[at], c, horizon)
        for h in HALF_LIVES
    ]
    columns.append(_eb_log_odds(panel.counts(52)[:, at], panel.exposure(52)[at], c, horizon))
    columns.append(np.log(c))
    columns.extend(np.broadcast_to(line, c.shape) for line in (*_county_ratios(panel, at), *_season(panel, at)))
    return FeatureBlock(np.stack(columns, axis=-1), FEATURE_NAMES, at)


def _eb_log_odds(counts: Floats, exposure: Floats, min_counts: Floats, horizon: int) -> Floats:
    return log_odds(tail_probability(rate_posterior(counts, exposure), min_counts, horizon))


def _county_ratios(panel: Panel, at: Ints) -> list[Floats]:
    def weekly(weeks: int) -> Floats:
        total: Floats = (np.maximum(panel.counts(weeks).sum(axis=0), 0.0)[at] + 0.5) / panel.exposure(weeks)[at]
        return total

    return [np.log(weekly(4) / weekly(52)), np.log(weekly(13) / weekly(52))]


def _season(panel: Panel, at: Ints) -> list[Floats]:
    turn = 2.0 * np.pi * (panel.first_week + at) / YEAR_WEEKS
    return [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]

"""How settings and shares are said on the tuning page."""

from collections.abc import Mapping
from math import isnan
from typing import Any

import numpy as np

from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.formats import NOTHING, write_count, write_share
from govdesk.ui.i18n import t
from models.weekly_lists import split_visits


def write_band(low: float, high: float) -> str:
    """Return a band of shares in per cent, or a dash where there is none.

    Examples
    --------
    >>> write_band(0.367, 0.399), write_band(float("nan"), 1.0)
    ('37–40 %', '—')
    """
    return NOTHING if isnan(low) or isnan(high) else f"{100 * low:.0f}–{100 * high:.0f} %"


def write_points(value: float) -> str:
    """Return a difference of shares in points of a hundred, signed.

    Examples
    --------
    >>> write_points(0.0512), write_points(-0.0004), write_points(float("nan"))
    ('+5.1', '0.0', '—')
    """
    if isnan(value):
        return NOTHING
    rounded = round(100 * value, 1)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded):.1f}"


def write_percent(share: float, n_of: float) -> str:
    """Return a share that is a mean over dates; a dash where it is made of fewer than `RATE_MINIMUM`."""
    return NOTHING if isnan(share) or n_of < RATE_MINIMUM else f"{100 * share:.0f} %"


def write_part(n: int, n_of: int) -> str:
    """Return a share with its counts, for instance ``38 % (1,475/3,862)``; counts alone under ten."""
    if n_of < RATE_MINIMUM:
        return f"{n:,}/{n_of:,}"
    return t("tuning.part", share=write_share(n, n_of), n=write_count(n), of=write_count(n_of))


def name_setting(setting: Thresholds, *, is_tried: bool) -> str:
    """Return what a setting is called at the head of a column."""
    key = "tried" if is_tried else "default" if setting.id is None else "in_force"
    return t(f"tuning.name_{key}", k=setting.visits_per_week)


def write_split(setting: Thresholds) -> str:
    """Return how many of the visits go to each list."""
    usual, quiet = split_visits(np.array([setting.visits_per_week]), setting.share_quiet)
    return t("tuning.split", usual=int(usual[0]), quiet=int(quiet[0]))


def write_edges(setting: Thresholds) -> str:
    """Return the edges of the bands, each with its letter."""
    red, orange, yellow = (f"{100 * edge:g}" for edge in setting.band_edges)
    return t("tuning.edges", red=red, orange=orange, yellow=yellow)


def write_figures(figures: Mapping[str, Any]) -> str:
    """Return the caught share that was kept with an adoption, with its band; a dash where nothing was judged."""
    if not figures.get("n_events"):
        return NOTHING
    band = figures.get("caught_share_low"), figures.get("caught_share_high")
    told = write_part(int(figures["n_caught"]), int(figures["n_events"]))
    return told if None in band else f"{told} · {write_band(float(band[0]), float(band[1]))}"  # type: ignore[arg-type]

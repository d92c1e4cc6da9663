"""What a list of so many visits caught on the newest backtest, beside the clerk's habit with as many visits."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection

from govdesk.clock import monday_of
from govdesk.queries.threshold_backtest import read_threshold_backtest
from govdesk.rules.access import SYSTEM, Scope
from models.threshold_sweep import sweep_visits
from models.thresholds import compare_settings

#: The clerk's habit: the villages with most escalations of late.
HABIT = "last_4_weeks"


@dataclass(frozen=True, slots=True)
class Caught:
    """Escalations of the judged weeks, and how many followed a listing within the horizon, each counted once.

    Attributes
    ----------
    first, last : date
        First and last day of the judged weeks.
    n_weeks, horizon_weeks : int
    n_events, n_caught, n_by_habit : int
        Of all villages: of the whole county, whoever asks.
    low, high : float
        95 % band of the caught share, 0–1; NaN under 28 weeks.
    gain, gain_low, gain_high : float
        Caught share less the habit's, with its paired 95 % band.
    """

    first: date
    last: date
    n_weeks: int
    horizon_weeks: int
    n_events: int
    n_caught: int
    n_by_habit: int
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float


def read_caught(connection: Connection, scope: Scope, visits: int, share_quiet: float) -> Caught | None:
    """Return what the lists of a setting would have caught, or None without a backtest or without a judged week."""
    del scope  # sums of the whole county; no village is named
    tested = read_threshold_backtest(connection, SYSTEM)
    if tested is None:
        return None
    k = np.array([visits], dtype=np.int64)
    ours = sweep_visits(tested.scores, tested.judging, k, share_quiet)
    habit = sweep_visits(tested.scores, tested.judging, k, share_quiet, HABIT)
    row, theirs = ours.curve.iloc[0], habit.curve.iloc[0]
    judged = ours.outcomes.weeks[np.isfinite(ours.outcomes.n_events)]
    if not len(judged) or not row["n_events"]:
        return None
    gains = compare_settings(habit.outcomes, ours.outcomes).set_index("share").loc["caught_share"]
    return Caught(
        monday_of(int(judged[0])), date.fromordinal(monday_of(int(judged[-1]) + 1).toordinal() - 1), len(judged),
        tested.horizon_weeks, int(row["n_events"]), int(row["n_caught"]), int(theirs["n_caught"]),
        float(row["caught_share_low"]), float(row["caught_share_high"]), float(gains["difference"]),
        float(gains["low"]), float(gains["high"]))

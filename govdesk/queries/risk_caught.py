"""What a list of so many visits caught on the newest backtest, beside the clerk's habit with as many visits."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection

from govdesk.clock import monday_of
from govdesk.queries.comparing import may_see_county
from govdesk.queries.permission import reads
from govdesk.queries.threshold_backtest import ThresholdBacktest, read_threshold_backtest
from govdesk.queries.treated import group_treated, list_treated
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.visit_orders import TREATED_DAYS, touches
from models.threshold_sweep import Sweep, sweep_visits
from models.thresholds import compare_settings, judge_lists, summarise
from models.weekly_lists import Events

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
    n_treated, n_caught_treated : int
        Of `n_events` and `n_caught`, those in villages visited for an alert in the 90 days before: without them the
        list caught ``n_caught - n_caught_treated`` of ``n_events - n_treated``.
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
    n_treated: int = 0
    n_caught_treated: int = 0


@reads("view_warning_counts")
def read_caught(connection: Connection, scope: Scope, visits: int, share_quiet: float) -> Caught | None:
    """Return what the lists of a setting would have caught, or None without a backtest or without a judged week.

    None also for an account outside of whose area lie fewer than three townships: less its own, it would be theirs.
    """
    tested = read_threshold_backtest(connection, SYSTEM)  # sums of the whole county; no village is named
    if tested is None or not may_see_county(connection, scope, monday_of(int(tested.scores.weeks[-1]))):
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
        float(gains["low"]), float(gains["high"]), *_count_treated(connection, tested, ours))


def _count_treated(connection: Connection, tested: ThresholdBacktest, ours: Sweep) -> tuple[int, int]:
    """Return the events, and the caught ones, in treated village-weeks: what the sums lose when these are left out.

    The lists stay as they were; only what they are held against is without the treated weeks.
    """
    weeks = tested.scores.weeks
    treated = group_treated(list_treated(
        connection, SYSTEM, monday_of(int(weeks[0])) - timedelta(days=TREATED_DAYS),
        monday_of(int(weeks[-1]) + tested.horizon_weeks)))
    events, places = tested.judging.events, tested.scores.places
    kept = np.array([not touches(treated.get(places[place], ()), int(week), int(week) + 1)
                     for place, week in zip(events.place, events.week, strict=True)], dtype=bool) if treated else None
    if kept is None or kept.all():
        return 0, 0
    # The lists are those made of all events (an event wakes a resting village); judged are the kept ones.
    without = summarise(judge_lists(
        ours.lists, weeks=weeks, events=Events(events.place[kept], events.week[kept], events.week_known[kept]),
        visits=ours.visits, horizon=tested.judging.horizon, known_until=tested.judging.known_until)).iloc[0]
    whole = ours.curve.iloc[0]
    return (int(whole["n_events"] - without["n_events"]), int(whole["n_caught"] - without["n_caught"]))

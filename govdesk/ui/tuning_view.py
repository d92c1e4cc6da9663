"""One run of the tuning page: the backtest held in memory, the curves of each score kept, and what is compared.

A curve is made once for a backtest, a score and a split, whatever number of visits is asked for; the slider only reads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from govdesk.clock import monday_of, week_of
from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.queries.threshold_backtest import ThresholdBacktest, read_threshold_backtest
from govdesk.rules.access import Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.ui import loaders
from govdesk.ui.export import ExportNote
from govdesk.ui.i18n import t
from govdesk.ui.setting import Setting
from govdesk.ui.tuning_charts import prepare_curves
from govdesk.ui.tuning_state import MOST_VISITS
from models.date_bands import MIN_DATES
from models.escalation import LEAST_HISTORY_WEEKS
from models.missed_cases import name_missed
from models.threshold_sweep import METHODS, TWO_LISTS, Sweep, catch_by_part, rank_lists, sweep_visits
from models.thresholds import Outcomes, compare_settings
from models.weekly_lists import Events, Ints

#: Weeks of "last quarter", and of the missed cases that are named.
QUARTER, NAMED_WEEKS = 13, 52
#: Weeks that an alert looks ahead where no backtest says otherwise.
HORIZON_WEEKS = 4
#: What the figures of the data hang on.
_SUBJECTS = ("incidents", "places")


@dataclass(frozen=True, slots=True)
class View:
    """What every part of the page starts from.

    Attributes
    ----------
    in_force : Thresholds
        The record the reader sees; an adoption names it as the one it replaces.
    most : int
        Largest number of visits of the curves.
    key : str
        Names the backtest in caches.
    """

    setting: Setting
    in_force: Thresholds
    most: int
    backtest: ThresholdBacktest
    key: str

    def sweep(self, share_quiet: float, method: str = METHODS[0]) -> Sweep:
        """Return lists and curve of every number of visits by one score; kept."""
        share = round(share_quiet, 4) if method in TWO_LISTS else 0.0
        found: Sweep = _hold_sweep((self.key, self.most, share, method), lambda: self._make(share, method))
        return found

    def _make(self, share_quiet: float, method: str) -> Sweep:
        found = sweep_visits(self.backtest.scores, self.backtest.judging, np.arange(1, self.most + 1), share_quiet,
                             method)
        # Nobody asks for the places that a baseline named.
        return found if method == METHODS[0] else replace(found, lists=found.lists[:, :0])

    def row(self, thresholds: Thresholds, method: str = METHODS[0]) -> pd.Series:
        """Return the figures of a setting: a row of `models.thresholds.summarise`."""
        sweep = self.sweep(thresholds.share_quiet, method)
        return sweep.curve.iloc[sweep.at(thresholds.visits_per_week)]

    def compare(
        self, first: Thresholds, second: Thresholds, methods: tuple[str, str] = (METHODS[0], METHODS[0])
    ) -> pd.DataFrame:
        """Return second minus first for each share, with a band over dates; by ``share``."""
        pair = list(zip((first, second), methods, strict=True))
        key = (self.key, self.most, "compare", *((one.share_quiet, one.visits_per_week, name) for one, name in pair))
        found: pd.DataFrame = _hold_small(key, lambda: compare_settings(
            self._outcomes(*pair[0]), self._outcomes(*pair[1])).set_index("share"))
        return found

    def _outcomes(self, thresholds: Thresholds, method: str) -> Outcomes:
        """Return the outcomes of one number of visits: all others would be resampled with it."""
        sweep = self.sweep(thresholds.share_quiet, method)
        at, found = sweep.at(thresholds.visits_per_week), sweep.outcomes
        kept = {name: getattr(found, name)[at : at + 1] for name in ("visits", "caught", "listed", "found", "repeats")}
        return replace(found, **kept)

    def quarter(self, thresholds: Thresholds) -> tuple[int, int, int]:
        """Return visits, events and caught ones of the last quarter that can be judged."""
        sweep = self.sweep(thresholds.share_quiet)
        last, at = self.last_quarter(sweep.outcomes), sweep.at(thresholds.visits_per_week)
        return int(last.listed[at].sum()), int(np.nansum(last.n_events)), int(np.nansum(last.caught[at]))

    def last_quarter(self, outcomes: Outcomes) -> Outcomes:
        """Return the last `QUARTER` weeks whose events are all known."""
        until = self.judged_until
        return outcomes.during(until - QUARTER, until)

    @property
    def judged_until(self) -> int:
        """Week after the last one that is judged."""
        return min(int(self.backtest.scores.weeks[-1]) + 1, self.backtest.judging.known_until)

    @property
    def judged_from(self) -> int:
        """First week whose events are judged: the lists of a whole horizon lie before it."""
        return int(self.backtest.scores.weeks[0]) + self.backtest.horizon_weeks - 1

    @property
    def n_dates(self) -> int:
        """As-of dates whose events are judged."""
        return max(self.judged_until - self.judged_from, 0)

    @property
    def judged_on(self) -> int:
        """Week from which on there are dates enough, with a backtest of that week."""
        return week_of(self.backtest.as_of) + max(MIN_DATES - self.n_dates, 0)

    @property
    def has_curve(self) -> bool:
        """Whether there are dates enough for a figure with a band."""
        return self.n_dates >= MIN_DATES

    def parts(self, thresholds: Thresholds) -> pd.DataFrame:
        """Return what a setting catches by part of the villages (`models.threshold_sweep.catch_by_part`)."""
        sweep = self.sweep(thresholds.share_quiet)
        key = (self.key, self.most, "parts", thresholds.share_quiet, thresholds.visits_per_week)
        found: pd.DataFrame = _hold_small(key, lambda: catch_by_part(
            sweep, thresholds.visits_per_week, _hold_small((self.key, "masks"), lambda: list_parts(self.backtest)),
            self.backtest.scores, self.backtest.judging))
        return found

    def curves(self, share_quiet: float, measure: str) -> pd.DataFrame:
        """Return the curves of all scores as they are drawn (`tuning_charts.prepare_curves`), shared by all readers."""
        words = self.setting.words
        key = (self.key, self.most, "curves", round(share_quiet, 4), measure, words)
        found: pd.DataFrame = _hold_small(key, lambda: prepare_curves(
            {method: self.sweep(share_quiet, method).curve for method in METHODS}, measure, words))
        return found

    def missed(self, thresholds: Thresholds) -> pd.DataFrame:
        """Return the missed cases of the last `NAMED_WEEKS` judged weeks (`models.missed_cases.name_missed`)."""
        key = (self.key, self.most, "missed", thresholds.share_quiet, thresholds.visits_per_week)
        found: pd.DataFrame = _hold_small(key, lambda: self._name_missed(thresholds))
        return found

    def _name_missed(self, thresholds: Thresholds) -> pd.DataFrame:
        scores, judging = self.backtest.scores, self.backtest.judging
        ranks: tuple[Ints, Ints] = _hold_small((self.key, "ranks"), lambda: rank_lists(scores))
        recent = judging.events.week >= self.judged_until - NAMED_WEEKS
        events = Events(*(getattr(judging.events, name)[recent] for name in ("place", "week", "week_known")))
        sweep = self.sweep(thresholds.share_quiet)
        return name_missed(
            sweep.lists[sweep.at(thresholds.visits_per_week)], weeks=scores.weeks, events=events,
            horizon=judging.horizon, known_until=judging.known_until, ranks=ranks, rest_weeks=judging.rest_weeks)

    @property
    def window(self) -> str:
        """The judged weeks in words."""
        return t("tuning.window", from_day=monday_of(self.judged_from), n=self.n_dates,
                 to_day=date_before(self.judged_until))

    def note(self, title: str) -> ExportNote:
        """Return what an export says about itself."""
        return self.setting.note(title, self.window)


def date_before(week: int) -> str:
    """Return the Sunday before a week, as text."""
    return monday_of(week).fromordinal(monday_of(week).toordinal() - 1).isoformat()


def list_parts(backtest: ThresholdBacktest) -> dict[str, Any]:
    """Return which villages belong to which part: kind, size (by the median population), quiet until then or not."""
    kinds, size = backtest.places["kind"], pd.to_numeric(backtest.places["population"]).astype("float64")
    parts: dict[str, Any] = {f"kind_{kind}": (kinds == kind).to_numpy(bool) for kind in ("urban", "plain", "mountain")
                             if (kinds == kind).any()}
    if size.notna().any():
        parts["size_small"] = (size < size.median()).to_numpy(bool)
        parts["size_large"] = (size >= size.median()).to_numpy(bool)
    quiet = backtest.scores.quiet
    return parts | {"now_quiet": quiet, "now_active": ~quiet}


def hold_view(setting: Setting, in_force: Thresholds, newest: int) -> View | None:
    """Return the view on the newest backtest, read once for all readers of the same area and unit; None without rows.

    Parameters
    ----------
    newest : int
        Number of the backtest; a new one is read anew.
    """
    seen = replace(setting.scope, account="")
    versions = [pair for pair in loaders.versions() if pair[0] in _SUBJECTS]
    key = repr((get_settings().url, newest, versions, seen.area_code, seen.unit_code))
    backtest: ThresholdBacktest | None = _hold_backtest(key, lambda: _read(seen))
    if backtest is None:
        return None
    most = max(MOST_VISITS, in_force.visits_per_week, in_force.capacity_per_week or 0)
    return View(setting, in_force, min(most, len(backtest.places)), backtest, key)


def find_first_day(setting: Setting) -> date | None:
    """Return the Monday from which a setting can be judged, where that lies ahead; None where it can be by now.

    Two years of records come first (`models.escalation.LEAST_HISTORY_WEEKS`), and dates enough after them.
    """
    if setting.first_week is None:
        return None
    first = setting.first_week + LEAST_HISTORY_WEEKS + MIN_DATES + 2 * HORIZON_WEEKS
    return monday_of(first) if first > setting.week + 1 else None


def _read(scope: Scope) -> ThresholdBacktest | None:
    with read_transaction(get_engine()) as connection:
        return read_threshold_backtest(connection, scope)


@st.cache_resource(max_entries=4, ttl=3600, show_spinner=False)
def _hold_backtest(key: str, _make: Callable[[], Any]) -> Any:
    del key  # stands for all the rest
    return _make()


@st.cache_resource(max_entries=80, ttl=3600, show_spinner=False)
def _hold_sweep(key: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    del key
    return _make()


@st.cache_resource(max_entries=400, ttl=3600, show_spinner=False)
def _hold_small(key: tuple[Any, ...], _make: Callable[[], Any]) -> Any:
    del key
    return _make()

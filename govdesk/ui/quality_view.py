"""One run of the page of case quality: who reads, what is chosen, and the numbers that all parts share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.quality_recorded import QualityRecorded, read_quality_recorded
from govdesk.queries.quality_returns import sum_reopenings
from govdesk.queries.quality_sums import SUMS, read_course
from govdesk.queries.quality_table import read_quality_table
from govdesk.queries.quality_times import count_open_days, find_age_quantile, split_times
from govdesk.ui.export import ExportNote
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_ahead, load_over
from govdesk.ui.quality_state import Choice, Names, describe
from govdesk.ui.setting import Setting


@dataclass(frozen=True, slots=True)
class View:
    """What every part of the page starts from."""

    setting: Setting
    choice: Choice
    names: Names
    filters: IncidentFilter
    as_of: datetime
    recorded: QualityRecorded

    def load(self, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Return what a query of this view's incidents finds."""
        return load(query, self.setting.scope, self.filters, self.as_of, *args, **kwargs)

    def load_held(self, query: Callable[..., Any], *args: Any) -> Any:
        """Return what a query finds that can look at the window's incidents in memory (`quality_table`)."""
        return load_over(read_quality_table, (self.filters.week_from, self.as_of), query, self.setting.scope,
                         self.filters, self.as_of, *args)

    def load_ahead(self, query: Callable[..., Any], *args: Any) -> None:
        """Begin to read in the background what `load` is asked for later."""
        load_ahead(query, self.setting.scope, self.filters, self.as_of, *args)

    @property
    def words(self) -> str:
        """What is shown, in words."""
        return describe(self.choice, self.names, self.setting)

    @property
    def as_of_words(self) -> str:
        """What is shown, and of which day."""
        return t("quality.as_of", window=self.words, day=self.setting.day)

    def note(self, title: str) -> ExportNote:
        """Return what an export of a part says about itself."""
        return self.setting.note(title, self.words)


@dataclass(frozen=True, slots=True)
class Facts:
    """The sums of the cohort, the ages of what is open, and what was open before it.

    Attributes
    ----------
    sums : mapping of str to int
        `SUMS`, and ``n_back_90``, ``n_returned_90``: closings at least 90 days old, re-opened within 90 days.
    answer_days, closing_days : DataFrame
        As `models.survival.estimate_survival` takes it.
    median_age, late_age : int or None
        Days that half, and nine tenths, of the cohort's open incidents have not passed.
    n_older : int
        Open incidents that occurred outside the window.
    oldest_days : int or None
        Age of the oldest of all open.
    """

    sums: dict[str, int]
    answer_days: pd.DataFrame
    closing_days: pd.DataFrame
    median_age: int | None
    late_age: int | None
    n_older: int
    oldest_days: int | None

    @property
    def n_open(self) -> int:
        """How many of the cohort are open."""
        return self.sums["n"] - self.sums["n_closed"]


def make_view(setting: Setting, choice: Choice, names: Names, as_of: datetime) -> View:
    """Return the view of a choice."""
    recorded = load(read_quality_recorded, setting.scope)
    return View(setting, choice, names, choice.filters(setting), as_of, recorded)


def read_facts(view: View) -> Facts:
    """Return the numbers above all parts."""
    view.load_ahead(sum_reopenings)
    view.load_ahead(count_open_days)
    by_days, answered = view.load_held(read_course)
    sums = {name: int(value) for name, value in by_days[list(SUMS)].sum().items()}
    undone = view.load(sum_reopenings).iloc[0]
    sums["n_back_90"] = sums["n_closed_90"] + int(undone["n_undone_90"])
    sums["n_returned_90"] = int(undone["n_reopened_90"])
    counted = by_days.assign(is_event=by_days["is_closed"])[["is_event", "days", "n"]]
    closing = split_times(counted, [])
    opened = view.load(count_open_days)
    inside, older = opened[opened["is_in_window"]], opened[~opened["is_in_window"]]
    known = opened.loc[opened["n"] > 0, "days"]
    return Facts(
        sums, answered, closing, find_age_quantile(inside["days"], inside["n"], 0.5),
        find_age_quantile(inside["days"], inside["n"], 0.9), int(older["n"].sum()),
        None if known.empty else int(known.max()))

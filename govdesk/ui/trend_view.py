"""One run of the page of trends: who reads, what is chosen, and what all parts share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from govdesk.clock import monday_of, week_label
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.known import has_closings
from govdesk.queries.trend_changes import ALL, Look, look_at
from govdesk.queries.trend_findings import Finding, Vocabulary, describe_changes
from govdesk.queries.trend_periods import Comparison, compare_span, find_festivals
from govdesk.queries.trends import SourceChange, read_open
from govdesk.settings import get_settings
from govdesk.ui import loaders
from govdesk.ui.export import ExportNote
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.setting import Setting
from govdesk.ui.trend_state import ALL_STREAMS, Choice, Names, recorded_weeks
from govdesk.words import say

#: Weeks to the year before.
YEAR = 52


@dataclass(frozen=True, slots=True)
class View:
    """What every part of the page starts from; `weeks` are those that are recorded and looked at."""

    setting: Setting
    choice: Choice
    names: Names
    look: Look
    weeks: range
    festivals: Mapping[int, int]
    has_closings: bool

    @property
    def filters(self) -> IncidentFilter:
        """What is counted, in all recorded weeks."""
        return self.choice.filters(recorded_weeks(self.setting))

    @property
    def chosen(self) -> IncidentFilter:
        """What is counted, in the period chosen."""
        return self.choice.filters(self.choice.span)

    @property
    def weekly(self) -> pd.Series:
        """Cases by week of all that is shown."""
        series: pd.Series = self.look.whole.weekly[ALL]
        return series

    @property
    def whole_note(self) -> str:
        """What is shown without its period, in words."""
        choice, names, words = self.choice, self.names, self.setting.words
        parts = [names.places.get(choice.place, ""), _name_what(choice, names)[words]]
        return " · ".join(part for part in parts if part)

    @property
    def period(self) -> str:
        """The period chosen, in words."""
        span = self.choice.span
        return t("trends.period", from_week=week_label(span.start), to_week=week_label(span.stop - 1),
                 from_day=monday_of(span.start), to_day=monday_of(span.stop) - pd.Timedelta(days=1), n=len(span))

    def note(self, title: str) -> ExportNote:
        """Return what an export of a part says about itself."""
        return self.setting.note(title, f"{self.whole_note} · {self.period}")

    def load(self, query: Any, *args: Any) -> Any:
        """Return what a query of this view's incidents finds, in all recorded weeks."""
        return load(query, self.setting.scope, self.filters, *args)


def make_view(setting: Setting, choice: Choice, names: Names) -> View:
    """Return the view of a choice."""
    recorded = recorded_weeks(setting)
    look = load(look_at, setting.scope, choice.filters(recorded))
    weeks = range(int(look.whole.weekly.index[0]), recorded.stop)
    zone = loaders.load_properties().zone or get_settings().zone
    return View(setting, choice, names, look, weeks, find_festivals(weeks, zone), load(has_closings, setting.scope))


def read_stock(view: View, *, by_channel: bool) -> pd.Series | None:
    """Return what was open at the end of each week; None where no closing is known.

    By channel it is not kept in sums and takes a second for a million incidents: only when it is asked for.
    """
    if not view.has_closings or (view.choice.channel and not by_channel):
        return None
    stock: pd.Series = load(read_open, view.setting.scope, view.choice.filters(view.weeks))["n"]
    return stock


def compare(view: View) -> Comparison:
    """Return the period chosen against its counterpart of the year before."""
    return compare_span(view.weekly, view.choice.span, view.festivals)


def name_things(view: View) -> Vocabulary:
    """Return what series are called in sentences."""
    names, level = view.names, view.names.level or "township"
    place = names.places.get(view.choice.place)
    whole = {one: place or view.setting.area or say("trends.whole", one) for one in ("zh", "en")}
    return Vocabulary(
        _name_what(view.choice, names), names.categories, names.places, names.kinds,
        {one: say(f"trends.levels_{level}", one) for one in ("zh", "en")}, whole)


def _name_what(choice: Choice, names: Names) -> Mapping[str, str]:
    """Return what is counted, with the kind of village and the channel it is narrowed to."""
    return {one: _narrow(_name_plainly(choice, names, one), choice, one) for one in ("zh", "en")}


def _name_plainly(choice: Choice, names: Names, words: str) -> str:
    if choice.category:
        return names.categories[choice.category][words]
    return say("trends.all_incidents" if choice.stream == ALL_STREAMS else f"term.stream_{choice.stream}", words)


def _narrow(what: str, choice: Choice, words: str) -> str:
    if choice.kind:
        what = say("trends.what_of_kind", words, what=what, kind=say(f"trends.of_kind_{choice.kind}", words).strip())
    if choice.channel:
        what = say("trends.what_by_channel", words, what=what, channel=say(f"term.channel_{choice.channel}", words))
    return what


def find_in_view(view: View) -> list[Finding]:
    """Return the changes of level of all that is shown and of its districts, in the period chosen."""
    flags = [view.look.whole.flags]
    if view.look.districts is not None and len(view.names.places) > 1:
        flags.append(view.look.districts.flags)
    every = pd.concat([one for one in flags if not one.empty] or flags[:1], ignore_index=True)
    return describe_changes(
        every, view.look.changes, name_things(view), weeks=view.choice.span, last_week=view.weeks.stop - 1)


def list_crossed(view: View, place_code: str | None) -> list[SourceChange]:
    """Return the changes of recording between the weeks of a year earlier and the end of the period chosen.

    What is compared across one of them is not recorded alike on both sides.
    """
    return [one for one in list_all_crossed(view) if one.touches(place_code)]


def list_all_crossed(view: View) -> list[SourceChange]:
    """Return the changes of recording between the two periods, wherever they were."""
    span = view.choice.span
    return [one for one in view.look.changes if span.start - YEAR < one.week < span.stop]


def name_change(change: SourceChange, view: View) -> str:
    """Return a change of the source in words: day, kind, where."""
    places = change.place_codes
    where = "" if not places else t("trends.in_n_places", n=len(places)) if len(places) > 1 else (
        view.names.places.get(places[0], places[0]))
    return " ".join(part for part in (change.on, change.name_kind(view.setting.words), where) if part)


def name_changes(changes: list[SourceChange], view: View) -> str:
    """Return several changes of the source in words, of many only the last two."""
    named = t("trends.comma").join(name_change(one, view) for one in changes[-2:])
    return named if len(changes) <= 2 else t("trends.and_more", named=named, n=len(changes) - 2)

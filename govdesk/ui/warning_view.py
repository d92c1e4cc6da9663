"""What one view of early warning is drawn from: the list, what changed, what is known beside it, who answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from govdesk.clock import day_start, today, week_of
from govdesk.queries.places import list_places
from govdesk.queries.risk_changes import ScoreChanges, read_changes
from govdesk.queries.risk_known import Item, NewEvent, list_known, list_new_events
from govdesk.queries.risk_list import ELEVATED, ONSET, QUIET, USUAL, WeekList, list_scored_days, read_week_list
from govdesk.queries.risk_owners import read_owners
from govdesk.queries.visit_orders import list_order_states
from govdesk.queries.visits import last_contacts
from govdesk.rules.next_step import Standing, Step, choose_step
from govdesk.terms import Level
from govdesk.ui import session
from govdesk.ui.loaders import load, load_loop
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.warning_words import Words


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for: the list of which Monday, of which township ("": all), with all villages below."""

    on: date
    days: tuple[date, ...]
    town: str
    towns: Mapping[str, str]
    has_rest: bool

    @property
    def is_newest(self) -> bool:
        """Whether the newest list is shown."""
        return self.on == self.days[0]


@dataclass(frozen=True, slots=True)
class View:
    """All that the parts of the page draw.

    Attributes
    ----------
    listed, rest : DataFrame
        Rows of `WeekList.rows`, cut to the township chosen: on the list, and below the line.
    known, news : mapping
        By village: what is known and not in the score; escalations that became known between the two scorings.
    orders : mapping
        By village: the visit order of this list (`queries.visit_orders.list_order_states`).
    """

    setting: Setting
    choice: Choice
    week: WeekList
    listed: pd.DataFrame
    rest: pd.DataFrame
    changes: Mapping[str, ScoreChanges | None]
    known: Mapping[str, list[Item]]
    news: Mapping[str, list[NewEvent]]
    visited: Mapping[str, date]
    owners: Mapping[str, str]
    words: Words
    orders: Mapping[str, Mapping[str, Any]]

    def step(self, row: Mapping[str, Any]) -> Step:
        """Return the next step for a village."""
        code = str(row["place_code"])
        n_new = sum(item.kind == "event" for item in self.known.get(code, ()))
        is_listed, band = isinstance(row["list"], str), row["band"] if isinstance(row["band"], str) else None
        return choose_step(Standing(is_listed, band, n_new, self.visited.get(code)), self.week.run.as_of)


def read_choice(setting: Setting) -> Choice | None:
    """Return what the address asks for; None where nothing was ever scored."""
    days = tuple(load(list_scored_days, setting.scope))
    if not days:
        return None
    places = load(list_places, setting.scope, Level.TOWNSHIP, setting.day)
    towns = dict(zip(places["code"], places["name"], strict=True))

    def known_day(text: str) -> date:
        found = date.fromisoformat(text)
        if found not in days:
            raise ValueError(text)
        return found

    return Choice(
        on=session.read_param("on", known_day, days[0]), days=days,
        town=session.read_param("town", session.one_of(*towns), ""), towns=towns,
        has_rest=session.read_param("rest", session.one_of("all"), "") == "all")


def read_view(setting: Setting, choice: Choice) -> View | None:
    """Return what is drawn, or None where the list is gone."""
    week = load(read_week_list, setting.scope, choice.on)
    if week is None:
        return None
    rows = week.rows if not choice.town else week.rows[(week.rows["parent_code"] == choice.town).to_numpy()]
    is_listed = rows["list"].notna().to_numpy()
    listed, now = rows[is_listed], setting.as_of or day_start(setting.day)
    # Of all that are listed, whichever township is looked at: one question for every choice of it.
    codes = tuple(week.rows["place_code"][week.rows["list"].notna()])
    items = load(list_known, setting.scope, codes, week.run.as_of, now)
    changes = _read_changes(setting, choice.on, week)
    since = next((change.since for change in changes.values() if change), week.run.as_of - timedelta(weeks=1))
    events = load(list_new_events, setting.scope, since, until=week.run.as_of)
    contacts = load(last_contacts, setting.scope)
    return View(
        setting=setting, choice=choice, week=week, listed=listed, rest=rows[~is_listed], changes=changes,
        known=_group(items), news=_group([event for event in events if event.weight > 0]),
        visited=dict(zip(contacts["place_code"], contacts["visited_on"].dt.date, strict=True)),
        owners=load(read_owners, setting.scope, setting.day),
        words=Words(name_categories(setting.words), setting.words), orders=_read_orders(setting, week))


def _read_orders(setting: Setting, week: WeekList) -> dict[str, Mapping[str, Any]]:
    """Return how the visit orders of this list stand, by village."""
    rows = load_loop(list_order_states, setting.scope, week_of(week.run.as_of), today())
    return {str(row["place_code"]): row for row in rows.to_dict("records")}


def _read_changes(setting: Setting, on: date, week: WeekList) -> dict[str, ScoreChanges | None]:
    """Return what changed of the listed villages, by the label that each list is made by."""
    listed = {label: tuple(week.rows["place_code"][(week.rows["list"] == name).to_numpy()])
              for label, name in ((ELEVATED, USUAL), (ONSET, QUIET))}
    return {label: load(read_changes, setting.scope, label, on, codes) for label, codes in listed.items()}


def read_all_changes(view: View) -> View:
    """Return the view with what changed of every village: for a file, that has time."""
    changes = {label: load(read_changes, view.setting.scope, label, view.choice.on) for label in (ELEVATED, ONSET)}
    return replace(view, changes=changes)


def _group(items: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(item.place_code, []).append(item)
    return found

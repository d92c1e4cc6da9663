"""All that a weekly brief says, read once, before it is put into any language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection

from govdesk.clock import local_day, monday_of
from govdesk.queries.brief_alerts import AlertFacts, read_alert_facts
from govdesk.queries.brief_quality import DataQuality, QualityFacts, read_data_quality, read_quality_facts
from govdesk.queries.brief_stock import count_open_by_office
from govdesk.queries.figures import Figure, read_figures
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.freshness import read_data_as_of, recorded_weeks
from govdesk.queries.instants import complete_week, instant_of_week
from govdesk.queries.known import has_closings
from govdesk.queries.old_cases import count_old_cases
from govdesk.queries.permission import reads
from govdesk.queries.places import get_place, list_places
from govdesk.queries.surroundings import list_categories
from govdesk.queries.trend_changes import ALL, Look, look_at, read_district_kinds
from govdesk.queries.trend_findings import Finding, Vocabulary, describe_changes
from govdesk.queries.trends import read_first_full_week, read_open, read_series
from govdesk.queries.weekly_changes import Change, find_weekly_changes
from govdesk.rules.access import Scope
from govdesk.storage.properties import Properties, read_properties
from govdesk.storage.weekly_counts import find_district_level
from govdesk.terms import Stream
from govdesk.words import say

#: Weeks drawn, and weeks whose findings are told.
CHART_WEEKS, TREND_WEEKS = 104, 52

#: Is told what is done now and the share of all that is done.
Tell = Callable[[str, float], None]


class NoBriefError(ValueError):
    """There is nothing to write a brief about; `args[0]` is the key of a sentence, `args[1]` its values."""


@dataclass(frozen=True, slots=True)
class BriefFacts:
    """What a brief of one week is written from.

    Attributes
    ----------
    week : int
        The complete week it is about.
    as_of : datetime
        What is open counts as of this instant (`queries.instants.instant_of_week`).
    streams : DataFrame
        Incidents by week (index) and stream (columns) of the last 53 weeks.
    disputes, stock : Series
        New disputes by week, and what is open at each week's end, of up to `CHART_WEEKS` weeks; `stock` is None where
        no closing is known.
    findings : list of Finding
        Changes of level of disputes that began or lasted within `TREND_WEEKS`.
    n_series : int
        Series that were looked at for them.
    districts : mapping of str to str
        Names of the townships, by code; `level` is what they are.
    offices : DataFrame
        `brief_stock.count_open_by_office`.
    n_old_cases : int
    """

    properties: Properties
    week: int
    as_of: datetime
    first_week: int
    figures: Mapping[str, Figure]
    changes: tuple[Change, ...]
    streams: pd.DataFrame
    disputes: pd.Series
    stock: pd.Series | None
    findings: tuple[Finding, ...]
    n_series: int
    districts: Mapping[str, str]
    level: str | None
    offices: pd.DataFrame
    n_old_cases: int
    alerts: AlertFacts
    quality: QualityFacts
    data: DataQuality

    @property
    def day(self) -> date:
        """The day of `as_of`."""
        return local_day(self.as_of)


@reads("view_brief")
def choose_week(connection: Connection, scope: Scope, week: int | None = None) -> tuple[int, datetime]:
    """Return the week of a brief, the last complete one where none is named, and the instant it is of.

    Raises
    ------
    NoBriefError
        Without a record (``nothing``), for a week that is not over (``not_over``) or not recorded (``not_recorded``).
    """
    data_as_of = read_data_as_of(connection, scope)
    recorded = recorded_weeks(connection)
    if data_as_of is None or recorded is None:
        raise NoBriefError("nothing", {})
    last = complete_week(data_as_of)
    chosen = last if week is None else week
    if chosen > last:
        raise NoBriefError("not_over", {"last": monday_of(last)})
    if chosen < recorded[0]:
        raise NoBriefError("not_recorded", {"first": monday_of(recorded[0])})
    return chosen, instant_of_week(chosen, data_as_of)


@reads("view_brief")
def read_brief_facts(
    connection: Connection, scope: Scope, week: int | None = None, tell: Tell | None = None
) -> BriefFacts:
    """Return what the brief of a week is written from.

    Raises
    ------
    NoBriefError
        As `choose_week`.
    """
    say_done = tell or (lambda _part, _share: None)
    chosen, as_of = choose_week(connection, scope, week)
    whole = read_properties(connection)
    properties = _name_area(connection, scope, whole, local_day(as_of))
    first = (recorded_weeks(connection) or (chosen, chosen))[0]
    say_done("counts", 0.05)
    figures = {figure.key: figure for figure in read_figures(connection, scope, as_of)}
    changes = tuple(find_weekly_changes(connection, scope, as_of))
    streams = read_series(connection, scope, IncidentFilter(max(chosen - 52, first), chosen + 1), ("stream",))
    say_done("trends", 0.2)
    level = find_district_level(connection)
    districts = _name_districts(connection, scope, level, local_day(as_of))
    full = read_first_full_week(connection, scope, first, chosen + 1)
    look = look_at(connection, scope, IncidentFilter(full, chosen + 1, (Stream.DISPUTE.value,)))
    findings = tuple(_find(connection, look, properties, districts, level, chosen))
    disputes = look.whole.weekly[ALL].tail(CHART_WEEKS)
    stock = None
    if has_closings(connection, scope):
        span = IncidentFilter(max(chosen + 1 - CHART_WEEKS, first), chosen + 1)
        stock = read_open(connection, scope, span)["n"]
    say_done("stock", 0.35)
    offices = count_open_by_office(connection, scope, as_of)
    n_old = count_old_cases(connection, scope, IncidentFilter(0, 0), as_of)
    say_done("alerts", 0.45)
    alerts = read_alert_facts(connection, scope, chosen, f"{whole.title_zh}|{whole.kind}")
    say_done("quality", 0.7)
    return BriefFacts(
        properties, chosen, as_of, first, figures, changes, streams, disputes, stock, findings,
        (look.districts.n_heard if look.districts is not None else 0) + 1, districts, level, offices, n_old, alerts,
        read_quality_facts(connection, scope, chosen, as_of, first),
        read_data_quality(connection, scope, chosen, as_of, first))


def _name_area(connection: Connection, scope: Scope, properties: Properties, on: date) -> Properties:
    """Return the properties with the name of the caller's area: its numbers are not those of the county."""
    place = None if scope.area_code is None else get_place(connection, scope, scope.area_code, on)
    return properties if place is None else replace(properties, title_zh=place.name, title_en=place.name)


def _name_districts(connection: Connection, scope: Scope, level: str | None, on: date) -> dict[str, str]:
    places = list_places(connection, scope, level, on) if level else None
    return {} if places is None else dict(zip(places["code"], places["name"], strict=True))


def _find(
    connection: Connection, look: Look, properties: Properties, districts: Mapping[str, str], level: str | None,
    week: int,
) -> list[Finding]:
    flags = [look.whole.flags]
    if look.districts is not None and len(districts) > 1:
        flags.append(look.districts.flags)
    every = pd.concat([one for one in flags if not one.empty] or flags[:1], ignore_index=True)
    categories = list_categories(connection)
    words = Vocabulary(
        {one: say("term.stream_dispute", one) for one in ("zh", "en")},
        {code: {"zh": zh, "en": en} for code, zh, en in zip(
            categories["code"], categories["name_zh"], categories["name_en"], strict=True)},
        districts, read_district_kinds(connection),
        {one: say(f"trends.levels_{level or 'township'}", one) for one in ("zh", "en")},
        {"zh": properties.title_zh or say("trends.whole", "zh"),
         "en": properties.title_en or properties.title_zh or say("trends.whole", "en")})
    weeks = range(week + 1 - TREND_WEEKS, week + 1)
    return describe_changes(every, look.changes, words, weeks=weeks, last_week=week)

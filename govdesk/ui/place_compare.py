"""Places side by side: counts of 52 weeks with their denominator, and what is open."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from govdesk.clock import monday_of
from govdesk.queries.counts import count_by_place, count_open_by_place
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.known import EVER
from govdesk.queries.places import PlaceFacts, list_children, list_neighbours
from govdesk.queries.turns import list_beginnings
from govdesk.terms import RATE_MINIMUM
from govdesk.ui.formats import is_known, write_count, write_day, write_number
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import address
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column

WEEKS = 52

#: Neighbours looked at for as many of the same kind as are shown.
_LOOKED_AT, _SHOWN = 40, 6


def find_neighbours(place: PlaceFacts, setting: Setting) -> pd.DataFrame:
    """Return the place itself and its nearest neighbours of the same kind, with counts and rates."""
    near = load(list_neighbours, setting.scope, place.code, setting.day, _LOOKED_AT)
    same = near[near["kind"] == place.kind] if place.kind else near
    if same.empty:
        return same
    own = pd.DataFrame([{"code": place.code, "name": place.name, "level": place.level, "kind": place.kind,
                         "population": place.population}])
    columns = ["code", "name", "level", "kind", "population"]
    both = pd.concat([own[columns], same[columns].head(_SHOWN)], ignore_index=True)
    return add_counts(both, place.level, setting)


def find_children(place: PlaceFacts, setting: Setting) -> pd.DataFrame:
    """Return the places directly below, with counts and rates, the most incidents first."""
    children = load(list_children, setting.scope, place.code, setting.day)
    if children.empty:
        return children
    counted = add_counts(children, children["level"].iloc[0], setting, within=place.code)
    return counted.sort_values(["n_year", "code"], ascending=[False, True], ignore_index=True)


def add_counts(places: pd.DataFrame, level: str, setting: Setting, within: str | None = None) -> pd.DataFrame:
    """Return the places with ``n_year``, ``n_open``, ``rate`` (per 1,000 people) and ``since`` (day).

    A place without an incident in the recorded period has 0; a rate needs a population and at least
    `terms.RATE_MINIMUM` incidents. A place that began within the window is counted since that day, and has no rate
    to compare; one that began after it has no count.
    """
    window = IncidentFilter(setting.week + 1 - WEEKS, setting.week + 1, place_code=within)
    year = load(count_by_place, setting.scope, window, level).set_index("place_code")["n_incidents"]
    ever = replace(EVER, place_code=within)
    still = load(count_open_by_place, setting.scope, ever, level, setting.as_of or setting.day)
    n_open = still.set_index("place_code")["n_open"]
    n_year = places["code"].map(year).fillna(0).astype("int64")
    since = find_since(places["code"], level, setting)
    people = pd.to_numeric(places["population"], errors="coerce").astype("float64")
    rate = (1000 * n_year / people.where(people > 0)).where((n_year >= RATE_MINIMUM) & since.isna())
    n_year = n_year.astype("Int64").mask(since >= pd.Timestamp(monday_of(window.week_to)))
    return places.assign(n_year=n_year, n_open=places["code"].map(n_open).fillna(0).astype("int64"), rate=rate,
                         since=since)


def find_since(codes: pd.Series, level: str, setting: Setting) -> pd.Series:
    """Return the day on which each place began, where it began within the window or after it; else missing."""
    known = load(list_beginnings, setting.scope, level).set_index("code")["since"]
    since = pd.Series(known.reindex(codes).to_numpy(), index=codes.index)
    return since.where(since > pd.Timestamp(monday_of(setting.week + 1 - WEEKS)))


def describe_window(setting: Setting) -> str:
    """Return in words what the counts are of, and how many of the weeks are recorded at all where some are not."""
    note = t("village.neighbours_note", least=RATE_MINIMUM)
    first = setting.first_week
    if first is None or first <= setting.week + 1 - WEEKS:
        return note
    return t("village.note_known_only", note=note, n=max(setting.week + 1 - first, 0))


def compare_columns(rows: pd.DataFrame, own_code: str | None = None) -> tuple[Column, ...]:
    """Return the columns of a comparison; the place itself is marked, and from when a place of this year counts."""

    def people(row: Mapping[str, Any]) -> str | None:
        return t("village.people", n=write_count(row["population"])) if is_known(row["population"]) else None

    def mark(row: Mapping[str, Any]) -> str | None:
        return t("village.this_place") if row["code"] == own_code else people(row)

    def few(row: Mapping[str, Any]) -> str | None:
        if is_known(row["rate"]):
            return None
        if is_known(row["since"]):
            return t("village.not_comparable")
        return t("village.counts_only") if is_known(row["population"]) else None

    def began(row: Mapping[str, Any]) -> str | None:
        return t("village.since", day=write_day(row["since"])) if is_known(row["since"]) else None

    is_any_young = "since" in rows and bool(rows["since"].notna().any())
    return (
        Column("name", t("table.name"), href=lambda row: address("/village", place=row["code"]), muted=mark),
        Column("n_year", t("village.n_year"), "count", muted=began),
        Column("rate", t("village.per_1000"), "number", muted=few),
        Column("n_open", t("village.n_open"), "count"),
        *((Column("since", t("village.counted_since"), "day", is_narrow=False),) if is_any_young else ()),
    )


def write_rate(n_incidents: int, population: int | None) -> str | None:
    """Return a rate per 1,000 people in words; None where there are too few incidents or no population."""
    if not population or n_incidents < RATE_MINIMUM:
        return None
    return t("village.per_1000_unit", rate=write_number(1000 * n_incidents / population))

"""Beside the map: the chosen place in figures, each with what it is out of, and its last incidents."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from govdesk.queries.counts import weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, list_incidents
from govdesk.queries.map_request import MapRequest
from govdesk.queries.recorded import Recorded, read_recorded
from govdesk.queries.stock import count_open
from govdesk.rules.access import Scope
from govdesk.ui import loaders
from govdesk.ui.formats import NOTHING, write_count, write_day, write_share
from govdesk.ui.i18n import t, term
from govdesk.ui.map_drill import Drill
from govdesk.ui.markup import Html, address, clean_text, link, tag
from govdesk.ui.sparkline import draw_sparkline

#: Weeks of the curve, and incidents listed.
CURVE_WEEKS = 26
LATEST = 6


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """Figures of one place in one window; None where nothing can be said."""

    n_incidents: int
    n_before: int | None
    n_repeat: int
    n_open: int
    n_overdue: int
    n_with_due: int


def read_place_figures(
    scope: Scope, filters: IncidentFilter, as_of: datetime, first_week: int | None
) -> PlaceFigures:
    """Return the figures of the place of `filters`, with the equally long window before it.

    The comparison is None where the window before is not wholly inside the recorded period.
    """
    weeks = filters.week_to - filters.week_from
    before = replace(filters, week_from=filters.week_from - weeks, week_to=filters.week_from)
    stock = loaders.load(count_open, scope, filters, as_of)
    known = first_week is not None and before.week_from >= first_week and weeks > 0
    return PlaceFigures(
        n_incidents=loaders.load(count_incidents, scope, filters, as_of=as_of),
        n_before=loaders.load(count_incidents, scope, before, as_of=as_of) if known else None,
        n_repeat=loaders.load(count_incidents, scope, filters, only_repeat=True, as_of=as_of),
        n_open=stock.n_open,
        n_overdue=stock.n_overdue, n_with_due=stock.n_with_due,
    )


def draw_panel(
    scope: Scope, request: MapRequest, drill: Drill, first_week: int | None, n_on_map: int | None,
    names: Mapping[str, str],
) -> None:
    """Draw the panel of the chosen place."""
    filters = request.filters
    figures = read_place_figures(scope, filters, request.instant, first_week)
    st.html(_build_head(drill))
    if request.week_to <= request.week_from:
        st.html(tag("p", t("map.no_records_next"), class_="gd-muted"))
        return
    st.html(_build_figures(figures, request, loaders.load(read_recorded, scope)))
    curve = loaders.load(weekly_series, scope, replace(filters, week_from=filters.week_to - CURVE_WEEKS))
    if len(curve) > 1:
        title = t("map.curve", weeks=len(curve))
        line = draw_sparkline([float(n) for n in curve["n_incidents"]], title, width=250, height=46)
        st.html(tag("div", line, tag("div", title, class_="gd-muted gd-small"), class_="gd-map-curve"))
    _draw_latest(scope, filters, request.instant, names)
    missing = figures.n_incidents - n_on_map if n_on_map is not None else 0
    if missing > 0:
        sentence = t("map.not_on_map", n=write_count(missing), of=write_count(figures.n_incidents))
        st.html(tag("p", sentence, class_="gd-muted gd-small"))


def _build_head(drill: Drill) -> Html:
    place = drill.place
    if place is None:
        return tag("h2", t("map.whole_area"), class_="gd-panel-title")
    facts = [term("level", place.level)]
    if place.kind:
        facts.append(term("kind", place.kind))
    facts.append(t("map.population", n=write_count(place.population)) if place.population else t("map.no_population"))
    links = [link(t("map.to_village"), address("/village", place=place.code))]
    return tag("div", tag("h2", clean_text(place.name, 40), class_="gd-panel-title"),
               tag("div", " · ".join(facts), class_="gd-muted gd-small"), tag("div", *links, class_="gd-small"))


def _build_figures(figures: PlaceFigures, request: MapRequest, recorded: Recorded) -> Html:
    weeks = request.week_to - request.week_from
    if figures.n_before is None:
        compared = t("map.no_comparison")
    else:
        compared = t("map.compared", n=write_count(figures.n_before),
                     change=f"{figures.n_incidents - figures.n_before:+,}")
    overdue = (
        t("map.overdue_of", n=write_count(figures.n_overdue), of=write_count(figures.n_with_due),
          share=write_share(figures.n_overdue, figures.n_with_due))
        if figures.n_with_due else t("map.no_due_dates")
    )
    repeat = t("map.repeat_of", n=write_count(figures.n_repeat), of=write_count(figures.n_incidents))
    count = _figure(t("map.figure_count", weeks=weeks), t("map.n_items", n=write_count(figures.n_incidents)), compared)
    stock = _figure(t("map.figure_open"), t("map.n_items", n=write_count(figures.n_open)), overdue)
    if not recorded.closings:
        stock = _figure(t("map.figure_open"), NOTHING, t("map.no_closings"))
    again = _figure(t("map.figure_repeat"), write_share(figures.n_repeat, figures.n_incidents), repeat)
    if not recorded.repeats:
        again = _figure(t("map.figure_repeat"), NOTHING, t("map.no_repeats"))
    return tag("div", count, stock, again, class_="gd-map-figures")


def _figure(title: str, value: str, note: str) -> Html:
    return tag("div", tag("div", title, class_="gd-card-title"), tag("div", value, class_="gd-figure"),
               tag("div", note, class_="gd-muted gd-small"))


def _draw_latest(scope: Scope, filters: IncidentFilter, as_of: datetime, names: Mapping[str, str]) -> None:
    rows = loaders.load(list_incidents, scope, filters, as_of=as_of, limit=LATEST)
    if rows.empty:
        st.html(tag("p", t("map.nothing_in_window"), class_="gd-muted"))
        return
    items = [_incident(row, names) for row in rows.to_dict("records")]
    st.html(tag("h3", t("map.latest"), class_="gd-map-subtitle") + tag("ul", *items, class_="gd-map-latest"))


def _incident(row: dict[str, object], names: Mapping[str, str]) -> Html:
    category = names.get(str(row["category"]), str(row["category"]))
    where = clean_text(row["place_name"], 24) if isinstance(row["place_name"], str) else ""
    state = term("status", row["status"])
    if row["is_overdue"]:
        state = t("map.late", state=state)
    correction = t("map.correction") if row["weight"] == -1 else None
    small = " · ".join(part for part in (write_day(row["occurred_on"]), where, state, correction) if part)
    return tag("li", link(category, address("/incident", id=row["id"])), tag("div", small, class_="gd-muted gd-small"))

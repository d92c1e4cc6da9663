"""Beside the map: the chosen place in figures, each with what it is out of, and its last incidents."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.freshness import Freshness
from govdesk.queries.map_request import MapRequest
from govdesk.queries.place_panel import PlacePanel, read_place_panel
from govdesk.queries.recorded import Recorded, read_recorded
from govdesk.rules.access import Scope
from govdesk.ui import loaders
from govdesk.ui.formats import NOTHING, write_count, write_day, write_share
from govdesk.ui.i18n import t, term
from govdesk.ui.map_drill import Drill
from govdesk.ui.markup import Html, address, clean_text, join, link, tag
from govdesk.ui.sparkline import draw_sparkline


def begin_panel(scope: Scope, request: MapRequest, freshness: Freshness) -> None:
    """Begin to read what `draw_panel` says, while the map is being made."""
    loaders.load_ahead(read_place_panel, scope, *_panel_of(request, freshness))


def _panel_of(
    request: MapRequest, freshness: Freshness
) -> tuple[IncidentFilter, datetime, int | None, int | None]:
    """Return what `read_place_panel` is asked."""
    return request.filters, request.instant, freshness.first_week, freshness.last_week


def draw_panel(
    scope: Scope, request: MapRequest, drill: Drill, freshness: Freshness, n_on_map: int | None,
    names: Mapping[str, str],
) -> None:
    """Draw the panel of the chosen place."""
    figures = loaders.load(read_place_panel, scope, *_panel_of(request, freshness))
    recorded = loaders.load(read_recorded, scope)
    # One element: each costs a message of its own.
    parts = _build_panel(request, drill, figures, recorded, names, n_on_map)
    st.html(tag("div", join(parts), class_="gd-map-panel-body"))


def _build_panel(
    request: MapRequest, drill: Drill, figures: PlacePanel, recorded: Recorded, names: Mapping[str, str],
    n_on_map: int | None,
) -> Iterator[Html]:
    yield _build_head(drill)
    if request.week_to <= request.week_from:
        yield tag("p", t("map.no_records_next"), class_="gd-muted")
        return
    yield _build_figures(figures, recorded, request)
    curve = figures.curve
    if len(curve) > 1:
        title = t("map.curve", weeks=len(curve))
        line = draw_sparkline([float(n) for n in curve["n_incidents"]], title, width=250, height=46)
        yield tag("div", line, tag("div", title, class_="gd-muted gd-small"), class_="gd-map-curve")
    yield _build_latest(figures.latest, names)
    missing = figures.n_incidents - n_on_map if n_on_map is not None else 0
    if missing > 0:
        sentence = t("map.not_on_map", n=write_count(missing), of=write_count(figures.n_incidents))
        yield tag("p", sentence, class_="gd-muted gd-small")


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


def _build_figures(figures: PlacePanel, recorded: Recorded, request: MapRequest) -> Html:
    stock_now = figures.stock
    weeks = request.week_to - request.week_from
    if figures.n_before is None:
        compared = t("map.no_comparison")
    else:
        compared = t("map.compared", n=write_count(figures.n_before),
                     change=f"{figures.n_incidents - figures.n_before:+,}")
    overdue = (
        t("map.overdue_of", n=write_count(stock_now.n_overdue), of=write_count(stock_now.n_with_due),
          share=write_share(stock_now.n_overdue, stock_now.n_with_due))
        if stock_now.n_with_due else t("map.no_due_dates")
    )
    repeat = t("map.repeat_of", n=write_count(figures.n_repeat), of=write_count(figures.n_incidents))
    count = _figure(t("map.figure_count", weeks=weeks), t("map.n_items", n=write_count(figures.n_incidents)), compared)
    stock = _figure(t("map.figure_open"), t("map.n_items", n=write_count(stock_now.n_open)), overdue)
    if not recorded.closings:
        stock = _figure(t("map.figure_open"), NOTHING, t("map.no_closings"))
    again = _figure(t("map.figure_repeat"), write_share(figures.n_repeat, figures.n_incidents), repeat)
    if not recorded.repeats:
        again = _figure(t("map.figure_repeat"), NOTHING, t("map.no_repeats"))
    return tag("div", count, stock, again, class_="gd-map-figures")


def _figure(title: str, value: str, note: str) -> Html:
    return tag("div", tag("div", title, class_="gd-card-title"), tag("div", value, class_="gd-figure"),
               tag("div", note, class_="gd-muted gd-small"))


def _build_latest(incidents: pd.DataFrame, names: Mapping[str, str]) -> Html:
    if incidents.empty:
        return tag("p", t("map.nothing_in_window"), class_="gd-muted")
    items = [_incident(row, names) for row in incidents.to_dict("records")]
    return join([tag("h3", t("map.latest"), class_="gd-map-subtitle"), tag("ul", *items, class_="gd-map-latest")])


def _incident(row: dict[str, object], names: Mapping[str, str]) -> Html:
    category = names.get(str(row["category"]), str(row["category"]))
    where = clean_text(row["place_name"], 24) if isinstance(row["place_name"], str) else ""
    state = term("status", row["status"])
    if row["is_overdue"]:
        state = t("map.late", state=state)
    correction = t("map.correction") if row["weight"] == -1 else None
    small = " · ".join(part for part in (write_day(row["occurred_on"]), where, state, correction) if part)
    return tag("li", link(category, address("/incident", id=row["id"])), tag("div", small, class_="gd-muted gd-small"))

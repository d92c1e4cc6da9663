"""Every query takes a scope, and nobody reads beyond it."""

import importlib
import inspect
import pkgutil
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

import govdesk.queries
from govdesk.clock import week_of
from govdesk.queries import (
    continued,
    counts,
    figures,
    freshness,
    incidents,
    places,
    shapes,
    surroundings,
    weekly_changes,
)
from govdesk.queries.filters import IncidentFilter
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY, NOW, UNTIL

TOWN = f"{COUNTY}002"
TOWNSHIP = Scope("town", Role.TOWNSHIP, TOWN)
DEPARTMENT = Scope("land", Role.DEPARTMENT, None, "U-LAND")
ALL = IncidentFilter(0, week_of(UNTIL) + 1)

#: Words and geometry of the whole database, the same for everybody, and what is asked before anybody is known.
WITHOUT_SCOPE = {
    "is_only_root", "read_district_kinds", "list_levels", "read_context", "list_context", "list_categories", "list_units", "list_accounts",
    "recorded_weeks", "reporting_level", "read_frame", "find_scope", "list_active_accounts",
    "list_turning_days",
    # What other systems are known here, asked before one is; which of our categories they may name.
    "find_caller", "list_known_sources", "find_service", "list_services", "list_known_services",
    "list_webhooks",
    # Of one incident that an action holds already, or of all for the clock, who acts for nobody.
    "find_photo", "read_clock_steps", "list_urgeable", "propose",
    # Titles of posts, and all units: words that every page shows.
    "read_post_titles", "read_units",
    # What holds for all villages alike: thresholds with their reasons, figures of a backtest, the last week known.
    "find_thresholds", "read_thresholds_in_force", "list_adoptions", "read_adoption_before", "read_newest_report",
    "read_last_as_of",
    # What the score of all villages is made of, read by those who make it.
    "read_decided_groups", "read_groups_in_use", "read_group_features", "read_group_facts",
    # Who is in: asked before there is a scope.
    "find_by_token",
    # Which place went into which, and whole lists, of which the callers show what a scope may see.
    "find_successors", "read_mergers", "read_spans", "read_lists",
    # Steps of other queries, on rows that these have chosen for a scope.
    "read_columns", "find_districts", "find_ancestors", "is_inside", "is_of_kind", "find_records",
}


def queries():
    for info in pkgutil.iter_modules(govdesk.queries.__path__):
        module = importlib.import_module(f"govdesk.queries.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            parameters = list(inspect.signature(function).parameters.values())
            if any(p.annotation is Connection for p in parameters):
                yield name, function, [p.name for p in parameters]


def test_every_query_takes_connection_and_scope():
    found = {name: names for name, _, names in queries()}
    assert len(found) > 30
    wrong = {n: p for n, p in found.items() if p[:2] != ["connection", "scope"] and n not in WITHOUT_SCOPE}
    assert wrong == {}
    assert set(found) >= WITHOUT_SCOPE


@pytest.fixture
def connection(tiny_engine):
    with write_transaction(tiny_engine) as writing:
        writing.execute(update(Incident).where(Incident.id % 3 == 0).values(concerns_unit="U-LAND"))
    with read_transaction(tiny_engine) as reading:
        yield reading


def test_township_sees_only_its_own(connection):
    listed = incidents.list_incidents(connection, TOWNSHIP, ALL, as_of=NOW, limit=5000)
    assert len(listed)
    assert listed["place_code"].str.startswith(TOWN).all()
    assert incidents.count_incidents(connection, TOWNSHIP, ALL, as_of=NOW) == len(listed)
    for level in ("county", "township", "village", "grid"):
        assert counts.count_by_place(connection, TOWNSHIP, ALL, level)["n_incidents"].sum() == len(listed)
    assert counts.weekly_series(connection, TOWNSHIP, ALL)["n_incidents"].sum() == len(listed)
    elsewhere = IncidentFilter(0, 9999, place_code=f"{COUNTY}001")
    assert counts.count_by_place(connection, TOWNSHIP, elsewhere, "village").empty
    assert counts.weekly_series(connection, TOWNSHIP, elsewhere)["n_incidents"].sum() == 0
    assert incidents.list_points(connection, TOWNSHIP, ALL)["place_code"].str.startswith(TOWN).all()
    assert freshness.read_freshness(connection, TOWNSHIP).n_incidents == len(listed)
    assert freshness.read_freshness(connection, TOWNSHIP).n_villages == 4


def test_township_sees_only_its_places(connection):
    assert [p.code for p in places.find_roots(connection, TOWNSHIP, UNTIL)] == [TOWN]
    assert [p.code for p in places.find_breadcrumb(connection, TOWNSHIP, f"{TOWN}001-01", UNTIL)] == [
        TOWN, f"{TOWN}001", f"{TOWN}001-01"]
    assert places.get_place(connection, TOWNSHIP, f"{COUNTY}001", UNTIL) is None
    assert places.get_place(connection, TOWNSHIP, COUNTY, UNTIL) is None
    assert places.find_breadcrumb(connection, TOWNSHIP, f"{COUNTY}001001", UNTIL) == []
    assert places.list_children(connection, TOWNSHIP, f"{COUNTY}001", UNTIL).empty
    assert places.list_places(connection, TOWNSHIP, "village", UNTIL)["parent_code"].unique().tolist() == [TOWN]
    assert shapes.read_shapes(connection, TOWNSHIP, "village", UNTIL)["parent_code"].unique().tolist() == [TOWN]
    assert places.list_neighbours(connection, TOWNSHIP, f"{COUNTY}001001", UNTIL).empty
    assert places.list_changes(connection, TOWNSHIP, f"{COUNTY}001001-01").empty
    assert places.search(connection, TOWNSHIP, "第1镇", UNTIL).empty
    assert surroundings.list_works(connection, TOWNSHIP, None, UNTIL).empty
    assert len(surroundings.list_works(connection, SYSTEM, None, UNTIL)) == 1


def test_incident_of_another_township_does_not_exist(connection):
    listed = incidents.list_incidents(connection, SYSTEM, ALL, as_of=NOW, limit=5000)
    other = int(listed.loc[~listed["place_code"].str.startswith(TOWN), "id"].iloc[0])
    own = int(listed.loc[listed["place_code"].str.startswith(TOWN), "id"].iloc[0])
    assert incidents.get_incident(connection, TOWNSHIP, other) is None
    assert incidents.list_steps(connection, TOWNSHIP, other).empty
    assert incidents.list_mediations(connection, TOWNSHIP, other).empty
    assert incidents.list_revisits(connection, TOWNSHIP, other).empty
    assert incidents.get_incident(connection, TOWNSHIP, own).id == own
    assert not incidents.list_steps(connection, TOWNSHIP, own).empty


def test_department_never_sees_what_is_about_it(connection):
    assert incidents.get_incident(connection, SYSTEM, 3) is not None
    assert incidents.get_incident(connection, DEPARTMENT, 3) is None
    assert incidents.list_steps(connection, DEPARTMENT, 3).empty
    assert 3 not in set(incidents.list_incidents(connection, DEPARTMENT, ALL, as_of=NOW, limit=5000)["id"])
    assert incidents.count_incidents(connection, DEPARTMENT, ALL, as_of=NOW) == 600
    assert counts.count_by_place(connection, DEPARTMENT, ALL, "county")["n_incidents"].tolist() == [600]
    assert "T0000003" not in set(places.search(connection, DEPARTMENT, "T0000003", UNTIL)["name"])
    open_all = counts.count_open_by_place(connection, SYSTEM, ALL, "county", NOW)["n_open"].sum()
    assert counts.count_open_by_place(connection, DEPARTMENT, ALL, "county", NOW)["n_open"].sum() < open_all
    found = {f.key: f for f in figures.read_figures(connection, DEPARTMENT, UNTIL)}
    assert found["open_incidents"].value < open_all


@pytest.mark.parametrize("code", ["", "nowhere", "x' OR '1'='1", "%", "_", "990101%", "\x00", "令" * 5000, "🙂"])
def test_unknown_place_finds_nothing(connection, code):
    asked = IncidentFilter(0, 9999, (code,), (code,), code)
    place = IncidentFilter(0, 9999, place_code=code)
    for filters in (asked, place):
        assert counts.count_by_place(connection, SYSTEM, filters, "village").empty
        assert counts.count_open_by_place(connection, SYSTEM, filters, "village", NOW).empty
        assert counts.weekly_series(connection, SYSTEM, filters)["n_incidents"].sum() == 0
        assert counts.weekly_series(connection, SYSTEM, filters, "category")["n_incidents"].sum() == 0
        assert counts.open_series(connection, SYSTEM, filters)["n_open"].sum() == 0
        assert counts.count_by_cell(connection, SYSTEM, filters).empty
        assert incidents.list_incidents(connection, SYSTEM, filters, as_of=NOW).empty
        assert continued.series_with_predecessors(connection, SYSTEM, filters).marks == ()
    assert counts.count_by_place(connection, SYSTEM, ALL, code).empty
    assert places.get_place(connection, SYSTEM, code, UNTIL) is None
    assert places.find_breadcrumb(connection, SYSTEM, code, UNTIL) == []
    assert places.list_neighbours(connection, SYSTEM, code, UNTIL).empty
    assert places.list_places(connection, SYSTEM, "village", UNTIL, code).empty
    assert shapes.read_shapes(connection, SYSTEM, "village", UNTIL, code).empty
    assert shapes.read_context(connection, code) is None
    assert surroundings.list_works(connection, SYSTEM, code, UNTIL).empty
    assert surroundings.list_nil_returns(connection, SYSTEM, code, 5).empty


@pytest.mark.parametrize("number", [0, -1, 2**63, 2**70, 10**9])
def test_unknown_incident_is_none(connection, number):
    assert incidents.get_incident(connection, SYSTEM, number) is None
    assert incidents.list_steps(connection, SYSTEM, number).empty


def test_empty_database_gives_empty_frames_of_the_same_types(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        full = _all_frames(connection)
    with write_transaction(tiny_engine) as writing:
        for table in ("steps", "incidents", "works_projects", "place_shapes", "place_changes", "place_ancestors",
                      "places", "units"):
            writing.exec_driver_sql(f"DELETE FROM {table}")
    with read_transaction(tiny_engine) as connection:
        empty = _all_frames(connection)
        assert weekly_changes.find_weekly_changes(connection, SYSTEM, UNTIL) == []
        assert [f.value for f in figures.read_figures(connection, SYSTEM, UNTIL)] == [None] * 6
        assert {f.reason for f in figures.read_figures(connection, SYSTEM, UNTIL)} == {"no_data"}
        fresh = freshness.read_freshness(connection, SYSTEM)
        assert (fresh.data_as_of, fresh.first_week, fresh.n_incidents) == (None, None, 0)
        assert freshness.last_complete_week(connection, SYSTEM) is None
    for name, frame in full.items():
        assert len(empty[name]) == 0, name
        assert empty[name].dtypes.to_dict() == frame.dtypes.to_dict(), name


def _all_frames(c):
    recent = IncidentFilter(week_of(UNTIL - timedelta(weeks=20)), week_of(UNTIL))
    return {
        "by_place": counts.count_by_place(c, SYSTEM, recent, "village"),
        "open": counts.count_open_by_place(c, SYSTEM, recent, "village", NOW),
        "series": counts.weekly_series(c, SYSTEM, recent), "by": counts.weekly_series(c, SYSTEM, recent, "stream"),
        "weekly": counts.weekly_by_place(c, SYSTEM, recent, "grid"), "cells": counts.count_by_cell(c, SYSTEM, recent),
        "stock": counts.open_series(c, SYSTEM, recent), "places": places.list_places(c, SYSTEM, "village", UNTIL),
        "children": places.list_children(c, SYSTEM, COUNTY, UNTIL),
        "near": places.list_neighbours(c, SYSTEM, f"{COUNTY}001001", UNTIL),
        "changes": places.list_changes(c, SYSTEM, f"{COUNTY}001001-01"),
        "search": places.search(c, SYSTEM, "镇", UNTIL), "shapes": shapes.read_shapes(c, SYSTEM, "village", UNTIL),
        "list": incidents.list_incidents(c, SYSTEM, recent, as_of=NOW), "points": incidents.list_points(c, SYSTEM, recent),
        "steps": incidents.list_steps(c, SYSTEM, 3), "works": surroundings.list_works(c, SYSTEM, None, UNTIL),
        "units": surroundings.list_units(c),
        "continued": continued.series_with_predecessors(c, SYSTEM, recent).series,
    }

"""The same queries give the same on PostgreSQL as on SQLite."""

from datetime import timedelta

import pandas as pd
import pytest

from govdesk.clock import week_of
from govdesk.queries import continued, counts, figures, freshness, incidents, places, shapes, surroundings
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.weekly_changes import find_weekly_changes
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW, UNTIL

pytestmark = pytest.mark.postgres
WEEK = week_of(UNTIL)
FILTERS = [IncidentFilter(WEEK - 51, WEEK + 1), IncidentFilter(WEEK - 80, WEEK, ("dispute", "hazard"), (), f"{COUNTY}001"),
           IncidentFilter(WEEK - 60, WEEK, (), ("neighbour",), f"{COUNTY}001001-01a")]
SCOPES = [SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}001", "U-LAND")]


def everything(engine):
    found = {}
    with read_transaction(engine) as c:
        for s, scope in enumerate(SCOPES):
            for f, asked in enumerate(FILTERS):
                found |= {(s, f, name): value for name, value in {
                    "place": counts.count_by_place(c, scope, asked, "village"),
                    "open": counts.count_open_by_place(c, scope, asked, "village", NOW),
                    "past": counts.count_open_by_place(c, scope, asked, "township", NOW - timedelta(days=200)),
                    "series": counts.weekly_series(c, scope, asked), "by": counts.weekly_series(c, scope, asked, "category"),
                    "weekly": counts.weekly_by_place(c, scope, asked, "grid"), "cells": counts.count_by_cell(c, scope, asked),
                    "stock": counts.open_series(c, scope, asked),
                    "list": incidents.list_incidents(c, scope, asked, as_of=NOW, only_overdue=True),
                    "points": incidents.list_points(c, scope, asked),
                    "count": incidents.count_incidents(c, scope, asked, as_of=NOW, only_open=True),
                    "continued": continued.series_with_predecessors(c, scope, asked).series}.items()}
            found |= {(s, name): value for name, value in {
                "fresh": freshness.read_freshness(c, scope), "figures": figures.read_figures(c, scope, UNTIL),
                "changes": find_weekly_changes(c, scope, UNTIL), "one": incidents.get_incident(c, scope, 5),
                "steps": incidents.list_steps(c, scope, 5), "places": places.list_places(c, scope, "grid", UNTIL, f"{COUNTY}001"),
                "near": places.list_neighbours(c, scope, f"{COUNTY}001001", UNTIL),
                "crumbs": places.find_breadcrumb(c, scope, f"{COUNTY}001001-02", UNTIL),
                "changed": places.list_changes(c, scope, f"{COUNTY}001001-01"), "levels": places.list_levels(c),
                "search": places.search(c, scope, "1村", UNTIL), "number": places.search(c, scope, "T00000", UNTIL),
                "shapes": shapes.read_shapes(c, scope, "township", UNTIL), "works": surroundings.list_works(c, scope, None, UNTIL),
                "nil": surroundings.list_nil_returns(c, scope, None, 5), "source": surroundings.list_source_changes(c, scope),
            }.items()}
    return found


def test_every_query_gives_the_same(tiny_engine, postgres_engine):
    tiny_county.build(postgres_engine)
    here, there = everything(tiny_engine), everything(postgres_engine)
    for key, value in here.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, there[key], obj=str(key))
        else:
            assert value == there[key], key

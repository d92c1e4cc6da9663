"""Counting reads indexes, never the table: on SQLite's own word."""

import pytest
from sqlalchemy import event

from govdesk.clock import week_of
from govdesk.queries import counts
from govdesk.queries.filters import IncidentFilter
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY, NOW, UNTIL

WEEK = week_of(UNTIL)
WIDE = IncidentFilter(WEEK - 51, WEEK + 1)
NARROW = IncidentFilter(WEEK - 51, WEEK + 1, ("dispute",), ("neighbour",), f"{COUNTY}002")
TOWNSHIP = Scope("t", Role.TOWNSHIP, f"{COUNTY}002", "U-LAND")

QUERIES = {
    "place": lambda c, scope, f: counts.count_by_place(c, scope, f, "village"),
    "open": lambda c, scope, f: counts.count_open_by_place(c, scope, f, "village", NOW),
    "series": lambda c, scope, f: counts.weekly_series(c, scope, f, "category"),
    "weekly": lambda c, scope, f: counts.weekly_by_place(c, scope, f, "village"),
    "stock": counts.open_series,
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("scope", [SYSTEM, TOWNSHIP], ids=["all", "township"])
@pytest.mark.parametrize("filters", [WIDE, NARROW], ids=["wide", "narrow"])
def test_incidents_are_read_from_covering_indexes(tiny_engine, name, scope, filters):
    statements = []
    with read_transaction(tiny_engine) as connection:
        hook = lambda c, cursor, statement, parameters, *rest: statements.append((statement, parameters))  # noqa: E731
        event.listen(tiny_engine, "before_cursor_execute", hook)
        QUERIES[name](connection, scope, filters)
        event.remove(tiny_engine, "before_cursor_execute", hook)
        plans = [row[3] for statement, parameters in statements if not statement.startswith("BEGIN")
                 for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    touching = [line for line in plans if " incidents " in f"{line} "]
    assert touching
    assert all("COVERING INDEX ix_incidents" in line for line in touching), touching


def test_number_of_statements_does_not_grow_with_places(tiny_engine):
    seen = []

    def hook(connection, cursor, statement, parameters, context, executemany):
        seen.append(statement)

    with read_transaction(tiny_engine) as connection:
        event.listen(tiny_engine, "before_cursor_execute", hook)
        for level in ("county", "grid"):
            counts.count_by_place(connection, SYSTEM, WIDE, level)
        event.remove(tiny_engine, "before_cursor_execute", hook)
    assert sum(statement.startswith("SELECT") for statement in seen) == 2

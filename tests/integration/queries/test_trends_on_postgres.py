"""What the page of trends reads is the same on PostgreSQL as on SQLite: series, stock, breaks, changes, moves."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import insert, update

from govdesk.clock import monday_of, week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.quiet_streaks import read_heard
from govdesk.queries.trend_changes import find_changes_by_cell, look_at, read_district_kinds
from govdesk.queries.trends import read_first_full_week, read_open, read_series, read_source_changes
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import NilReturn, PlaceWeek, SourceChange
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

LAST = week_of(tiny_county.UNTIL)
TOWN = f"{COUNTY}002"
SCOPES = (SYSTEM, Scope("t", Role.TOWNSHIP, TOWN))
FILTERS = (
    IncidentFilter(LAST - 160, LAST, ("dispute",)), IncidentFilter(LAST - 160, LAST),
    IncidentFilter(LAST - 160, LAST, ("dispute",), ("neighbour", "family"), TOWN),
    IncidentFilter(LAST - 160, LAST, (), (), None, ("grid_worker",), ("mountain", "plain")),
)


def _fill(engine):
    tiny_county.build(engine, 2500, weeks=200)
    stamp = {"source": "x", "content_hash": "0", "recorded_at": NOW}
    with write_transaction(engine) as connection:
        connection.execute(insert(SourceChange), [{
            **stamp, "source_ref": "1", "on": date(2025, 3, 3), "kind": "new_app", "place_code": TOWN, "stream": None,
            "channel": None, "unit_code": None, "note": "n"}])
        connection.execute(insert(NilReturn), [
            {**stamp, "source_ref": str(number), "place_code": f"{TOWN}00{number}", "stream": stream,
             "period_from": monday_of(LAST - 40), "period_to": monday_of(LAST - 4)}
            for number, stream in ((1, None), (2, "dispute"), (3, "hazard"))])
        connection.execute(update(PlaceWeek).where(PlaceWeek.code == f"{TOWN}001").values(week_to=LAST - 70))
        connection.execute(insert(PlaceWeek), [{
            "code": f"{TOWN}001", "week_from": LAST - 70, "week_to": 2**30, "district_code": f"{COUNTY}003",
            "kind": ""}])


def _read(engine):
    found = []
    with read_transaction(engine) as connection:
        for scope in SCOPES:
            for filters in FILTERS:
                look = look_at(connection, scope, filters)
                found += [look.whole.weekly, look.whole.flags, look.trend.frame, read_open(connection, scope, filters),
                          read_series(connection, scope, filters, ("category", "district")),
                          pd.DataFrame([repr(look.changes), repr(read_source_changes(connection, scope, filters))])]
                if look.districts is not None:
                    found += [look.districts.weekly, look.districts.flags]
            found.append(find_changes_by_cell(connection, scope, FILTERS[0]).weekly)
            found.append(read_heard(connection, scope, NOW))
            found.append(pd.DataFrame([read_first_full_week(connection, scope, LAST - 200, LAST)]))
        found.append(pd.DataFrame(sorted(read_district_kinds(connection).items())))
    return found


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_both_engines_find_the_same(empty_engine, postgres_engine):
    _fill(empty_engine)
    _fill(postgres_engine)
    for one, other in zip(_read(empty_engine), _read(postgres_engine), strict=True):
        pd.testing.assert_frame_equal(one, other)

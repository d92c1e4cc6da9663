"""What is open in one place agrees with the count place by place."""

import pytest

from govdesk.clock import week_of
from govdesk.queries.counts import count_open_by_place
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.recorded import Recorded, list_turning_days, read_recorded
from govdesk.queries.stock import count_open
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from tests.support import tiny_county

WEEK = week_of(tiny_county.UNTIL)


@pytest.mark.parametrize("place", [None, "990101", "990101002"])
@pytest.mark.parametrize("streams", [(), ("dispute",)])
def test_stock_agrees_with_the_count_by_place(tiny_engine, place, streams):
    filters = IncidentFilter(WEEK - 12, WEEK + 1, streams, (), place)
    with read_transaction(tiny_engine) as connection:
        stock = count_open(connection, SYSTEM, filters, tiny_county.NOW)
        rows = count_open_by_place(connection, SYSTEM, filters, "township", tiny_county.NOW)
    assert (stock.n_open, stock.n_overdue, stock.n_with_due) == (
        rows["n_open"].sum(), rows["n_overdue"].sum(), rows["n_with_due"].sum())
    assert stock.n_open > 0


def test_tiny_county_records_closings_and_repeats(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        assert read_recorded(connection, SYSTEM) == Recorded(closings=True, repeats=True)


def test_turning_days_are_those_of_the_split(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        assert tiny_county.SPLIT_ON in list_turning_days(connection)

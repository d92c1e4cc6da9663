"""A filter change gives what a page with the whole table in memory gives (benchmarks/query_speed.py times the two)."""

import time

import pytest

from govdesk.storage.engine import read_transaction
from tests.support import many_incidents
from tests.support.pandas_pages import CHANGES, as_plain, by_pandas, by_product, read_closure, read_table


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    from govdesk.storage.engine import get_engine

    engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('pandas') / 'county.db'}")
    many_incidents.build(engine, 20_000, townships=6, villages=5, grids=3)
    return engine


@pytest.mark.parametrize("asked", CHANGES, ids=str)
def test_filter_change_equals_pandas(county, asked, record_property):
    with read_transaction(county) as connection:
        start = time.perf_counter()
        found = by_product(connection, asked)
        middle = time.perf_counter()
        expected = by_pandas(read_table(connection), read_closure(connection), asked)
        record_property("ratio", round((time.perf_counter() - middle) / (middle - start), 1))
    assert as_plain(found) == as_plain(expected)
    assert all(as_plain(found))

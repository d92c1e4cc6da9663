"""The thresholds in force, their history, and the band of a probability; on both engines."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from govdesk.queries.adopted_thresholds import (
    DEFAULT,
    band_of_probability,
    list_adoptions,
    read_thresholds_in_force,
)
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import ThresholdAdoption
from tests.support import tiny_county

TODAY = tiny_county.UNTIL


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def adopt(engine, days_ago, k, **values):
    row = {"at": tiny_county.NOW - timedelta(days=days_ago), "by": "local_analyst", "visits_per_week": k,
           "share_quiet": 0.25, "band_edges": "[0.4, 0.3, 0.2]", "reason": "试", "backtest": '{"n_events": 40}'} | values
    with write_transaction(engine) as connection:
        connection.execute(insert(ThresholdAdoption).values(**row))


def test_nothing_adopted_is_the_default_and_no_history(county):
    with read_transaction(county) as connection:
        assert read_thresholds_in_force(connection, TODAY) == DEFAULT
        assert list_adoptions(connection) == []
    assert DEFAULT.id is None


def test_newest_up_to_the_day_is_in_force(county):
    adopt(county, 30, 12)
    adopt(county, 10, 20, replaces_id=1, band_edges="{}", capacity_per_week=24)
    with read_transaction(county) as connection:
        now = read_thresholds_in_force(connection, TODAY)
        then = read_thresholds_in_force(connection, TODAY - timedelta(days=10))
        before = read_thresholds_in_force(connection, TODAY - timedelta(days=11))
        first = read_thresholds_in_force(connection, date(2026, 1, 1))
        history = list_adoptions(connection)
    assert (now.id, now.visits_per_week, now.share_quiet, now.band_edges) == (2, 20, 0.25, DEFAULT.band_edges)
    assert then == now
    assert (now.capacity_per_week, before.capacity_per_week) == (24, None)
    assert (before.id, before.visits_per_week, before.band_edges, before.reason) == (1, 12, (0.4, 0.3, 0.2), "试")
    assert first == DEFAULT
    assert [(one.thresholds.id, one.replaces_id, one.backtest) for one in history] == [
        (2, 1, {"n_events": 40}), (1, None, {"n_events": 40})]
    assert history[1].thresholds == before
    assert replace(before, id=None) != DEFAULT


@pytest.mark.parametrize(("probability", "band"), [
    (0.31, "red"), (0.30, "red"), (0.2999, "orange"), (0.10, "yellow"), (0.0999, "blue"), (0.0, "blue"),
    (None, None), (float("nan"), None)])
def test_band_of_a_probability_on_and_beside_an_edge(probability, band):
    assert band_of_probability(probability, DEFAULT.band_edges) == band

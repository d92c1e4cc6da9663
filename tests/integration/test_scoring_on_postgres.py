"""The same scores, lists and backtests on PostgreSQL."""

import pandas as pd
import pytest

from govdesk.actions.backtesting import BacktestRequest, backtest_labels
from govdesk.actions.scoring import score_villages
from govdesk.queries.risk_backtests import read_newest_backtest
from govdesk.queries.risk_runs import read_listings, read_scores
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from tests.support import escalating_county
from tests.support.escalating_county import AS_OF

pytestmark = pytest.mark.postgres


def everything_of(engine):
    asked = BacktestRequest(first=AS_OF.replace(month=8, day=3), n_placebos=0)
    backtest = backtest_labels(engine, by=SYSTEM, asked=asked, commit=True)
    done = score_villages(engine, by=SYSTEM, as_of=AS_OF, commit=True)
    assert not score_villages(engine, by=SYSTEM, as_of=AS_OF, commit=True).is_new
    run_id = done.labels["elevated"].run_id
    with read_transaction(engine) as connection:
        stored = read_newest_backtest(connection, SYSTEM)
        assert stored.id == backtest.id
        return read_scores(connection, SYSTEM, run_id), read_listings(connection, SYSTEM, run_id), stored.predictions


def test_scores_are_the_same_on_both_engines(empty_engine, postgres_engine):
    found = []
    for engine in (empty_engine, postgres_engine):
        escalating_county.build(engine)
        found.append(everything_of(engine))
    for one, other in zip(*found, strict=True):
        pd.testing.assert_frame_equal(one, other)

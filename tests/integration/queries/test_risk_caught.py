"""What a list caught on the backtest, beside the habit: the figures are those of the tuning page's lists."""

from dataclasses import replace

import numpy as np
from sqlalchemy import insert

from govdesk.clock import monday_of, week_of
from govdesk.queries.risk_caught import HABIT, read_caught
from govdesk.queries.threshold_backtest import read_threshold_backtest
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Visit
from govdesk.terms import Role
from models.threshold_sweep import sweep_visits
from tests.support import judged_county, tiny_county
from tests.support.more_townships import add_townships


def test_without_a_backtest_nothing_is_said(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        assert read_caught(connection, SYSTEM, 6, 0.5) is None


def test_figures_are_those_of_the_county_whoever_asks(empty_engine):
    judged_county.build(empty_engine)
    town_scope = Scope("t", Role.TOWNSHIP, f"{tiny_county.COUNTY}001")
    with read_transaction(empty_engine) as connection:
        assert read_caught(connection, town_scope, 4, 0.5) is None, "less its own it would be that of two townships"
    add_townships(empty_engine)
    with read_transaction(empty_engine) as connection:
        found = read_caught(connection, SYSTEM, 4, 0.5)
        town = read_caught(connection, town_scope, 4, 0.5)
        tested = read_threshold_backtest(connection, SYSTEM)
    assert found == town
    visits = np.arange(1, 9)
    ours = sweep_visits(tested.scores, tested.judging, visits, 0.5).curve.set_index("visits").loc[4]
    habit = sweep_visits(tested.scores, tested.judging, visits, 0.5, HABIT).curve.set_index("visits").loc[4]
    assert (found.n_events, found.n_caught, found.n_by_habit) == (
        ours["n_events"], ours["n_caught"], habit["n_caught"])
    assert found.n_weeks == ours["n_dates"]
    assert 0 < found.n_caught <= found.n_events
    assert (found.last - found.first).days == 7 * found.n_weeks - 1


def test_events_of_treated_weeks_are_told_apart_and_the_figures_stay(empty_engine):
    judged_county.build(empty_engine)
    with read_transaction(empty_engine) as connection:
        before = read_caught(connection, SYSTEM, 4, 0.5)
        tested = read_threshold_backtest(connection, SYSTEM)
    assert (before.n_treated, before.n_caught_treated) == (0, 0)
    events, places = tested.judging.events, tested.scores.places
    inside = (events.week >= week_of(before.first)) & (events.week <= week_of(before.last))
    busiest = int(np.bincount(events.place[inside]).argmax())
    week = int(events.week[inside & (events.place == busiest)][0])
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Visit).values(
            source="t", source_ref="1", content_hash="0", recorded_at=tiny_county.NOW, place_code=places[busiest],
            reason="alert", visited_on=monday_of(week), found="found"))
    with read_transaction(empty_engine) as connection:
        after = read_caught(connection, SYSTEM, 4, 0.5)
    treated = inside & (events.place == busiest) & (events.week >= week) & (events.week <= week + 12)
    assert after.n_treated == treated.sum() > 0
    assert 0 <= after.n_caught_treated <= after.n_treated
    assert replace(after, n_treated=0, n_caught_treated=0) == before

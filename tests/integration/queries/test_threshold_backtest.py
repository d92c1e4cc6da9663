"""What thresholds are judged on: predictions, events, places and parts of one backtest; honours the area."""

import numpy as np
import pytest
from sqlalchemy import select

from govdesk.clock import monday_of, week_of
from govdesk.queries.threshold_backtest import find_newest_backtest, read_threshold_backtest
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction
from govdesk.tables import EscalationEvent, Incident
from govdesk.terms import Role
from tests.support import judged_county
from tests.support.judged_county import AS_OF, CODES, COUNTY, END, THIN
from tests.support.more_townships import add_townships

LEADER = Scope("l", Role.LEADER)


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    judged_county.build(engine, weeks=40)
    return engine


def read(engine, scope=LEADER):
    with read_transaction(engine) as connection:
        return find_newest_backtest(connection, scope), read_threshold_backtest(connection, scope)


def test_newest_backtest_is_read_with_what_came_and_where(county):
    second = judged_county.store_backtest(county, 30, seed=9)
    newest, held = read(county)
    assert (newest, held.id, held.as_of, held.horizon_weeks) == (second, second, AS_OF, 4)
    assert held.scores.weeks.tolist() == list(range(END - 30, END))
    assert list(held.scores.places) == CODES == held.places["code"].tolist()
    assert held.places["parent_name"].tolist() == [f"第{t}镇" for t in (1, 2, 3) for _ in range(4)]
    thin = list(held.scores.places).index(THIN)
    assert np.isnan(held.scores.probability[:, thin]).all()
    assert held.judging.known_until == END - held.settling_weeks
    with read_transaction(county) as connection:
        known = connection.execute(
            select(EscalationEvent.occurred_on, EscalationEvent.recorded_at, Incident.place_code)
            .join(Incident, Incident.id == EscalationEvent.incident_id)).all()
    # One place and week holds as many events as incidents that escalated in it, known before the as-of day.
    by_hand = sorted((code[:12], week_of(day)) for day, _, code in known if week_of(day) < END)
    ours = sorted((held.scores.places[place], int(week)) for place, week in zip(
        held.judging.events.place, held.judging.events.week, strict=True))
    late = len(by_hand) - len(ours)
    assert 0 <= late <= 5
    assert set(ours) <= set(by_hand)
    assert (held.judging.events.week_known < END).all()
    place, week = ours[-1]
    assert held.parts[place, week] == ("violence",)
    assert min(one for _, one in held.parts) >= END - 30
    assert monday_of(END) == AS_OF


def test_an_area_sees_its_own_villages_only_and_nobody_a_backtest_that_is_not_there(county, request):
    township = f"{COUNTY}002"
    add_townships(county)
    _, held = read(county, Scope("t", Role.LEADER, township))
    assert set(held.scores.places) == {code for code in CODES if code.startswith(township)}
    assert {code[:9] for code, _ in held.parts} == {township}
    with read_transaction(county) as connection:
        assert find_newest_backtest(connection, SYSTEM, "township") is None
        assert read_threshold_backtest(connection, SYSTEM, "township") is None


def test_label_that_the_baseline_ranks_is_named(county):
    def told(auc):
        return {"auc": {"value": auc}, "brier_skill": {"value": 0.1}}

    report = {"labels": {"elevated": {"scores": {"classifier": told(0.6), "eb52": told(0.7)}},
                         "onset": {"scores": {"classifier": told(0.7), "eb52": told(0.6)}}}}
    judged_county.store_backtest(county, 30, report=report)
    _, held = read(county)
    assert held.beaten == ("elevated",)
    judged_county.store_backtest(county, 30)
    assert read(county)[1].beaten == ()

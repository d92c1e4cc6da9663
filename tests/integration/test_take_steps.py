"""One step for many: each taken once or refused for its own reason, also when two send the same batch at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.take_steps import take_steps
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, Incident, Step
from govdesk.terms import Role, StepKind

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
DEPUTY = Scope(account="deputy", role=Role.CENTRE)
NUMBERS = range(1, 11)
DISPATCH = Wanted(StepKind.DISPATCH, unit_code="U-LAND")


@pytest.fixture
def engine(tiny_engine):
    """Ten incidents that were only reported."""
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="deputy", title="副班", role="centre", is_active=True))
        connection.execute(Step.__table__.delete().where(Step.incident_id.in_(NUMBERS)))
        connection.execute(update(Incident).where(Incident.id.in_(NUMBERS)).values(
            status="reported", closed_at=None, week_closed=None, outcome=None, handling_unit=None, n_steps=0,
            merged_into=None, is_counted=1, concerns_unit=None))
    return tiny_engine


def n_dispatched(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(Step.incident_id, func.count()).where(
            Step.kind == "dispatch", Step.source == "loop").group_by(Step.incident_id)).all()


def test_two_send_the_same_batch_each_step_is_taken_once_and_the_other_named(engine):
    def send(who):
        return take_steps(engine, by=who[0], seen=dict.fromkeys(NUMBERS, 0), wanted=DISPATCH, form_key=who[1])

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(send, ((CENTRE, "batch-one"), (DEPUTY, "batch-two")))
    assert n_dispatched(engine) == [(number, 1) for number in NUMBERS]
    for mine, theirs in zip(one, other, strict=True):
        assert (mine.taken is None) != (theirs.taken is None)
        refused = mine if mine.taken is None else theirs
        assert refused.problems[0].key == "moved_on"
        assert dict(refused.problems[0].values)["by"] == ("centre" if refused is theirs else "副班")


def test_the_same_batch_twice_takes_each_step_once(engine):
    seen = dict.fromkeys(NUMBERS, 0)
    first = take_steps(engine, by=CENTRE, seen=dict(list(seen.items())[:4]), wanted=DISPATCH, form_key="batch-one")
    again = take_steps(engine, by=CENTRE, seen=seen, wanted=DISPATCH, form_key="batch-one")
    assert [one.taken.step_id for one in again[:4]] == [one.taken.step_id for one in first]
    assert [one.taken.is_repeated for one in again] == [True] * 4 + [False] * 6
    assert len(n_dispatched(engine)) == 10


def test_what_is_refused_of_one_says_nothing_about_the_others(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 3).values(concerns_unit="U-LAND"))
        connection.execute(update(Incident).where(Incident.id == 4).values(is_counted=0))
    seen = dict.fromkeys([*NUMBERS, 10**9], 0)
    found = {one.incident_id: one for one in take_steps(
        engine, by=CENTRE, seen=seen, wanted=DISPATCH, form_key="batch-one")}
    refused = {number: one.problems[0].key for number, one in found.items() if one.taken is None}
    assert refused == {3: "concerns", 4: "not_live", 10**9: "not_found"}
    assert len(n_dispatched(engine)) == 8


@pytest.mark.parametrize("wanted", [Wanted(StepKind.CLOSE), Wanted(StepKind.ANSWER, note="已办")])
def test_only_some_steps_are_taken_together(engine, wanted):
    with pytest.raises(ValueError, match="a batch takes"):
        take_steps(engine, by=CENTRE, seen={1: 0}, wanted=wanted, form_key="batch-one")


def test_batch_is_bounded(engine):
    with pytest.raises(ValueError, match="at most 50"):
        take_steps(engine, by=CENTRE, seen=dict.fromkeys(range(51), 0), wanted=DISPATCH, form_key="batch-one")


def test_leader_sends_no_batch(engine):
    with pytest.raises(RefusedError):
        take_steps(engine, by=Scope(account="local_leader", role=Role.LEADER), seen={1: 0}, wanted=DISPATCH,
                   form_key="batch-one")

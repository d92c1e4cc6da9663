"""Faults that systems of this kind are known for: closing taken for solving, a reply for a solution, one matter twice."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.merge_incidents import merge_incidents, undo_verdict
from govdesk.actions.step_cache import refresh_cache
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.clock import week_of
from govdesk.queries.figures import read_figures
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, get_incident
from govdesk.queries.mediation_quality import sum_mediations
from govdesk.queries.outcomes import read_settlings
from govdesk.queries.quality_sums import sum_quality
from govdesk.queries.resolution import count_settled
from govdesk.queries.revisits_due import read_revisits_due
from govdesk.rules.access import Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild, recounting
from govdesk.tables import Incident, Mediation, Step
from govdesk.terms import Role, StepKind
from tests.support.tiny_county import NOW, UNTIL
from tests.support.weekly_sums import check_weekly_counts

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
WEEK = week_of(UNTIL)
LATER = NOW + timedelta(days=8)
ALL = IncidentFilter(WEEK - 200, WEEK + 1)
PROMISE = {"agreement": {"promised_on": UNTIL + timedelta(days=30)}}


@pytest.fixture
def incident(tiny_engine):
    """A dispute that was reported an hour and a half ago, and a mediation of it that goes on."""
    with write_transaction(tiny_engine) as connection:
        number = connection.scalar(select(func.max(Incident.id)).where(Incident.stream == "dispute"))
        _reset(connection, number)
        connection.execute(insert(Mediation).values(
            source="t", source_ref="M", content_hash="0", recorded_at=NOW, incident_id=number, channel="people",
            method="sitting", level="village", started_on=UNTIL, confirmed_on=UNTIL))
        rebuild(connection)
    take(tiny_engine, number, "dispatch", 1, unit_code="U-LAND")
    take(tiny_engine, number, "accept", 2)
    return number


def _reset(connection, number):
    connection.execute(Step.__table__.delete().where(Step.incident_id == number))
    connection.execute(update(Incident).where(Incident.id == number).values(
        status="reported", closed_at=None, week_closed=None, outcome=None, resolution_level=None, n_steps=0,
        first_answered_at=None, handling_unit=None, due_at=None, due_given_at=None,
        reported_at=NOW - timedelta(minutes=90), recorded_at=NOW - timedelta(minutes=90), week_known=WEEK,
        occurred_on=UNTIL, week_occurred=WEEK))


def take(engine, number, kind, key, **more):
    return take_step(engine, by=CENTRE, incident_id=number, wanted=Wanted(StepKind(kind), **more), form_key=f"key-{key:0>6}")


def read_settled(engine):
    """Return every figure that says settled 化解."""
    with read_transaction(engine) as connection:
        by_week = read_settlings(connection, CENTRE, ALL)
        figure = next(one for one in read_figures(connection, CENTRE, LATER) if one.key == "settled_locally_share")
        mediated = sum_mediations(connection, CENTRE, ALL, LATER)
        return {
            "funnel": int(count_settled(connection, CENTRE, ALL)["n_settled"].sum()),
            "settlings": int(by_week["n_settled"].sum()), "local": int(by_week["n_local"].sum()),
            "share_of": figure.denominator, "share": figure.numerator, "mediated": int(mediated["n_settled"].sum())}


def read_unresolved(engine):
    with read_transaction(engine) as connection:
        sums = sum_quality(connection, CENTRE, ALL, LATER).iloc[0]
    return int(sums["n_closed"]), int(sums["n_answered"]), int(sums["n_unresolved"])


@pytest.mark.parametrize("outcome", ["not_settled", "referred", "withdrawn"])
def test_a_closed_incident_is_not_counted_as_settled(tiny_engine, incident, outcome):
    before, (closed, answered, unresolved) = read_settled(tiny_engine), read_unresolved(tiny_engine)
    take(tiny_engine, incident, "close", 3, outcome=outcome, level="village")
    assert read_settled(tiny_engine) == before
    is_answer = outcome != "withdrawn"
    assert read_unresolved(tiny_engine) == (closed + 1, answered + is_answer, unresolved + is_answer)


@pytest.mark.parametrize("outcome", ["settled", "agreement", "confirmed"])
def test_a_settled_one_is_in_every_figure_until_a_revisit_finds_otherwise(tiny_engine, incident, outcome):
    before, unresolved = read_settled(tiny_engine), read_unresolved(tiny_engine)[2]
    take(tiny_engine, incident, "close", 3, outcome=outcome, level="village", **PROMISE.get(outcome, {}))
    settled = {**before, **{name: before[name] + 1 for name in ("funnel", "settlings", "local", "share_of", "share")}}
    assert read_settled(tiny_engine) == settled
    assert read_unresolved(tiny_engine)[2] == unresolved
    take_step(tiny_engine, by=Scope("deputy", Role.CENTRE), incident_id=incident, form_key="key-000004",
              wanted=Wanted(StepKind.REVISIT, reason="not_settled"))
    assert read_settled(tiny_engine) == before
    assert read_unresolved(tiny_engine)[2] == unresolved + 1


def test_a_reply_is_no_solution(tiny_engine, incident):
    before, (closed, answered, unresolved) = read_settled(tiny_engine), read_unresolved(tiny_engine)
    done = take(tiny_engine, incident, "answer", 3, note="已答复来访人")
    assert done.status == "answered"
    assert read_settled(tiny_engine) == before
    assert read_unresolved(tiny_engine) == (closed, answered + 1, unresolved + 1)
    with read_transaction(tiny_engine) as connection:
        facts = get_incident(connection, CENTRE, incident)
        n_open = count_incidents(connection, CENTRE, ALL, only_open=True, as_of=LATER)
    take(tiny_engine, incident, "close", 4, outcome="settled", level="village")
    with read_transaction(tiny_engine) as connection:
        assert count_incidents(connection, CENTRE, ALL, only_open=True, as_of=LATER) == n_open - 1
    assert facts.closed_at is None
    assert facts.due_at is not None


def _counts(engine):
    with read_transaction(engine) as connection:
        due = read_revisits_due(connection, CENTRE, UNTIL + timedelta(days=5))
        return (count_incidents(connection, CENTRE, ALL, as_of=LATER),
                count_incidents(connection, CENTRE, ALL, only_open=True, as_of=LATER),
                int(count_settled(connection, CENTRE, ALL)["n_settled"].sum()), due.n_due + due.n_late)


def test_two_merged_incidents_count_once_whatever_happens_to_the_one_merged_away(tiny_engine, incident):
    with write_transaction(tiny_engine) as connection:
        other = connection.scalar(select(func.max(Incident.id)).where(Incident.stream == "dispute", Incident.id != incident))
        _reset(connection, other)
        rebuild(connection)
    n, n_open, settled, due = _counts(tiny_engine)
    verdict = merge_incidents(tiny_engine, by=CENTRE, incident_id=incident, into_id=other).verdict_id
    assert _counts(tiny_engine) == (n - 1, n_open - 1, settled, due)
    with pytest.raises(StepRefusedError) as error:
        take(tiny_engine, incident, "close", 3, outcome="settled", level="village")
    assert [one.key for one in error.value.problems] == ["not_live"]
    # A file may still bring what happened to it elsewhere.
    with write_transaction(tiny_engine) as connection, recounting(connection, [incident]):
        connection.execute(insert(Step).values(
            incident_id=incident, source="file", source_ref="S1", content_hash="0", kind="close", outcome="settled",
            level="village", occurred_at=NOW, recorded_at=NOW))
        refresh_cache(connection, [incident])
    assert _counts(tiny_engine) == (n - 1, n_open - 1, settled, due)
    check_weekly_counts(tiny_engine)
    take(tiny_engine, other, "close", 4, outcome="settled", level="village")
    assert _counts(tiny_engine) == (n - 1, n_open - 2, settled + 1, due + 1)
    undo_verdict(tiny_engine, by=CENTRE, verdict_id=verdict)
    assert _counts(tiny_engine) == (n, n_open - 2, settled + 2, due + 2)
    check_weekly_counts(tiny_engine)

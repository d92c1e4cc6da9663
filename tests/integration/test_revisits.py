"""A revisit is a step and a row at once; found unsettled it opens the incident again; the inbox counts what waits."""

import itertools
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.clock import day_start, week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import get_incident, list_mediations, list_revisits, list_steps
from govdesk.queries.quality_returns import sum_reopenings, sum_revisits
from govdesk.queries.quick_reasons import count_quick_reasons
from govdesk.queries.revisits_due import read_revisits_due
from govdesk.rules.access import Scope
from govdesk.rules.revisits import RevisitPlan, is_revisited, plan_revisits
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Revisit, Step
from govdesk.tables.places import FIRST_WEEK, OPEN_WEEK
from govdesk.terms import Role, StepKind
from govdesk.ui.incident_moments import collect_moments
from tests.support.only_reported import add_accounts, make_fresh
from tests.support.tiny_county import NOW, UNTIL

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
DEPUTY = Scope(account="deputy", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")
TOWN = Scope(account="town", role=Role.TOWNSHIP, area_code="990101001")
ALL = IncidentFilter(FIRST_WEEK, OPEN_WEEK)


@pytest.fixture
def engine(tiny_engine):
    add_accounts(tiny_engine, DEPUTY, LAND, TOWN)
    return tiny_engine


@pytest.fixture
def incident(engine):
    """A dispute of the first township that is with its unit."""
    number = make_fresh(engine, inside="990101001", stream="dispute", category="land_forest")
    take(engine, CENTRE, number, "dispatch", 1, unit_code="U-LAND")
    take(engine, LAND, number, "accept", 2)
    return number


def take(engine, by, number, kind, key, **more):
    return take_step(engine, by=by, incident_id=number, wanted=Wanted(StepKind(kind), **more), form_key=f"key-{key:0>6}")


def close(engine, number, key=3, by=CENTRE, outcome="settled"):
    return take(engine, by, number, "close", key, outcome=outcome, level="village")


def revisits_of(engine, number):
    with read_transaction(engine) as connection:
        return connection.execute(select(Revisit.source, Revisit.result, Revisit.satisfaction, Revisit.by_post).where(
            Revisit.incident_id == number)).all()


def test_settled_on_a_revisit_writes_one_step_and_one_row(engine, incident):
    close(engine, incident)
    done = take(engine, TOWN, incident, "revisit", 4, reason="settled", satisfaction=5)
    again = take(engine, TOWN, incident, "revisit", 4, reason="settled", satisfaction=5)
    assert (done.status, again.is_repeated) == ("closed", True)
    assert revisits_of(engine, incident) == [("loop", "settled", 5, "town")]


def test_found_unsettled_it_is_opened_again_with_its_unit(engine, incident):
    close(engine, incident)
    done = take(engine, TOWN, incident, "revisit", 4, reason="not_settled", satisfaction=1, note="界石又被移动")
    assert done.status == "dispatched"
    with read_transaction(engine) as connection:
        facts = get_incident(connection, CENTRE, incident)
        steps = connection.execute(select(Step.kind, Step.of_step, Step.note, Step.by_post).where(
            Step.incident_id == incident).order_by(Step.id)).all()
    assert (facts.status, facts.handling_unit, facts.outcome, facts.n_reopened) == ("dispatched", "U-LAND", None, 1)
    assert facts.due_at is not None
    assert facts.due_at > NOW  # the clock of accepting, anew
    assert [one.kind for one in steps] == ["dispatch", "accept", "close", "revisit", "reopen"]
    assert steps[-1][1:] == (done.step_id, "界石又被移动", "town")
    take(engine, LAND, incident, "accept", 5)
    close(engine, incident, 6)
    assert len(revisits_of(engine, incident)) == 1


@pytest.mark.parametrize(("by", "more", "expected"), [
    (CENTRE, {"reason": "settled"}, "same_post"),
    (DEPUTY, {}, "missing"),
    (DEPUTY, {"reason": "perhaps"}, "unknown"),
    (DEPUTY, {"reason": "settled", "satisfaction": 6}, "unknown"),
    (DEPUTY, {"reason": "not_reached", "satisfaction": 3}, "unknown"),
    (LAND, {"reason": "settled"}, "not_yours"),
])
def test_refused_revisits_write_nothing(engine, incident, by, more, expected):
    close(engine, incident)
    with pytest.raises(StepRefusedError) as error:
        take(engine, by, incident, "revisit", 4, **more)
    assert [one.key for one in error.value.problems] == [expected]
    assert revisits_of(engine, incident) == []


def test_case_quality_shows_what_a_revisit_found(engine, incident):
    with read_transaction(engine) as connection:
        before = sum_revisits(connection, CENTRE, ALL, NOW + timedelta(hours=1)).iloc[0]
    close(engine, incident)
    take(engine, DEPUTY, incident, "revisit", 4, reason="not_settled", satisfaction=1)
    with read_transaction(engine) as connection:
        after = sum_revisits(connection, CENTRE, ALL, NOW + timedelta(hours=1)).iloc[0]
        later = NOW + timedelta(days=31)
        undone = sum_reopenings(connection, CENTRE, ALL, later).iloc[0]
    assert dict(after - before) == {"n_revisited": 0, "n_revisits": 1, "n_reached": 1, "n_not_settled": 1, "n_rated": 1,
                                    "n_satisfied": 0}
    assert (undone["n_undone_30"], undone["n_reopened_30"]) == (1, 1)


def test_the_timeline_tells_a_revisit_once(engine, incident):
    close(engine, incident)
    take(engine, DEPUTY, incident, "revisit", 4, reason="settled", satisfaction=4, note="已当面问过")
    with write_transaction(engine) as connection:
        connection.execute(insert(Revisit).values(
            source="file", source_ref="R1", content_hash="0", recorded_at=NOW, incident_id=incident, revisited_on=UNTIL,
            result="not_reached"))
    with read_transaction(engine) as connection:
        moments = collect_moments(
            get_incident(connection, CENTRE, incident), list_steps(connection, CENTRE, incident),
            list_mediations(connection, CENTRE, incident), list_revisits(connection, CENTRE, incident), "zh")
    told = [one for one in moments if "回访" in one.title]
    assert len(told) == 2
    mine = next(one for one in told if "确已化解" in one.title)
    assert any("4" in text for text in mine.details)
    assert any("已当面问过" in text for text in mine.details)


def test_a_closing_within_minutes_is_told_with_its_reason(engine, incident):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == incident).values(reported_at=NOW))
    take(engine, CENTRE, incident, "close", 3, outcome="settled", level="village", reason="on_the_spot", note="当面说清")
    with read_transaction(engine) as connection:
        found = count_quick_reasons(connection, CENTRE, ALL, NOW + timedelta(hours=1))
        hidden = count_quick_reasons(connection, Scope("x", Role.TOWNSHIP, area_code="990101002"), ALL, NOW)
    assert found.to_dict("records") == [{"reason": "on_the_spot", "n": 1}]
    assert hidden.empty


# The inbox

def _by_hand(engine, scope_area, unit, day):
    """Return waiting incidents by id → oldest open planned day, and done and missed of the last 30 days' ends."""
    plan, waiting, done, missed = RevisitPlan(), {}, 0, 0
    with read_transaction(engine) as connection:
        rows = connection.execute(
            select(Incident.__table__)).all()
        steps = connection.execute(select(Step.__table__).order_by(Step.occurred_at, Step.id)).all()
        revisits = connection.execute(select(Revisit.__table__)).all()
    for row in rows:
        if not row.is_counted or row.weight != 1 or (unit and row.concerns_unit == unit):
            continue
        if not row.place_code.startswith(scope_area) or row.stream not in ("dispute", "petition"):
            continue
        answers = [one.revisited_on for one in revisits if one.incident_id == row.id and one.result != "not_reached"]
        closings = [] if row.closed_at is None else [(row.closed_at, row.outcome, None)]
        mine = [one for one in steps if one.incident_id == row.id and one.kind in ("close", "reopen")]
        for one, two in itertools.pairwise(mine):
            if (one.kind, two.kind) == ("close", "reopen"):
                closings.append((one.occurred_at, one.outcome, two.occurred_at))
        for closed, outcome, reopened in closings:
            on = (closed + timedelta(hours=8)).date()
            if on > day or not is_revisited(plan, row.stream, outcome):
                continue
            back = None if reopened is None else (reopened + timedelta(hours=8)).date()
            planned = plan_revisits(plan, on, answers, day, back)
            opens = [one.on for one in planned if one.state in ("due", "late")]
            if opens and reopened is None:
                waiting[row.id] = opens[0]
            ended = [one.state for one in planned if -30 <= (one.on - day).days + 30 < 0]
            done, missed = done + ended.count("done"), missed + ended.count("missed")
    return waiting, done, missed


@pytest.fixture
def revisited(engine):
    """Closings of the last half year, some withdrawn, merged, corrected, about a unit, re-opened, revisited."""
    with write_transaction(engine) as connection:
        ids = connection.scalars(select(Incident.id).where(Incident.closed_at.is_not(None)).order_by(Incident.id)).all()
        for n, number in enumerate(ids):
            day = UNTIL - timedelta(days=n * 7 % 170)
            at = day_start(day) + timedelta(hours=n % 24)
            connection.execute(update(Incident).where(Incident.id == number).values(
                closed_at=at, week_closed=week_of(day), outcome="withdrawn" if n % 11 == 0 else "settled",
                is_counted=0 if n % 13 == 0 else 1, weight=-1 if n % 17 == 0 else 1,
                concerns_unit="U-LAND" if n % 19 == 0 else None, n_reopened=1 if n % 5 == 0 else 0))
            if n % 5 == 0:
                connection.execute(Step.__table__.delete().where(Step.incident_id == number))
                connection.execute(insert(Step), [
                    {"incident_id": number, "source": "t", "source_ref": f"{number}-{k}", "content_hash": "0", "kind": kind,
                     "occurred_at": at - timedelta(days=back), "recorded_at": at, "is_recorded_assumed": False,
                     "is_withdrawn": False, "outcome": "settled" if kind == "close" else None}
                    for k, (kind, back) in enumerate((("close", 50), ("reopen", 12), ("close", 0)))])
            if n % 3 == 0:
                connection.execute(insert(Revisit).values(
                    source="t", source_ref=f"r{number}", content_hash="0", recorded_at=NOW, incident_id=number,
                    revisited_on=min(UNTIL, day + timedelta(days=n % 41)),
                    result=("settled", "not_settled", "not_reached")[n % 4 % 3]))
    return engine


@pytest.mark.parametrize(("scope", "area", "unit"), [
    (CENTRE, "990101", None), (TOWN, "990101001", None), (LAND, "990101", "U-LAND")])
@pytest.mark.parametrize("day", [UNTIL, UNTIL - timedelta(days=40)])
def test_the_inbox_is_what_the_rule_says_of_every_incident(revisited, scope, area, unit, day):
    waiting, done, missed = _by_hand(revisited, area, unit, day)
    with read_transaction(revisited) as connection:
        found = read_revisits_due(connection, scope, day, limit=1_000)
        first, second = (read_revisits_due(connection, scope, day, limit=5, offset=k).rows for k in (0, 5))
    assert (found.n_done, found.n_missed, found.n_ended) == (done, missed, done + missed)
    assert done > 0 < missed
    assert {int(one.id): one.planned_on.date() for one in found.rows.itertuples()} == waiting
    assert (found.n_due, found.n_late) == (sum(on >= day for on in waiting.values()), sum(on < day for on in waiting.values()))
    assert (found.rows["state"] == "late").sum() == found.n_late > 0
    assert list(first["id"]) + list(second["id"]) == list(found.rows["id"][:10])
    assert found.rows["planned_on"].is_monotonic_increasing


def test_an_empty_inbox_has_the_same_columns(engine):
    with read_transaction(engine) as connection:
        found = read_revisits_due(connection, CENTRE, date(2001, 1, 1))
    assert (found.n_due, found.n_late, found.n_ended, len(found.rows)) == (0, 0, 0, 0)
    assert {"planned_on", "state", "source_ref", "township_name"} <= set(found.rows.columns)
    assert found.ended_from == date(2000, 12, 2)

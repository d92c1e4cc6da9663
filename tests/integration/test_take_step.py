"""Steps are appended once, by whom the flow allows; two at once: one wins, the other is told by whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.queries.standing import read_standing
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Account, AuditEvent, Incident, Post, Step, Unit, WeeklyCount
from govdesk.terms import Role, StepKind
from tests.support.only_reported import add_accounts, make_fresh

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
DEPUTY = Scope(account="deputy", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")
WATER = Scope(account="water", role=Role.DEPARTMENT, unit_code="U-WATER")
LEADER = Scope(account="local_leader", role=Role.LEADER)


@pytest.fixture
def engine(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit).values(code="U-WATER", name="水利局", kind="department", content_hash="0"))
    add_accounts(tiny_engine, DEPUTY, LAND, WATER, titles=("副班", "自然资源局窗口", "水利局窗口"))
    return tiny_engine


@pytest.fixture
def incident(engine):
    """An incident that was only reported."""
    return make_fresh(engine, stream="request", category="request_road")


def step(engine, by, number, kind, key, **more):
    seen = more.pop("seen", None)
    return take_step(engine, by=by, incident_id=number, wanted=Wanted(StepKind(kind), **more),
                     form_key=f"key-{key:0>6}", seen=seen)


def facts(engine, number):
    with read_transaction(engine) as connection:
        return connection.execute(select(
            Incident.status, Incident.handling_unit, Incident.outcome, Incident.n_steps, Incident.closed_at,
        ).where(Incident.id == number)).one()


def keys(error):
    return [one.key for one in error.value.problems]


def test_from_report_to_closing(engine, incident):
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    step(engine, LAND, incident, "accept", 2)
    step(engine, LAND, incident, "answer", 3, note="已派人去看，13812345678 联系")
    done = step(engine, CENTRE, incident, "close", 4, outcome="settled", level="village", reason=None)
    assert done.status == "closed"
    found = facts(engine, incident)
    assert tuple(found)[:4] == ("closed", "U-LAND", "settled", 4)
    with read_transaction(engine) as connection:
        note = connection.scalar(select(Step.note).where(Step.kind == "answer", Step.incident_id == incident))
        assert "13812345678" not in note
        counts = connection.execute(select(WeeklyCount.__table__).order_by(*WeeklyCount.__table__.c)).all()
        audited = connection.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.subject == "steps"))
    assert audited == 4
    with write_transaction(engine) as connection:
        rebuild(connection)
        assert connection.execute(select(WeeklyCount.__table__).order_by(*WeeklyCount.__table__.c)).all() == counts


def test_the_same_form_twice_takes_one_step(engine, incident):
    first = step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    second = step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    assert (second.step_id, second.is_repeated) == (first.step_id, True)
    assert facts(engine, incident).n_steps == 1


def test_two_accept_at_once_one_wins_the_other_is_told_by_whom(engine, incident):
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")

    def accept(who):
        try:
            return step(engine, who[0], incident, "accept", who[1])
        except StepRefusedError as error:
            return error.problems[0]

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(accept, ((LAND, 2), (CENTRE, 3))))
    refused = [one for one in found if hasattr(one, "key")]
    assert len(refused) == 1
    winner = "centre" if found.index(refused[0]) == 0 else "自然资源局窗口"
    assert (refused[0].key, dict(refused[0].values)["by"]) == ("stands_accepted", winner)
    assert facts(engine, incident).n_steps == 2


def test_who_looked_at_an_older_state_is_told_who_moved_it(engine, incident):
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND", seen=0)
    step(engine, CENTRE, incident, "dispatch", 2, unit_code="U-WATER", seen=1)
    with pytest.raises(StepRefusedError) as error:
        step(engine, DEPUTY, incident, "dispatch", 3, unit_code="U-LAND", seen=1)
    assert keys(error) == ["moved_on"]
    assert facts(engine, incident).handling_unit == "U-WATER"


@pytest.mark.parametrize(("by", "kind", "more", "expected"), [
    (LAND, "accept", {}, ["not_now"]),
    (LAND, "dispatch", {"unit_code": "U-LAND"}, ["not_yours"]),
    (CENTRE, "dispatch", {}, ["missing"]),
    (CENTRE, "dispatch", {"unit_code": "U-NONE"}, ["unknown"]),
    (CENTRE, "close", {"outcome": "settled"}, ["missing"]),
    (CENTRE, "close", {"outcome": "agreement", "level": "village"}, ["missing"]),
    (CENTRE, "close", {"outcome": "settled", "level": "moon"}, ["unknown"]),
    (CENTRE, "close", {"outcome": "settled", "level": "village", "promised_on": date(2027, 1, 1)}, ["unknown"]),
    (CENTRE, "triage", {"note": "长" * 201}, ["too_long"]),
    (CENTRE, "triage", {"unit_code": "U-LAND"}, ["unknown"]),
])
def test_refused_steps_write_nothing(engine, incident, by, kind, more, expected):
    with pytest.raises(StepRefusedError) as error:
        step(engine, by, incident, kind, 1, **more)
    assert keys(error) == expected
    assert facts(engine, incident).n_steps == 0


def test_closing_within_minutes_asks_why(engine, incident):
    from govdesk.clock import now
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == incident).values(reported_at=now()))
    with pytest.raises(StepRefusedError) as error:
        step(engine, CENTRE, incident, "close", 1, outcome="settled", level="village")
    assert [(one.key, one.field) for one in error.value.problems] == [("missing", "quick")]
    done = step(engine, CENTRE, incident, "close", 2, outcome="settled", level="village", reason="on_the_spot",
                note="电话里已说清")
    assert done.status == "closed"


def test_incident_about_a_unit_is_neither_sent_to_it_nor_found_by_it(engine, incident):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == incident).values(concerns_unit="U-LAND"))
    with pytest.raises(StepRefusedError) as error:
        step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    assert keys(error) == ["concerns"]
    step(engine, CENTRE, incident, "dispatch", 2, unit_code="U-WATER")
    with pytest.raises(StepRefusedError) as error:
        step(engine, LAND, incident, "accept", 3)
    assert keys(error) == ["not_found"]


def test_who_is_given_a_post_meanwhile_is_still_the_same(engine, incident):
    step(engine, CENTRE, incident, "close", 1, outcome="settled", level="village")
    with write_transaction(engine) as connection:
        connection.execute(insert(Post).values(code="DESK", title="值班岗", content_hash="0"))
        connection.execute(update(Account).where(Account.code == CENTRE.account).values(post_code="DESK"))
    with pytest.raises(StepRefusedError) as error:
        step(engine, CENTRE, incident, "revisit", 2, reason="settled")
    assert keys(error) == ["same_post"]


def test_form_of_one_incident_says_nothing_of_another(engine, incident):
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    other = make_fresh(engine, inside="990101001", stream="request", category="request_road")
    with pytest.raises(ValueError, match="form"):
        step(engine, CENTRE, other, "dispatch", 1, unit_code="U-LAND")
    assert facts(engine, other).status == "reported"


def test_extension_is_asked_for_and_decided_by_another_post(engine, incident):
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    step(engine, LAND, incident, "accept", 2)
    step(engine, LAND, incident, "ask_extend", 3, note="等鉴定结果")
    with pytest.raises(StepRefusedError) as error:
        step(engine, LAND, incident, "ask_extend", 4, note="再等")
    assert keys(error) == ["stands_accepted"]
    done = step(engine, CENTRE, incident, "extend", 5)
    with read_transaction(engine) as connection:
        asked = connection.scalar(select(Step.id).where(Step.incident_id == incident, Step.kind == "ask_extend"))
        assert connection.scalar(select(Step.of_step).where(Step.id == done.step_id)) == asked


def test_leader_takes_no_step(engine, incident):
    with pytest.raises(RefusedError):
        step(engine, LEADER, incident, "dispatch", 1, unit_code="U-LAND")


def test_clock_put_back_does_not_turn_the_order(engine, incident, monkeypatch):
    from datetime import timedelta

    import govdesk.actions.append_step as module
    from govdesk.clock import now
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    earlier = now() - timedelta(days=3)
    monkeypatch.setattr(module, "now", lambda: earlier)
    step(engine, LAND, incident, "accept", 2)
    with read_transaction(engine) as connection:
        held = read_standing(connection, CENTRE, incident)
    assert [fact.kind for fact in held.steps] == ["dispatch", "accept"]
    assert held.standing.status == "accepted"


def test_many_steps_in_one_second_keep_their_order(engine, incident):
    step(engine, CENTRE, incident, "dispatch", 1, unit_code="U-LAND")
    for n in range(4):
        step(engine, CENTRE, incident, "accept", 10 * n + 2)
        step(engine, CENTRE, incident, "pause", 10 * n + 3, reason="court")
        step(engine, CENTRE, incident, "resume", 10 * n + 4)
        step(engine, CENTRE, incident, "dispatch", 10 * n + 5, unit_code="U-WATER")
    assert facts(engine, incident)[:4] == ("dispatched", "U-WATER", None, 17)


def test_triage_gives_the_severity_that_lists_and_walls_read(engine, incident):
    step(engine, CENTRE, incident, "triage", 1, severity=1)
    with read_transaction(engine) as connection:
        assert connection.scalar(select(Incident.severity).where(Incident.id == incident)) == 1
    step(engine, CENTRE, incident, "dispatch", 2, unit_code="U-LAND")
    with read_transaction(engine) as connection:
        assert connection.scalar(select(Incident.severity).where(Incident.id == incident)) == 1

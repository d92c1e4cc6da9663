"""Escalation events from the records of a small county, by value, on both engines."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk import settings
from govdesk.actions.find_escalations import find_escalations
from govdesk.clock import day_start, week_of
from govdesk.queries.escalation_rates import base_rates, count_village_weeks
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.escalation_parts import EscalationConfigError, EscalationParts, read_parts
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, EscalationEvent, Incident, Mediation, Step, Unit, Visit
from govdesk.terms import Role
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
PARTS = EscalationParts()
ON = date(2026, 5, 4)
AT = day_start(ON) + timedelta(hours=9)
PETITIONS = read_parts("[group_petition]\nis_on = true")
BASE = {"source": "e", "content_hash": "0", "is_recorded_assumed": False, "is_withdrawn": False}


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    if request.param == "sqlite":
        engine = request.getfixturevalue("empty_engine")
    else:
        engine = request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [{"code": "U-POLICE", "name": "公安局", "kind": "police", "place_code": COUNTY, "content_hash": "0"}])
    return engine


def incident(number, stream="dispute", category="neighbour", village="001001", on=ON, **more):
    return {"id": number, "source": "e", "source_ref": f"E{number}", "content_hash": "0", "stream": stream,
            "category": category, "weight": 1, "place_code": f"{COUNTY}{village}-02", "occurred_on": on,
            "reported_at": day_start(on) + timedelta(hours=9), "recorded_at": day_start(on) + timedelta(hours=10),
            "is_recorded_assumed": False, "week_occurred": week_of(on), "week_known": week_of(on), "is_counted": 1,
            "status": "reported", "n_reopened": 0, "n_steps": 0, "petition_kind": None, "repeat_of": None,
            "concerns_unit": None, "due_given_at": None} | more


def step(number, kind, days, late_days=0, **more):
    at = AT + timedelta(days=days)
    return BASE | {"incident_id": number, "source_ref": f"{number}-{kind}-{days}", "kind": kind, "occurred_at": at,
                   "recorded_at": at + timedelta(days=late_days), "level": None, "unit_code": None, "due_at": None} | more


def mediation(number, **more):
    return {"source": "e", "source_ref": f"M{number}", "content_hash": "0", "incident_id": number, "channel": "people",
            "method": "visiting", "level": "village", "started_on": ON, "recorded_at": AT, "performance_due_on": None,
            "performed_on": None} | more


def fill(engine, incidents, steps=(), mediations=(), visits=()):
    with write_transaction(engine) as connection:
        connection.execute(insert(Incident), incidents)
        for table, rows in ((Step, steps), (Mediation, mediations), (Visit, visits)):
            if rows:
                connection.execute(insert(table), list(rows))


def run(engine, parts=PARTS):
    return find_escalations(engine, by=SYSTEM, parts=parts, commit=True)


def events(engine):
    with read_transaction(engine) as connection:
        rows = connection.execute(select(EscalationEvent.__table__).order_by("incident_id", "part", "occurred_on")).all()
    return {(row.incident_id, row.part): (row.occurred_on, row.recorded_at) for row in rows}


def test_every_part_by_value(county):
    fill(county, [
        incident(1), incident(2), incident(3), incident(4), incident(5, "public_order", "order_fight", repeat_of=4),
        incident(6), incident(7), incident(8), incident(9), incident(10, "public_order", "order_theft"),
        incident(11, "request", "request_road"), incident(12, is_counted=0, merged_into=1),
    ], [
        step(1, "dispatch", 2, 1, unit_code="U-POLICE"), step(1, "dispatch", 9, unit_code="U-POLICE"),
        step(2, "close", 1), step(2, "reopen", 3, 20), step(2, "close", 5), step(2, "reopen", 7),
        step(3, "refer_up", 4, 2, level="county"), step(3, "close", 30, level="beyond"),
        step(7, "close", 6, level="county"), step(8, "close", 6, level="township"),
        step(9, "refer_up", 6, level="county", is_withdrawn=True),
        step(11, "refer_up", 2, level="county"), step(12, "refer_up", 2, level="county"),
        step(10, "dispatch", 1, unit_code="U-POLICE"),
    ], [
        mediation(6, performance_due_on=ON + timedelta(days=10)),
        mediation(7, performance_due_on=ON + timedelta(days=10), performed_on=ON + timedelta(days=10)),
        mediation(8, channel="police_handover", recorded_at=AT + timedelta(days=3)),
        mediation(9, performance_due_on=date(2027, 1, 1)),
    ])
    done = run(county)
    assert events(county) == {
        (1, "police_handover"): (ON + timedelta(days=2), AT + timedelta(days=3)),
        (2, "reopened_twice"): (ON + timedelta(days=7), AT + timedelta(days=23)),
        (3, "county_level"): (ON + timedelta(days=4), AT + timedelta(days=6)),
        (5, "police_handover"): (ON, AT + timedelta(hours=1)),
        (5, "violence"): (ON, AT + timedelta(hours=1)),
        (6, "agreement_broken"): (ON + timedelta(days=11), day_start(ON + timedelta(days=11))),
        (7, "county_level"): (ON + timedelta(days=6), AT + timedelta(days=6)),
        (8, "police_handover"): (ON, AT + timedelta(days=3)),
    }
    assert {name: part.n_events for name, part in done.parts.items()} == {
        "police_handover": 3, "reopened_twice": 1, "agreement_broken": 1, "violence": 1, "county_level": 2, "stream": 0}


def test_second_run_changes_nothing_and_another_configuration_has_its_own_version(county):
    fill(county, [incident(1, "public_order", "order_fight"), incident(2)], [step(2, "refer_up", 1, level="county")])
    dry = find_escalations(county, by=SYSTEM, parts=PARTS, commit=False)
    assert (dry.is_changed, dry.is_committed, events(county)) == (True, False, {})
    assert run(county).is_changed

    def state():
        with read_transaction(county) as connection:
            return (connection.scalar(select(func.count()).select_from(AuditEvent)), read_versions(connection),
                    connection.execute(select(EscalationEvent.__table__).order_by("incident_id")).all())
    before = state()
    again = run(county)
    assert not again.is_changed
    assert again.is_committed
    assert state() == before
    other = read_parts("[county_level]\nlevels = ['beyond']")
    changed = run(county, other)
    assert (changed.parts["county_level"].n_gone, changed.parts["violence"].n_new) == (1, 1)
    after = state()
    assert [(row.part, row.rule_version) for row in after[2]] == [("violence", other.version)]
    assert after[0] == before[0] + 1
    assert after[1]["incidents"] == before[1]["incidents"] + 1
    with read_transaction(county) as connection:
        audit = connection.execute(select(AuditEvent.action, AuditEvent.subject_key, AuditEvent.detail).order_by(AuditEvent.id.desc())).first()
    assert audit[:2] == ("find_escalations", other.version)
    assert json.loads(audit.detail)["parts"]["county_level"]["levels"] == ["beyond"]


def test_handling_that_our_own_alert_started_does_not_count(county):
    fill(county, [incident(1), incident(2), incident(3, village="002001")],
         [step(1, "refer_up", 5, level="county"), step(2, "refer_up", 40, level="county"),
          step(3, "refer_up", 5, level="county")],
         visits=[{"source": "v", "source_ref": reason, "content_hash": "0", "recorded_at": AT, "place_code": code,
                  "reason": reason, "visited_on": ON + timedelta(days=2), "found": "found"}
                 for code, reason in ((f"{COUNTY}001001", "alert"), (f"{COUNTY}002001", "own"))])
    run(county)
    assert set(events(county)) == {(2, "county_level"), (3, "county_level")}
    run(county, read_parts("[county_level]\nalert_days = 60"))
    assert set(events(county)) == {(3, "county_level")}


def test_stream_counts_only_for_sources_that_know_nothing_else(county):
    bare = {"source": "bare"}
    fill(county, [incident(1, "public_order", "own_assault", **bare), incident(2, "public_order", "own_assault", weight=-1, **bare),
                  incident(3, "public_order", "order_theft"), incident(4, "public_order", "own_noise"), incident(5, "dispute", "own_row", **bare),
                  incident(6, "public_order", "order_fight")])
    run(county)
    assert set(events(county)) == {(1, "stream"), (2, "stream"), (6, "violence")}
    with write_transaction(county) as connection:
        connection.execute(insert(Step), [step(5, "accept", 1)])
        connection.execute(update(Incident).where(Incident.id == 3).values(category="order_injury"))
    done = run(county)
    assert (done.parts["stream"].n_gone, done.parts["violence"].n_new) == (2, 1)
    assert set(events(county)) == {(3, "violence"), (6, "violence")}


def test_petition_counts_only_after_silence_and_never_for_a_village(county):
    later = ON + timedelta(days=30)
    rows = [incident(1), incident(2), incident(3), incident(4)] + [
        incident(10 + n, "petition", "petition_land", on=later, petition_kind="group", repeat_of=n) for n in (1, 2, 3)]
    rows += [incident(20, "petition", "petition_land", on=later, petition_kind="group"),
             incident(21, "petition", "petition_land", on=later, petition_kind="repeat", repeat_of=1)]
    fill(county, rows, [step(1, "report", 0), step(2, "report", 0), step(2, "answer", 5), step(4, "report", 0)])
    run(county)
    assert events(county) == {}
    run(county, PETITIONS)
    assert events(county) == {(1, "group_petition"): (later, day_start(later) + timedelta(hours=10))}
    with read_transaction(county) as connection:
        rates = base_rates(connection, SYSTEM, PETITIONS.list_on(), week_of(ON), week_of(ON) + 10).set_index("part")
    assert rates.loc["group_petition", ["n_events", "n_villages", "is_of_office"]].tolist() == [1, 0, True]
    assert rates.loc["group_petition", ["per_1000_village_weeks"]].isna().all()


def test_deadline_of_accepting_promised_nobody_anything_and_that_of_handling_did(county):
    later = ON + timedelta(days=30)
    due = AT + timedelta(days=8)
    rows = [incident(1), incident(2), incident(3)] + [
        incident(10 + n, "petition", "petition_land", on=later, petition_kind="group", repeat_of=n) for n in (1, 2, 3)]
    answered = [step(n, "answer", 5) for n in (1, 2, 3)]
    fill(county, rows, [
        *({**one, "due_at": None} for one in answered),
        step(1, "dispatch", 1, source="loop", due_at=due), step(2, "accept", 1, source="loop", due_at=due),
        step(3, "dispatch", 1, due_at=due)])
    run(county, PETITIONS)
    assert set(events(county)) == {(2, "group_petition"), (3, "group_petition")}


def test_base_rates_by_value_and_scope(county):
    fill(county, [incident(1, "public_order", "order_fight"), incident(2, "public_order", "order_fight", weight=-1),
                  incident(3, "public_order", "order_injury", village="002001"),
                  incident(4, "public_order", "order_injury", village="002002", concerns_unit="U-LAND"),
                  incident(5, "public_order", "order_fight", on=ON + timedelta(weeks=4))])
    run(county)
    week = week_of(ON)
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 5).values(is_counted=0))

    def rate(scope, weeks=4):
        with read_transaction(county) as connection:
            return base_rates(connection, scope, ("violence", "county_level"), week, week + weeks).iloc[:, :5].to_numpy().tolist()
    assert rate(SYSTEM) == [["violence", 2, 2, 48, 1000 * 2 / 48], ["county_level", 0, 0, 48, 0.0]]
    assert rate(SYSTEM, 5)[0][1] == 2  # the merged one is not counted before the next run, either
    assert rate(Scope("t", Role.TOWNSHIP, f"{COUNTY}002"))[0] == ["violence", 2, 2, 16, 125.0]
    assert rate(Scope("u", Role.DEPARTMENT, None, "U-LAND"))[0][1:3] == [1, 1]
    with read_transaction(county) as connection:
        assert count_village_weeks(connection, SYSTEM, week, week) == 0


def test_who_may_and_what_is_refused(county):
    with pytest.raises(RefusedError):
        find_escalations(county, by=Scope("l", Role.LEADER), parts=PARTS, commit=False)
    with pytest.raises(EscalationConfigError, match="did you mean 'order_fight'"):
        run(county, read_parts("[violence]\ncategories = ['order_fights']"))


def test_command_says_what_it_found(tiny_engine, tmp_path):
    from typer.testing import CliRunner

    from govdesk.cli import app
    report = tmp_path / "r.json"
    assert CliRunner().invoke(app, ["find-escalations", "--commit", "--report", str(report)]).exit_code == 0
    found = json.loads(report.read_text())
    assert found["committed"]
    assert found["parts"]["violence"]["events"] == found["events"] == len(events(tiny_engine)) > 20
    (settings.get_settings().var / "escalation_parts.toml").write_text("[violence]\ncategory = 1\n")
    wrong = CliRunner().invoke(app, ["find-escalations", "--report", str(report)])
    assert wrong.exit_code == 2
    assert "did you mean 'categories'" in json.loads(report.read_text())["error"]

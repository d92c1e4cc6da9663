"""Visits: recorded once, checked, masked, followed for 90 days; on both engines."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select

from govdesk.actions.record_visit import VisitRefusedError, record_visit
from govdesk.clock import day_start, week_of
from govdesk.queries.risk_list import list_in_force
from govdesk.queries.visits import last_contacts, list_visits, read_lot
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, EscalationEvent, Incident, RiskListing, RiskRun, RiskScore, Visit
from govdesk.terms import Role
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
VILLAGE = f"{COUNTY}001001"
CENTRE = Scope("local_centre", Role.CENTRE)
TOWNSHIP = Scope("t", Role.TOWNSHIP, f"{COUNTY}002")
TODAY = tiny_county.UNTIL


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def visit(engine, key="form-0001", by=CENTRE, **values):
    return record_visit(engine, by=by, form_key=key, **{
        "place_code": VILLAGE, "reason": "own", "visited_on": TODAY, "found": "found", "note": ""} | values)


def read(engine, query, scope=CENTRE, *args):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def listed(engine, scope=CENTRE, days=400):
    return read(engine, list_visits, scope, TODAY - timedelta(days=days), TODAY + timedelta(days=1), TODAY)


def n_visits(engine):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(Visit))


def test_visit_is_kept_masked_audited_and_bumps_its_subject(county):
    with read_transaction(county) as connection:
        before = read_versions(connection)
    done = visit(county, note="水渠两户有争执，电话 13800138000")
    assert done.is_masked
    assert visit(county, note="again").is_repeated
    assert n_visits(county) == 1
    row = listed(county).iloc[0]
    assert row[["place_code", "place", "reason", "found", "post", "outcome"]].tolist() == [
        VILLAGE, "第1镇1村", "own", "found", "centre", "pending"]
    assert "13800138000" not in row["note"]
    assert "水渠" in row["note"]
    with read_transaction(county) as connection:
        after = read_versions(connection)
        audit = connection.execute(select(AuditEvent.__table__).order_by(AuditEvent.id.desc())).first()
        assert (audit.action, audit.subject, audit.by) == ("record_visit", "visits", "local_centre")
        assert "note" not in json.loads(audit.detail)
    assert {name for name in after if after[name] != before[name]} == {"risk"}


@pytest.mark.parametrize(("values", "keys"), [
    ({"place_code": None, "reason": None, "found": None, "visited_on": None}, ["missing"] * 4),
    ({"visited_on": TODAY + timedelta(days=1)}, ["day"]), ({"visited_on": date(1980, 1, 1)}, ["day"]),
    ({"place_code": COUNTY}, ["place_level"]), ({"place_code": "nowhere"}, ["place_outside"]),
    ({"reason": "spite", "found": "person"}, ["unknown", "unknown"]), ({"note": "水" * 201}, ["too_long"]),
])
def test_what_is_wrong_is_named_and_nothing_written(county, values, keys):
    with pytest.raises(VisitRefusedError) as error:
        visit(county, **values)
    assert [one.key for one in error.value.problems] == keys
    assert n_visits(county) == 0


def test_who_may_and_where(county):
    with pytest.raises(RefusedError):
        visit(county, by=Scope("l", Role.LEADER))
    with pytest.raises(VisitRefusedError):
        visit(county, by=TOWNSHIP)
    visit(county)
    visit(county, "form-0002", TOWNSHIP, place_code=f"{COUNTY}002003")
    visit(county, "form-0003", visited_on=TODAY - timedelta(days=9))
    assert listed(county, TOWNSHIP)["place_code"].tolist() == [f"{COUNTY}002003"]
    assert read(county, last_contacts, TOWNSHIP)["place_code"].tolist() == [f"{COUNTY}002003"]
    contacts = read(county, last_contacts)
    assert [(row.place_code, row.visited_on.date(), row.n_visits) for row in contacts.itertuples()] == [
        (VILLAGE, TODAY, 2), (f"{COUNTY}002003", TODAY, 1)]
    assert len(listed(county, days=5)) == 2


def test_what_followed_in_ninety_days(county):
    then = TODAY - timedelta(days=200)
    for key, village, on in (("form-0001", VILLAGE, then), ("form-0002", f"{COUNTY}001002", then),
                             ("form-0003", f"{COUNTY}001003", TODAY - timedelta(days=89)),
                             ("form-0004", f"{COUNTY}001004", TODAY - timedelta(days=10))):
        visit(county, key, place_code=village, visited_on=on)
    incidents, events = [], []
    for number, (village, days, weight, part) in enumerate([
        ("001001", 90, 1, "violence"), ("001001", 1, 1, "violence"), ("001001", 2, -1, "violence"),
        ("001002", 0, 1, "violence"), ("001002", 91, 1, "violence"), ("001002", 5, 1, "group_petition"),
        ("001004", 195, 1, "county_level"),
    ], start=1):
        on = then + timedelta(days=days)
        incidents.append({
            "id": number, "source": "e", "source_ref": f"E{number}", "content_hash": "0", "stream": "dispute",
            "category": "neighbour", "weight": weight, "place_code": f"{COUNTY}{village}-02", "occurred_on": on,
            "reported_at": day_start(on), "recorded_at": day_start(on), "is_recorded_assumed": False,
            "week_occurred": week_of(on), "week_known": week_of(on), "is_counted": 1, "status": "reported",
            "n_reopened": 0, "n_steps": 0})
        events.append({"incident_id": number, "part": part, "occurred_on": on, "recorded_at": day_start(on), "rule_version": "v"})
    with write_transaction(county) as connection:
        connection.execute(insert(Incident), incidents)
        connection.execute(insert(EscalationEvent), events)
    rows = listed(county).set_index("place_code")
    assert rows["n_escalations"].to_dict() == {VILLAGE: 1, f"{COUNTY}001002": 0, f"{COUNTY}001003": 0, f"{COUNTY}001004": 1}
    assert rows["outcome"].to_dict() == {
        VILLAGE: "escalated", f"{COUNTY}001002": "quiet", f"{COUNTY}001003": "pending", f"{COUNTY}001004": "escalated"}


def test_visit_for_an_alert_names_its_score_and_the_lot_falls_on_none_of_the_list(county):
    with write_transaction(county) as connection:
        at = day_start(TODAY)
        for run, label in ((1, "elevated"), (2, "onset")):
            connection.execute(insert(RiskRun).values(
                id=run, as_of=TODAY, label=label, horizon_weeks=4, classifier="{}", data_version=1, by="s", at=at))
            connection.execute(insert(RiskScore), [
                {"id": run * 10 + n, "run_id": run, "place_code": f"{COUNTY}00{run}00{n}", "rank": n, "contributions": "{}",
                 "reasons": "[]"} for n in (1, 2, 3, 4)])
    assert read(county, list_in_force, CENTRE, TODAY) == []
    listed = [f"{COUNTY}001001", f"{COUNTY}001002", f"{COUNTY}002001"]
    with write_transaction(county) as connection:
        connection.execute(insert(RiskListing), [
            {"run_id": 1, "as_of": TODAY, "place_code": code, "list": "usual", "position": n}
            for n, code in enumerate(listed, 1)])
    assert read(county, list_in_force, CENTRE, TODAY) == listed
    assert read(county, list_in_force, TOWNSHIP, TODAY) == [f"{COUNTY}002001"]
    assert read(county, list_in_force, CENTRE, TODAY - timedelta(days=1)) == []
    lot = read(county, read_lot, CENTRE, TODAY, "seed")
    assert (lot.n_from, set(lot.codes) & set(listed)) == (9, set())
    visit(county, reason="alert")
    with read_transaction(county) as connection:
        assert connection.scalar(select(Visit.risk_score_id)) == 11


def test_lot_is_one_for_all_and_each_sees_its_own_part(county):
    lot = read(county, read_lot, CENTRE, TODAY, "seed")
    assert (len(lot.codes), lot.n_from) == (3, 12)
    assert lot == read(county, read_lot, CENTRE, TODAY - timedelta(days=6), "seed")  # Monday of the same week
    towns = [Scope("t", Role.TOWNSHIP, f"{COUNTY}00{n}") for n in (1, 2, 3)]
    seen = [read(county, read_lot, town, TODAY, "seed").codes for town in towns]
    assert sorted(sum(seen, ())) == sorted(lot.codes)
    assert all(code.startswith(town.area_code) for town, codes in zip(towns, seen, strict=True) for code in codes)

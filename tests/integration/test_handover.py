"""Handover: facts counted once, frozen when signed, signed for once by another post; on both engines."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from govdesk import settings
from govdesk.actions.calls import place_call
from govdesk.actions.handover import HandoverRefusedError, leave_note, sign_in, sign_out
from govdesk.clock import week_of
from govdesk.queries.handover import find_from, list_handovers, list_notes, read_handover_facts
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import Account, Handover, HandoverNote, ImportBatch, Incident, Post, Step, Unit, VisitOrder
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

VILLAGE = f"{COUNTY}001001"
CENTRE, CENTRE_2, CENTRE_3 = Scope("local_centre", Role.CENTRE), Scope("desk2", Role.CENTRE), Scope("desk3", Role.CENTRE)
LAND_LEADER, OFFICE_LEADER = Scope("landlead", Role.LEADER, None, "U-LAND"), Scope("officelead", Role.LEADER, None, "U-LAND-1")
TOWN, TOWN_B = Scope("town", Role.TOWNSHIP, f"{COUNTY}001", "U-TOWN1"), Scope("townb", Role.TOWNSHIP, f"{COUNTY}001", "U-TOWN1")
PHONE = "13800138000"
AGO = NOW - timedelta(hours=12)


def incident(number, place="001001-02", **values):
    return {
        "id": number, "source": "h", "source_ref": f"H{number}", "content_hash": "0", "stream": "hazard", "category": "hazard_fire",
        "weight": 1, "place_code": f"{COUNTY}{place}", "occurred_on": date(2026, 11, 1), "reported_at": NOW - timedelta(days=20),
        "recorded_at": NOW - timedelta(days=20), "is_recorded_assumed": False, "week_occurred": week_of(date(2026, 11, 1)),
        "week_known": week_of(date(2026, 11, 1)), "handling_unit": "U-LAND", "concerns_unit": None, "is_counted": 1, "severity": 3,
        "status": "accepted", "due_at": NOW + timedelta(days=9), "closed_at": None, "week_closed": None, "n_reopened": 0, "n_steps": 1} | values


ROWS = [
    incident(1, recorded_at=AGO, status="reported", severity=1), incident(2, recorded_at=AGO + timedelta(hours=1), stream="dispute"),
    incident(3, recorded_at=AGO - timedelta(seconds=1)), incident(4, recorded_at=NOW),  # before the shift, after it
    incident(5, due_at=NOW - timedelta(seconds=1)), incident(6, due_at=AGO - timedelta(seconds=1)), incident(7, due_at=NOW),
    incident(8, due_at=NOW + timedelta(hours=24)), incident(9, due_at=AGO, status="paused"), incident(10, n_reopened=2),
    incident(11, due_at=NOW - timedelta(days=2), is_counted=0), incident(12, due_at=NOW - timedelta(days=2), weight=-1),
    incident(13, due_at=NOW - timedelta(days=2), closed_at=NOW - timedelta(days=1), week_closed=2900, status="closed", severity=1),
    incident(14, due_at=NOW - timedelta(days=3), concerns_unit="U-LAND", severity=1),
    incident(15, "002001-01", due_at=NOW - timedelta(days=3)),
]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    with write_transaction(engine) as connection:
        connection.execute(delete(Step))
        connection.execute(insert(Incident), ROWS)
        connection.execute(insert(Unit).values(
            code="U-LAND-1", name="自然资源所", kind="department", place_code=f"{COUNTY}001", parent_code="U-LAND", content_hash="0"))
        connection.execute(insert(Post).values(code="DESK", title="值班岗甲", content_hash="0"))
        connection.execute(insert(Account), [
            {"code": one.account, "title": f"{one.account}岗", "role": one.role, "area_code": one.area_code, "unit_code": one.unit_code,
             "is_active": True, "post_code": "DESK" if one is CENTRE_3 else None}
            for one in (CENTRE_2, CENTRE_3, LAND_LEADER, TOWN, TOWN_B)])
    return engine


def read(engine, query, scope=CENTRE, *args):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def facts_of(engine, scope=CENTRE, from_at=AGO, now=NOW):
    return read(engine, read_handover_facts, scope, from_at, now)


def refused(act, *args, **values):
    with pytest.raises(HandoverRefusedError) as error:
        act(*args, **values)
    return [one.key for one in error.value.problems]


def test_facts_are_those_of_the_shift_to_the_second(county):
    facts = facts_of(county)
    names = {one.name: [row.id for row in one.rows] for one in facts.lists}
    assert {one.name: one.n for one in facts.lists} == {
        "calls": 0, "urgent": 2, "overdue": 3, "newly_overdue": 1, "due_soon": 1, "to_triage": 1, "reopened": 1, "paused": 1,
        "visits": 0, "imports": 0, "came_in": 2}  # overdue: 5, 6, 14, 15 less one correction
    assert list(names).index("newly_overdue") < list(names).index("overdue")  # what this shift brought comes first
    assert names["overdue"] == [14, 15, 6, 5]
    assert (names["newly_overdue"], names["due_soon"], names["paused"], names["reopened"]) == ([5], [7], [9], [10])
    assert names["came_in"] == [2, 1]
    assert facts.count_streams() == {"dispute": 1, "hazard": 1}
    first = facts.find("overdue").rows[0]
    assert (first.number, first.where, first.unit) == ("H14", "第1镇 1村第2网格", "自然资源局")


def test_concerned_unit_and_area_are_honoured(county):
    for scope in (LAND_LEADER, OFFICE_LEADER):  # the office stands below the unit concerned
        assert facts_of(county, scope).find("overdue").n == 2
        assert facts_of(county, scope).find("urgent").n == 1
    assert facts_of(county, TOWN).find("overdue").n == 2
    assert [row.id for row in facts_of(county, TOWN).find("overdue").rows] == [14, 6, 5]


def test_what_is_due_first_comes_first_and_what_has_no_time_last(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Incident), [
            incident(50, status="reported", due_at=None), incident(51, status="reported", due_at=NOW + timedelta(days=1))])
    assert [row.id for row in facts_of(county).find("to_triage").rows] == [51, 1, 50]


def test_no_more_than_fifteen_are_named(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Incident), [incident(number, status="reported") for number in range(100, 140)])
    listed = facts_of(county).find("to_triage")
    assert (listed.n, len(listed.rows)) == (41, 15)


def test_calls_visits_and_imports_are_handed_over(county):
    place_call(county, by=CENTRE, place_code=VILLAGE, category="hazard_fire", severity=1, units=["U-LAND"], lead="U-LAND", form_key="form-0001")
    with write_transaction(county) as connection:
        connection.execute(insert(VisitOrder), [
            {"place_code": VILLAGE, "week": 2960 + n, "reason": "alert", "owner_unit": "U-CENTRE", "due_on": day, "ordered_by": "x", "ordered_at": NOW}
            for n, day in enumerate([date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)])])
        connection.execute(insert(ImportBatch), [
            {"about": "incidents", "profile": "p", "file_name": "甲.csv", "file_hash": "0", "by": "x", "at": at, "n_read": 9, "n_inserted": 1,
             "n_updated": 0, "n_unchanged": 0, "n_rejected": bad} for at, bad in ((AGO, 3), (AGO, 0), (AGO - timedelta(days=1), 4))])
    facts = facts_of(county)
    assert {name: facts.find(name).n for name in ("calls", "visits", "imports")} == {"calls": 1, "visits": 2, "imports": 1}
    assert facts.find("calls").rows[0].unit == "自然资源局"
    assert facts_of(county, TOWN).find("imports").n == 0  # not for townships


def test_handover_is_signed_frozen_and_signed_for_by_another_post(county, monkeypatch):
    before = read(county, lambda c, s: read_versions(c))
    assert read(county, find_from, CENTRE, NOW) == NOW - timedelta(hours=24)
    leave_note(county, by=CENTRE, subject="incident", subject_id=14, note=f"盯紧，电话 {PHONE}")
    done = sign_out(county, by=CENTRE, seen_id=None, remark=f"夜间平稳 {PHONE}", form_key="form-0001")
    assert done.is_masked
    assert sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001").is_repeated
    with write_transaction(county) as connection:  # what happens later changes nothing of it
        connection.execute(update(Incident).values(is_counted=0))
    signed = read(county, list_handovers, CENTRE_2)[0]
    assert (signed.facts.find("overdue").n, signed.in_post, signed.out_post) == (3, None, "centre")
    assert [note.subject_id for note in signed.notes] == [14]
    assert PHONE not in signed.notes[0].note + (signed.remark or "")
    assert refused(sign_in, county, by=CENTRE, handover_id=1) == ["same_post"]
    monkeypatch.setenv("GOVDESK_NOW", (NOW + timedelta(hours=1)).isoformat())
    settings.get_settings.cache_clear()
    sign_in(county, by=CENTRE_2, handover_id=1)
    assert sign_in(county, by=CENTRE_2, handover_id=1).is_repeated
    with pytest.raises(HandoverRefusedError) as error:
        sign_in(county, by=CENTRE_3, handover_id=1)
    assert error.value.problems[0].key == "taken"
    assert dict(error.value.problems[0].values) == {"by": "desk2岗", "at": "2026-11-22 11:00"}
    signed = read(county, list_handovers)[0]
    assert (signed.in_post, signed.in_at) == ("desk2岗", NOW + timedelta(hours=1))
    assert read(county, find_from, CENTRE, NOW) == NOW
    assert read(county, list_notes) == ()
    after = read(county, lambda c, s: read_versions(c))
    assert {name for name in after if after[name] != before[name]} == {"loop"}


def test_two_posts_sign_for_it_at_once_and_one_is_told_who(county):
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")

    def sign(by):
        try:
            return sign_in(county, by=by, handover_id=1)
        except HandoverRefusedError as error:
            return error.problems[0]

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(sign, [CENTRE_2, CENTRE_3] * 3))
    winner = read(county, list_handovers)[0].in_post
    assert winner in ("desk2岗", "值班岗甲")
    told = [one for one in said if hasattr(one, "key")]
    assert len(told) == 3
    assert {dict(one.values)["by"] for one in told} == {winner}


def test_two_sign_out_at_once_and_one_looks_again(county):
    def sign(number):
        try:
            return sign_out(county, by=(CENTRE, CENTRE_2)[number % 2], seen_id=None, form_key=f"form-000{number}")
        except HandoverRefusedError as error:
            return error.problems[0].key

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(sign, range(4)))
    assert said.count("signed_meanwhile") == 3
    assert len(read(county, list_handovers)) == 1


def test_frozen_facts_hide_what_concerns_the_reader(county):
    leave_note(county, by=CENTRE, subject="incident", subject_id=14, note="该单位另有反映")
    leave_note(county, by=CENTRE, note="夜里有雨")
    assert [note.note for note in read(county, list_notes, LAND_LEADER)] == ["夜里有雨"]
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    for scope in (LAND_LEADER, OFFICE_LEADER):
        signed = read(county, list_handovers, scope)[0]
        assert signed.facts.find("overdue").n == 2
        assert 14 not in [row.id for row in signed.facts.find("overdue").rows]
        assert [note.note for note in signed.notes] == ["夜里有雨"]
    with write_transaction(county) as connection:  # it turns out later whom it concerns
        connection.execute(update(Incident).where(Incident.id == 15).values(concerns_unit="U-LAND"))
    for scope in (LAND_LEADER, OFFICE_LEADER):
        signed = read(county, list_handovers, scope)[0]
        assert (signed.facts.find("overdue").n, 15 in [row.id for row in signed.facts.find("overdue").rows]) == (1, False)
    assert read(county, list_handovers)[0].facts.find("overdue").n == 3


def test_what_came_in_by_stream_does_not_tell_of_what_the_list_hides(county):
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    with write_transaction(county) as connection:  # the only dispute of the shift turns out to concern the reader
        connection.execute(update(Incident).where(Incident.id == 2).values(concerns_unit="U-LAND"))
    for scope in (LAND_LEADER, OFFICE_LEADER):
        facts = read(county, list_handovers, scope)[0].facts
        assert facts.find("came_in").n == sum(facts.count_streams().values())
        assert "dispute" not in facts.count_streams()
    assert read(county, list_handovers)[0].facts.count_streams()["dispute"] == 1


def test_count_of_a_long_list_is_without_what_concerns_the_reader(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Incident), [
            incident(number, status="reported", concerns_unit="U-LAND" if number < 130 else None) for number in range(100, 140)])
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    assert read(county, list_handovers)[0].facts.find("to_triage").n == 41
    assert read(county, list_handovers, LAND_LEADER)[0].facts.find("to_triage").n == 11
    assert facts_of(county, LAND_LEADER).find("to_triage").n == 11


def test_each_township_has_its_own(county):
    sign_out(county, by=TOWN, seen_id=None, form_key="form-0001")
    assert read(county, list_handovers) == ()
    assert len(read(county, list_handovers, TOWN_B)) == 1
    assert read(county, list_handovers, Scope("t2", Role.TOWNSHIP, f"{COUNTY}002")) == ()
    assert refused(sign_in, county, by=CENTRE, handover_id=1) == ["unknown"]
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0002")  # the county's chain is another one
    sign_in(county, by=TOWN_B, handover_id=1)


def test_who_may_and_what_is_refused(county):
    for by in (Scope("l", Role.LEADER), Scope("d", Role.DEPARTMENT, None, "U-LAND"), Scope("a", Role.ANALYST)):
        with pytest.raises(RefusedError):
            sign_out(county, by=by, seen_id=None, form_key="form-0001")
        with pytest.raises(RefusedError):
            leave_note(county, by=by, note="x")
    with pytest.raises(RefusedError):
        read(county, list_handovers, Scope("d", Role.DEPARTMENT, None, "U-LAND"))
    assert refused(leave_note, county, by=CENTRE, note="  ") == ["missing"]
    assert refused(leave_note, county, by=CENTRE, note="水" * 201) == ["too_long"]
    assert refused(leave_note, county, by=TOWN, subject="incident", subject_id=15, note="x") == ["unknown"]
    assert refused(leave_note, county, by=CENTRE, subject="person", subject_id=1, note="x") == ["unknown"]
    assert refused(leave_note, county, by=CENTRE, subject="shift", subject_id=1, note="x") == ["unknown"]
    assert refused(sign_out, county, by=CENTRE, seen_id=7, form_key="form-0001") == ["signed_meanwhile"]
    assert leave_note(county, by=CENTRE, note="雨").id == leave_note(county, by=CENTRE, note="雨").id
    with read_transaction(county) as connection:
        assert connection.scalar(select(func.count()).select_from(HandoverNote)) == 1
        assert connection.scalar(select(func.count()).select_from(Handover)) == 0


def test_nothing_about_a_person_is_kept(county):
    sign_out(county, by=CENTRE, seen_id=None, form_key="form-0001")
    with read_transaction(county) as connection:
        kept = json.loads(connection.scalar(select(Handover.facts)))
    keys = {key for one in kept["lists"] for row in one["rows"] for key in row}
    assert keys == {"subject", "id", "number", "category", "where", "unit", "due", "about"}

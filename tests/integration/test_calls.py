"""Calls: placed once, hops taken once, hidden from whom they concern; on both engines."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk import settings
from govdesk.actions.calls import CallRefusedError, add_unit, end_call, place_call, take_hop
from govdesk.queries.call_times import read_call_times
from govdesk.queries.calls import get_call, list_calls, list_waiting
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import Account, AuditEvent, Call, CallStep, Incident, Post, Unit
from govdesk.terms import CallHop, Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

VILLAGE, TOWN_CODE = f"{COUNTY}001001", f"{COUNTY}001"
CENTRE, TOWN = Scope("local_centre", Role.CENTRE), Scope("town", Role.TOWNSHIP, TOWN_CODE, "U-TOWN1")
OTHER_TOWN = Scope("town2", Role.TOWNSHIP, f"{COUNTY}002", "U-TOWN2")
LAND, LAND_2 = Scope("land", Role.DEPARTMENT, None, "U-LAND"), Scope("land2", Role.DEPARTMENT, None, "U-LAND")
WATER, ROADS = Scope("water", Role.DEPARTMENT, None, "U-WATER"), Scope("roads", Role.DEPARTMENT, None, "U-ROADS")
WALL, LEADER = Scope("wall", Role.WALL), Scope("local_leader", Role.LEADER)
PHONE = "13800138000"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=60)
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [
            {"code": code, "name": name, "kind": kind, "place_code": place, "parent_code": above, "content_hash": "0"}
            for code, name, kind, place, above in [
                ("U-WATER", "水利局", "department", COUNTY, None), ("U-ROADS", "交通运输局", "department", COUNTY, None),
                ("U-LAND-1", "自然资源所", "department", TOWN_CODE, "U-LAND"), ("U-TOWN1", "第1镇人民政府", "township", TOWN_CODE, None),
                ("U-TOWN2", "第2镇人民政府", "township", f"{COUNTY}002", None)]])
        connection.execute(insert(Account), [
            {"code": one.account, "title": f"{one.account}岗", "role": one.role, "area_code": one.area_code,
             "unit_code": one.unit_code, "is_active": True}
            for one in (TOWN, OTHER_TOWN, LAND, LAND_2, WATER, ROADS)])
    return engine


@pytest.fixture
def at(monkeypatch):
    """Set the clock to so many minutes after the county's instant."""
    def set_clock(minutes):
        monkeypatch.setenv("GOVDESK_NOW", (NOW + timedelta(minutes=minutes)).isoformat())
        settings.get_settings.cache_clear()
    return set_clock


def call(engine, key="form-0001", by=TOWN, **values):
    return place_call(engine, by=by, form_key=key, **{
        "place_code": VILLAGE, "category": "hazard_fire", "severity": 1, "units": ["U-LAND"], "lead": "U-LAND"} | values)


def hop(engine, what, by=LAND, unit="U-LAND", note="", call_id=1):
    return take_hop(engine, by=by, call_id=call_id, unit_code=unit, hop=CallHop(what), note=note)


def read(engine, query, scope=CENTRE, *args, **kwargs):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args, **kwargs)


def refused(act, *args, **values):
    with pytest.raises(CallRefusedError) as error:
        act(*args, **values)
    return [one.key for one in error.value.problems]


def n_rows(engine, table):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_call_goes_from_summons_to_release(county, at):
    before = read(county, lambda c, s: read_versions(c))
    done = call(county, units=["U-WATER", "U-LAND"], note=f"堤坝渗水，电话 {PHONE}")
    assert done.is_masked
    assert call(county, note="again").is_repeated
    at(10)
    hop(county, "report_in")
    hop(county, "report_in", WATER, "U-WATER")
    at(40)
    hop(county, "arrive")
    assert refused(hop, county, "answer", WATER, "U-WATER", "路远") == ["first_arrive"]
    assert refused(end_call, county, by=TOWN, call_id=1, outcome="settled") == ["lead_open"]
    assert refused(hop, county, "answer") == ["missing"]
    at(100)
    hop(county, "answer", note=f"已加固，问 {PHONE}")
    facts = read(county, get_call, CENTRE, 1)
    assert [(unit.code, unit.is_lead, unit.taken) for unit in facts.units] == [
        ("U-LAND", True, ("summon", "report_in", "arrive", "answer")), ("U-WATER", False, ("summon", "report_in"))]
    assert [one.due_at and (one.due_at - NOW).total_seconds() / 60 for one in facts.units[0].hops] == [15, 70, 280, None]
    assert facts.units[0].hops[1].post == "land岗"
    assert (facts.place_name, facts.township_name, facts.is_joint) == ("第1镇1村", "第1镇", True)
    end_call(county, by=TOWN, call_id=1, outcome="settled", note="险情排除")
    assert end_call(county, by=TOWN, call_id=1, outcome="settled", note="险情排除").is_repeated
    assert refused(end_call, county, by=CENTRE, call_id=1, outcome="not_settled", note="没有") == ["ended"]
    facts = read(county, get_call, CENTRE, 1)
    assert [unit.taken[-1] for unit in facts.units] == ["release", "release"]
    assert (facts.outcome, facts.ended_by, facts.units[0].hops[-1].note) == ("settled", "town岗", "险情排除")
    assert refused(hop, county, "arrive", WATER, "U-WATER") == ["ended"]
    text = json.dumps([str(row) for table in (Call, CallStep, AuditEvent) for row in read(
        county, lambda c, s, table=table: c.execute(select(table.__table__)).all())], ensure_ascii=False)
    assert PHONE not in text
    after = read(county, lambda c, s: read_versions(c))
    assert {name for name in after if after[name] != before[name]} == {"loop"}
    assert n_rows(county, Call) == 1


@pytest.mark.parametrize(("values", "keys"), [
    ({"place_code": None, "category": None, "severity": None}, ["missing"] * 3),
    ({"category": "nothing", "severity": 5}, ["no_option", "no_option"]), ({"place_code": "nowhere"}, ["place_outside"]),
    ({"place_code": f"{COUNTY}002001"}, ["place_outside"]), ({"units": [], "lead": None}, ["no_units"]),
    ({"lead": "U-WATER"}, ["lead_outside"]), ({"units": ["U-LAND", "U-TOWN1"]}, ["own_unit"]),
    ({"units": ["U-LAND", "nobody"]}, ["no_option"]), ({"note": "水" * 201}, ["too_long"]), ({"incident_id": 999_999}, ["incident_unknown"]),
])
def test_what_is_wrong_is_named_and_nothing_written(county, values, keys):
    assert refused(call, county, **values) == keys
    assert n_rows(county, Call) == 0


def test_who_may_call_answer_and_end(county):
    for by in (LAND, LEADER, WALL):
        with pytest.raises(RefusedError):
            call(county, by=by)
    call(county)
    assert refused(hop, county, "report_in", OTHER_TOWN) == ["unknown"]
    assert refused(hop, county, "report_in", TOWN) == ["not_yours"]
    assert refused(hop, county, "report_in", WATER) == ["unknown"]
    assert refused(hop, county, "report_in", CENTRE) == ["missing"]  # the centre says how it knows
    hop(county, "report_in", CENTRE, note="电话确认")
    assert refused(end_call, county, by=OTHER_TOWN, call_id=1, outcome="not_settled", note="x") == ["unknown"]
    with pytest.raises(RefusedError):
        end_call(county, by=LAND, call_id=1, outcome="settled")
    assert refused(end_call, county, by=TOWN, call_id=1, outcome="called_off") == ["missing"]
    assert refused(end_call, county, by=TOWN, call_id=1, outcome=None) == ["missing"]
    assert refused(end_call, county, by=TOWN, call_id=1, outcome="won", note="x") == ["no_option"]
    assert refused(hop, county, "release", TOWN) == ["lead_stays"]
    end_call(county, by=TOWN, call_id=1, outcome="called_off", note="自行解决")
    assert refused(add_unit, county, by=TOWN, call_id=1, unit_code="U-WATER") == ["ended"]


def test_called_township_neither_ends_the_call_nor_releases(county):
    call(county, by=CENTRE, units=["U-TOWN1", "U-LAND"])
    assert refused(end_call, county, by=TOWN, call_id=1, outcome="called_off", note="x") == ["not_caller"]
    assert refused(hop, county, "release", TOWN, "U-LAND") == ["not_yours"]
    hop(county, "report_in", TOWN, "U-TOWN1")


def test_one_more_unit_is_called(county):
    call(county)
    add_unit(county, by=TOWN, call_id=1, unit_code="U-WATER", note="水位上涨")
    assert add_unit(county, by=TOWN, call_id=1, unit_code="U-WATER", note="水位上涨").is_repeated
    assert refused(add_unit, county, by=CENTRE, call_id=1, unit_code="U-WATER") == ["taken"]
    assert refused(add_unit, county, by=TOWN, call_id=1, unit_code="nobody") == ["no_option"]
    facts = read(county, get_call, WATER, 1)
    assert [(unit.code, unit.is_lead) for unit in facts.units] == [("U-LAND", True), ("U-WATER", False)]
    hop(county, "report_in", WATER, "U-WATER")
    hop(county, "release", TOWN, "U-WATER", "不用来了")
    assert refused(hop, county, "arrive", WATER, "U-WATER") == ["released"]


def set_concerned(engine, unit, number=1, place=f"{VILLAGE}-02"):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == number).values(concerns_unit=unit, place_code=place))


def test_concerned_unit_is_neither_called_nor_shown_the_call(county):
    set_concerned(county, "U-LAND")
    for units in (["U-LAND"], ["U-LAND-1"], ["U-WATER", "U-LAND-1"]):
        assert refused(call, county, units=units, lead=units[0], incident_id=1) == ["barred"]
    call(county, units=["U-WATER"], lead="U-WATER", incident_id=1, place_code=f"{COUNTY}001002")
    assert read(county, get_call, CENTRE, 1).place_code == f"{VILLAGE}-02"  # the incident's own place
    assert refused(add_unit, county, by=TOWN, call_id=1, unit_code="U-LAND") == ["barred"]
    assert refused(add_unit, county, by=TOWN, call_id=1, unit_code="U-LAND-1") == ["barred"]
    hidden = [LAND, Scope("centre2", Role.CENTRE, None, "U-LAND"), Scope("lead2", Role.LEADER, None, "U-LAND"),
              Scope("office", Role.LEADER, None, "U-LAND-1")]  # an office is not independent of those above it
    for scope in hidden:
        assert read(county, list_calls, scope, is_open=True) == ()
        assert read(county, get_call, scope, 1) is None
        assert read(county, list_waiting, scope, NOW) == ()
        assert read(county, read_call_times, scope, NOW - timedelta(days=1), NOW + timedelta(days=1)).n_calls == 0
    assert refused(hop, county, "report_in", hidden[1], "U-WATER", "x") == ["unknown"]
    assert len(read(county, list_calls, WATER, is_open=True)) == 1


def test_call_is_hidden_as_soon_as_its_incident_concerns_the_unit(county):
    set_concerned(county, None)
    call(county, incident_id=1)
    assert read(county, get_call, LAND, 1).incident_id == 1
    set_concerned(county, "U-LAND")
    assert read(county, get_call, LAND, 1) is None


def test_unit_that_the_incident_concerns_by_now_is_not_called_besides(county):
    set_concerned(county, None)
    call(county, incident_id=1)
    set_concerned(county, "U-WATER")
    assert refused(add_unit, county, by=TOWN, call_id=1, unit_code="U-WATER") == ["barred"]
    assert [unit.code for unit in read(county, get_call, CENTRE, 1).units] == ["U-LAND"]


def test_call_stays_hidden_when_its_incident_no_longer_names_the_unit(county):
    set_concerned(county, "U-ROADS")
    call(county, incident_id=1)
    add_unit(county, by=TOWN, call_id=1, unit_code="U-WATER")
    set_concerned(county, None)
    assert read(county, get_call, WATER, 1) is not None
    assert read(county, get_call, Scope("lead3", Role.LEADER, None, "U-ROADS"), 1) is None


def test_colleague_of_the_same_post_with_other_words_is_told(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Post).values(code="LAND-DESK", title="国土值班岗", unit_code="U-LAND", content_hash="0"))
        connection.execute(update(Account).where(Account.code.in_(["land", "land2"])).values(post_code="LAND-DESK"))
    call(county, severity=4)
    hop(county, "report_in")
    hop(county, "answer", LAND, note="已处理")
    assert hop(county, "answer", LAND_2, note="已处理").is_repeated
    assert refused(hop, county, "answer", LAND_2, note="还没有处理") == ["taken"]


def test_each_sees_its_own(county):
    call(county)
    call(county, "form-0002", CENTRE, place_code=f"{COUNTY}002001", units=["U-WATER"], lead="U-WATER", note="桥断了")
    seen = {scope.account: {one.id for one in read(county, list_calls, scope, is_open=True)} for scope in (
        CENTRE, LEADER, SYSTEM, WALL, TOWN, OTHER_TOWN, LAND, WATER, ROADS)}
    assert seen == {"local_centre": {1, 2}, "local_leader": {1, 2}, "system": {1, 2}, "wall": {1, 2}, "town": {1},
                    "town2": {2}, "land": {1}, "water": {2}, "roads": set()}
    for role in (Role.ANALYST, Role.CLERK):
        with pytest.raises(RefusedError):
            read(county, list_calls, Scope("x", role), is_open=True)
    on_wall = next(one for one in read(county, list_calls, WALL, is_open=True) if one.id == 2)
    assert (on_wall.place_name, on_wall.category, on_wall.note, on_wall.incident_ref) == ("第2镇", None, None, None)
    assert read(county, get_call, OTHER_TOWN, 2).note == "桥断了"


def test_waiting_hops_are_ordered_by_how_late_they_are(county, at):
    call(county, severity=3)
    at(5)
    call(county, "form-0002", severity=1, units=["U-WATER", "U-ROADS"], lead="U-WATER")
    at(8)
    hop(county, "report_in", WATER, "U-WATER", call_id=2)
    waiting = read(county, list_waiting, CENTRE, NOW + timedelta(minutes=21))
    assert [(one.unit_code, one.hop, one.is_late, one.is_lead) for one in waiting] == [
        ("U-ROADS", "report_in", True, False), ("U-WATER", "arrive", False, True), ("U-LAND", "report_in", False, True)]
    assert waiting[0].due_at == NOW + timedelta(minutes=20)
    assert waiting[0].since == NOW + timedelta(minutes=5)
    assert [one.where for one in read(county, list_waiting, WALL, NOW)] == ["第1镇"] * 3


def test_times_by_unit_count_a_joint_handling_once(county, at):
    for number in range(10):
        at(number * 1000)
        call(county, f"form-1{number:03d}", severity=1, units=["U-LAND", "U-WATER"])
        at(number * 1000 + 10 + number)
        hop(county, "report_in", call_id=number + 1)
    end_call(county, by=CENTRE, call_id=1, outcome="not_settled", note="水利局一直没有签到")
    times = read(county, read_call_times, CENTRE, NOW, NOW + timedelta(minutes=9019))
    assert (times.n_calls, times.n_joint) == (10, 10)
    land, water = times.units
    assert (land.code, land.n_called, land.n_lead, water.n_lead) == ("U-LAND", 10, 10, 0)
    reported = land.times[CallHop.REPORT_IN]
    assert (reported.n, reported.minutes, reported.n_late, reported.n_due) == (10, 14.5, 4, 10)
    missing = water.times[CallHop.REPORT_IN]
    assert (missing.n, missing.minutes, missing.n_late, missing.n_due) == (0, None, 10, 10)
    assert land.times[CallHop.ARRIVE].n_due == 9  # the last may still arrive in time
    few = read(county, read_call_times, CENTRE, NOW + timedelta(minutes=1), NOW + timedelta(minutes=9019))
    assert few.units[0].times[CallHop.REPORT_IN].minutes is None
    assert read(county, read_call_times, CENTRE, NOW + timedelta(days=90), NOW + timedelta(days=91)).units == ()


def test_two_who_report_in_at_once_one_wins_and_the_other_is_told_by_whom(county):
    call(county)

    def report(by):
        try:
            return hop(county, "report_in", by, note=f"{by.account}在路上")
        except CallRefusedError as error:
            return error.problems[0]

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(report, [LAND, LAND_2] * 4))
    assert n_rows(county, CallStep) == 2
    winner = read(county, get_call, CENTRE, 1).units[0].hops[1].post
    told = [one for one in said if not hasattr(one, "call_id")]
    assert len(told) == 4
    assert {dict(one.values)["by"] for one in told} == {winner}
    assert {dict(one.values)["at"] for one in told} == {"2026-11-22 10:00"}
    assert sum(one.is_repeated for one in said if hasattr(one, "call_id")) == 3


def test_form_sent_many_times_at_once_is_one_call(county):
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda _: call(county, units=["U-LAND", "U-WATER"]), range(12)))
    assert {one.call_id for one in done} == {1}
    assert (n_rows(county, Call), n_rows(county, CallStep)) == (1, 2)
    assert sum(not one.is_repeated for one in done) == 1

"""What interrupts the walls: until it is accepted, within its time, and never history."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from govdesk.queries.calls import WaitingHop
from govdesk.queries.urgent_incidents import Urgent, list_unaccepted, list_urgent
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Step
from govdesk.terms import CallHop, Role
from govdesk.ui.wall.interruption import (
    Alarms,
    WaitingCall,
    Watch,
    Watched,
    list_calls_waiting,
    look_for_urgent,
    pick_alarms,
    pick_urgent,
    take_in,
)
from tests.support import tiny_county

WALL = Scope("local_wall", Role.WALL)
NOW = tiny_county.NOW


def urgent(number):
    return Urgent(number, "第1镇", "hazard", NOW)


def row(number, **values):
    day = tiny_county.UNTIL
    return {"id": number, "source": "t", "source_ref": f"U{number}", "content_hash": "0", "stream": "hazard",
            "category": "hazard_fire", "weight": 1, "severity": 1, "place_code": f"{tiny_county.COUNTY}001001-02",
            "occurred_on": day, "reported_at": NOW, "recorded_at": NOW, "is_recorded_assumed": False,
            "week_occurred": 2968, "week_known": 2968, "is_counted": 1, "status": "reported", "n_reopened": 0,
            "n_steps": 0, **values}


def record(engine, **values):
    with write_transaction(engine) as connection:
        number = int(connection.scalar(select(func.max(Incident.id)))) + 1
        connection.execute(insert(Incident), [row(number, **values)])
    return number


def change(engine, number, **values):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == number).values(**values))


def find(engine, scope=WALL, hours=24):
    with read_transaction(engine) as connection:
        return list_urgent(connection, scope, list_unaccepted(connection, scope), since=NOW - timedelta(hours=hours))


def test_new_incident_of_the_highest_severity_is_found_with_township_and_stream_alone(tiny_engine):
    record(tiny_engine, summary="someone")
    assert find(tiny_engine) == (Urgent(901, "第1镇", "hazard", NOW),)


def test_lower_withdrawn_corrected_old_and_accepted_ones_do_not_interrupt(tiny_engine):
    record(tiny_engine, severity=2)
    record(tiny_engine, severity=None)
    record(tiny_engine, is_counted=0)
    record(tiny_engine, weight=-1)
    record(tiny_engine, recorded_at=NOW - timedelta(hours=25))
    for status in ("accepted", "answered", "paused"):
        record(tiny_engine, status=status)
    record(tiny_engine, status="closed", closed_at=NOW, week_closed=2968)
    assert find(tiny_engine) == ()
    record(tiny_engine, status="dispatched")
    assert len(find(tiny_engine)) == 1


def test_walls_of_another_area_or_of_the_unit_concerned_are_not_interrupted(tiny_engine):
    record(tiny_engine, concerns_unit="U-LAND")
    assert find(tiny_engine, Scope("a", Role.WALL, area_code=f"{tiny_county.COUNTY}002")) == ()
    assert find(tiny_engine, Scope("a", Role.WALL, unit_code="U-LAND")) == ()
    assert len(find(tiny_engine, Scope("a", Role.WALL, area_code=f"{tiny_county.COUNTY}001"))) == 1


def look(engine, version, moment):
    with read_transaction(engine) as connection:
        watched = look_for_urgent(connection, WALL, now=NOW, version=version, moment=moment)
    return [one.id for one in pick_urgent(watched, 1800, moment)]


def test_incident_holds_the_walls_until_it_is_accepted(tiny_engine):
    assert look(tiny_engine, 1, 0.0) == []
    one, other = record(tiny_engine), record(tiny_engine)
    assert look(tiny_engine, 2, 5.0) == [other, one]
    change(tiny_engine, one, status="dispatched")
    assert look(tiny_engine, 3, 60.0) == [other, one]
    change(tiny_engine, one, status="accepted")
    change(tiny_engine, other, is_counted=0)
    assert look(tiny_engine, 4, 65.0) == []


def test_incident_that_a_step_raises_interrupts_however_old_it_is(tiny_engine):
    old = record(tiny_engine, severity=3, recorded_at=NOW - timedelta(days=9))
    taken_over = record(tiny_engine, severity=3, recorded_at=NOW - timedelta(days=9))
    assert look(tiny_engine, 1, 0.0) == []
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Step), [{
            "incident_id": old, "source": "loop", "source_ref": "raise", "content_hash": "0", "kind": "triage",
            "occurred_at": NOW, "recorded_at": NOW, "severity": 1}])
    change(tiny_engine, old, severity=1)
    change(tiny_engine, taken_over, severity=1)  # a file that says so of old: no step of today
    assert look(tiny_engine, 2, 5.0) == [old]


def test_server_that_starts_looks_back_as_long_as_a_wall_is_held(tiny_engine):
    record(tiny_engine, recorded_at=NOW - timedelta(minutes=31))
    lately = record(tiny_engine, recorded_at=NOW - timedelta(minutes=29))
    assert look(tiny_engine, 1, 0.0) == [lately]


def test_incident_of_a_county_without_township_has_none(tiny_engine):
    record(tiny_engine, place_code=tiny_county.COUNTY)
    assert find(tiny_engine)[0].township is None


def take(watched, numbers, version, moment, waiting=None):
    new = tuple(urgent(number) for number in numbers)
    return take_in(watched, frozenset(numbers if waiting is None else waiting), new, version, moment)


def test_arrival_nobody_accepts_holds_the_wall_for_its_seconds_and_is_then_a_red_line():
    watched = take(Watched(), [1], 1, 100.0)
    assert pick_urgent(watched, 60, 159.9) == (urgent(1),)
    assert pick_urgent(watched, 60, 160.0) == ()
    assert pick_urgent(watched, 0, 100.0) == ()
    assert pick_alarms(watched, (), 60, 159.9, NOW) == Alarms((urgent(1),))
    assert pick_alarms(watched, (), 60, 160.0, NOW) == Alarms((), 1)
    assert pick_alarms(watched, (), 60, 100.0 + 24 * 3600, NOW) == Alarms()
    assert pick_alarms(watched, (), 0, 100.0, NOW) == Alarms((), 1)


@given(st.lists(st.tuples(st.floats(0, 400), st.lists(st.integers(1, 30), max_size=4),
                          st.lists(st.integers(1, 30), max_size=4)), max_size=20))
def test_each_holds_from_its_first_look_until_it_waits_no_longer(looks):
    watched, moment, first, waiting = Watched(), 0.0, {}, set()
    for version, (passed, arrived, accepted) in enumerate(looks):
        moment += passed
        waiting = (waiting | set(arrived)) - set(accepted)
        first = {number: at for number, at in first.items() if number in waiting}
        new = [number for number in dict.fromkeys(arrived) if number in waiting]
        first |= {number: moment for number in new if number not in first}
        watched = take(watched, new, version, moment, waiting)
        shown = [one.id for one in pick_urgent(watched, 60, moment)]
        assert len(shown) == len(set(shown))
        assert set(shown) == {number for number, at in first.items() if moment - at < 60}


def test_watch_reads_only_where_the_version_changed():
    watch, reads = Watch(), []

    def read(watched):
        reads.append(watched.waiting)
        return frozenset({7}), (urgent(7),)

    for version, moment in ((1, 0.0), (1, 5.0), (2, 10.0), (2, 15.0)):
        watch.look(read, version, moment)
    assert reads == [None, frozenset({7})]
    assert pick_urgent(watch.watched, 12, 11.0) == (urgent(7),)  # found again, but it arrived at 0
    assert pick_urgent(watch.watched, 12, 12.0) == ()


def hop(call, unit, kind, minutes):
    since = NOW - timedelta(minutes=minutes)
    return WaitingHop(call, 2, "第1镇", None, unit, unit, False, kind, since, None, False)


def test_call_interrupts_until_the_last_unit_has_reported_in():
    hops = (hop(1, "水利局", CallHop.ARRIVE, 9), hop(1, "住建局", CallHop.REPORT_IN, 9), hop(2, "公安局", CallHop.ANSWER, 9),
            hop(3, "水利局", CallHop.REPORT_IN, 40), hop(4, "水利局", CallHop.REPORT_IN, 60 * 25))
    calls = list_calls_waiting(hops, NOW)
    assert [(one.id, one.units) for one in calls] == [(1, ("住建局",)), (3, ("水利局",))]
    alarms = pick_alarms(take(Watched(), [9], 1, 0.0), calls, 1800, 5.0, NOW)
    assert alarms == Alarms((WaitingCall(1, "第1镇", NOW - timedelta(minutes=9), ("住建局",)), urgent(9)), 0, 1)
    assert pick_alarms(Watched(), calls, 0, 5.0, NOW) == Alarms((), 0, 2)

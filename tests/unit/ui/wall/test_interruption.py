"""What interrupts the walls: once each, for its time, and never history."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from govdesk.queries.urgent_incidents import Urgent, list_urgent, newest_id
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident
from govdesk.terms import Role
from govdesk.ui.wall.interruption import Watch, Watched, pick_urgent, take_in
from govdesk.ui.wall.rotation import LONGEST_HOLD
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
        connection.execute(insert(Incident), [row(newest_id(connection) + 1, **values)])


def find(engine, scope=WALL, after_id=900, hours=24):
    with read_transaction(engine) as connection:
        return list_urgent(connection, scope, after_id=after_id, since=NOW - timedelta(hours=hours))


def test_new_incident_of_the_highest_severity_is_found_with_township_and_stream_alone(tiny_engine):
    record(tiny_engine, summary="someone")
    assert find(tiny_engine) == (Urgent(901, "第1镇", "hazard", NOW),)


def test_lower_withdrawn_corrected_and_old_ones_do_not_interrupt(tiny_engine):
    record(tiny_engine, severity=2)
    record(tiny_engine, severity=None)
    record(tiny_engine, is_counted=0)
    record(tiny_engine, weight=-1)
    record(tiny_engine, recorded_at=NOW - timedelta(hours=25))
    assert find(tiny_engine) == ()


def test_walls_of_another_area_or_of_the_unit_concerned_are_not_interrupted(tiny_engine):
    record(tiny_engine, concerns_unit="U-LAND")
    assert find(tiny_engine, Scope("a", Role.WALL, area_code=f"{tiny_county.COUNTY}002")) == ()
    assert find(tiny_engine, Scope("a", Role.WALL, unit_code="U-LAND")) == ()
    assert len(find(tiny_engine, Scope("a", Role.WALL, area_code=f"{tiny_county.COUNTY}001"))) == 1


def test_incident_of_a_county_without_township_has_none(tiny_engine):
    record(tiny_engine, place_code=tiny_county.COUNTY)
    assert find(tiny_engine)[0].township is None


def test_arrival_holds_the_wall_for_its_seconds():
    watched = take_in(Watched(), (urgent(1),), 1, 1, 100.0)
    assert pick_urgent(watched, 60, 159.9) == (urgent(1),)
    assert pick_urgent(watched, 60, 160.0) == ()
    assert pick_urgent(watched, 0, 100.0) == ()


@given(st.lists(st.tuples(st.floats(0, 400), st.lists(st.integers(1, 50), max_size=4)), max_size=20))
def test_nothing_interrupts_twice_and_what_is_kept_is_bounded(looks):
    watched, moment, first = Watched(), 0.0, {}
    for step, (passed, numbers) in enumerate(looks):
        moment += passed
        new = [number for number in dict.fromkeys(numbers) if number not in first]
        first |= dict.fromkeys(new, moment)
        watched = take_in(watched, tuple(urgent(number) for number in new), max(first, default=0), step, moment)
        shown = [one.id for one in pick_urgent(watched, 60, moment)]
        assert len(shown) == len(set(shown))
        assert set(shown) == {number for number, at in first.items() if moment - at < 60}
        assert all(moment - at < LONGEST_HOLD for at, _ in watched.arrivals)


def test_watch_reads_only_where_the_version_changed():
    watch, reads = Watch(), []

    def read(watched):
        reads.append(watched.newest)
        return (urgent(7),), 7

    for version, moment in ((1, 0.0), (1, 5.0), (2, 10.0), (2, 15.0)):
        watch.look(read, version, moment)
    assert reads == [None, 7]
    assert pick_urgent(watch.watched, 12, 11.0) == (urgent(7),)  # found again, but it arrived at 0
    assert pick_urgent(watch.watched, 12, 12.0) == ()

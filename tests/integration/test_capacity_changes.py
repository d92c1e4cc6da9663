"""The capacity set on the settings page and the one adopted with thresholds are one number: the last word holds."""

import json

import pytest
from sqlalchemy import insert, select

from govdesk.actions.adopt_thresholds import adopt_thresholds, undo_adoption
from govdesk.actions.capacity_changes import set_capacity, take_back_capacity
from govdesk.actions.change_setting import Reason, SettingRefusedError
from govdesk.clock import today
from govdesk.queries.adopted_thresholds import list_adoptions, read_thresholds_in_force
from govdesk.queries.capacity_settings import read_capacity_settings
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent, Visit
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY

ADMIN = Scope("local_admin", Role.ADMIN)
ANALYST = Scope("local_analyst", Role.ANALYST)
WHY = Reason("年初会议")


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    return empty_engine


def _in_force(engine):
    with read_transaction(engine) as connection:
        return read_thresholds_in_force(connection, today())


def _adopt(engine, capacity, seen=None):
    return adopt_thresholds(engine, by=ANALYST, visits_per_week=30, share_quiet=0.5, band_edges=(0.3, 0.2, 0.1),
                            capacity_per_week=capacity, reason="试", backtest={}, seen_id=seen).id


def _problems(act, *args, **kwargs):
    with pytest.raises(SettingRefusedError) as caught:
        act(*args, **kwargs)
    return [(one.key, one.field) for one in caught.value.problems]


def test_last_word_holds_whoever_said_it(county):
    first = set_capacity(county, by=ADMIN, visits=12, reason=WHY)
    assert (_in_force(county).id, _in_force(county).visits_per_week, _in_force(county).capacity_per_week) == (
        None, 18, 12)  # nothing was adopted by it
    adopted = _adopt(county, 24)
    assert _in_force(county).capacity_per_week == 24
    done = set_capacity(county, by=ADMIN, visits=20, reason=Reason("减员", first.change_id))
    assert (_in_force(county).id, _in_force(county).capacity_per_week) == (adopted, 20)
    take_back_capacity(county, by=ADMIN, reason=Reason("恢复", done.change_id))
    assert _in_force(county).capacity_per_week == 24
    with read_transaction(county) as connection:
        details = [json.loads(text) for text in connection.scalars(select(AuditEvent.detail).where(
            AuditEvent.action == "change_settings").order_by(AuditEvent.id))]
        assert [one.thresholds.capacity_per_week for one in list_adoptions(connection)] == [24]  # history stays
    assert [(one["before"], one["after"] and one["after"]["visits"]) for one in details] == [
        (None, 12), (24, 20), (20, None)]


def test_undoing_an_adoption_keeps_what_was_said_of_the_capacity_since(county):
    _adopt(county, 24)
    second = _adopt(county, 25, seen=1)
    set_capacity(county, by=ADMIN, visits=9, reason=WHY)
    undo_adoption(county, by=ANALYST, undoes_id=second, reason="撤", backtest={})
    assert _in_force(county).capacity_per_week == 9


@pytest.mark.parametrize(("visits", "reason", "problem"), [
    (0, WHY, ("range", "visits")), (50_001, WHY, ("range", "visits")), (12, Reason(" "), ("missing", "reason")),
    (8, WHY, ("meanwhile", "row")), (12, Reason("再", 1), ("no_change", "visits"))])
def test_what_cannot_be_is_refused(county, visits, reason, problem):
    set_capacity(county, by=Scope("admin_2", Role.ADMIN), visits=12, reason=WHY)
    assert problem in _problems(set_capacity, county, by=ADMIN, visits=visits, reason=reason)


def test_nothing_to_take_back_is_said_and_others_are_refused(county):
    assert _problems(take_back_capacity, county, by=ADMIN, reason=WHY) == [("as_adopted", "visits")]
    with pytest.raises(RefusedError):
        set_capacity(county, by=ANALYST, visits=12, reason=WHY)
    assert set_capacity(county, by=ADMIN, visits=12, reason=WHY).is_repeated is False
    assert set_capacity(county, by=ADMIN, visits=12, reason=WHY).is_repeated is True


def test_visits_of_the_last_weeks_stand_beside_it(county):
    rows = [("2026-11-15", "1"), ("2026-11-15", "1"), ("2026-11-14", "2"), ("2026-11-16", "3"), ("2026-08-16", "4"),
            ("2026-08-17", "5")]
    with write_transaction(county) as connection:
        connection.execute(insert(Visit), [
            {"source": "t", "source_ref": str(n), "content_hash": "0", "recorded_at": tiny_county.NOW, "reason": "own",
             "place_code": f"{COUNTY}00100{place}", "visited_on": tiny_county.date.fromisoformat(day), "found": "found"}
            for n, (day, place) in enumerate(rows)])
    with read_transaction(county) as connection:
        known = read_capacity_settings(connection, ADMIN, tiny_county.UNTIL)
    assert (known.first_day.isoformat(), known.last_day.isoformat()) == ("2026-08-17", "2026-11-15")
    assert known.visits == (1, *([0] * 11), 2)  # the running week and what is older are left out

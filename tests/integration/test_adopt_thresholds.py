"""Adopting thresholds: one record with its reason, two tabs at once, undo; on both engines."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from govdesk.actions import adopt_thresholds as adoption
from govdesk.actions.adopt_thresholds import adopt_thresholds, undo_adoption
from govdesk.actions.adopting import AdoptionRefusedError
from govdesk.queries.adopted_thresholds import DEFAULT, list_adoptions, read_thresholds_in_force
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, ThresholdAdoption
from govdesk.terms import Role
from tests.support import tiny_county

ANALYST = Scope("local_analyst", Role.ANALYST)
FIGURES = {"n_events": 73, "n_caught": 29, "visits": 18}


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def adopt(engine, by=ANALYST, **values):
    return adopt_thresholds(engine, by=by, **{
        "visits_per_week": 18, "share_quiet": 0.5, "band_edges": (0.3, 0.2, 0.1), "capacity_per_week": 24,
        "reason": "秋收后走访力量增加", "backtest": FIGURES, "seen_id": None} | values)


def history(engine):
    with read_transaction(engine) as connection:
        return list_adoptions(connection)


def in_force(engine):
    with read_transaction(engine) as connection:
        return read_thresholds_in_force(connection, tiny_county.UNTIL)


def test_adoption_is_one_record_with_reason_figures_and_audit(county):
    with read_transaction(county) as connection:
        before = read_versions(connection)
    done = adopt(county, reason="秋收后走访力量增加，问 13800138000")
    assert done.is_masked
    assert done.firsts == ()
    now = in_force(county)
    assert (now.id, now.visits_per_week, now.share_quiet, now.band_edges, now.capacity_per_week, now.by) == (
        done.id, 18, 0.5, (0.3, 0.2, 0.1), 24, "local_analyst")
    assert "13800138000" not in now.reason
    assert "秋收后" in now.reason
    (record,) = history(county)
    assert record.backtest == FIGURES
    assert record.replaces_id is None
    with read_transaction(county) as connection:
        after = read_versions(connection)
        audit = connection.execute(select(AuditEvent.__table__).order_by(AuditEvent.id.desc())).first()
    assert {name for name in after if after[name] != before[name]} == {"risk"}
    assert (audit.action, audit.subject, audit.by) == ("adopt_thresholds", "threshold_adoptions", "local_analyst")
    assert "reason" not in json.loads(audit.detail)
    assert json.loads(audit.detail)["visits"] == 18


def test_two_tabs_at_once_keep_both_and_the_second_learns_who_was_first(county, monkeypatch):
    adopt(county)
    seen, gate, look = in_force(county).id, Barrier(2), adoption._list_since

    def look_slowly(*asked):
        found = look(*asked)
        time.sleep(0.3)  # long enough for the other tab to look, too, if nothing keeps it waiting
        return found

    monkeypatch.setattr(adoption, "_list_since", look_slowly)

    def in_a_tab(k, account):
        gate.wait()
        return adopt(county, by=Scope(account, Role.ANALYST), visits_per_week=k, seen_id=seen)

    with ThreadPoolExecutor(2) as tabs:
        first, second = sorted(tabs.map(in_a_tab, (20, 25), ("local_analyst", "second_analyst")), key=lambda one: one.id)
    records = {one.thresholds.id: one for one in history(county)}
    assert {records[first.id].thresholds.visits_per_week, records[second.id].thresholds.visits_per_week} == {20, 25}
    assert records[first.id].replaces_id == records[second.id].replaces_id == seen
    assert first.firsts == ()
    (who,) = second.firsts
    winner = records[first.id]
    assert (who.id, who.post, who.at, who.visits_per_week) == (
        first.id, winner.post, winner.thresholds.at, winner.thresholds.visits_per_week)
    assert in_force(county).id == second.id


def test_undo_is_a_new_record_with_the_values_before(county):
    adopt(county, visits_per_week=15, share_quiet=0.4)
    adopt(county, visits_per_week=30, share_quiet=0.2, band_edges=(0.5, 0.4, 0.3), seen_id=1)
    done = undo_adoption(county, by=ANALYST, undoes_id=2, reason="走不过来", backtest={"n_events": 1})
    now = in_force(county)
    assert (now.id, now.visits_per_week, now.share_quiet, now.band_edges, now.reason) == (
        done.id, 15, 0.4, (0.3, 0.2, 0.1), "走不过来")
    assert [one.replaces_id for one in history(county)] == [2, 1, None]
    undo_adoption(county, by=ANALYST, undoes_id=1, reason="从头再来", backtest={})
    assert (in_force(county).visits_per_week, in_force(county).band_edges) == (
        DEFAULT.visits_per_week, DEFAULT.band_edges)


def test_undo_behind_somebody_elses_back_says_who_was_first(county):
    adopt(county)
    adopt(county, visits_per_week=30, seen_id=1)
    done = undo_adoption(county, by=ANALYST, undoes_id=1, reason="回到起点", backtest={})
    assert [one.id for one in done.firsts] == [2]


@pytest.mark.parametrize(("values", "keys"), [
    ({"reason": "  \u200b "}, ["missing"]), ({"reason": "因" * 201}, ["too_long"]), ({"visits_per_week": 0}, ["range"]),
    ({"capacity_per_week": -1}, ["range"]), ({"share_quiet": 1.2}, ["range"]),
    ({"band_edges": (0.3, 0.3, 0.1)}, ["edges"]), ({"band_edges": (1.0, 0.3, 0.1)}, ["edges"]),
])
def test_what_is_wrong_is_named_and_nothing_written(tiny_engine, values, keys):
    with pytest.raises(AdoptionRefusedError) as error:
        adopt(tiny_engine, **values)
    assert [one.key for one in error.value.problems] == keys
    assert history(tiny_engine) == []


def test_only_an_analyst_of_the_whole_database_may(tiny_engine):
    for role in set(Role) - {Role.ANALYST}:
        with pytest.raises(RefusedError):
            adopt(tiny_engine, by=Scope("x", role))
        with pytest.raises(RefusedError):
            undo_adoption(tiny_engine, by=Scope("x", role), undoes_id=1, reason="x", backtest={})
    with pytest.raises(RefusedError):
        adopt(tiny_engine, by=Scope("x", Role.ANALYST, f"{tiny_county.COUNTY}001"))
    with pytest.raises(AdoptionRefusedError):
        undo_adoption(tiny_engine, by=ANALYST, undoes_id=9, reason="x", backtest={})
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(ThresholdAdoption.id)) is None

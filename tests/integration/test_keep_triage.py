"""Each dispatch keeps what was proposed and what was decided; nobody sends an incident to whom it concerns."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.queries.triage import list_suggestions, read_triage
from govdesk.queries.triage_followed import count_followed
from govdesk.rules.access import Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Step, Triage, Unit
from govdesk.terms import Role, StepKind
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
DAY = timedelta(days=1)


@pytest.fixture
def engine(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit), [
            {"code": code, "name": name, "kind": "department", "place_code": COUNTY, "parent_code": parent,
             "content_hash": "0"} for code, name, parent in (
                ("U-WATER", "水利局", None), ("U-STATION", "水文所", "U-WATER"), ("U-ROADS", "交通运输局", None))])
        connection.execute(update(Incident).where(Incident.id <= 12).values(
            status="reported", closed_at=None, week_closed=None, outcome=None, handling_unit=None, stream="hazard",
            category="hazard_water", severity=1, n_steps=0, place_code=f"{COUNTY}001001"))
        connection.execute(Step.__table__.delete().where(Step.incident_id <= 12))
    return tiny_engine


def _send(engine, number, unit, key="1"):
    return take_step(engine, by=CENTRE, incident_id=number, wanted=Wanted(StepKind.DISPATCH, unit_code=unit),
                     form_key=f"dispatch-{number}-{key}").step_id


def _kept(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(Triage.__table__).order_by(Triage.id)).all()


def _followed(engine, scope=CENTRE, since=NOW - DAY, until=NOW + DAY):
    with read_transaction(engine) as connection:
        return count_followed(connection, scope, since, until).to_dict("records")


def test_proposal_and_decision_are_both_kept(engine):
    first, second = _send(engine, 1, "U-WATER"), _send(engine, 2, "U-ROADS")
    one, other = _kept(engine)
    assert (one.incident_id, one.step_id, one.suggested_unit, one.chosen_unit, one.is_followed) == (
        1, first, "U-WATER", "U-WATER", True)
    assert (other.step_id, other.suggested_unit, other.chosen_unit, other.is_followed) == (
        second, "U-WATER", "U-ROADS", False)
    assert one.by == "local_centre"
    why = json.loads(one.suggested_why)
    assert (why["why"], why["passed_over"]) == ("duty", [])
    assert "防洪法" in why["source"]


def test_dispatch_sent_twice_is_kept_once(engine):
    assert _send(engine, 1, "U-WATER") == _send(engine, 1, "U-WATER")
    assert len(_kept(engine)) == 1


@pytest.mark.parametrize("unit", ["U-WATER", "U-STATION"])
def test_nobody_sends_it_to_whom_it_concerns_nor_below(engine, unit):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(concerns_unit="U-WATER"))
    with pytest.raises(StepRefusedError) as caught:
        _send(engine, 1, unit)
    assert [one.key for one in caught.value.problems] == ["concerns"]
    assert _kept(engine) == []
    _send(engine, 1, "U-ROADS")
    kept, = _kept(engine)
    assert (kept.suggested_unit, kept.is_followed) == (None, False)
    assert ["U-WATER", "concerned"] in json.loads(kept.suggested_why)["passed_over"]


def test_how_often_it_was_followed_has_a_denominator_and_a_window(engine):
    for number in (1, 2, 3):
        _send(engine, number, "U-WATER")
    _send(engine, 4, "U-ROADS")
    _send(engine, 4, "U-WATER", "2")
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 5).values(concerns_unit="U-WATER"))
        connection.execute(update(Incident).where(Incident.id == 3).values(is_counted=0))
    _send(engine, 5, "U-ROADS")
    assert _followed(engine) == [{"stream": "hazard", "category": "hazard_water", "n_suggested": 4, "n_followed": 3,
                                  "n_without": 1}]
    assert _followed(engine, until=NOW - timedelta(hours=1)) == []
    blind = Scope("x", Role.CENTRE, unit_code="U-WATER")
    assert _followed(engine, blind)[0]["n_without"] == 0
    assert _followed(engine, Scope("x", Role.CENTRE, f"{COUNTY}002")) == []


@pytest.mark.postgres
def test_proposals_are_read_and_kept_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 60)
    with write_transaction(postgres_engine) as connection:
        connection.execute(update(Incident).where(Incident.id <= 2).values(
            status="reported", closed_at=None, week_closed=None, stream="dispute", category="land_forest", severity=1,
            place_code=f"{COUNTY}001001", n_steps=0))
        connection.execute(Step.__table__.delete().where(Step.incident_id <= 2))
    with read_transaction(postgres_engine) as connection:
        assert list_suggestions(connection, CENTRE, [1, 2])[1].unit_code == "U-LAND"
        assert read_triage(connection, CENTRE, 1).suggestion.why == "duty"
    _send(postgres_engine, 1, "U-LAND")
    found, = _followed(postgres_engine)
    assert (found["n_suggested"], found["n_followed"], found["n_without"]) == (1, 1, 0)

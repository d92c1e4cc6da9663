"""What helps to decide where an incident goes: the proposal, likely duplicates, repeats; only for who may be told."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import week_of
from govdesk.queries.likely_duplicates import list_likely, list_likely_of
from govdesk.queries.triage import MOST, list_suggestions, propose, read_triage
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Step, Unit
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY, NOW, UNTIL

CENTRE = Scope("local_centre", Role.CENTRE)
TOWN = f"{COUNTY}001"


@pytest.fixture
def engine(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit), [
            {"code": code, "name": name, "kind": kind, "place_code": place, "parent_code": parent, "content_hash": "0"}
            for code, name, kind, place, parent in (
                ("U-GOV1", "第1镇人民政府", "township", TOWN, None), ("U-GOV2", "第2镇人民政府", "township", f"{COUNTY}002", None),
                ("U-WATER", "水利局", "department", COUNTY, None), ("U-PETITION", "信访局", "bureau", COUNTY, None),
                ("U-STATION", "水利站", "department", TOWN, "U-WATER"))])
    return tiny_engine


def _incident(engine, **values):
    """Make one more incident in the first village and return its number."""
    with write_transaction(engine) as connection:
        row = dict(connection.execute(select(Incident.__table__).where(Incident.id == 1)).mappings().one())
        del row["id"]
        ref = f"X{values.pop('n', 1)}"
        row |= {"source_ref": ref, "stream": "hazard", "category": "hazard_water", "severity": 2, "status": "reported",
                "place_code": f"{TOWN}001-02", "occurred_on": UNTIL, "closed_at": None, "week_closed": None,
                "repeat_of": None, "weight": 1, "is_counted": 1, "recorded_at": NOW,
                "handling_unit": None, "point_kind": None, "lon": None, "lat": None, **values}
        row["week_occurred"] = row["week_known"] = week_of(row["occurred_on"])
        connection.execute(insert(Incident).values(**row))
        return connection.scalar(select(Incident.id).where(Incident.source_ref == ref))


def _ask(engine, query, *args):
    with read_transaction(engine) as connection:
        return query(connection, *args)


def test_delivered_list_names_the_department_for_what_is_grave_and_the_township_for_what_is_small(engine):
    grave, small = _incident(engine, n=1), _incident(engine, n=2, severity=3)
    found = _ask(engine, list_suggestions, CENTRE, [grave, small])
    assert (found[grave].unit_code, found[small].unit_code) == ("U-STATION", "U-GOV1")  # the nearest water office
    with write_transaction(engine) as connection:
        connection.execute(update(Unit).where(Unit.code == "U-STATION").values(place_code=f"{COUNTY}002"))
    found = _ask(engine, list_suggestions, CENTRE, [grave])
    assert found[grave].unit_code == "U-WATER"
    assert "防洪法" in found[grave].source


def test_unit_that_sent_it_back_is_passed_over(engine):
    number = _incident(engine)
    with write_transaction(engine) as connection:
        connection.execute(insert(Step).values(
            incident_id=number, source="loop", source_ref="r", content_hash="0", kind="return", occurred_at=NOW,
            recorded_at=NOW, unit_code="U-STATION"))
    found = _ask(engine, list_suggestions, CENTRE, [number])[number]
    assert (found.unit_code, found.passed_over) == ("U-WATER", (("U-STATION", "returned"),))


def test_unit_concerned_and_what_is_below_it_is_passed_over(engine):
    number = _incident(engine, concerns_unit="U-WATER")
    found = _ask(engine, list_suggestions, CENTRE, [number])[number]
    assert (found.unit_code, found.why) == (None, "beyond")
    assert dict(found.passed_over)["U-STATION"] == "below"
    number = _incident(engine, n=2, concerns_unit="U-GOV1", severity=4)
    found = _ask(engine, list_suggestions, CENTRE, [number])[number]
    assert (found.unit_code, found.why) == ("U-WATER", "above_duty")


@pytest.mark.parametrize("role", [role for role in Role if role not in (
    Role.CENTRE, Role.ADMIN, Role.WALL, Role.INTAKE)])
def test_nobody_else_is_told_what_is_proposed(engine, role):
    number = _incident(engine, concerns_unit="U-GOV1")
    scope = Scope("x", role)
    assert _ask(engine, list_suggestions, scope, [number]) == {}
    assert _ask(engine, read_triage, scope, number).suggestion is None


@pytest.mark.parametrize("role", [Role.WALL, Role.INTAKE])
def test_whoever_reads_no_incidents_is_refused_what_is_proposed(engine, role):
    for query in (lambda *held: list_suggestions(*held, [1]), lambda *held: read_triage(*held, 1)):
        with read_transaction(engine) as connection, pytest.raises(RefusedError):
            query(connection, Scope("x", role))


def test_unit_concerned_sees_nothing_whatever_its_role(engine):
    number = _incident(engine, concerns_unit="U-CENTRE")
    scope = Scope("x", Role.CENTRE, unit_code="U-CENTRE")
    assert _ask(engine, list_suggestions, scope, [number]) == {}
    assert _ask(engine, read_triage, scope, number) is None
    assert _ask(engine, list_suggestions, Scope("x", Role.CENTRE, f"{COUNTY}002"), [number]) == {}


def test_numbers_that_mean_nothing_are_left_out_and_too_many_are_refused(engine):
    assert _ask(engine, list_suggestions, CENTRE, [0, -1, 2**70, 999_999]) == {}
    with pytest.raises(ValueError, match="at most"):
        _ask(engine, list_suggestions, CENTRE, list(range(MOST + 1)))


def test_own_list_of_the_office_goes_before_and_a_broken_one_stops_nobody(engine):
    number = _incident(engine)
    own = get_settings().var / "duty_list.csv"
    head = "about,place_kind,place_level,unit_kind,unit_words,unit_code,rank,township_first,source\n"
    own.write_text(head + "*,,,,,U-PETITION,1,never,测试\n", encoding="utf-8")
    assert _ask(engine, propose, [number])[number].unit_code == "U-PETITION"
    own.write_text(head + "wrong,,,,,U-PETITION,1,never,测试\n", encoding="utf-8")
    assert _ask(engine, propose, [number])[number].why == "no_list"


def test_duplicates_of_one_are_those_of_the_whole_list(engine):
    numbers = [_incident(engine, n=n, channel=channel, place_code=place) for n, channel, place in (
        (1, "grid_worker", f"{TOWN}001-02"), (2, "hotline", f"{TOWN}001-02"), (3, "hotline", f"{TOWN}001"),
        (4, "visit", TOWN), (5, "visit", COUNTY), (6, "letter", TOWN))]
    whole = _ask(engine, list_likely, SYSTEM, NOW - timedelta(days=4000), 10_000)
    every = {pair.one for pair in whole.pairs} | {pair.other for pair in whole.pairs}
    assert {numbers[0], numbers[1], numbers[2]} <= every
    for number in [*numbers, *sorted(every)[:20]]:
        expected = [pair for pair in whole.pairs if number in (pair.one, pair.other)]
        assert list(_ask(engine, list_likely_of, SYSTEM, number)) == expected


def test_repeats_are_counted_and_declared_ones_named(engine):
    old = _incident(engine, n=1, occurred_on=UNTIL - timedelta(days=89))
    _incident(engine, n=2, occurred_on=UNTIL - timedelta(days=92))
    _incident(engine, n=3, occurred_on=UNTIL - timedelta(days=5), weight=-1)
    _incident(engine, n=4, occurred_on=UNTIL - timedelta(days=5), is_counted=0)
    _incident(engine, n=5, occurred_on=UNTIL - timedelta(days=5), category="hazard_fire")
    _incident(engine, n=6, occurred_on=UNTIL - timedelta(days=5), place_code=f"{TOWN}002-01")
    other = _incident(engine, n=7, occurred_on=UNTIL - timedelta(days=30), place_code=f"{TOWN}001")
    number = _incident(engine, n=8, repeat_of=old)
    found = _ask(engine, read_triage, CENTRE, number)
    assert found.recent["id"].tolist() == [other, old]
    assert found.n_recent == 1  # a correction is netted
    assert found.declared["id"].tolist() == [old]
    assert _ask(engine, read_triage, CENTRE, old).declared["id"].tolist() == [number]

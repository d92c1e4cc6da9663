"""Works as exposure: who is exposed, who is compared, which weeks; numbers made by hand; bands inside the window."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from govdesk.clock import monday_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.works_exposure import LAND, list_bands, read_exposure
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, WorksProject
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import NOW

COUNTY = tiny_county.COUNTY
LAST = 2967
FILTERS = IncidentFilter(LAST - 80, LAST)


def _works(engine, *rows):
    """Write works: name, place, week from, week to, and when it became known."""
    with write_transaction(engine) as connection:
        connection.execute(delete(WorksProject))
        for number, (name, place, week_from, week_to, *known) in enumerate(rows):
            connection.execute(insert(WorksProject), [{
                "source": "x", "source_ref": f"W{number}", "content_hash": "0", "name": name, "kind": "road",
                "recorded_at": known[0] if known else NOW, "place_code": place,
                "started_on": monday_of(week_from) + timedelta(days=2),
                "ended_on": None if week_to is None else monday_of(week_to)}])


def _read(engine, filters=FILTERS, scope=SYSTEM):
    with read_transaction(engine) as connection:
        return read_exposure(connection, scope, filters, NOW)


def test_counts_are_those_made_by_hand(empty_engine):
    tiny_county.build(empty_engine, 3000)
    _works(empty_engine, ("a", f"{COUNTY}001001", LAST - 40, None), ("a", f"{COUNTY}001002", LAST - 40, None),
           ("b", f"{COUNTY}002001", LAST - 30, LAST - 5), ("c", f"{COUNTY}001003", LAST - 45, LAST - 44))
    found = _read(empty_engine)
    with read_transaction(empty_engine) as connection:
        incidents = connection.execute(select(Incident.__table__).where(
            Incident.stream == "dispute", Incident.is_counted == 1)).all()
    groups = {
        ("a", "exposed"): {f"{COUNTY}001001", f"{COUNTY}001002"}, ("b", "exposed"): {f"{COUNTY}002001"},
        ("c", "exposed"): {f"{COUNTY}001003"},
        # c was going on within ten weeks of the start of a: its village is no comparison.
        ("a", "unexposed"): {f"{COUNTY}001004"}, ("c", "unexposed"): {f"{COUNTY}001004"},
        ("b", "unexposed"): {f"{COUNTY}00200{n}" for n in (2, 3, 4)}}
    starts = {"a": LAST - 40, "b": LAST - 30, "c": LAST - 45}
    checked = 0
    for row in found.itertuples():
        arm = "exposed" if row.arm == "year_before" else row.arm
        week = starts[row.name] + row.week - (52 if row.arm == "year_before" else 0)
        mine = [one for one in incidents if one.week_occurred == week and one.place_code[:12] in groups[row.name, arm]]
        assert row.n_all == sum(one.weight for one in mine)
        assert row.n_land == sum(one.weight for one in mine if one.category in LAND)
        assert row.n_villages == len(groups[row.name, arm])
        checked += 1
    assert checked == 3 * 3 * 20
    assert found["n_land"].sum() > 20


def test_project_without_ten_weeks_on_record_is_left_out_and_said(empty_engine):
    tiny_county.build(empty_engine, 900)
    _works(empty_engine, ("late", f"{COUNTY}001001", LAST - 8, None), ("whole", f"{COUNTY}001002", LAST - 9, None))
    found = _read(empty_engine)
    assert set(found["name"]) == {"whole"}
    assert found.attrs["n_left_out"] == 1


def test_year_before_the_records_is_missing_and_not_zero(empty_engine):
    tiny_county.build(empty_engine, 900, weeks=80)
    _works(empty_engine, ("a", f"{COUNTY}001001", LAST - 40, None))
    assert set(_read(empty_engine)["arm"]) == {"exposed", "unexposed"}


def test_works_of_a_township_are_in_all_its_villages_and_of_a_grid_in_its_village(empty_engine):
    tiny_county.build(empty_engine, 900)
    _works(empty_engine, ("town", f"{COUNTY}002", LAST - 40, None), ("grid", f"{COUNTY}001002-01", LAST - 20, None))
    found = _read(empty_engine)
    exposed = found[found["arm"] == "exposed"].groupby("name")["n_villages"].max()
    assert exposed.to_dict() == {"grid": 1, "town": 4}
    assert set(found.loc[found["arm"] == "unexposed", "name"]) == {"grid"}


@pytest.mark.parametrize(("filters", "scope", "names"), [
    (FILTERS, Scope("t", Role.TOWNSHIP, f"{COUNTY}002"), {"b"}),
    (IncidentFilter(LAST - 80, LAST, place_code=f"{COUNTY}001"), SYSTEM, {"a"}),
    (IncidentFilter(LAST - 35, LAST), SYSTEM, {"b"}),
    (IncidentFilter(LAST - 80, LAST, kinds=("mountain",)), SYSTEM, {"a", "b"})])
def test_area_place_and_window_are_kept(empty_engine, filters, scope, names):
    tiny_county.build(empty_engine, 900)
    _works(empty_engine, ("a", f"{COUNTY}001001", LAST - 40, None), ("b", f"{COUNTY}002001", LAST - 30, None))
    found = _read(empty_engine, filters, scope)
    if filters.kinds:  # both lie in urban villages: only unexposed mountain ones are left
        assert set(found["arm"]) == {"unexposed"}
        assert set(found["n_villages"]) == {1}
    assert set(found["name"]) == names


def test_works_that_became_known_later_are_not_used(empty_engine):
    tiny_county.build(empty_engine, 900)
    _works(empty_engine, ("a", f"{COUNTY}001001", LAST - 40, None, NOW + timedelta(days=1)))
    assert _read(empty_engine).empty


def test_database_without_records_has_no_rows(empty_engine):
    tiny_county.build(empty_engine, 0)
    assert _read(empty_engine).empty


def test_bands_hold_each_project_once_and_stay_in_the_window(empty_engine):
    tiny_county.build(empty_engine, 100)
    _works(empty_engine, ("a", f"{COUNTY}001001", LAST - 40, None), ("a", f"{COUNTY}001002", LAST - 40, None),
           ("over", f"{COUNTY}002001", LAST - 60, LAST - 20), ("before", f"{COUNTY}002001", LAST - 70, LAST - 20))
    with read_transaction(empty_engine) as connection:
        bands = list_bands(connection, SYSTEM, IncidentFilter(LAST - 20, LAST))
        more = list_bands(connection, SYSTEM, IncidentFilter(LAST - 30, LAST))
    assert bands["name"].tolist() == ["a"]
    assert bands["n_places"].tolist() == [2]
    assert bands["start"].iloc[0].date() == monday_of(LAST - 20)
    assert bands["end"].iloc[0].date() == monday_of(LAST)
    assert more["name"].tolist() == ["before", "over", "a"]

"""The proposal of a unit: the duty list's order, small things below, and never whom it is about."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.rules.triage import DutyRow, PlaceOf, UnitFacts, Units, check_route, suggest_unit

COUNTY, TOWN, VILLAGE = "1", "11", "111"
PLACE = PlaceOf((VILLAGE, TOWN, COUNTY), "village", "plain")


def _unit(code, kind, *areas, parent=None, name=None):
    return UnitFacts(code, name or code, kind, parent, areas)


GOV = _unit("gov", "township", TOWN, COUNTY)
OTHER_GOV = _unit("gov2", "township", "12", COUNTY)
WATER = _unit("water", "department", COUNTY, name="水利局")
ROADS = _unit("roads", "department", COUNTY, name="交通运输局")
PETITION = _unit("petition", "bureau", COUNTY, name="信访局")
CENTRE = _unit("centre", "centre", COUNTY)
ALL = (GOV, OTHER_GOV, WATER, ROADS, PETITION, CENTRE)


def _row(line, about, *, kind=None, words=(), code=None, rank=1, first="never", place_kind=None, level=None):
    return DutyRow(line, about, place_kind, level, kind, words, code, rank, first, "x")


LIST = (
    _row(2, "hazard_water", kind="department", words=("水利", "水务"), first="small"),
    _row(3, "hazard_water", kind="department", words=("交通",), rank=2, first="small"),
    _row(4, "hazard", code="-roads"),
    _row(5, "request", kind="centre", first="always"),
    _row(6, "request", kind="department", words=("交通",), place_kind="urban"),
    _row(7, "*", kind="centre"),
)


def _suggest(category="hazard_water", stream="hazard", *, severity=2, units=ALL, concerns=None, returned=(), place=PLACE,
             duty_list=LIST):
    return suggest_unit(category=category, stream=stream, severity=severity, place=place, units=Units.of(units),
                        duty_list=duty_list, concerns_unit=concerns, returned=frozenset(returned))


@pytest.mark.parametrize(("severity", "unit", "why"), [
    (1, "water", "duty"), (2, "water", "duty"), (3, "gov", "township"), (4, "gov", "township"),
    (None, "gov", "township")])
def test_small_things_stay_with_the_township(severity, unit, why):
    found = _suggest(severity=severity)
    assert (found.unit_code, found.why, found.line) == (unit, why, 2)


def test_category_goes_before_stream_and_stream_before_everything():
    assert _suggest("hazard_fire").line == 7  # no unit's code ends with -roads
    roads = _unit("1-roads", "department", COUNTY)
    assert _suggest("hazard_fire", units=(*ALL, roads)).unit_code == "1-roads"
    assert _suggest("order_theft", "public_order").unit_code == "centre"


def test_row_with_a_village_type_goes_before_one_without():
    urban = PlaceOf((VILLAGE, TOWN, COUNTY), "village", "urban")
    assert _suggest("request_road", "request", place=urban).unit_code == "roads"
    assert _suggest("request_road", "request").unit_code == "gov"


def test_next_of_the_list_is_asked_where_a_county_has_no_such_unit():
    found = _suggest(units=(GOV, ROADS))
    assert (found.unit_code, found.line) == ("roads", 3)


def test_unit_of_another_county_is_not_asked_and_the_nearest_comes_first():
    far = _unit("a-water", "department", "2", name="水利局")
    near = _unit("z-water", "department", TOWN, COUNTY, name="水利站")
    assert _suggest(units=(far, GOV, ROADS)).unit_code == "roads"
    assert _suggest(units=(WATER, near)).unit_code == "z-water"


def test_unit_that_sent_it_back_is_not_asked_again():
    found = _suggest(returned=["water"])
    assert (found.unit_code, found.passed_over) == ("roads", (("water", "returned"),))


def test_nobody_is_named():
    assert _suggest("order_theft", "public_order", units=(GOV,)).why == "none"


def test_complaint_about_a_township_goes_to_the_unit_of_the_county():
    found = _suggest(severity=4, concerns="gov")
    assert (found.unit_code, found.why) == ("water", "above_duty")
    assert found.passed_over == (("gov", "concerned"),)


def test_complaint_about_a_township_goes_to_the_petition_bureau_where_the_list_names_nobody_above():
    found = _suggest("order_theft", "public_order", concerns="gov", duty_list=(_row(2, "*", kind="township"),))
    assert (found.unit_code, found.why) == ("petition", "above_bureau")


def test_complaint_about_a_department_goes_to_whom_it_reports_to_else_beyond_the_county():
    found = _suggest(concerns="water")
    assert (found.unit_code, found.why) == (None, "beyond")
    assert found.passed_over == (("water", "concerned"), ("roads", "not_above"), ("centre", "not_above"))
    parent = _unit("government", "government", COUNTY)
    below = _unit("water", "department", COUNTY, name="水利局", parent="government")
    found = _suggest(concerns="water", units=(GOV, below, ROADS, PETITION, parent))
    assert (found.unit_code, found.why) == ("government", "above_parent")


def test_office_below_the_unit_concerned_is_not_asked_either():
    station = _unit("station", "department", COUNTY, name="水利站", parent="inspection")
    middle = _unit("inspection", "department", COUNTY, parent="gov")
    found = _suggest(concerns="gov", units=(GOV, station, middle, PETITION))
    assert found.unit_code == "petition"
    assert ("station", "below") in found.passed_over


def test_complaint_about_another_township_is_not_judged_by_this_one():
    found = _suggest(severity=4, concerns="gov2")
    assert found.unit_code == "water"
    assert ("gov", "not_above") in found.passed_over


def test_unit_concerned_that_nobody_knows_leaves_it_to_the_person():
    assert _suggest(concerns="gone").why == "unknown_unit"


def test_units_without_a_place_stand_above_townships_only():
    bare = [_unit("gov", "township"), _unit("water", "department", name="水利局"), _unit("roads", "department", name="交通局")]
    assert _suggest(concerns="gov", units=bare).unit_code == "water"
    assert _suggest(concerns="water", units=bare).why == "beyond"


def test_route_to_the_unit_concerned_and_below_it_is_refused():
    station = _unit("station", "department", COUNTY, parent="water")
    units = Units.of((*ALL, station))
    assert check_route("water", "water", units).key == "concerns"
    assert check_route("water", "station", units).key == "concerns"
    assert check_route("station", "water", units) is None  # whoever the station reports to judges it
    assert check_route("water", "roads", units) is None  # a peer is for the person to decide
    assert check_route(None, "water", units) is None
    assert check_route("water", None, units) is None
    assert check_route("gone", "gone", units).key == "concerns"


CODES = st.sampled_from("abcdefgh")
PLACES = {"c": ("c",), "t": ("t", "c"), "u": ("u", "c"), "v": ("v", "t", "c"), "p": ("p", "c", "x")}
UNITS = st.builds(
    UnitFacts, CODES, st.sampled_from(["水利局", "交通局", "信访局", "x"]),
    st.sampled_from(["township", "bureau", "department", "centre"]), st.none() | CODES,
    st.sampled_from([(), *PLACES.values()]))
ROWS = st.builds(
    DutyRow, st.integers(2, 9), st.sampled_from(["hazard_water", "hazard", "*"]), st.none() | st.just("plain"),
    st.none() | st.just("village"), st.none() | st.sampled_from(["township", "bureau", "department", "centre"]),
    st.sampled_from([(), ("水利",), ("局",)]), st.none() | CODES, st.integers(1, 3),
    st.sampled_from(["always", "small", "never"]), st.just("x"))


def _ancestors(code, parents):
    """Walk up by hand, independent of the rule."""
    found, here = set(), parents.get(code)
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found


@settings(max_examples=400, deadline=None)
@given(units=st.lists(UNITS, max_size=8, unique_by=lambda unit: unit.code), rows=st.lists(ROWS, max_size=6),
       concerns=st.none() | CODES, severity=st.none() | st.integers(1, 4), returned=st.frozensets(CODES, max_size=2),
       place=st.sampled_from(list(PLACES.values())))
def test_never_proposed_to_the_unit_concerned_nor_below_it(units, rows, concerns, severity, returned, place):
    found = suggest_unit(
        category="hazard_water", stream="hazard", severity=severity, place=PlaceOf(place, "village", "plain"),
        units=Units.of(units), duty_list=rows, concerns_unit=concerns, returned=returned)
    assert found.unit_code not in returned
    if found.unit_code is None:
        assert found.why in ("beyond", "none", "unknown_unit")
        return
    known = {unit.code: unit for unit in units}
    parents = {code: unit.parent_code for code, unit in known.items()}
    assert found.unit_code in known
    if concerns is None:
        return
    assert found.unit_code != concerns
    assert concerns not in _ancestors(found.unit_code, parents)
    assert check_route(concerns, found.unit_code, Units.of(units)) is None
    # One level up: somebody it reports to, or somebody with a wider place (a township is below whoever has no place).
    one, other = known[found.unit_code], known[concerns]
    wider = one.areas and other.areas and one.areas[0] in other.areas[1:]
    assert found.unit_code in _ancestors(concerns, parents) or wider or (
        not (one.areas and other.areas) and other.kind == "township" and one.kind != "township")

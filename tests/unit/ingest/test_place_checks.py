"""The tree of a file: duplicates, orphans, cycles, levels, periods, sample codes."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.place_checks import TreeOptions, check_tree, initials_of
from govdesk.ingest.place_rows import PlaceRow
from govdesk.ingest.place_tree import PlaceVersion, build_closure
from govdesk.tables.places import ALWAYS
from govdesk.terms import LEVELS, DataKind

REAL = TreeOptions(kind=DataKind.REAL)


def row(line, code, level="village", parent=None, **values):
    return PlaceRow(line, {"code": code, "name": code, "level": level, "parent_code": parent, **values},
                    {"code": "代码", "parent_code": "上级代码"})


def known(*versions):
    return {version.key: version for version in versions}


def place(code, level, parent=None, valid_from=ALWAYS, valid_to=None):
    return PlaceVersion(code, valid_from, valid_to, code, code.upper(), level, parent)


COUNTY = place("C", "county")


def check(*rows, base=(COUNTY,), options=REAL):
    checked = check_tree(rows, known(*base), options)
    return checked, {item.line: [found.code for found in item.errors] for item in rows if item.errors}


def test_orphan_and_what_hangs_on_it_are_refused_and_the_rest_is_kept():
    checked, errors = check(row(2, "T", "township", "nowhere"), row(3, "V", "village", "T"), row(4, "W", "village", "C"))
    assert errors == {2: ["orphan"], 3: ["parent_rejected"]}
    assert [item.version.code for item in checked.candidates] == ["W"]


def test_error_names_line_column_and_a_sentence():
    bad = row(2, "T", "township", "nowhere")
    check(bad)
    [found] = bad.errors
    assert (found.line, found.column, found.code) == (2, "上级代码", "orphan")
    assert "nowhere" in found.message("zh")
    assert "nowhere" in found.message("en")


def test_order_of_the_rows_does_not_matter():
    checked, errors = check(row(2, "G", "grid", "V"), row(3, "V", "village", "T"), row(4, "T", "township", "C"))
    assert errors == {}
    assert len(checked.candidates) == 3


def test_cycle_is_refused_and_its_children_with_it():
    _, errors = check(row(2, "A", "village", "B"), row(3, "B", "village", "A"), row(4, "X", "grid", "A"),
                      row(5, "S", "village", "S"), row(6, "V", "village", "C"))
    assert errors == {2: ["cycle"], 3: ["cycle"], 4: ["parent_rejected"], 5: ["cycle"]}


def test_cycle_through_the_database_is_refused():
    _, errors = check(row(2, "T", "township", "V"), base=(COUNTY, place("T", "township", "C"), place("V", "village", "T")))
    assert errors == {2: ["cycle"]}


def test_second_row_of_a_code_is_refused():
    checked, errors = check(row(2, "V", parent="C"), row(3, "V", parent="C"))
    assert errors == {3: ["duplicate_code"]}
    assert len(checked.candidates) == 1


def test_level_must_be_below_the_parents():
    _, errors = check(row(2, "V", "village", "C"), row(3, "U", "village", "V"), row(4, "T", "township", "V"))
    assert errors == {3: ["level_not_below"], 4: ["level_not_below"]}


def test_place_without_a_parent_must_be_of_the_widest_level():
    _, errors = check(row(2, "T", "township"), row(3, "D", "county"))
    assert errors == {2: ["parent_missing"]}
    _, errors = check(row(2, "T", "township"), base=())
    assert errors == {}


def test_options_fill_in_level_and_parent():
    bare = PlaceRow(2, {"code": "T", "name": "T"})
    checked, errors = check(bare, options=TreeOptions(kind=DataKind.REAL, level="township", parent="C"))
    assert errors == {}
    assert (checked.candidates[0].version.level, checked.candidates[0].version.parent_code) == ("township", "C")


@pytest.mark.parametrize(("kind", "code", "expected"), [
    (DataKind.REAL, "990101", ["code_only_sample"]), (DataKind.SAMPLE, "430525", ["code_not_sample"]),
    (DataKind.REAL, "430525", None), (DataKind.SAMPLE, "990101", None),
])
def test_sample_and_real_codes_never_mix(kind, code, expected):
    _, errors = check(row(2, code, "county"), base=(), options=TreeOptions(kind=kind))
    assert errors.get(2) == expected


def test_later_version_ends_the_one_before():
    day = date(2025, 1, 1)
    checked, errors = check(row(2, "V", parent="C", valid_from=day), base=(COUNTY, place("V", "village", "C")))
    assert errors == {}
    assert checked.closed["V", ALWAYS].valid_to == day


def test_versions_in_one_file_follow_each_other():
    day = date(2025, 1, 1)
    checked, errors = check(row(2, "V", parent="C"), row(3, "V", parent="C", valid_from=day))
    assert errors == {}
    assert [item.version.valid_to for item in checked.candidates] == [day, None]


def test_overlapping_periods_are_refused():
    _, errors = check(row(2, "V", parent="C", valid_from=date(2024, 1, 1), valid_to=date(2026, 1, 1)),
                      row(3, "V", parent="C", valid_from=date(2025, 1, 1)))
    assert errors == {3: ["periods_overlap"]}


def test_period_that_ends_before_it_begins_is_refused():
    _, errors = check(row(2, "V", parent="C", valid_from=date(2024, 1, 1), valid_to=date(2024, 1, 1)))
    assert errors == {2: ["ends_before_it_begins"]}


def test_parent_of_another_time_is_refused_and_a_shorter_one_is_said():
    ended = place("T", "township", "C", date(2000, 1, 1), date(2010, 1, 1))
    late, early = row(2, "V", parent="T", valid_from=date(2020, 1, 1)), row(3, "W", parent="T")
    _, errors = check(late, early, base=(COUNTY, ended))
    assert errors == {2: ["parent_not_then"]}
    assert [item.code for item in early.warnings] == ["parent_not_throughout"]


def test_missing_column_keeps_and_empty_end_never_reopens():
    old = PlaceVersion("V", ALWAYS, date(2025, 1, 1), "甲村", "JC", "village", "C", population=900)
    again = PlaceRow(2, {"code": "V", "name": "甲村", "valid_to": None})
    checked, errors = check(again, base=(COUNTY, old))
    assert errors == {}
    assert checked.candidates[0].version == old


def test_initials():
    assert initials_of("洞口县") == "DKX"
    assert initials_of("第3网格 A区") == "D3WGAQ"
    assert initials_of("<img>") == "IMG"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 8),
                          st.sampled_from([None, date(2024, 1, 1), date(2024, 6, 1)])), max_size=14))
def test_whatever_is_accepted_is_a_tree(cells):
    rows = [row(2 + at, f"p{code}", LEVELS[level].value, None if parent == 8 else f"p{parent}", valid_from=day)
            for at, (code, level, parent, day) in enumerate(cells)]
    checked = check_tree(rows, {}, REAL)
    versions = {item.version.key: item.version for item in checked.candidates}
    assert len(versions) == len(checked.candidates)
    build_closure(versions.values())  # raises on a cycle
    codes = {version.code for version in versions.values()}
    assert all(version.parent_code is None or version.parent_code in codes for version in versions.values())
    assert len(checked.candidates) + sum(1 for item in rows if item.errors) == len(rows)

"""Place changes: both places exist then, shares add up, the old place ends."""

from datetime import date

import pytest

from govdesk.ingest.place_change_checks import check_changes
from govdesk.ingest.place_rows import PlaceRow
from govdesk.ingest.place_tree import PlaceVersion
from govdesk.tables.places import ALWAYS

DAY = date(2025, 3, 6)


def place(code, level="grid", parent="V", valid_from=ALWAYS, valid_to=None):
    return PlaceVersion(code, valid_from, valid_to, code, "", level, parent)


def change(line, old, new, kind="split", share=0.5, on=DAY):
    return PlaceRow(line, {"from_code": old, "to_code": new, "on": on, "kind": kind, "share": share})


def check(*rows, places=None):
    tree = places or [place("V", "village", None), place("A"), place("B", valid_from=DAY), place("C", valid_from=DAY)]
    checked = check_changes(rows, {version.key: version for version in tree})
    errors = {row.line: [item.code for item in row.errors] for row in rows if row.errors}
    warnings = [item.code for row in rows for item in row.warnings] + [item.code for item in checked.warnings]
    return checked, errors, warnings


def test_split_ends_the_old_place():
    checked, errors, warnings = check(change(2, "A", "B"), change(3, "A", "C"))
    assert (errors, warnings) == ({}, [])
    assert checked.ended["A", ALWAYS].valid_to == DAY
    assert len(checked.changes) == 2


def test_place_that_ended_that_day_already_is_left_alone():
    checked, errors, _ = check(change(2, "A", "B"), change(3, "A", "C"),
                               places=[place("A", valid_to=DAY), place("B", valid_from=DAY), place("C", valid_from=DAY)])
    assert errors == {}
    assert checked.ended == {}


def test_part_cut_off_leaves_the_place_open():
    checked, errors, _ = check(change(2, "A", "A", share=0.7), change(3, "A", "B", share=0.3))
    assert errors == {}
    assert checked.ended == {}


@pytest.mark.parametrize(("rows", "code"), [
    ([("nowhere", "B", 1.0)], "change_place_unknown"), ([("A", "nowhere", 1.0)], "change_place_unknown"),
    ([("A", "A", 1.0)], "change_to_itself"), ([("A", "B", 0.7), ("A", "C", 0.7)], "change_shares_over"),
    ([("A", "B", 0.5), ("A", "B", 0.5)], "change_twice"), ([("A", "B", 0.5), ("A", "C", None)], "cell_missing"),
])
def test_bad_change_is_named(rows, code):
    made = [change(2 + at, old, new, share=share) for at, (old, new, share) in enumerate(rows)]
    _, errors, _ = check(*made)
    assert code in {found for same in errors.values() for found in same}
    for row in made:
        for item in row.errors:
            assert item.message("zh")
            assert item.message("en")


def test_end_of_another_day_is_an_error():
    _, errors, _ = check(change(2, "A", "B", share=1.0),
                         places=[place("A", valid_to=date(2024, 1, 1)), place("B", valid_from=DAY)])
    assert errors == {2: ["change_end_differs"]}


def test_missing_shares_are_even_and_said():
    checked, errors, warnings = check(change(2, "A", "B", share=None), change(3, "A", "C", share=None))
    assert errors == {}
    assert [item.share for item in checked.changes] == [0.5, 0.5]
    assert warnings == ["change_share_assumed"]


def test_shares_that_leave_a_rest_are_a_warning():
    _, errors, warnings = check(change(2, "A", "B", share=0.4), change(3, "A", "C", share=0.4))
    assert errors == {}
    assert warnings == ["change_shares_under"]


def test_children_left_without_a_parent_are_named():
    tree = [place("T", "township", None), place("V", "village", "T"), place("W", "village", "T", valid_from=DAY), place("G", parent="V")]
    _, errors, warnings = check(change(2, "V", "W", "merge", 1.0), places=tree)
    assert errors == {}
    assert warnings == ["children_left"]

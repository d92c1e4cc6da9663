"""A duty list that means nothing is refused, every faulty row named with its reason."""

import pytest

from govdesk.rules.duty_list import COLUMNS, DutyListError, parse_duty_list
from govdesk.storage.duty_list import DELIVERED
from govdesk.storage.escalation_parts import list_delivered_categories
from govdesk.terms import Stream

HEAD = ",".join(COLUMNS)


def _parse(*lines, head=HEAD):
    return parse_duty_list("\n".join([head, *lines]), ["hazard_water"])


def _fault(*lines, head=HEAD):
    with pytest.raises(DutyListError) as caught:
        _parse(*lines, head=head)
    return str(caught.value)


def test_delivered_list_is_sound_and_reaches_every_category():
    rows = parse_duty_list(DELIVERED.read_text(encoding="utf-8"), list_delivered_categories())
    assert {row.about for row in rows} >= {"*"}
    assert all(row.source for row in rows)
    assert {"hazard", "request", "dispute", "petition", "public_order"} <= {row.about for row in rows}
    assert len(Stream) == 5


def test_row_is_read():
    row, = _parse("hazard_water,urban,village,department,水利| 水务 ,,2,small,《防洪法》第八条")
    assert (row.line, row.about, row.place_kind, row.place_level) == (2, "hazard_water", "urban", "village")
    assert (row.unit_kind, row.unit_words, row.unit_code, row.rank) == ("department", ("水利", "水务"), None, 2)
    assert (row.township_first, row.source) == ("small", "《防洪法》第八条")


@pytest.mark.parametrize(("line", "said"), [
    ("hazard_watr,,,department,,,1,small,x", "line 2 (hazard_watr): unknown category or stream 'hazard_watr'; did you mean 'hazard_water'?"),
    ("hazard_water,city,,department,,,1,small,x", "place_kind 'city'"),
    ("hazard_water,,vilage,department,,,1,small,x", "did you mean 'village'?"),
    ("hazard_water,,,department,,,0,small,x", "rank '0'"),
    ("hazard_water,,,department,,,一,small,x", "rank '一'"),
    ("hazard_water,,,department,,,1,yes,x", "township_first 'yes'; known are always, small, never"),
    ("hazard_water,,,,,,1,small,x", "names no unit"),
    ("hazard_water,,,department,,U1,1,small,x", "names a unit twice"),
    ("hazard_water,,,department,,,1,small,", "source is empty"),
    ("hazard_water,,,department,,,1,small,a,b", "more cells than columns"),
])
def test_fault_names_row_and_reason(line, said):
    assert said in _fault(line)


def test_all_faults_are_named_at_once():
    assert _fault("x,,,department,,,1,small,x", "*,,,department,,,1,small,").count("line ") == 2


def test_two_rows_of_one_rank_are_refused():
    assert "the same rank 1 as line 2" in _fault("*,,,department,,,1,small,x", "*,,,centre,,,1,small,x")


def test_columns_must_be_there():
    assert "missing columns" in _fault("*,1", head="about,rank")
    assert "unknown column 'Rank'; did you mean 'rank'?" in _fault(head=HEAD.replace("rank", "Rank"))


def test_file_without_rows_or_with_broken_quotes_is_refused():
    assert _fault() == "no row"
    assert "line" in _fault('*,,,department,,,1,small,"x')

"""Points for what agrees and what differs, and what is never proposed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from govdesk.rules.likely_duplicates import (
    NEAR_DAYS,
    POINTS,
    PROPOSED_FROM,
    STRONG_FROM,
    Side,
    clean,
    compare,
    compare_texts,
    find_distance,
    is_eligible,
    mark_differences,
)
from govdesk.words import say

DAY = date(2026, 11, 2)
CALL = Side(1, "hotline", "request", "request_road", "V1", DAY, channel="hotline", lon=111.0, lat=27.0,
            point_kind="exact", summary="村口桥头路面塌陷，车辆无法通行")
WALK = replace(CALL, id=2, source="grid", channel="grid_worker", occurred_on=DAY + timedelta(days=1),
               summary="村口桥头路面塌陷，车无法通行，已设警示")


def points(one, other, relation="same"):
    return compare(one, other, relation).points


def test_one_matter_told_by_two_offices_is_proposed_with_its_reasons():
    found = compare(CALL, WALK, "same")
    assert found.reasons == ("same_place", "next_day", "same_category", "other_source", "other_channel", "same_spot",
                             "alike_text")
    assert found.points == 2 + 2 + 2 + 1 + 1 + 3 + 3
    assert found.is_proposed
    assert found.is_strong
    assert compare(WALK, CALL, "same") == found


def test_two_potholes_of_one_village_are_not_proposed():
    other = replace(WALK, occurred_on=DAY + timedelta(days=5), lon=111.02, summary="学校门口路灯不亮，请维修")
    found = compare(CALL, other, "same")
    assert found.reasons[-2:] == ("apart_spot", "other_text")
    assert not found.is_proposed


def test_bare_records_need_place_day_and_category():
    bare = replace(CALL, lon=None, lat=None, point_kind=None, summary=None, source="s", channel=None)
    again = replace(bare, id=2)
    assert points(bare, again) == PROPOSED_FROM
    assert points(bare, replace(again, occurred_on=DAY + timedelta(days=1))) < PROPOSED_FROM
    assert points(bare, again, "inside") < PROPOSED_FROM


@pytest.mark.parametrize("change", [
    {"weight": -1}, {"id": 1}, {"occurred_on": DAY + timedelta(days=NEAR_DAYS + 1)}, {"repeat_of": 1},
    {"stream": "dispute", "category": "family"}])
def test_what_is_never_proposed(change):
    assert is_eligible(CALL, WALK)
    other = replace(WALK, **change)
    assert not is_eligible(CALL, other)
    assert not is_eligible(other, CALL)


def test_last_near_day_is_eligible():
    assert is_eligible(CALL, replace(WALK, occurred_on=DAY + timedelta(days=NEAR_DAYS)))


@pytest.mark.parametrize("change", [{"petition_kind": "repeat"}, {"repeat_of": 77}])
def test_repeat_petition_is_a_right_and_only_the_same_day_is_asked_about(change):
    first = replace(CALL, stream="petition", category="petition_land", petition_kind="first")
    repeat = replace(first, id=2, **change)
    assert is_eligible(first, repeat)
    assert not is_eligible(first, replace(repeat, occurred_on=DAY + timedelta(days=1)))
    assert not is_eligible(replace(repeat, occurred_on=DAY + timedelta(days=1)), first)


def test_kin_categories_of_two_streams_may_be_one_matter():
    hazard = replace(WALK, stream="hazard", category="hazard_road")
    assert is_eligible(CALL, hazard)
    assert "kin_category" in compare(CALL, hazard, "same").reasons


def test_unclassified_speaks_neither_for_nor_against():
    assert "unclassified" in compare(CALL, replace(WALK, category="unclassified_request"), "same").reasons


@pytest.mark.parametrize(("one", "other", "said"), [
    (None, "村口桥头路面塌陷", None), ("纠纷", "纠纷", None), ("***", "*** *** ***", None),
    ("村口桥头路面塌陷", "村口桥头路面塌陷", "same_text"), ("村口桥头，路面塌陷！", "村口 桥头路面塌陷", "same_text"),
    ("ＡＢＣ化工厂夜间排污", "abc化工厂夜间排污", "same_text"),
    ("两户因宅基地界址争吵", "水稻收割机债务拖欠三年", "other_text")])
def test_texts(one, other, said):
    assert compare_texts(one, other) == said
    assert compare_texts(other, one) == said


def test_masks_do_not_make_texts_alike():
    assert clean("电话***，来访") == "电话来访"


def test_distance_is_that_of_a_degree_and_missing_for_a_village_point():
    assert find_distance(CALL, replace(CALL, lat=28.0)) == pytest.approx(111_195, rel=1e-3)
    assert find_distance(CALL, replace(CALL, point_kind="place")) is None
    assert find_distance(CALL, replace(CALL, lon=None)) is None


def test_snapped_points_say_less_than_exact_ones():
    home = replace(CALL, point_kind="snapped")
    assert "same_cell" in compare(home, replace(WALK, point_kind="snapped"), "same").reasons
    assert "apart_cell" in compare(home, replace(WALK, lat=27.1), "same").reasons


def test_two_people_are_in_nearly_every_quarrel():
    assert "same_people" not in compare(replace(CALL, n_people=2), replace(WALK, n_people=2), "same").reasons
    assert "same_people" in compare(replace(CALL, n_people=30), replace(WALK, n_people=30), "same").reasons


def test_differing_parts_are_marked():
    left, right = mark_differences("桥头路面塌陷", "桥头的路面下陷")
    assert left == [("桥头", True), ("路面", True), ("塌", False), ("陷", True)]
    assert "".join(part for part, _ in right) == "桥头的路面下陷"
    assert [part for part, is_same in right if not is_same] == ["的", "下"]
    assert mark_differences("", "x") == ([], [("x", False)])


def test_every_reason_has_points_and_words():
    assert STRONG_FROM > PROPOSED_FROM
    for reason in POINTS:
        assert say(f"duplicates.why_{reason}", "zh")
        assert say(f"duplicates.why_{reason}", "en")

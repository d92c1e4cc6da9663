"""A name finds one place by a way that cannot be wrong, or is proposed to somebody; never anything between."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.place_book import AliasRow, PlaceBook
from govdesk.ingest.place_matching import MOST, Matcher
from govdesk.ingest.place_names import tidy
from tests.support.dongkou_book import COUNTY, make_book, read_rows, row

ROWS = read_rows()
VILLAGES = [one for one in ROWS if one.level == "village"]
TOWNS = {one.code: one.name for one in ROWS if one.level == "township"}
BOOK = make_book()
SHARED = Matcher(BOOK)
WENTANG = next(one.code for one in VILLAGES if one.name == "温塘村")
DASHUI = next(one.code for one in VILLAGES if one.name == "大水村")
FENGHUANG = next(one.code for one in VILLAGES if one.name == "凤凰社区")


def alias(text, place, parent=None):
    return AliasRow(text, tidy(text), parent, place)


@pytest.mark.parametrize(("text", "parent"), [
    ("温塘村", ""), ("温塘", ""), ("溫塘村", ""), (" 温 塘 村 ", ""), ("高沙镇温塘村", ""), ("洞口县高沙镇温塘村", ""),
    ("湖南省邵阳市洞口县高沙镇温塘村委会", ""), ("温塘村（高沙镇）", ""), ("温塘", "高沙"), ("温塘", "高沙鎮"),
    ("温塘行政村", "430525103"), ("温塘村", "洞口县高沙镇"), ("温塘村", "洞口县"), (WENTANG, ""), (WENTANG, "高沙镇")])
def test_ways_that_cannot_be_wrong_find_the_village(text, parent):
    assert SHARED.match(text, "village", parent).code == WENTANG


@pytest.mark.parametrize(("text", "parent", "first", "why"), [
    ("温糖村", "高沙镇", "温塘村", "sound"), ("籮溪村", "罗溪乡", "罗溪村", "sound"), ("温塘村3组", "高沙镇", "温塘村", "begins"),
    ("温塘社区", "高沙镇", "温塘村", "kind"), ("温塘村", "毓兰镇", "温塘村", "elsewhere"), ("高沙温塘村", "", "温塘村", "parent"),
    ("石江镇温塘村", "", "温塘村", "elsewhere"), ("温塘村", "高沙镇石江镇", None, None), ("新书村", "醪田镇", "新书院村", "spelling")])
def test_what_is_only_likely_is_proposed(text, parent, first, why):
    found = SHARED.match(text, "village", parent)
    assert found.code is None
    if first is None:
        assert found.way == "parent_unknown"
    else:
        assert (found.way, found.candidates[0].name, found.candidates[0].why) == ("proposed", first, why)
        assert len(found.candidates) <= MOST


def test_village_and_community_of_one_stem_are_kept_apart():
    matcher = Matcher(make_book([row("430525103099", "温塘社区", "village", "430525103")]))
    assert matcher.match("温塘村", "village").code == WENTANG
    assert matcher.match("温塘居委会", "village").code == "430525103099"
    bare = matcher.match("温塘", "village", "高沙镇")
    assert (bare.way, len(bare.candidates), bare.candidates[0].why) == ("ambiguous", 2, "same_spelling")


def test_same_name_in_two_townships_needs_the_township():
    found = SHARED.match("梓木村", "village")
    assert (found.way, found.n_found) == ("ambiguous", 2)
    assert {one.township for one in found.candidates} == {"竹市镇", "石江镇"}
    assert {one.why for one in found.candidates} == {"same_name"}
    assert SHARED.match("梓木", "village", "石江").code.startswith("430525105")


def test_unknown_township_is_an_error_of_its_own_with_proposals():
    found = SHARED.match("温塘村", "village", "高莎镇")
    assert (found.way, found.level, found.candidates[0].name) == ("parent_unknown", "township", "高沙镇")


def test_nothing_near_is_unknown():
    assert SHARED.match("完全不像的地方", "village").candidates == ()
    assert SHARED.match("（）", "village").way == "unknown"


def test_alias_decides_where_names_do_not():
    book = make_book(aliases=[alias("老街", WENTANG), alias("温糖村", WENTANG, "430525103"), alias("高莎", "430525103"),
                              alias("凤凰", FENGHUANG), alias("没有", "nowhere")])
    matcher = Matcher(book)
    assert [matcher.match(*one).way for one in (("老街", "village"), (" 老 街", "village", "高沙镇"))] == ["alias", "alias"]
    assert matcher.match("老街", "village", "石江镇").code is None  # the row says another township
    assert matcher.match("温糖村", "village", "高沙镇").alias == "温糖村"
    assert matcher.match("温糖村", "village").code is None  # accepted under one township only
    assert matcher.match("温塘村", "village", "高莎").code == WENTANG
    assert matcher.match("凤凰", "village").way == "alias"  # ambiguous as a spelling: somebody decided
    assert matcher.match("没有", "village").code is None


def test_a_name_of_the_register_goes_before_an_alias():
    matcher = Matcher(make_book(aliases=[alias("大水村", WENTANG)]))
    assert matcher.match("大水村", "village").way == "exact"


def test_two_aliases_to_two_places_decide_nothing():
    matcher = Matcher(make_book(aliases=[alias("老街", WENTANG), alias("老街", DASHUI)]))
    assert matcher.match("老街", "village").code is None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VILLAGES), st.sampled_from(["{}", "{p}{}", "洞口县{p}{}", "{}（{p}）", " {} "]))
def test_every_village_is_found_under_its_township_however_written(village, form):
    text = form.format(village.name, p=TOWNS[village.parent_code])
    assert SHARED.match(text, "village", TOWNS[village.parent_code]).code == village.code


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(VILLAGES), st.sampled_from(VILLAGES), st.data())
def test_no_name_is_ever_matched_with_another_village(one, other, data):
    """A name that the register has under a township never lands on another of its places."""
    parent = data.draw(st.sampled_from(["", TOWNS[one.parent_code], TOWNS[other.parent_code]]))
    found = SHARED.match(one.name, "village", parent)
    if found.code is not None:
        assert BOOK.latest(found.code).name == one.name
        assert not parent or TOWNS[BOOK.latest(found.code).parent_code] == parent


@settings(max_examples=200, deadline=None)
@given(st.text("温塘高沙镇村社区委会石江凤凰洞口县（）1 ", max_size=10))
def test_whatever_is_written_a_match_is_one_place_or_none(text):
    found = SHARED.match(text, "village")
    assert (found.code is None) == (found.way in ("proposed", "ambiguous", "unknown"))
    assert found.code is None or found.code in BOOK


def test_grids_of_one_name_are_told_apart_by_their_village():
    grids = [row("G1", "第1网格", "grid", WENTANG), row("G2", "第1网格", "grid", DASHUI)]
    matcher = Matcher(make_book(grids))
    assert matcher.match("第1网格", "grid", "温塘").code == "G1"
    assert matcher.match("温塘村第1网格", "grid").code == "G1"
    assert matcher.match("第1网格", "grid").way == "ambiguous"


def test_a_register_in_a_circle_is_read_all_the_same():
    book = PlaceBook([row("A", "东门村", "village", "B"), row("B", "城关镇", "township", "A")])
    assert Matcher(book).match("东门", "village", "城关").code == "A"


def test_five_thousand_unknown_names_take_seconds_and_say_that_they_were_limited():
    chars = "温塘高沙石江凤凰梓木金龙白羊双桂云山长青大坪新合红旗花园水口竹月英岩峰文昌雪洞罗溪"
    names = [a + b + c for a in chars for b in chars for c in chars]
    towns = [row(f"T{n}", f"{names[n]}镇", "township", COUNTY) for n in range(500)]
    villages = [row(f"V{n}", f"{names[n]}村", "village", f"T{n % 500}") for n in range(20_000)]
    matcher = Matcher(PlaceBook([row(COUNTY, "洞口县", "county", None), *towns, *villages]))
    matcher.match("温塘", "village")
    began = time.process_time()
    found = [matcher.match(f"{name}里庄", "village", f"{names[n % 500]}镇" if n % 2 else "") for n, name in enumerate(names[:5_000])]
    assert sum(one.is_limited for one in found) == 4_001  # one name asked before
    assert all(one.candidates for one in found[:100])
    assert time.process_time() - began < 5

"""Spellings that cannot mean another place are one; all others stay apart."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ingest.place_names import are_same, read_name, split_brackets, stem_of, tidy
from tests.support.dongkou_book import read_rows

NAMES = sorted({row.name for row in read_rows() if row.level == "village"})
CHARS = st.text("东门西村社区居委会新中一3 行政民员（）", min_size=0, max_size=9)


@pytest.mark.parametrize("text", ["東門村", "东门 村", "东门（村）", "【东门村】", "　东门村　", "东门\u200b村", "東 門 村"])
def test_width_characters_blanks_and_brackets_do_not_matter(text):
    assert tidy(text) == "东门村"


@pytest.mark.parametrize("text", ["东门", "东门行政村", "东门村委会", "东门村村委会", "东门村民委员会", "东门村委"])
def test_endings_of_a_village_are_one_name(text):
    assert are_same(text, "东门村", "village")


@pytest.mark.parametrize("text", ["东门", "东门社区居委会", "东门居委会", "东门居民委员会", "东门社区居民委员会"])
def test_endings_of_a_community_are_one_name(text):
    assert are_same(text, "东门社区", "village")


@pytest.mark.parametrize(("one", "other"), [
    ("东门村", "东门社区"), ("东门村委会", "东门居委会"), ("东门村", "东村"), ("新村", "新"), ("1村", "1"), ("中村", "中村村"),
    ("", ""), ("（）", "")])
def test_other_names_are_not_the_same(one, other):
    assert not are_same(one, other, "village")


@pytest.mark.parametrize(("short", "full"), [
    ("城关", "城关镇"), ("罗溪乡", "罗溪瑶族乡"), ("文昌办事处", "文昌街道"), ("文昌街道办", "文昌街道办事处"),
    ("高沙镇人民政府", "高沙镇"), ("高沙镇政府", "高沙")])
def test_townships_may_be_cut_short(short, full):
    assert are_same(short, full, "township")


def test_a_town_is_not_the_rural_township_of_its_name():
    assert not are_same("高沙镇", "高沙乡", "township")


def test_no_village_of_the_county_is_written_like_another():
    assert len(NAMES) > 330
    assert not [pair for pair in combinations(NAMES, 2) if are_same(*pair, "village") or tidy(pair[0]) == tidy(pair[1])]


@given(CHARS, CHARS)
def test_likeness_of_names_is_symmetric(one, other):
    assert are_same(one, other, "village") == are_same(other, one, "village")


@given(CHARS)
def test_tidying_twice_changes_nothing(text):
    assert tidy(tidy(text)) == tidy(text)
    assert are_same(text, text, "village") == bool(tidy(text))


@given(st.sampled_from(NAMES), st.sampled_from(["村", "社区"]))
def test_stem_and_reading_agree(name, ending):
    stem = stem_of(tidy(name), "village")
    assert stem in {one for one, _ in read_name(tidy(name), "village")}
    assert are_same(stem + ending, name, "village") == are_same(name, stem + ending, "village")


def test_what_stands_in_brackets_is_told_apart():
    assert split_brackets("東門村（城关镇）") == ("东门村", "城关镇")
    assert split_brackets("东门村") is None
    assert split_brackets("（城关镇）") is None

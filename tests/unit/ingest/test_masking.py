"""Numbers of persons and hidden characters are taken out of every text."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ingest.masking import (
    KINDS,
    MASK,
    find_personal,
    has_valid_check,
    mask,
    masked_kinds,
    shown,
    strip_hidden,
)
from govdesk.rules.plain_text import clean_line

FULL = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
DIGITS = "11010519491231002X"


def check(number):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return number + "10X98765432"[sum(int(a) * b for a, b in zip(number, weights, strict=True)) % 11]


@pytest.mark.parametrize("text", [
    "13800138000", "138 0013 8000", "138-0013-8000", "+8613800138000", "+86 138-0013-8000", "008613800138000",
    "1 3 8 0 0 1 3 8 0 0 0", "13800138000".translate(FULL), "138\u20130013\u20138000", "138.0013.8000", "(+86)13800138000",
    DIGITS, DIGITS.lower(), DIGITS.translate(FULL), "110105 19491231 002X", "110105-19491231-002X", "430525199001011234",
])
def test_numbers_are_masked_in_text(text):
    for around in (f"{text}", f"联系{text}。", f"call {text}, please"):
        masked, found = mask(strip_hidden(around))
        assert found
        assert MASK in masked
        assert not any(char.isdigit() for char in masked.replace("86", "").replace("00", ""))


@pytest.mark.parametrize("text", [
    "2026-03-01 09:30:00", "A-2026-000123", "120.5 km", "20260301093000123", "990101001001-01", "12800138000",
    "1380013800", "138001380001", "total 1,234,567", "",
])
def test_other_numbers_stay(text):
    assert mask(text) == (text, False)


def test_hidden_characters_cannot_split_a_number():
    assert MASK in mask(strip_hidden("138\u200b0013\u202e8000"))[0]


def test_reference_of_region_and_date_stays_unless_its_check_fits():
    number = check("43052519900101123")
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    assert mask(wrong, is_reference=True) == (wrong, False)
    assert mask(number, is_reference=True) == (MASK, True)
    assert mask(wrong)[1]


@given(st.integers(100000, 899999), st.dates(), st.integers(0, 999))
def test_every_identity_number_is_masked(region, born, sequence):
    if born.year < 1900 or born.year > 2099:
        return
    number = check(f"{region}{born:%Y%m%d}{sequence:03d}")
    assert has_valid_check(number)
    for is_reference in (True, False):
        assert number not in mask(f"x {number} y", is_reference=is_reference)[0]


@given(st.integers(13_000_000_000, 19_999_999_999), st.text("-–  ", max_size=2))
def test_every_mobile_number_is_masked(number, gap):
    digits = str(number)
    assert mask(digits[:3] + gap + digits[3:7] + gap + digits[7:])[1]


@given(st.text())
def test_hidden_characters_never_pass(text):
    clean = strip_hidden(text)
    assert not set(clean) & set("\x00\x1b\u202e\u2066\u200b\ufeff\ud800")
    assert strip_hidden(clean) == clean


def test_quotes_in_notes_are_short_and_masked():
    assert shown("x" * 100) == "x" * 39 + "…"
    assert "138" not in shown("tel 13800138000")


def test_kinds_are_told_in_their_order():
    assert masked_kinds("张建国，电话13800138000，湘E12345") == ("***，电话***，***", ("name", "phone", "plate"))
    assert masked_kinds("无人受伤") == ("无人受伤", ())


@pytest.mark.parametrize("text", ["石榴村", "张家村", "王家组", "李家冲", "何村", "陈家坊镇", "张建国故居", "户主登记表", "黄桥与高沙"])
def test_names_of_places_and_things_stay(text):
    assert mask(text, is_prose=False) == (text, False)
    assert mask(text) == (text, False)


def test_a_label_is_searched_for_numbers_only():
    assert mask("村民张建国 13800138000", is_prose=False) == ("村民张建国 ***", True)
    assert mask("3组15号 7220001", is_prose=False) == ("3组15号 7220001", False)


@pytest.mark.parametrize("code", ["058825103202", "073925103202", "430525101001", "6228481234567890", "4305251010010101"])
def test_codes_of_places_stay(code):
    assert mask(code, is_prose=False) == (code, False)


def test_texts_around_a_mask_keep_their_width():
    assert mask("３月５日，１３８００１３８０００来电") == ("３月５日，***来电", True)


@given(st.text("1380户主张建国王、与和，姓名：(（+86 ·-身份证\n某*号室栋湘E@a.系叫", max_size=200))
def test_spans_are_in_order_and_without_overlaps(text):
    spans = find_personal(text)
    assert all(0 <= one.start < one.end <= len(text) for one in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(span.kind in KINDS for span in spans)
    masked, found = mask(text)
    assert found == bool(spans)
    assert masked.count(MASK) >= len(spans)


@given(st.text(max_size=300))
def test_nothing_stops_the_search(text):
    clean = strip_hidden(text)
    masked, found = mask(clean)
    if find_personal(clean):
        assert found
        assert MASK in masked
    else:
        assert (masked, found) == (clean, False), "what holds nothing personal stays as it is, to the letter"
    quoted = shown(text)
    assert len(quoted) <= 40
    assert not set(quoted) & set("\n\r")
    assert quoted == shown(clean), "hidden characters make no other quote"


@pytest.mark.parametrize("piece", [
    "1", "1 ", "1-", "1 - ", "一", "+86", "姓名：", "王一、", "张建国", "户主（", "a@", "a.", "湘E", "3组1号", "12栋3单元", "62284848 ",
    "与和", "老李", "李支书", "叫系叫系", "住1-", "（86）", "0739-", "微信a", "王·", "A B ", "身份证",
])
def test_time_grows_with_the_length_not_its_square(piece):
    def took(length):
        text = piece * (length // len(piece))
        best = 9e9
        for _ in range(3):
            began = time.process_time()
            mask(text)
            best = min(best, time.process_time() - began)
        return best

    # Eight times the length is eight times the time; a search that begins anew at each place would need 64 times as long.
    assert took(20_000) < 30 * took(2_500) + 0.02


@pytest.mark.parametrize(("text", "left"), [
    ("陳志明（13800138040）反映垃圾堆放", "***（***）反映垃圾堆放"),
    ("居民林麗投訴廣場舞噪音", "居民***投訴廣場舞噪音"),
    ("王家組與李家衝因山林界線有爭議", "王家組與李家衝因山林界線有爭議"),
])
def test_traditional_texts_are_masked_as_simplified_ones(text, left):
    assert mask(text)[0] == left


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\u061c", "\u2066", "\x9b"])
def test_what_begins_a_line_or_turns_the_writing_is_taken_out(mark):
    """Tab and line feed stay: they are the lines of a text."""
    assert strip_hidden(f"甲{mark}乙\n丙") == "甲乙\n丙"
    assert clean_line(f"甲{mark}乙").replace(" ", "") == "甲乙"

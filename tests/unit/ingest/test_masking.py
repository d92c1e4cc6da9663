"""Numbers of persons and hidden characters are taken out of every text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ingest.masking import MASK, has_valid_check, mask, shown, strip_hidden

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

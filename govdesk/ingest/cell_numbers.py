"""Whole numbers and yes or no, as people write them; pure.

One clear rule each: a number alone, with thousands commas, in Chinese numerals, with 万, 千 or 百 behind it, or with
a unit behind it (3人) is that number. About, more than, and from–to are no numbers.
"""

import re
import unicodedata

from govdesk.ingest.folding import fold
from govdesk.ingest.masking import shown
from govdesk.ingest.outcomes import Reader, failure
from govdesk.ingest.record_fields import Field

_PLAIN = re.compile(r"[+-]?\d+(?:\.0+)?")
_COMMAS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.0+)?")
_POWER = re.compile(r"[+-]?\d+(?:\.\d+)?e[+]?\d{1,2}")
_MULTIPLE = re.compile(r"(\d+(?:\.\d+)?)([万千百])")
_MULTIPLES = {"万": 10_000, "千": 1_000, "百": 100}
_UNITS = re.compile("(?:人次|[人名个起件次户例宗条级天位口批桩场处项星分])$")
_LEADING = re.compile("^(?:共计|共|合计|计)")
_ABOUT = re.compile("[约近多余几数]|左右|上下|以上|以下|不足|超过|[<>≤≥~≈±+]$|^[<>≤≥~≈±]")
_SOME = r"(?:\d+|[一二三四五六七八九十百]+)"
_RANGE = re.compile(rf"{_SOME}\s*(?:-+|~|至|到|或|、|/)\s*{_SOME}")
_SHARE = re.compile(r"[\d.]+\s*[%‰]|百分之.+")
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_DIGITS = {mark: int(digit) for mark, digit in
           zip("零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖", "001223456789123456789", strict=True)}
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_CHINESE = re.compile(f"[{''.join(_DIGITS)}{''.join(_STEPS)}万]+")

_YES = frozenset({"1", "true", "yes", "y", "t", "是", "有", "√", "✓", "✔", "☑", "已", "对", "真", "是的", "1.0"})
_NO = frozenset({"0", "false", "no", "n", "f", "否", "无", "没有", "×", "✗", "✘", "✕", "x", "未", "不是", "假", "没",
                 "0.0"})


def read_chinese(text: str) -> int | None:
    """Return the number a Chinese numeral below 100 million stands for; None where it is none.

    Examples
    --------
    >>> read_chinese("十二"), read_chinese("一百零五"), read_chinese("两万三千"), read_chinese("二〇二三")
    (12, 105, 23000, 2023)
    """
    if not _CHINESE.fullmatch(text) or text.count("万") > 1:
        return None
    if all(mark in _DIGITS for mark in text):
        return int("".join(str(_DIGITS[mark]) for mark in text)) if len(text) in (1, 4) else None
    high, _, low = text.rpartition("万")
    parts = [_below_ten_thousand(part) if part else 0 for part in (high, low)]
    if None in parts or (not high and "万" in text) or (high and len(low) == 1):  # 两万三: 23,000, 20,003?
        return None
    return (parts[0] or 0) * 10_000 + (parts[1] or 0)


def _below_ten_thousand(text: str) -> int | None:
    total, digit, last = 0, -1, 10_000
    for mark in text:
        if mark in _STEPS:
            step = _STEPS[mark]
            if step >= last or (digit < 1 and (step != 10 or total)):
                return None
            total, digit, last = total + max(digit, 1) * step, -1, step
        else:
            if digit > 0:
                return None
            digit = _DIGITS[mark]
    is_short = digit > 0 and 10 < last < 10_000 and not set("零〇") & set(text)  # 一百五 is 150 or 105
    return None if is_short else total + max(digit, 0)


def read_whole(text: str) -> int | None:
    """Return the whole number that a text is, or None.

    Examples
    --------
    >>> [read_whole(text) for text in ("3人", "1,234", "１２", "十二", "2万", "3.0", "1.2E+05", "3.5", "1,23")]
    [3, 1234, 12, 12, 20000, 3, 120000, None, None]
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").strip().lower()
    plain = _UNITS.sub("", _LEADING.sub("", plain).strip()).strip()
    if _PLAIN.fullmatch(plain):
        return int(plain.split(".")[0])
    if _COMMAS.fullmatch(plain):
        return int(plain.replace(",", "").split(".")[0])
    match = _MULTIPLE.fullmatch(plain)
    if match or _POWER.fullmatch(plain):
        value = float(match.group(1)) * _MULTIPLES[match.group(2)] if match else float(plain)
        return round(value) if abs(value - round(value)) < 1e-6 and abs(value) < 1e15 else None
    return _ROMAN.get(plain, read_chinese(plain))


def int_reader(wanted: Field) -> Reader:
    """Return the reader of a column of whole numbers."""

    def reader(text: str) -> object:
        number = read_whole(text)
        if number is None:
            return failure(_why_not(text), value=shown(text))
        if wanted.name == "weight" and number not in (1, -1):
            return failure("weight_invalid", value=shown(text))
        if not wanted.low <= number <= wanted.high:
            return failure("number_out_of_range", value=shown(text), low=wanted.low, high=wanted.high)
        return number

    return reader


def _why_not(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = _UNITS.sub("", plain)
    if _SHARE.fullmatch(plain):
        return "number_is_share"
    if _RANGE.fullmatch(bare):
        return "number_range"
    return "number_unsure" if _ABOUT.search(bare) else "number_unreadable"


def read_bool(text: str) -> object:
    """Return 1 for yes, 0 for no."""
    plain = fold(text)
    if plain in _YES:
        return 1
    return 0 if plain in _NO else failure("yes_no_unreadable", value=shown(text))


def read_float(text: str) -> object:
    """Return a coordinate; the text of an unreadable one is never quoted, it may be a home."""
    try:
        return float(unicodedata.normalize("NFKC", text).rstrip("°度 "))
    except ValueError:
        return failure("point_unusable")

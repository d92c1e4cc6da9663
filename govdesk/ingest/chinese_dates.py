"""Brings a date as people type it into plain digits and few signs: width, numerals, blanks, weekdays; pure.

Only civil dates: a date of the farmers' calendar 农历 is told apart here and never converted, because its months and
days look like civil ones and lie three to seven weeks off.
"""

import re
import unicodedata

_DIGITS = dict(zip("〇零○◯一二三四五六七八九壹贰貳叁叄參肆伍陆陸柒捌玖两", "000012345678912233345667892", strict=True))
_ZEROS_TYPED = "OoΟο"
_NUMERALS = "".join(_DIGITS)
_RUN = re.compile(f"[{_NUMERALS}十拾廿卅{_ZEROS_TYPED}]*[{_NUMERALS}十拾廿卅][{_NUMERALS}十拾廿卅{_ZEROS_TYPED}]*")
_TENS = re.compile("(?:([1-9]?)十|(廿|卅)十?)([1-9]?)")

_LUNAR = re.compile("农历|阴历|旧历|夏历|正月|腊月|冬月|闰|初[一二三四五六七八九十]|年三十|除夕|"
                    "[廿卅][一二三四五六七八九]?(?![日号一二三四五六七八九])")
_WEEKDAY = re.compile(r"\(?(?:星期|礼拜|周)[一二三四五六日天]\)?")
_UNSURE = re.compile("约|左右|前后|[上中下]旬|[月年][初底末]|许$|[?]|不详")

#: Traditional forms of what dates are written with, and signs that stand for others.
_PLAIN = str.maketrans({
    "號": "号", "時": "时", "點": "点", "鐘": "钟", "農": "农", "曆": "历", "陰": "阴", "舊": "旧", "臘": "腊",
    "週": "周", "閏": "闰", "拾": "十", "。": ".", "、": ".", "·": ".", "・": ".", "•": ".",
    "\\": "/", "∕": "/", "⁄": "/",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "﹣": "-", "~": "~", "〜": "~", "～": "~",
    "∶": ":", "︰": ":", "'": "", "‘": "", "’": "", "`": "", "\u3000": " ", "\u00a0": " ",
    "\t": " ", "\n": " ", "\r": " ",
})
_AROUND = re.compile(r"\s*([年月日号时点分秒:/~])\s*|(?<=\d)\s*([.-])\s*(?=\d)")
_BLANKS = re.compile(r"\s+")


def is_lunar(text: str) -> bool:
    """Return whether a text names a day of the farmers' calendar.

    Examples
    --------
    >>> is_lunar("二〇二三年腊月廿三"), is_lunar("二〇二三年十二月廿三日")
    (True, False)
    """
    return _LUNAR.search(text.translate(_PLAIN)) is not None


def is_unsure(text: str) -> bool:
    """Return whether a text says of itself that the day is not exact (约, 左右, 上旬)."""
    return _UNSURE.search(text.translate(_PLAIN)) is not None


def read_numeral(text: str) -> str:
    """Return a Chinese numeral below one hundred, or a row of digits, in ASCII digits; the text where it is neither.

    Examples
    --------
    >>> read_numeral("二〇二三"), read_numeral("廿一"), read_numeral("十二"), read_numeral("三十")
    ('2023', '21', '12', '30')
    """
    plain = "".join("0" if mark in _ZEROS_TYPED else _DIGITS.get(mark, mark) for mark in text.translate(_PLAIN))
    if plain.isdigit():
        return plain
    match = _TENS.fullmatch(plain)
    if match is None:
        return text
    tens = {"廿": 2, "卅": 3}.get(match.group(2) or "", int(match.group(1) or "1"))
    return str(tens * 10 + int(match.group(3) or "0"))


def plain_date(text: str) -> str:
    """Return a date in ASCII digits, the signs ``- / . :`` and the words 年月日号时点分秒, without weekday and blanks.

    Examples
    --------
    >>> plain_date("二〇二三年 三月 五日（星期日）下午三点半")
    '2023年3月5日下午3点半'
    >>> plain_date("２０２３．３．５。")
    '2023.3.5'
    """
    plain = unicodedata.normalize("NFKC", text).translate(_PLAIN)
    plain = _WEEKDAY.sub(" ", plain).replace("元月", "1月")
    plain = _RUN.sub(lambda match: read_numeral(match.group()), plain)
    plain = _AROUND.sub(lambda match: match.group(1) or match.group(2), plain)
    return _BLANKS.sub(" ", plain).strip(" .,;")

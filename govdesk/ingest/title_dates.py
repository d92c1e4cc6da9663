"""What the titles above a table say of its dates: the year of days without one, and how far it is sure."""

import re
import unicodedata
from collections.abc import Iterable

from govdesk.ingest.text_repair import repair

#: A year: four digits that are no part of a longer number, or Chinese numerals.
_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?!\d)|(二[〇零○]二[〇零○一二三四五六七八九])")
#: Numbers of documents: 〔2022〕15号 is no year of events.
_DOCUMENT = re.compile(r"[\[〔【(](?:19|20)\d\d[\]〕】)]\s*第?\s*\d+\s*号")
_MONTH = re.compile(r"(?:(?<!\d)|(?<=20\d\d))(1[0-2]|0?[1-9])(?=月|-(?:1[0-2]|[1-9])月)"
                    r"|(十[一二]?|[一二三四五六七八九])月")
_NUMERALS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_MONTHS = {text: number for number, text in enumerate(
    ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), 1)}
#: Parts of a year and the last month of each.
_PARTS = (("第一季度", 3), ("一季度", 3), ("上半年", 6), ("第二季度", 6), ("二季度", 6), ("第三季度", 9), ("三季度", 9))
#: A line that says who filled the table in, and when: no title of its content.
_LABEL = re.compile(r"[:：]")


def find_year(titles: Iterable[str]) -> tuple[int, int | None] | None:
    """Return the year that titles name, and its last month they speak of (None: all of it).

    Parameters
    ----------
    titles : iterable of str
        What stands above the header.

    Returns
    -------
    (int, int or None) or None
        None where they name no year, or several: nobody can tell which one a day is of.

    Examples
    --------
    >>> find_year(["示例县2023年1月台账", "填报日期：2023年2月2日"]), find_year(["2022—2023年度台账"])
    ((2023, 1), None)
    """
    texts = [_DOCUMENT.sub(" ", unicodedata.normalize("NFKC", repair(text).text)) for text in titles]
    lines = [text for text in texts if not _LABEL.search(text)]
    for some in (lines, texts):
        joined = " ".join(some)
        years = {int((found[0] or found[1]).translate(_NUMERALS)) for found in _YEAR.findall(joined)}
        if len(years) > 1:
            return None
        if years:
            return years.pop(), _last_month(" ".join(lines))
    return None


def _last_month(text: str) -> int | None:
    months = [int(digits) if digits else _MONTHS[numeral] for digits, numeral in _MONTH.findall(text)]
    months += [month for part, month in _PARTS if part in text]
    return max(months, default=None)

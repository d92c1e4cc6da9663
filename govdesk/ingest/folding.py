"""Texts as they are compared: width, case, surrounding blanks, traditional or simplified characters do not matter."""

import re
import unicodedata
from functools import cache

from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _changing() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return expressions for characters that only traditional, and only simplified texts have."""
    everything = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))))
    to_simple = _converter().convert(everything)
    to_traditional = OpenCC("s2t").convert(everything)
    one_way = [old for old, new in zip(everything, to_simple, strict=True) if old != new]
    other_way = [old for old, new in zip(everything, to_traditional, strict=True) if old != new]
    only_simple = sorted(set(other_way) - set(one_way))
    return re.compile(f"[{''.join(one_way)}]"), re.compile(f"[{''.join(only_simple)}]")


def count_forms(text: str) -> tuple[int, int]:
    """Return the number of characters that only traditional, and that only simplified writing has."""
    traditional, simple = _changing()
    return len(traditional.findall(text)), len(simple.findall(text))


def simplify(text: str) -> str:
    """Return a text in simplified characters, as it is compared.

    Examples
    --------
    >>> simplify("鄰裡糾紛")
    '邻里纠纷'
    """
    if text.isascii() or not _changing()[0].search(text):
        return text
    plain: str = _converter().convert(text)
    return plain


def fold(text: str) -> str:
    """Return a text for comparison: width, case, surrounding spaces, and 繁简 do not matter.

    Examples
    --------
    >>> fold(" ＡＢ類別 ")
    'ab类别'
    """
    if text.isascii():
        return text.strip().casefold()
    return simplify(unicodedata.normalize("NFKC", text).strip().casefold())

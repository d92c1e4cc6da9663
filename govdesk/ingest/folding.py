"""Texts as they are compared: width, case, surrounding blanks, traditional or simplified characters do not matter."""

import re
import unicodedata
from functools import cache
from typing import Any

_BRACKETED = re.compile(r"[(\[{<【〔].*?[)\]}>】〕]")
_MARKS = re.compile(r"[\W_]+")
_FILLING = re.compile("必填|选填|单选|填写")


@cache
def _converter(direction: str = "t2s") -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - a second of start-up that only imports need

    return OpenCC(direction)


@cache
def _changing() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return expressions for characters that only traditional, and only simplified texts have."""
    everything = "".join(map(chr, (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))))
    to_simple = _converter().convert(everything)
    to_traditional = _converter("s2t").convert(everything)
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


@cache
def plain_header(header: str) -> str:
    """Return a header as it is compared: simplified, without case, width, marks, blanks and what stands in brackets.

    What a form says about filling in (required, optional, choose one) is left out, too.

    Examples
    --------
    >>> plain_header("* 發生日期（必填）")
    '发生日期'
    """
    text = simplify(unicodedata.normalize("NFKC", header).casefold())
    return _FILLING.sub("", _MARKS.sub("", _BRACKETED.sub("", text))) or _MARKS.sub("", text)

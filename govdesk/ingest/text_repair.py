"""Repairs text that was decoded wrongly, where the repair proves itself; else says that it is broken; pure.

Proof: the text goes back to the very bytes it came from, these bytes are valid in the other encoding, and what they say
is common Chinese (almost only characters of the first level of GB 2312, the 3,755 that everyday texts are made of).
A text that is fine is never changed.

References
----------
GB 2312-1980, rows 16–55 (first level), the test for common Chinese. ftfy 6.3.1, R. Speer (Apache 2.0), for mixtures of
Windows-1252 and Latin-1. GB 18030 is tried before it: ftfy alone takes Chinese bytes for other alphabets.
"""

import re
from dataclasses import dataclass
from functools import cache

import ftfy

from govdesk.ingest.folding import count_forms, simplify

#: What no repair brings back: marks that decoders leave, and what GBK makes of them.
_LOST = re.compile("\ufffd|锟斤拷|锟斤|斤拷|烫烫烫|屯屯屯|[\ue000-\uf8ff]{2}")
#: Question marks that a narrower encoding left of characters; a question may end in as many.
_QUESTIONS = re.compile(r"[?\s\d.,:;()\-/]*[?]{3}[?\s\d.,:;()\-/]*")
#: Only texts with such characters can be bytes of Chinese read as a western alphabet.
_WESTERN = re.compile("[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a"
                      "\u20ac\u2122]{2}")
_WESTERN_LEFT = re.compile("[\u0080-\u009f\u00a1-\u00ff]{4}")
_HAN = re.compile("[\u3400-\u9fff]")
#: Pinyin with a tone mark in brackets behind a character: a phonetic gloss that a broken converter left.
_TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"
_GLOSS = re.compile(f"(?<=[\u4e00-\u9fff])[(（](?=[a-zü]*[{_TONES}])[a-zü{_TONES}]{{1,6}}[)）]")
#: Full-width letters, digits, blanks, and the signs that stand in running numbers.
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ－／．＿＃＋　]")
_NARROW = {ord(mark): chr(ord(mark) - 0xFEE0) for mark in map(chr, range(0xFF01, 0xFF5F))} | {0x3000: " "}

#: Share of everyday characters from which on a text is Chinese.
_CHINESE = 0.8
#: Longest text that is looked at for UTF-8 read as GBK: the bytes of a longer one would be found in its beginning.
_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after a look at its encoding: the text, and codes of what is to be told (none: it was fine)."""

    text: str
    codes: tuple[str, ...] = ()


@cache
def _first_level() -> frozenset[str]:
    """Return the 3,755 everyday characters: GB 2312, rows 16 to 55."""
    pairs = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return frozenset(char for pair in pairs if (char := pair.decode("gb2312", errors="ignore")))


@cache
def _unusual() -> re.Pattern[str]:
    """Return an expression for anything but everyday characters, ASCII and usual signs."""
    signs = "、。·—…‘’“”《》〈〉【】〔〕「」！（），：；？．－／％～　０-９Ａ-Ｚａ-ｚ〇"
    return re.compile(f"[^\t\n\r -~{signs}{''.join(sorted(_first_level()))}]")


def everyday_share(text: str) -> float:
    """Return the share of Chinese characters that are everyday ones; 0 without any."""
    found = _HAN.findall(text)
    return sum(char in _first_level() for char in found) / len(found) if found else 0.0


def _is_chinese(text: str, least: int = 2) -> bool:
    """Return whether a text is common Chinese: enough characters, almost all everyday ones, little odd beside."""
    plain = simplify(text)
    usual = len(_unusual().sub("", plain)) / max(len(plain), 1)
    shares = (everyday_share(plain), usual)
    return len(_HAN.findall(plain)) >= least and min(shares) >= _CHINESE and not _LOST.search(plain)


def repair(text: str) -> Repaired:
    r"""Return a text as it was meant.

    Parameters
    ----------
    text : str
        As read, before control characters are taken out: they may be bytes of it.

    Examples
    --------
    >>> repair("ÖÐ¹ú").text, repair("ä¸\xadå\x9b½").text, repair("涓浗").codes
    ('中国', '中国', ())
    """
    if text.isascii():
        return Repaired(text, ("text_broken",) if "???" in text and _QUESTIONS.fullmatch(text) else ())
    codes: tuple[str, ...] = ()
    found = _from_western(text) if _WESTERN.search(text) else _from_gbk(text)
    if found is not None:
        text, codes = found, ("text_repaired",)
    plain = _GLOSS.sub("", text)
    if plain != text:
        text, codes = plain, (*codes, "phonetics_removed")
    if _LOST.search(text) or (_WESTERN_LEFT.search(text) and found is None):
        codes = (*codes, "text_broken")
    return Repaired(text, codes)


def _from_western(text: str) -> str | None:
    """Return what was meant by bytes of Chinese read as Latin-1 or Windows-1252; None without proof."""
    if _HAN.search(text):
        return None
    meant = _from_utf8(text)
    for western in ("latin-1", "cp1252") if meant is None else ():
        try:
            found = text.encode(western).decode("gb18030")
            is_whole = found.encode("gb18030").decode(western) == text
        except UnicodeError:
            continue
        if is_whole and _is_chinese(found):
            return found
    return meant or _by_ftfy(text)


def _from_utf8(text: str, *, twice: bool = True) -> str | None:
    """Return what was meant by UTF-8 read as a western alphabet, once or twice.

    It comes before GB 18030: its bytes prove themselves, and those of a doubly wrong text are everyday GBK, too.
    """
    for western in ("latin-1", "cp1252"):
        try:
            found = text.encode(western).decode("utf-8")
        except UnicodeError:
            continue
        if _is_chinese(found, least=1):  # three bytes of UTF-8 in a row are no accident
            return found
        if twice and _WESTERN.search(found) and (again := _from_utf8(found, twice=False)) is not None:
            return again
    return None


def _by_ftfy(text: str) -> str | None:
    meant = ftfy.fix_encoding(text)
    return meant if meant != text and _is_chinese(meant) else None


def _from_gbk(text: str) -> str | None:
    """Return what was meant by UTF-8 bytes read as GBK; None without proof."""
    if len(text) > _LOOKED_AT or not _unusual().search(text):
        return None
    try:
        meant = text.encode("gb18030").decode("utf-8")
        is_whole = meant.encode("utf-8").decode("gb18030") == text
    except UnicodeError:
        return None
    # Every third character of such a text is a rare one (its first byte is E4 to E9): no sentence is written so.
    return meant if is_whole and _is_chinese(meant) else None


def simplify_prose(text: str) -> Repaired:
    """Return a text in simplified characters, if it is written in traditional ones.

    A simplified text with a single traditional character (a name, an old word) is fine, and stays.
    """
    if text.isascii():
        return Repaired(text)
    traditional, simple = count_forms(text)
    if traditional <= simple:
        return Repaired(text)
    plain = simplify(text)
    return Repaired(plain, ("text_simplified",) if plain != text else ())


def narrow(text: str) -> Repaired:
    """Return a code or running number with full-width letters, digits and blanks in their usual width.

    Examples
    --------
    >>> narrow("Ａ－１２３").text
    'A-123'
    """
    if text.isascii():
        return Repaired(text)
    plain = _WIDE.sub(lambda match: match.group().translate(_NARROW), text)
    return Repaired(plain, ("text_narrowed",) if plain != text else ())

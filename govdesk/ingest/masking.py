"""Takes identity numbers, mobile numbers and control characters out of every text at the gate.

The product holds places, never persons: a loader that finds such numbers masks them before anything is stored,
noted or logged.

References
----------
GB 11643-1999 (identity number: 6 digits region, 8 digits birth date, 3 digits sequence, check character after
ISO 7064 MOD 11-2). Mobile numbers: 11 digits, 1[3-9]; ITU-T E.164 country code 86.
"""

import re

#: What stands where a number was.
MASK = "***"
#: Longest text kept.
LONGEST = 5_000
#: Longest piece of a cell that a note may quote.
SHOWN = 40

# Control characters but tab and line ends; zero-width and direction characters; lone surrogates; language tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# What people put between digits. Digits of any script are turned into ASCII before the search.
_GAP = "[\\s\\-\u2010-\u2015\u2212\uff0d_.\u00b7]{0,2}"
#: Anything with fewer digits needs no closer look.
_CANDIDATE = re.compile(r"\d(?:\D{0,2}\d){10}")
_IDENTITY = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{16}}{_GAP}[\dXx\uff38\uff58\u0425\u0445](?![\dA-Za-z])")
_MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00)?8{_GAP}6{_GAP})?1{_GAP}[3-9](?:{_GAP}\d){{9}}(?!\d)")
_BIRTH = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def strip_hidden(text: str) -> str:
    """Return the text without control, direction and zero-width characters."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub("", text)


def has_valid_check(number: str) -> bool:
    """Return whether 18 characters end in the check character of an identity number.

    Examples
    --------
    >>> has_valid_check("11010519491231002X")
    True
    """
    digits = [int(char) for char in number[:17]]
    return _CHECKS[sum(a * b for a, b in zip(digits, _WEIGHTS, strict=True)) % 11] == number[17].upper()


def _plain(found: str) -> str:
    """Return the 18 characters of a match in ASCII, without what stands between."""
    chars = [str(int(char)) if char.isdecimal() else "X" for char in found if char.isalnum()]
    return "".join(chars)


def _mask_identity(match: re.Match[str]) -> str:
    number = _plain(match.group())
    is_born = _BIRTH.fullmatch(number[6:14]) is not None
    is_whole = match.group().isalnum()
    return MASK if is_born or (is_whole and number[0] != "0") else match.group()


def _mask_sure_identity(match: re.Match[str]) -> str:
    number = _plain(match.group())
    is_sure = _BIRTH.fullmatch(number[6:14]) is not None and has_valid_check(number)
    return MASK if is_sure else match.group()


def mask(text: str, *, is_reference: bool = False) -> tuple[str, bool]:
    """Return the text with numbers of persons masked, and whether any was.

    Parameters
    ----------
    text : str
        Already without hidden characters.
    is_reference : bool
        The text is a running number: 18 digits are an identity number only where birth date and check
        character fit, because offices build case numbers from region and date, too.

    Examples
    --------
    >>> mask("call 138-0013-8000")
    ('call ***', True)
    """
    if len(text) < 11 or not _CANDIDATE.search(text):
        return text, False
    plain = text if text.isascii() else "".join([str(int(char)) if char.isdecimal() else char for char in text])
    masked = _IDENTITY.sub(_mask_sure_identity if is_reference else _mask_identity, plain)
    masked = _MOBILE.sub(MASK, masked)
    return (masked, True) if masked != plain else (text, False)


def shown(text: str) -> str:
    """Return what a note may quote of a cell: cleaned, masked, short."""
    plain = mask(strip_hidden(text).replace("\n", " ").replace("\r", " "))[0]
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"

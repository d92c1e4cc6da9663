"""Finds numbers of persons in prose: identity numbers, phones, bank cards, licence plates, homes, addresses of the net.

References
----------
GB 11643-1999 (identity number: 6 digits region, 8 digits birth date, 3 digits sequence, check character after
ISO 7064 MOD 11-2; the older form has 15 digits, the year of birth in two, and no check). Mobile numbers: 11 digits,
1[3-9]; ITU-T E.164 country code 86. Bank cards: 16 to 19 digits, ISO/IEC 7812 with the check digit of its annex
(Luhn), 62 for UnionPay. Licence plates: GA 36-2018.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from govdesk.ingest import personal_words as words


class Span(NamedTuple):
    """Where something personal stands, and what: identity, card, phone, plate, house, contact, name."""

    start: int
    end: int
    kind: str


def _any(items: tuple[str, ...]) -> str:
    return "|".join(sorted((re.escape(item) for item in items), key=len, reverse=True))


# What people put between digits; at most three of them.
_SIGNS = "\\s\u3000\\-\u2010-\u2015\u2212\uff0d_.\u00b7\u2022\u30fb/\uff0f\\\\,\uff0c\u3001:\uff1a*()\uff08\uff09~"
_GAP = f"[{_SIGNS}]{{0,3}}"
_LISTED = re.compile("[,\uff0c\u3001/\uff0f:\uff1a]")
_BEFORE = 16

_IDENTITY = re.compile(rf"(?<!\d)(?<!0\.)\d(?:{_GAP}\d){{16}}{_GAP}[\dXx\uff38\uff58\u0425\u0445](?![\dA-Za-z])")
_OLD_IDENTITY = re.compile(rf"(?<!\d)(?<!0\.)\d(?:{_GAP}\d){{14}}(?!\d)")
_MOBILE = re.compile(
    rf"(?<!\d)(?:[(\uff08\[]?(?:\+|00)?{_GAP}8{_GAP}6[)\uff09\]]?{_GAP}|0(?=1\d{{10}}(?!\d)))?(?P<n>1{_GAP}[3-9](?:{_GAP}\d){{9}})(?!\d)"
)
# Area codes that exist; a number of a place that begins with another one is none.
_AREA = (
    r"(?:10|2\d|3(?:1\d|35|[4579]\d)|4(?:[1357]\d|2[179]|6[4-9]|8[23])|5(?:1\d|2[37]|[3-7]\d|80|9[1-9])|6(?:3[1-5]|6[0-38]|9[12])"
    r"|7(?:01|1\d|2[248]|3\d|4[3-6]|[5-79]\d)|8(?:1[2-8]|2[5-7]|[357]\d|8[3678]|9[1-8])|9(?:[01]\d|[3479]\d|5[1-5]))"
)
_LINE = re.compile(
    rf"(?<![\d.])[(\uff08\[\u3010]?(?:(?:\+|00)86[)\uff09]?{_GAP}|0){_AREA}[)\uff09\]\u3011]?{_GAP}"
    rf"(?:[2-8]\d{{6,7}}|[2-8]\d{{2,3}}[{_SIGNS}]\d{{4}})(?!\d|\.\d)"
    rf"(?:[{words.EXTENSION}\-\uff0d\u2014]\d{{2,5}}(?!\d))?(?:[\u3001,\uff0c/;\uff1b]\s?[2-8]\d{{6,7}}(?![\d.]))*"
)
_LOCAL = re.compile(
    rf"(?:{_any(words.LINE_LABELS)}){words.IS_NUMBER}"
    rf"(?P<n>[2-8]\d{{2,3}}[\- ]?\d{{4}}(?:{words.EXTENSION}\d{{2,5}})?)(?![\d\-])"
)
_CARD = re.compile(
    r"(?<![\dA-Za-z])(?<!\d\.)\d{4}(?P<gap>[\s\-]?)\d{4}(?:(?P=gap)\d{4}){2}(?:(?P=gap)\d{1,3})?(?![\dA-Za-z])"
)
_ACCOUNT = re.compile(rf"(?:{_any(words.CARD_LABELS)}){words.IS_NUMBER}(?P<n>\d{{9,21}})(?!\d)")
_PLATE = re.compile(
    rf"[{words.PROVINCES}][A-Za-z\uff21-\uff3a\uff41-\uff5a][\s\u00b7\u2022\u30fb.\-]{{0,2}}"
    rf"(?=[A-Za-z\uff21-\uff3a\uff41-\uff5a]{{0,6}}\d)(?:[A-Za-z\d\uff21-\uff3a\uff41-\uff5a]{{5,6}}(?![A-Za-z\d])"
    rf"|[A-Za-z\d]{{4}}[{words.PLATE_ENDS}])"
)
_PASSPORT = re.compile(
    rf"(?:{_any(words.PASSPORT_LABELS)}){words.IS_NUMBER}"
    r"(?P<n>[A-Za-z]{1,2}\d{7,9})(?!\d)"
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z\d-]{1,63}(?:\.[A-Za-z\d-]{1,63}){1,4}", re.ASCII)
_CHAT = re.compile(
    rf"(?:(?:{_any(words.CHAT)}){words.IS_NUMBER}(?P<word>[A-Za-z][A-Za-z\d_\-]{{5,19}})"
    rf"|(?:{_any(words.CHAT_NUMBERS)}){words.IS_NUMBER}(?P<number>[1-9]\d{{4,11}}))(?![\w@])",
    re.ASCII,
)
_HOUSES = tuple(re.compile(pattern) for pattern in words.HOUSES)
_BIRTH = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
# People born before 1930 have no card of fifteen digits any more; numbers of matters begin with the years after 2000.
_OLD_BIRTH = re.compile(r"[3-9]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_IDENTITY_LABEL = re.compile(rf"(?:{_any(words.IDENTITY_LABELS)})[^\d\uff0c\u3002\uff1b,;]{{0,8}}$")
_PHONE_LABEL = re.compile(rf"(?:{_any(words.PHONE_LABELS)})[^\d\uff0c\u3002\uff1b,;]{{0,4}}$")
_CARD_LABEL = re.compile(rf"(?:{_any(words.CARD_LABELS)})[^\d\uff0c\u3002\uff1b,;]{{0,4}}$")
_MATTER_LABEL = re.compile(rf"(?:{_any(words.MATTER_LABELS)})[^\d\uff0c\u3002\uff1b,;]{{0,6}}$")
_UNIT = re.compile(rf"(?:{_any(words.UNITS)})(?![{words.FEASTS}])")
_SPOKEN_RUN = re.compile(rf"[{words.SPOKEN}\d](?:{_GAP}[{words.SPOKEN}\d]){{9,}}")
_SPOKEN = str.maketrans(words.SPOKEN, words.SPOKEN_AS)
_HAS_SPOKEN = re.compile(f"[{words.SPOKEN}]{{2}}")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
# Fewer digits than this, however they are spread, are no number of a person.
_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")
_BUILDING = re.compile(words.BUILDING)
_NUMBERED = re.compile(words.NUMBERED)

# Sizes of the groups in which a mobile number is written.
_GROUPS = frozenset({(11,), (3, 4, 4), (3, 8), (7, 4), (4, 7), (1,) * 11})

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MODERN = "2010"


def has_valid_check(number: str) -> bool:
    """Return whether 18 characters end in the check character of an identity number.

    Examples
    --------
    >>> has_valid_check("11010519491231002X")
    True
    """
    digits = [int(char) for char in number[:17]]
    return _CHECKS[sum(a * b for a, b in zip(digits, _WEIGHTS, strict=True)) % 11] == number[17].upper()


def has_valid_luhn(number: str) -> bool:
    """Return whether the last digit is the check digit of the others.

    Examples
    --------
    >>> has_valid_luhn("4539578763621486")
    True
    """
    total = 0
    for place, char in enumerate(reversed(number)):
        digit = int(char) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def plain_digits(text: str) -> str:
    """Return the text with digits of any script in ASCII, spoken ones in long rows, too; as long as before."""
    if not text.isascii():
        if _OTHER_DIGIT.search(text):
            text = "".join([str(int(char)) if char.isdecimal() else char for char in text])
        if _HAS_SPOKEN.search(text):
            text = _SPOKEN_RUN.sub(lambda run: run.group().translate(_SPOKEN), text)
    return text


def find_sure_numbers(plain: str) -> Iterator[Span]:
    """Yield what is personal in a running number: identity numbers whose check fits, mobile numbers."""
    for found in _IDENTITY.finditer(plain):
        number = _packed(found.group())
        if _BIRTH.fullmatch(number[6:14]) and has_valid_check(number):
            yield Span(found.start(), found.end(), "identity")
    for found in _MOBILE.finditer(plain):
        if _is_grouped(found["n"]):
            yield Span(found.start(), found.end(), "phone")


def find_codes(plain: str) -> Iterator[Span]:
    """Yield identity and mobile numbers in a name or a code: what looks like a landline may be the code of a place."""
    yield from _identities(plain)
    yield from find_sure_numbers(plain)


def find_numbers(plain: str) -> Iterator[Span]:
    """Yield the numbers of persons in prose, surest kind first; a later one may overlap an earlier one.

    Parameters
    ----------
    plain : str
        As `plain_digits` gives it.
    """
    yield from _contacts(plain)
    if _DIGITS.search(plain):
        yield from _identities(plain)
        yield from _cards(plain)
        yield from _phones(plain)


def find_lone_number(text: str) -> str | None:
    """Return the kind of number a whole cell is: identity, phone (a landline with its sign), card; else None.

    Eighteen digits whose check does not fit are none here: a column of case numbers of region and date looks like that.
    """
    plain = plain_digits(text)
    size = len(plain)
    if size < 7 or not _DIGITS.search(plain):
        return None
    old = (span for span in _identities(plain) if _OLD_IDENTITY.fullmatch(plain, span.start, span.end))
    for span in (*find_sure_numbers(plain), *old, *_cards(plain)):
        if size - (span.end - span.start) <= 2:
            return span.kind
    line = _LINE.fullmatch(plain)
    return "phone" if line is not None and not plain.isdecimal() else None


def find_places(text: str) -> Iterator[Span]:
    """Yield licence plates and the numbers of homes."""
    for found in _PLATE.finditer(text):
        yield Span(found.start(), found.end(), "plate")
    if not _NUMBERED.search(text):
        return
    for pattern in _HOUSES if _BUILDING.search(text) else _HOUSES[1:]:
        for found in pattern.finditer(text):
            group = "n" if "n" in pattern.groupindex else 0
            yield Span(found.start(group), found.end(group), "house")


def _packed(found: str) -> str:
    """Return the digits of a match and its last letter, without what stands between."""
    return "".join([char if char.isdecimal() else "X" for char in found if char.isalnum()])


def _labelled(label: re.Pattern[str], plain: str, at: int, within: int = _BEFORE) -> bool:
    return label.search(plain, max(0, at - within), at) is not None


def _identities(plain: str) -> Iterator[Span]:
    for found in _IDENTITY.finditer(plain):
        if _is_identity(found, plain):
            yield Span(found.start(), found.end(), "identity")
    for found in _OLD_IDENTITY.finditer(plain):
        if _is_old_identity(found, plain):
            yield Span(found.start(), found.end(), "identity")
    for found in _PASSPORT.finditer(plain):
        yield Span(found.start("n"), found.end("n"), "identity")


def _is_identity(found: re.Match[str], plain: str) -> bool:
    number = _packed(found.group())
    if _labelled(_IDENTITY_LABEL, plain, found.start(), 24):
        return True
    if not _BIRTH.fullmatch(number[6:14]):
        return False
    is_valid = has_valid_check(number)
    if _labelled(_MATTER_LABEL, plain, found.start()):
        return is_valid and number[6:10] < _MODERN
    return is_valid or found.group().isalnum()


def _is_old_identity(found: re.Match[str], plain: str) -> bool:
    number = _packed(found.group())
    if _labelled(_IDENTITY_LABEL, plain, found.start(), 24):
        return True
    is_born = _PROVINCE.match(number) is not None and _OLD_BIRTH.fullmatch(number[6:12]) is not None
    return is_born and found.group().isdigit() and not _labelled(_MATTER_LABEL, plain, found.start())


def _cards(plain: str) -> Iterator[Span]:
    for found in _CARD.finditer(plain):
        number = _packed(found.group())
        if _labelled(_CARD_LABEL, plain, found.start()):
            yield Span(found.start(), found.end(), "card")
        elif has_valid_luhn(number) and not _labelled(_MATTER_LABEL, plain, found.start()):
            is_grouped = not found.group().isdigit()
            if number.startswith("62") or (is_grouped and number[0] in "45"):
                yield Span(found.start(), found.end(), "card")
    for found in _ACCOUNT.finditer(plain):
        yield Span(found.start("n"), found.end("n"), "card")


def _phones(plain: str) -> Iterator[Span]:
    for found in _MOBILE.finditer(plain):
        if _is_mobile(found, plain):
            yield Span(found.start(), found.end(), "phone")
    for found in _LINE.finditer(plain):
        if not _labelled(_MATTER_LABEL, plain, found.start()):
            yield Span(found.start(), found.end(), "phone")
    for found in _LOCAL.finditer(plain):
        yield Span(found.start("n"), found.end("n"), "phone")


def _is_mobile(found: re.Match[str], plain: str) -> bool:
    if not _is_grouped(found["n"]):
        return False
    if _labelled(_PHONE_LABEL, plain, found.start()):
        return True
    if _UNIT.match(plain, found.end()):
        return False
    return not _labelled(_MATTER_LABEL, plain, found.start())


def _is_grouped(number: str) -> bool:
    """Whether digits and gaps are written as people write a phone number, not as a list of numbers."""
    sizes = tuple(len(group) for group in re.split(r"\D+", number))
    if _LISTED.search(number):
        return sizes == (3, 4, 4)
    return sizes in _GROUPS or (len(sizes) <= 4 and min(sizes[1:] or sizes) >= 2)


def _contacts(plain: str) -> Iterator[Span]:
    if "@" in plain:
        for found in _MAIL.finditer(plain):
            yield Span(found.start(), found.end(), "contact")
    for found in _CHAT.finditer(plain):
        group = "word" if found["word"] else "number"
        if not re.fullmatch(r"1[3-9]\d{9}", found[group]):
            yield Span(found.start(group), found.end(group), "contact")

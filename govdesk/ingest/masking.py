"""Takes what is personal and control characters out of every text at the gate.

The product holds places, never persons: a loader that finds identity numbers, phones, bank cards, licence plates,
homes or names masks them before anything is stored, noted or logged. `docs/privacy-at-the-gate.md` tells what is
found, how surely, and what was decided where one cannot be sure.
"""

import re
from collections.abc import Iterable

from govdesk.ingest.folding import simplify
from govdesk.ingest.personal_names import find_names, is_full_name
from govdesk.ingest.personal_numbers import (
    Span,
    find_codes,
    find_numbers,
    find_places,
    find_sure_numbers,
    has_valid_check,
    plain_digits,
)

__all__ = [
    "KINDS", "LONGEST", "MASK", "Span", "find_personal", "has_valid_check", "mask", "masked_kinds", "shown",
    "shown_name",
    "strip_hidden",
]

#: What stands where something personal was.
MASK = "***"
#: What is looked for.
KINDS = ("identity", "phone", "card", "plate", "house", "contact", "name")
#: Longest text kept.
LONGEST = 5_000
#: Longest piece of a cell that a note may quote.
SHOWN = 40

# Control characters but tab and line ends; zero-width and direction characters, other separators of lines; lone
# surrogates; language tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_TOKEN = re.compile("[\u3400-\u9fff]+")
#: Anything with fewer digits needs no closer look in a running number.
_CANDIDATE = re.compile(r"\d(?:\D{0,3}\d){10}")
_NUMBER_KINDS = frozenset({"identity", "phone", "card"})


def strip_hidden(text: str) -> str:
    """Return the text without control, direction and zero-width characters."""
    return text if text.isascii() and text.isprintable() else _HIDDEN.sub("", text)


def find_personal(text: str) -> list[Span]:
    """Return what is personal in prose, in order, without overlaps.

    Examples
    --------
    >>> find_personal("call 138-0013-8000")
    [Span(start=5, end=18, kind='phone')]
    """
    if len(text) < 2 or (text.isascii() and len(text) < 5):
        return []
    text = _simple(text)
    plain = plain_digits(text)
    taken = _Taken(len(text))
    taken.add(find_numbers(plain))
    numbers = [(span.start, span.end) for span in taken.spans if span.kind in _NUMBER_KINDS]
    taken.add(find_places(plain))
    if not text.isascii():
        taken.add(Span(start, end, "name") for start, end in find_names(text, numbers))
    return sorted(taken.spans)


def _simple(text: str) -> str:
    """Return the text in simplified characters, place by place: names and words are known in these."""
    simple = simplify(text)
    return simple if len(simple) == len(text) else text


class _Taken:
    """Spans without overlaps: the first one that comes has the place."""

    def __init__(self, length: int) -> None:
        self.spans: list[Span] = []
        self._used = bytearray(length)

    def add(self, found: Iterable[Span]) -> None:
        """Take what overlaps nothing that was taken."""
        for span in found:
            if not any(self._used[span.start : span.end]):
                self._used[span.start : span.end] = b"\x01" * (span.end - span.start)
                self.spans.append(span)


def masked_kinds(text: str, *, is_reference: bool = False, is_prose: bool = True) -> tuple[str, tuple[str, ...]]:
    """Return the text with what is personal masked, and the kind of each piece that was.

    Parameters
    ----------
    text : str
        Already without hidden characters.
    is_reference : bool
        The text is a running number: 18 digits are an identity number only where birth date and check
        character fit, because offices build case numbers from region and date, too.
    is_prose : bool
        False for a name of a place, a unit, works: numbers of persons are masked in it, but a name is what it should
        be, and no family name is looked for.

    Examples
    --------
    >>> masked_kinds("call 138-0013-8000")
    ('call ***', ('phone',))
    """
    if is_reference or not is_prose:
        if len(text) < 11 or not _CANDIDATE.search(text):
            return text, ()
        spans = _find_in_label(text, is_reference=is_reference)
    else:
        spans = find_personal(text)
    if not spans:
        return text, ()
    parts, last = [], 0
    for start, end, _ in spans:
        parts += [text[last:start], MASK]
        last = end
    return "".join([*parts, text[last:]]), tuple(span.kind for span in spans)


def _find_in_label(text: str, *, is_reference: bool) -> list[Span]:
    plain = plain_digits(text)
    taken = _Taken(len(text))
    taken.add(find_sure_numbers(plain) if is_reference else find_codes(plain))
    return sorted(taken.spans)


def mask(text: str, *, is_reference: bool = False, is_prose: bool = True) -> tuple[str, bool]:
    """Return the text with what is personal masked, and whether anything was; see `masked_kinds`.

    Examples
    --------
    >>> mask("call 138-0013-8000")
    ('call ***', True)
    """
    masked, kinds = masked_kinds(text, is_reference=is_reference, is_prose=is_prose)
    return masked, bool(kinds)


def shown_name(text: str) -> str:
    """Return the name of a file, a sheet or a column as it may be kept and shown.

    Such a name is no sentence: a name of a person in it stands between signs, and nothing announces it. Names of two
    characters stay there, for most words that look like one are none.

    Examples
    --------
    >>> shown_name("13800138000.csv")
    '***.csv'
    """
    plain = mask(strip_hidden(text))[0]
    return _TOKEN.sub(lambda token: MASK if is_full_name(token.group()) else token.group(), plain)


def shown(text: str) -> str:
    """Return what a note may quote of a cell: cleaned, masked, short."""
    plain = mask(strip_hidden(text).replace("\n", " ").replace("\r", " "))[0]
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 1] + "…"

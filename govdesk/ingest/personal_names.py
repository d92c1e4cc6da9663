"""Finds names of persons in prose, only where something says that a person is named.

There is no list of names and no classifier: a family name, one or two characters after it, and a reason to believe it
(a word before it, a second name beside it, a sex or a number after it, a form of address). How sure the reason is
decides how much must be seen of the name's end. A village called after a family is never a reason.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from govdesk.ingest import personal_words as words

Found = tuple[int, int]
#: A checker of what follows a name: from text and position to whether the name may end there.
End = Callable[[str, int], bool]

_HAN = "\u3400-\u9fff"
_GAP = "\\s{0,3}"
_OPEN, _COMMA, _COLON = "(\uff08", ",\uff0c\u3001", ":\uff1a"
_DOT, _STAR = "[\u00b7\u2022\u30fb\u2027]", "[*\uff0a\u00d7]"


def _any(items: tuple[str, ...]) -> str:
    return "|".join(sorted((re.escape(item) for item in items), key=len, reverse=True))


# Every word stands at the top of the pattern, so that the search leaps to the characters with which one begins.
_CONTEXT = re.compile(
    f"(?:{_any((*words.SURE, *words.NAMING, *words.NEARBY))})"
    f"(?P<aside>(?:[{_OPEN}][^(\uff08\uff09)\n]{{1,8}}[)\uff09])?)"
    f"(?P<link>{_GAP}[{_COLON}=]{_GAP}|\\s{{1,3}}|{_any(words.LINKS)}|[{_OPEN}\u3010\\[\u201c\"]|)"
)
_SURE, _NAMING = frozenset(words.SURE), frozenset((*words.SURE, *words.NAMING))
_AFTER = re.compile(_any(words.AFTER))
_AFTER_PAIR = re.compile(f"{_any(words.AFTER_PAIR)}|[^{_HAN}]|$")
_CLAUSE = f"(?:^|(?<=[^{_HAN}\\w\u00b7\u2022*]))"
_START = re.compile(
    f"{_CLAUSE}(?=[{_HAN}]{{2,4}}(?:[{words.PAIR_JOINS}]|[{_COMMA}{_OPEN}\\s]{{1,2}}[{words.SEXES}]))"
)
_DOING = re.compile(f"{_any(words.DOING)}|{words.SEVERAL}")
_SEX = re.compile(f"[{_COMMA}{_OPEN}\\s]{{1,2}}[{words.SEXES}](?![{_HAN}\\w])")
_JOIN = re.compile(f"[{words.JOINS}\\s]{_GAP}")
_FOREIGN = re.compile(f"[{_HAN}]{{1,6}}{_DOT}[{_HAN}]{{1,8}}(?:{_DOT}[{_HAN}]{{1,8}})?")
_LATIN = re.compile(r"[A-Z][A-Za-z'’-]{1,20}(?:[ \u00a0][A-Z][A-Za-z'’.-]{0,20}){1,3}")
_STARRED = re.compile(f"[{_HAN}]{_STAR}[{_HAN}](?!{_STAR})")
_TITLE = re.compile(_any(words.TITLES))
_POST = re.compile(f"{words.DEPUTY}?(?:{_any(words.POSTS)})")
_OLD = re.compile(f"[{words.OLD}](?=[{''.join(sorted(words.COMMON - words.NOT_OLD))}])")
_BESIDE = re.compile(
    f"(?P<name>[{_HAN}]{{2,4}})[{_OPEN}{_COMMA}{_COLON}\\s]{{0,3}}(?:{_any(words.BESIDE)})?"
    f"(?:{_any(words.LINKS)})?[{_OPEN}{_COLON}\\s]{{0,3}}$"
)
_PLAUSIBLE = re.compile(f"[{_HAN}]{{2,4}}")


# More names than this in a row are found in parts.
_LONGEST_CHAIN = 12


def find_names(text: str, numbers: list[Found]) -> Iterator[Found]:
    """Yield where names stand, not in order, maybe overlapping.

    Parameters
    ----------
    text : str
        Prose.
    numbers : list of (int, int)
        Where identity numbers, phones and cards stand in it: what stands before one may be its owner.
    """
    yield from _announced(text)
    reached = 0
    for found in _START.finditer(text):
        if found.end() >= reached:
            pair = _paired(text, found.end())
            reached = pair[-1][1] if pair else 0
            yield from pair
    yield from _doing(text)
    yield from _addressed(text)
    for start, _ in numbers:
        yield from _beside(text, start)


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _family(text: str, at: int) -> int:
    """Return the length of the family name that stands here, or 0."""
    if text[at : at + 2] in words.FAMILY_DOUBLE:
        return 2
    return 1 if text[at : at + 1] in words.FAMILY else 0


def _may_be_given(given: str, not_last: frozenset[str]) -> bool:
    return (
        (given in words.GIVEN or all(_is_han(char) and char not in words.NOT_GIVEN for char in given))
        and given[-1] not in not_last
        and given[-1] != words.HOME
    )


def _ends(text: str, at: int) -> int:
    """Return 0 where no name can end, else the length of the word that shows its end (1: no character)."""
    if at >= len(text) or not _is_han(text[at]):
        return 1
    found = _AFTER.match(text, at)
    return len(found.group()) if found else 0


def name_end(text: str, at: int, *, is_sure: bool = False, not_last: frozenset[str] = words.NOT_LAST) -> int | None:
    """Return where the name that begins here ends, or None.

    Parameters
    ----------
    text : str
        The text.
    at : int
        Where a name may begin.
    is_sure : bool
        A name is expected here: three characters are taken even where their end is not seen.
    not_last : frozenset of str
        Characters that end no name here.
    """
    family = _family(text, at)
    if not family or text[at : at + 2] in words.NO_NAME:
        return None
    first, second = at + family + 1, at + family + 2
    one = first <= len(text) and _may_be_given(text[at + family : first], not_last)
    two = second <= len(text) and _may_be_given(text[at + family : second], not_last)
    if one and _ends(text, first) > 1:
        return first
    if two and _ends(text, second):
        return second
    if one and _ends(text, first):
        return first
    if two and is_sure and (family == 2 or text[at] not in words.AMBIGUOUS):
        return second if text[second - 1] not in words.NOT_LAST_PAIR else None
    return None


def _announced(text: str) -> Iterator[Found]:
    """Names after a word that announces them, and those joined to them."""
    for found in _CONTEXT.finditer(text):
        at = found.end()
        word = text[found.start() : found.start("aside")]
        has_colon = any(char in found["link"] for char in f"{_COLON}=")
        end = _expected(text, at, has_colon=has_colon, is_sure=word in _SURE)
        if end is None and not (word not in _NAMING and text[at : at + 1] in words.VERB_LIKE):
            end = name_end(text, at, is_sure=has_colon or word in _NAMING)
        while end is not None:
            yield at, end
            join = _JOIN.match(text, end)
            if join is None:
                break
            at = join.end()
            end = None if text[at : at + 1] in words.VERB_LIKE else name_end(text, at)


def _expected(text: str, at: int, *, has_colon: bool, is_sure: bool) -> int | None:
    """Names of other makes: with a dot, with a star in the middle, in Latin letters, of a rare family."""
    for pattern in (_FOREIGN, _STARRED):
        if (found := pattern.match(text, at)) and words.SOMEBODY not in found.group():
            return found.end()
    if has_colon and (found := _LATIN.match(text, at)):
        return found.end()
    if is_sure and has_colon and (found := _PLAUSIBLE.match(text, at)):
        whole = found.group()
        ends = found.end() >= len(text) or not _is_han(text[found.end()])
        if ends and not any(char in words.NOT_GIVEN for char in whole):
            return found.end()
    return None


def _lone(text: str, at: int) -> Iterator[int]:
    """Yield where a name that nothing announces may end."""
    family = _family(text, at)
    if not family or text[at : at + 2] in words.NO_NAME or text[at] in words.VERB_LIKE:
        return
    for length in (2, 1):
        end = at + family + length
        given = text[at + family : end]
        is_weak = family == 1 and length == 1 and text[at] in words.AMBIGUOUS
        if len(given) == length and not is_weak and _may_be_given(given, words.NOT_LAST_PAIR):
            yield end


def _paired(text: str, at: int) -> list[Found]:
    """Two or more names beside each other at the beginning of a clause, or one with a sex after it."""
    for end in _lone(text, at):
        if _SEX.match(text, end):
            return [(at, end)]
        chain = _chain(text, at, end)
        if len(chain) > 1:
            return chain
    return []


def _chain(text: str, at: int, end: int) -> list[Found]:
    chain = [(at, end)]
    while end < len(text) and text[end] in words.PAIR_JOINS and len(chain) < _LONGEST_CHAIN:
        after = next((one for one in _lone(text, end + 1) if _goes_on(text, one)), None)
        if after is None:
            return []
        chain.append((end + 1, after))
        end = after
    return chain if _AFTER_PAIR.match(text, end) else []


def _goes_on(text: str, at: int) -> bool:
    return bool(_AFTER_PAIR.match(text, at)) or text[at] in words.PAIR_JOINS


def _doing(text: str) -> Iterator[Found]:
    """Names of three characters or more that nothing announces, right before what somebody did."""
    for found in _DOING.finditer(text):
        end = found.start()
        for start in (end - 3, end - 4):
            is_plain = start >= 0 and text[start] not in words.AMBIGUOUS and is_name(text[start:end])
            if is_plain and _is_free(text, start):
                yield start, end
                break


def _is_free(text: str, at: int) -> bool:
    """Whether a clause begins here, or what stands before is a place, a date or a time."""
    if at and text[at - 1] == words.OF:
        at -= 1
    return at == 0 or not _is_han(text[at - 1]) or text[at - 1] in words.SETTLED


def _begins(text: str, at: int) -> bool:
    """Whether a family name may begin here without a word that announces it."""
    return at == 0 or not _is_han(text[at - 1]) or text[at - 1] in words.BEFORE


def _addressed(text: str) -> Iterator[Found]:
    """Family names with a form of address (all of it), with a post (the name only), and after "old" or "young"."""
    for found in _TITLE.finditer(text):
        is_short = len(found.group()) == 1
        start = _called(text, found.start(), is_short=is_short)
        if start is not None and not (is_short and not _ends(text, found.end())):
            yield start, found.end()
    for found in _POST.finditer(text):
        start = _posted(text, found.start())
        if start is not None:
            yield start, found.start()
    for found in _OLD.finditer(text):
        if _begins(text, found.start()) and _ends(text, found.end() + 1):
            yield found.start(), found.end() + 1


def _called(text: str, end: int, *, is_short: bool) -> int | None:
    """Return where the name before a form of address begins."""
    if text[max(0, end - 2) : end] in words.FAMILY_DOUBLE:
        return end - 2
    last = text[end - 1 : end] if end else ""
    if last in (words.COMMON if is_short else words.FAMILY):
        is_plain = last not in words.AMBIGUOUS and not is_short
        return end - 1 if is_plain or _begins(text, end - 1) else None
    return None if is_short else _whole_name(text, end)


def _posted(text: str, end: int) -> int | None:
    """Return where the name before a post begins."""
    if text[max(0, end - 2) : end] in words.FAMILY_DOUBLE:
        return end - 2
    if end and text[end - 1] in words.COMMON and _begins(text, end - 1):
        return end - 1
    return _whole_name(text, end)


def _whole_name(text: str, end: int) -> int | None:
    for length in (3, 2):
        start = end - length
        if start < 0 or text[start] in words.AMBIGUOUS or text[start] not in words.FAMILY or not _begins(text, start):
            continue
        if text[start : start + 2] not in words.NO_NAME and _may_be_given(text[start + 1 : end], words.NOT_LAST_PAIR):
            return start
    return None


def _beside(text: str, start: int) -> Iterator[Found]:
    """The name right before a number."""
    found = _BESIDE.search(text, max(0, start - 24), start)
    if found is None:
        return
    for at in range(found.start("name"), found.end("name") - 1):
        if is_name(text[at : found.end("name")]) and _begins(text, at):
            yield at, found.end("name")
            return


@lru_cache(maxsize=4096)
def is_name(text: str) -> bool:
    """Whether a whole text looks like a name: a family name and one or two characters that end no place."""
    family = _family(text, 0)
    given = text[family:]
    if not family or text[:2] in words.NO_NAME or not 1 <= len(given) <= 2:
        return False
    return _may_be_given(given, words.NOT_LAST_PAIR)


def is_full_name(text: str) -> bool:
    """Whether a whole text looks like a name and like nothing else: of three characters, of an unambiguous family.

    Examples
    --------
    >>> is_full_name("col")
    False
    """
    return len(text) > 2 and text[0] not in words.AMBIGUOUS and is_name(text)

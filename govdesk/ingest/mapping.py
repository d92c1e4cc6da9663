"""Proposes which column of a foreign file is which field of ours: by its header, and by what stands in it; pure.

Every field gets at most one column and every column at most one field, so that the total of confidence is greatest
(linear sum assignment; `scipy.optimize`). What stays below `FLOOR` is left open: a wrong guess costs more than none.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from rapidfuzz import fuzz
from scipy.optimize import linear_sum_assignment

from govdesk.ingest.cells import Failure, Meanings, fold, make_reader
from govdesk.ingest.columns import LAT, LON, PLACE_CODE, PLACE_NAME, PLACE_PARENT, Headers, bind_profile
from govdesk.ingest.folding import plain_header
from govdesk.ingest.header_words import LINE_NUMBERS, header_words
from govdesk.ingest.mapping_words import propose_word
from govdesk.ingest.profiles import Profile
from govdesk.ingest.readers import FileRefusedError
from govdesk.ingest.record_fields import RECORD_KINDS, About, Field

#: Below this confidence a column is left open.
FLOOR = 0.5
#: From here on a guess is called sure; between, likely; below `LIKELY`, to be checked.
SURE, LIKELY = 0.85, 0.65
#: Different values of a column that are looked at.
LOOKED_AT = 60
#: What a header that is only similar counts at most: a ratio of .76 reaches the floor.
_SIMILAR = 0.66
#: How much of a header's likeness depends on content: words and names may be unknown, what is no date is no date.
_SOFT, _HARD = 0.45, 0.6
#: What content says without a fitting header.
_CONTENT_ALONE = {"place": 0.78, "point": 0.6, "category": 0.65, "code": 0.65}
#: Read only when somebody chooses it: text about people, masked, but still text.
OFFERED_ONLY = frozenset({"summary", "note"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the county, to recognise it in a column.

    Attributes
    ----------
    meanings : Meanings
        Dates, codes, categories.
    names : dict of str to frozenset of str
        Level → folded names of its places.
    codes : frozenset of str
        Codes of places.
    units : frozenset of str
        Codes of units.
    """

    meanings: Meanings
    names: dict[str, frozenset[str]] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guess:
    """One field and the column it probably comes from.

    Attributes
    ----------
    field : str
        Name of the field; ``place.code``, ``place.name``, ``place.parent``, ``point.lon``, ``point.lat``.
    header : str or None
        Column of the file; None: left open.
    confidence : float
        0–1.
    why : tuple of (str, str)
        Keys of sentences (``header``, ``similar``, ``dates``, ``places``, …) and what fills them in.
    level : str
        Level of places whose names stand in the column.
    is_offer : bool
        Found, but only to be read when somebody chooses it.
    """

    field: str
    header: str | None = None
    confidence: float = 0.0
    why: tuple[tuple[str, str], ...] = ()
    level: str = ""
    is_offer: bool = False


@dataclass(frozen=True, slots=True)
class _Target:
    name: str
    wanted: Field


@dataclass(frozen=True, slots=True)
class _Content:
    share: float | None
    key: str = ""
    level: str = ""


def list_targets(about: About) -> list[str]:
    """Return the names of everything a column may be mapped to, the parts of the place after the fields."""
    return [target.name for target in _targets(about)]


def _targets(about: About) -> list[_Target]:
    kind = RECORD_KINDS[about]
    targets = [_Target(item.name, item) for item in kind.fields]
    if kind.has_place:
        targets += [_Target("place.code", PLACE_CODE), _Target("place.name", PLACE_NAME),
                    _Target("place.parent", PLACE_PARENT)]
    if kind.has_point:
        targets += [_Target("point.lon", LON), _Target("point.lat", LAT)]
    return targets


def field_of(about: About, name: str) -> Field:
    """Return the description of a field, or of a part of the place or point."""
    return next(target.wanted for target in _targets(about) if target.name == name)


def compare_headers(header: str, words: Sequence[str]) -> tuple[float, str]:
    """Return how much a header is like the usual words of a field (0–1), and the likest word."""
    text = plain_header(header)
    found = [(_likeness(text, word) - 0.002 * min(at, 20), word) for at, word in enumerate(words)] if text else []
    return max(found, default=(0.0, ""))


def _likeness(text: str, word: str) -> float:
    if text == word:
        return 1.0
    if len(word) >= 2 and text.endswith(word):
        return 0.7 + 0.25 * len(word) / len(text)
    if len(text) >= 2 and word.endswith(text):
        return 0.5 + 0.25 * len(text) / len(word)
    if len(word) >= 2 and word in text:
        return 0.45 + 0.3 * len(word) / len(text)
    return _SIMILAR * fuzz.ratio(text, word) / 100


def propose_mapping(about: About, headers: Sequence[str], columns: Sequence[Sequence[str]], known: Known,
                    barred: Collection[str] = ()) -> list[Guess]:
    """Return a guess for every field, in the order of `list_targets`.

    Parameters
    ----------
    about : str
        What the rows are.
    headers : sequence of str
        Headers of the file.
    columns : sequence of sequences of str
        Some cells of each column; may be empty.
    known : Known
        Places, codes and categories of the database.
    barred : collection of str
        Headers that must not be read, for instance of personal columns.
    """
    targets = _targets(about)
    usable = _usable(headers, barred)
    scores = np.zeros((len(targets), len(usable)))
    reasons: dict[tuple[int, int], tuple[tuple[tuple[str, str], ...], str]] = {}
    samples = [list(dict.fromkeys(cell.strip() for cell in columns[at] if cell.strip()))[:LOOKED_AT] for at in usable]
    for row, target in enumerate(targets):
        words = header_words(about, target.name)
        look = _make_look(target, known)
        for column, at in enumerate(usable):
            score, why, level = _judge(target, headers[at], words, samples[column], look)
            scores[row, column] = score if score >= FLOOR else 0.0
            reasons[row, column] = (why, level)
    return _place_fallback([_guess(target, row, pairs, headers, usable, scores, reasons)
                            for pairs in [_assign(scores)] for row, target in enumerate(targets)])


def _usable(headers: Sequence[str], barred: Collection[str]) -> list[int]:
    """Return the columns that can be named: not empty, not twice, no line numbers, not barred."""
    times = Counter(fold(header) for header in headers)
    out = {fold(header) for header in barred}
    return [at for at, header in enumerate(headers)
            if fold(header) and times[fold(header)] == 1 and fold(header) not in out
            and plain_header(header) not in LINE_NUMBERS]


def _assign(scores: np.ndarray) -> dict[int, int]:
    """Return row → column with the greatest total; pairs that count nothing are left out."""
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if scores[row, column] > 0}


def _guess(target: _Target, row: int, pairs: dict[int, int], headers: Sequence[str], usable: list[int],
           scores: np.ndarray, reasons: dict[tuple[int, int], tuple[tuple[tuple[str, str], ...], str]]) -> Guess:
    column = pairs.get(row)
    if column is None:
        return Guess(target.name)
    why, level = reasons[row, column]
    return Guess(target.name, headers[usable[column]], round(float(scores[row, column]), 3), why, level,
                 target.name in OFFERED_ONLY)


def _place_fallback(guesses: list[Guess]) -> list[Guess]:
    """Where only townships are named, the township is the place."""
    by_name = {guess.field: guess for guess in guesses}
    parent = by_name.get("place.parent")
    if parent is None or parent.header is None or by_name["place.name"].header or by_name["place.code"].header:
        return guesses
    moved = Guess("place.name", parent.header, min(parent.confidence, LIKELY), parent.why, "township")
    swap = {"place.name": moved, "place.parent": Guess("place.parent")}
    return [swap.get(guess.field, guess) for guess in guesses]


def _judge(target: _Target, header: str, words: Sequence[str], sample: list[str],
           look: Callable[[list[str]], _Content]) -> tuple[float, tuple[tuple[str, str], ...], str]:
    likeness, word = compare_headers(header, words)
    content = look(sample) if sample else _Content(None)
    said = [("header" if likeness > 0.9 else "similar", word)] if likeness >= FLOOR else []
    if content.share is None:
        return likeness * 0.9, tuple(said), content.level
    weight = _SOFT if content.key in ("words", "places") else _HARD
    score = likeness * (1 - weight + weight * content.share)
    group = target.name.split(".")[0] if "." in target.name else target.wanted.kind
    alone = _CONTENT_ALONE.get(group, 0.0) * content.share if content.share >= 0.8 else 0.0
    if content.key:
        said.append((content.key, f"{content.share:.0%}"))
    return max(score, alone), tuple(said), content.level


# What stands in a column

def _make_look(target: _Target, known: Known) -> Callable[[list[str]], _Content]:
    if "." in target.name:
        return _look_for_place(target.name, known)
    wanted = target.wanted
    if wanted.name in ("source_ref", "code", "incident_ref", "repeat_of"):
        return _look_for_numbers_of_rows
    if wanted.kind in ("code", "category", "int", "bool"):
        key = "numbers" if wanted.kind == "int" else "words"
        return lambda sample: _Content(
            _share(sample, lambda text: propose_word(wanted, text, known.meanings).code is not None), key)
    if wanted.kind in ("date", "instant"):
        reader = make_reader(None, wanted, known.meanings)
        return lambda sample: _Content(_share(sample, lambda text: _is_date(text, reader)), "dates")
    return lambda _: _Content(None)


def _look_for_place(name: str, known: Known) -> Callable[[list[str]], _Content]:
    if name == "place.code":
        return lambda sample: _Content(_share(sample, lambda text: text in known.codes), "codes")
    if name.startswith("point."):
        low, high = (60, 140) if name == "point.lon" else (0, 56)
        return lambda sample: _Content(_share(sample, lambda text: _between(text, low, high)), "numbers")
    return lambda sample: _look_for_names(sample, known, is_parent=name == "place.parent")


def _share(sample: list[str], fits: Callable[[str], bool]) -> float:
    return sum(map(fits, sample)) / len(sample)


def _is_date(text: str, reader: Callable[[str], object]) -> bool:
    """Return whether a text is a date, though it may lack its year or be of two readings."""
    found = reader(text) if len(text) >= 4 else Failure("date_unreadable")
    return not (isinstance(found, Failure) and found.code == "date_unreadable")


def _between(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(text) <= high and "." in text
    except ValueError:
        return False


def _look_for_numbers_of_rows(sample: list[str]) -> _Content:
    """Numbers of rows have digits, are short, and are different (the sample holds different values only)."""
    return _Content(_share(sample, lambda text: len(text) <= 40 and any(char.isdigit() for char in text)), "ids")


def _look_for_names(sample: list[str], known: Known, *, is_parent: bool) -> _Content:
    levels = ["township", "county"] if is_parent else ["village", "grid", "township"]
    shares = {level: _share(sample, lambda text, level=level: _is_name(text, known.names.get(level, frozenset())))  # type: ignore[misc]
              for level in levels}
    best = max(levels, key=lambda level: shares[level])
    # Names that offices spell otherwise are found later, one by one: a half that is known is a column of places.
    share = min(1.0, shares[best] * (1.25 if shares[best] >= 0.4 else 1.0))
    return _Content(share, "places", best if shares[best] > 0 else levels[0])


def _is_name(text: str, names: frozenset[str]) -> bool:
    folded = plain_header(text)
    return folded in names or any(folded + end in names or folded.removesuffix(end) in names for end in _ENDS)


_ENDS = tuple(plain_header(end) for end in ("村", "社区", "镇", "乡", "街道", "村委会", "居委会", "村民委员会"))


# Profiles that exist

def fit_profiles(profiles: Sequence[Profile], headers: Sequence[str],
                 meanings: Meanings) -> list[tuple[Profile, float]]:
    """Return the profiles whose needed columns are all there, best first, with the share of columns each reads."""
    found = []
    named = [header for header in headers if header]
    for profile in profiles:
        try:
            binding = bind_profile(profile, Headers(headers), meanings)
        except (FileRefusedError, ValueError):
            continue
        bound = [*binding.fields.values(), binding.place_code, binding.place_name, binding.place_parent, binding.lon,
                 binding.lat]
        read = {index for one in bound if one is not None for index in one.indexes}
        if read:
            found.append((profile, len(read) / max(len(named), 1)))
    return sorted(found, key=lambda item: (-item[1], item[0].name))

"""One cell at a time: from the text of a file to a field's value, by the profile; pure.

A reader is a plain function of the text, so that a column is converted once for each different text in it.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from rapidfuzz import process

from govdesk.ingest.dates import NULL, day_reader, instant_reader
from govdesk.ingest.masking import LONGEST, mask, shown, strip_hidden
from govdesk.ingest.profiles import LIKENESS, Column
from govdesk.ingest.record_fields import Field
from govdesk.words import LANGUAGES, read_words, say

Reader = Callable[[str], object]

#: Fields that hold running numbers: 18 digits in them are an identity number only where its check character fits.
REFERENCES = frozenset({"source_ref", "incident_ref", "repeat_of"})
_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?")
_YES = frozenset({"1", "true", "yes", "y", "t"})
_NO = frozenset({"0", "false", "no", "n", "f"})


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that cannot be used: code and values of the note."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A value with something to tell: a warning's code, or that something was masked in it."""

    value: object
    code: str | None = None
    masked: bool = False


class Skip:
    """The row is not meant by the profile."""


SKIP = Skip()


def failure(code: str, **values: object) -> Failure:
    """Make a failure; values become text."""
    return Failure(code, tuple((key, str(value)) for key, value in values.items()))


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the texts of one file mean.

    Attributes
    ----------
    zone, county : ZoneInfo
        Zone of the file's instants, and of the county's days.
    formats : tuple of str
        Date formats of the profile.
    categories : dict of str to str
        Category code → stream.
    category_words : dict of str to str
        Name of a category in any language → code; names that two categories share are left out.
    posts : frozenset of str
        Known posts, for vacancies.
    """

    zone: ZoneInfo
    county: ZoneInfo
    formats: tuple[str, ...] = ()
    categories: dict[str, str] = field(default_factory=dict)
    category_words: dict[str, str] = field(default_factory=dict)
    posts: frozenset[str] = frozenset()


def hint(word: str, known: list[str]) -> str:
    """Return a sentence that names the nearest known word, or an empty text."""
    found = process.extractOne(word, known, score_cutoff=LIKENESS) if word else None
    return say("note.hint", near=found[0]) if found else ""


def fold(text: str) -> str:
    """Return a text for comparison: width, case and surrounding spaces do not matter."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def empty_of(kind: str) -> object:
    """Return what stands for a missing value of a kind."""
    if kind == "float":
        return float("nan")
    return NULL if kind in ("int", "bool", "date", "instant") else None


def make_reader(column: Column | None, wanted: Field, meanings: Meanings) -> Reader:
    """Return the function from a cell's text to the value, a `Failure`, a `Told`, or `SKIP`.

    Parameters
    ----------
    column : Column or None
        The profile's section; None for a column of the field's own name.
    wanted : Field
        The field.
    meanings : Meanings
        What dates and codes mean in this file.
    """
    understand = _typed(column, wanted, meanings)
    nothing = empty_of(wanted.kind)
    change = _changes(column) if column is not None else None
    default = column.default if column is not None else None

    def read(cell: str) -> object:
        text = cell.strip()
        if not (text.isascii() and text.isprintable()):
            text = strip_hidden(text).strip()
        if text and change is not None:
            changed = change(text)
            if not isinstance(changed, str):
                return changed
            text = changed
        if not text:
            if default is None:
                return nothing
            text = default
        return understand(text)

    return read


def _changes(column: Column) -> Callable[[str], object] | None:
    """Return the profile's own part: extract, replace, values, template; None where it asks for nothing."""
    if not (column.extract or column.replace or column.values or column.template):
        return None
    extract = re.compile(column.extract) if column.extract else None
    replacements = [(re.compile(pattern), into) for pattern, into in column.replace]
    mapped = {fold(key): value for key, value in column.values.items()}

    def change(text: str) -> object:
        if extract is not None:
            match = extract.search(text)
            text = (match.group(1 if extract.groups else 0) or "") if match else ""
        for pattern, into in replacements:
            text = pattern.sub(into, text)
        text = text.strip()
        if text and mapped:
            found = mapped.get(fold(text))
            if found is None:
                return _unlisted(text, column)
            text = found
        return _fill(column.template, text) if text and column.template else text

    return change


def _unlisted(text: str, column: Column) -> object:
    match column.otherwise:
        case "skip":
            return SKIP
        case "keep":
            return _fill(column.template, text) if column.template else text
        case "default":
            return ""
        case _:
            return failure("value_unlisted", value=shown(text), hint=hint(text, list(column.values)))


def _fill(template: str, text: str) -> object:
    if "d}" not in template:
        return template.format(text)
    if not _NUMBER.fullmatch(text):
        return failure("number_unreadable", value=shown(text))
    return template.format(int(float(text)))


# Types

def _typed(column: Column | None, wanted: Field, meanings: Meanings) -> Reader:
    formats = (*(column.formats if column else ()), *meanings.formats)
    after = column is not None and column.transform is not None
    readers: dict[str, Callable[[], Reader]] = {
        "code": lambda: _code_reader(wanted),
        "category": lambda: _category_reader(meanings),
        "int": lambda: _int_reader(wanted),
        "bool": lambda: _read_bool,
        "float": lambda: _read_float,
        "date": lambda: _dated(day_reader(formats, meanings.zone, meanings.county, after_month=after)),
        "instant": lambda: _dated(instant_reader(formats, meanings.zone, after_month=after)),
        "post": lambda: _post_reader(meanings),
    }
    return readers.get(wanted.kind, lambda: _text_reader(wanted))()


def _dated(read: Callable[[str], int | None]) -> Reader:
    def reader(text: str) -> object:
        found = read(text)
        return failure("date_unreadable", value=shown(text)) if found is None else found

    return reader


def _code_words(wanted: Field) -> dict[str, str]:
    """Return code, Chinese and English words of a field's codes → code."""
    words: dict[str, str] = {}
    for code in wanted.codes or ():
        for language in LANGUAGES:
            word = read_words(language).get(f"term.{wanted.group}_{code.value}")
            if word is not None:
                words.setdefault(fold(word), code.value)
    words.update({code.value: code.value for code in wanted.codes or ()})
    return words


def _code_reader(wanted: Field) -> Reader:
    words = _code_words(wanted)
    known = [code.value for code in wanted.codes or ()]

    def reader(text: str) -> object:
        found = words.get(fold(text))
        if found is None:
            return failure("code_unknown", value=shown(text), known=", ".join(known), hint=hint(text, known))
        return found

    return reader


def _category_reader(meanings: Meanings) -> Reader:
    def reader(text: str) -> object:
        if text in meanings.categories:
            return text
        found = meanings.category_words.get(fold(text))
        if found is None:
            return failure("category_unknown", value=shown(text), hint=hint(text, list(meanings.categories)))
        return found

    return reader


def _post_reader(meanings: Meanings) -> Reader:
    def reader(text: str) -> object:
        if text not in meanings.posts:
            return failure("post_unknown", value=shown(text))
        return text

    return reader


def _int_reader(wanted: Field) -> Reader:
    def reader(text: str) -> object:
        plain = text.replace("\u2212", "-").replace(",", "")
        if not _NUMBER.fullmatch(plain):
            return failure("number_unreadable", value=shown(text))
        number = int(plain.split(".")[0])
        if wanted.name == "weight" and number not in (1, -1):
            return failure("weight_invalid", value=shown(text))
        if not wanted.low <= number <= wanted.high:
            return failure("number_out_of_range", value=shown(text), low=wanted.low, high=wanted.high)
        return number

    return reader


def _read_bool(text: str) -> object:
    plain = fold(text)
    if plain in _YES:
        return 1
    return 0 if plain in _NO else failure("yes_no_unreadable", value=shown(text))


def _read_float(text: str) -> object:
    # The text of an unreadable coordinate is never quoted: it may be a home.
    try:
        return float(text)
    except ValueError:
        return failure("point_unusable")


def _text_reader(wanted: Field) -> Reader:
    is_reference = wanted.name in REFERENCES
    is_prose = wanted.length >= 100

    def reader(text: str) -> object:
        plain, masked = mask(text, is_reference=is_reference)
        if not is_prose or wanted.length < LONGEST:
            plain = " ".join(plain.split())
        code = None
        if len(plain) > wanted.length:
            if not is_prose:
                return failure("text_too_long", length=wanted.length)
            plain, code = plain[: wanted.length], "text_cut"
        return Told(plain, code, masked) if masked or code else plain

    return reader

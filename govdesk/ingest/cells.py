"""One cell at a time: from the text of a file to a field's value, by the profile; pure.

A reader is a plain function of the text, so that a column is converted once for each different text in it. The order:
encoding repaired → hidden characters out → empty? → the profile's changes → understood as the field's type.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from govdesk.ingest.cell_looks import REFERENCES, make_look
from govdesk.ingest.cell_numbers import int_reader, read_bool, read_float, read_whole
from govdesk.ingest.code_words import code_words
from govdesk.ingest.dates import NULL, DateReader, day_reader, instant_reader
from govdesk.ingest.folding import fold
from govdesk.ingest.masking import LONGEST, masked_kinds, shown
from govdesk.ingest.moments import DateRefusedError, Spelling
from govdesk.ingest.outcomes import SKIP, Failure, Reader, Skip, Told, empty_of, failure, hint, tell
from govdesk.ingest.profiles import Column
from govdesk.ingest.record_fields import Field

__all__ = ["REFERENCES", "SKIP", "Failure", "Meanings", "Reader", "Skip", "Told", "empty_of", "failure", "fold", "hint",
           "make_reader"]

#: Fields that hold sentences: in others a name of a person is never looked for, only numbers are.
PROSE = frozenset({"summary", "note"})


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
    year : int, optional
        Year of dates without one.
    last_month : int, optional
        Last month that `year` is sure for.
    this_year : int, optional
        Year of the import: years of two digits are understood near it only.
    serials : int
        1900 or 1904: what a spreadsheet's day numbers count from.
    empties : tuple of str
        What the profile says means an empty cell.
    """

    zone: ZoneInfo
    county: ZoneInfo
    formats: tuple[str, ...] = ()
    categories: dict[str, str] = field(default_factory=dict)
    category_words: dict[str, str] = field(default_factory=dict)
    posts: frozenset[str] = frozenset()
    year: int | None = None
    last_month: int | None = None
    this_year: int | None = None
    serials: int = 1900
    empties: tuple[str, ...] = ()


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
    listed = frozenset(fold(key) for key in column.values) if column is not None else frozenset()
    look = make_look(wanted, meanings.empties)

    def read(cell: str) -> object:
        text, codes, failed = look(cell, listed)
        if failed is not None:
            return failed
        if text and change is not None:
            changed = change(text)
            if not isinstance(changed, str):
                return changed
            text = changed
        if not text:
            if not default:
                return tell(nothing, codes)
            text = default
        return tell(understand(text), codes)

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
    number = read_whole(text)
    return failure("number_unreadable", value=shown(text)) if number is None else template.format(number)


# Types

def _typed(column: Column | None, wanted: Field, meanings: Meanings) -> Reader:
    after = column is not None and column.transform is not None
    spelling = Spelling((*(column.formats if column else ()), *meanings.formats), meanings.year,
                        meanings.last_month, meanings.this_year, meanings.serials)
    readers: dict[str, Callable[[], Reader]] = {
        "code": lambda: _code_reader(wanted),
        "category": lambda: _category_reader(meanings),
        "int": lambda: int_reader(wanted),
        "bool": lambda: read_bool,
        "float": lambda: read_float,
        "date": lambda: _dated(day_reader(spelling, meanings.zone, meanings.county, after_month=after)),
        "instant": lambda: _dated(instant_reader(spelling, meanings.zone, after_month=after)),
        "post": lambda: _post_reader(meanings),
    }
    return readers.get(wanted.kind, lambda: _text_reader(wanted))()


#: What programs write for "no date".
_NO_DATE = re.compile(r"0000[-/]00[-/]00(?: 00:00:00)?|1900[-/]0?1[-/]0?0(?: 00:00(?::00)?)?")


def _dated(read: DateReader) -> Reader:
    def reader(text: str) -> object:
        try:
            value, code = read(text)
        except DateRefusedError as error:
            if _NO_DATE.fullmatch(text):
                return NULL
            return failure(error.code, value=shown(text), **error.values)
        return value if code is None else Told(value, (code,))

    return reader


def _code_reader(wanted: Field) -> Reader:
    words = code_words(wanted)
    known = [code.value for code in wanted.codes or ()]
    near = list(words)

    def reader(text: str) -> object:
        found = words.get(fold(text))
        if found is None:
            return failure("code_unknown", value=shown(text), known=", ".join(known), hint=hint(fold(text), near))
        return found

    return reader


def _category_reader(meanings: Meanings) -> Reader:
    near = [*meanings.categories, *meanings.category_words]

    def reader(text: str) -> object:
        if text in meanings.categories:
            return text
        found = meanings.category_words.get(fold(text))
        if found is None:
            return failure("category_unknown", value=shown(text), hint=hint(fold(text), near))
        return found

    return reader


def _post_reader(meanings: Meanings) -> Reader:
    def reader(text: str) -> object:
        if text not in meanings.posts:
            return failure("post_unknown", value=shown(text))
        return text

    return reader


def _text_reader(wanted: Field) -> Reader:
    is_reference = wanted.name in REFERENCES
    is_prose = wanted.length >= 100

    def reader(text: str) -> object:
        plain, masked = masked_kinds(text, is_reference=is_reference, is_prose=wanted.name in PROSE)
        if not is_prose or wanted.length < LONGEST:
            plain = " ".join(plain.split())
        codes: tuple[str, ...] = ()
        if len(plain) > wanted.length:
            if not is_prose:
                return failure("text_too_long", length=wanted.length)
            plain, codes = plain[: wanted.length], ("text_cut",)
        return Told(plain, codes, masked) if masked or codes else plain

    return reader

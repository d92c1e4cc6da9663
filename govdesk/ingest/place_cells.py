"""Reads one cell of a file of places: codes, names, words, numbers, dates, coordinates.

Every function returns the value, or raises `CellError` with the code and values of the note to write.
"""

import math
import re
import unicodedata
from datetime import date

from govdesk.ingest.place_headers import fold, suggest

#: Longest code and name that the table takes.
CODE_LENGTH = 40
NAME_LENGTH = 100
#: No place and no change of one is older: an earlier year is a slip of the pen, or a program's "no date".
FIRST_YEAR = 1800
#: A number of people or households above this is a slip of the pen: the largest prefecture has a tenth of it.
MOST_PEOPLE = 300_000_000

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_EXPONENT = re.compile(r"\d+(\.\d+)?[eE]\+?\d+")
_WHOLE = re.compile(r"\d+\.0+")
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_BARE_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


class CellError(ValueError):
    """A cell that cannot be used: code of the note, and what fills its sentence in."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def shorten(text: str, length: int = 40) -> str:
    """Return a text short and plain enough to be quoted in a sentence."""
    plain = "".join(mark if mark.isprintable() else "�" for mark in text)
    return plain if len(plain) <= length else f"{plain[:length]}…"


def _is_removed(mark: str) -> bool:
    """Return whether a character is a control, a direction override or an invisible one.

    Private and unassigned code points stay: county registers write rare characters of names with them.
    """
    return unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean_text(text: str) -> tuple[str, bool]:
    """Return a text without control, direction-override and invisible characters, and whether any was there.

    Line breaks and tabs become blanks and do not count; whatever else is written stays as written: it is the
    screen's and the export's business to show it harmlessly.
    """
    blank = re.sub(r"[\t\r\n]+", " ", text)
    kept = "".join(mark for mark in blank if not _is_removed(mark))
    return re.sub(r" {2,}", " ", kept).strip(), len(kept) != len(blank)


def read_code(text: str) -> str:
    """Return a place code: letters, digits, dot, dash and underscore, at most 40."""
    code = unicodedata.normalize("NFKC", clean_text(text)[0]).lstrip("'").strip()
    if _WHOLE.fullmatch(code):
        code = code.split(".")[0]
    if _EXPONENT.fullmatch(code):
        raise CellError("code_rounded", text=shorten(text))
    if len(code) > CODE_LENGTH or not _CODE.fullmatch(code):
        raise CellError("bad_code", text=shorten(text))
    return code


def read_name(text: str) -> str:
    """Return a name of at most 100 characters."""
    name, _ = clean_text(text)
    if not name:
        raise CellError("name_missing")
    if len(name) > NAME_LENGTH:
        raise CellError("name_too_long", n=str(len(name)), most=str(NAME_LENGTH))
    return name


def read_word(text: str, words: dict[str, str], code: str) -> str:
    """Return the code that a word stands for, or say which one may be meant."""
    found = words.get(fold(text))
    if found is None:
        near = suggest(text, words)
        choices = ", ".join(dict.fromkeys(words.values()))
        raise CellError(code, text=shorten(text), choices=choices if near is None else words[near])
    return found


def read_count(text: str) -> int:
    """Return a whole number of people or households, 0 or more."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("人户").replace(",", "").replace(" ", "")
    plain = plain.split(".")[0] if _WHOLE.fullmatch(plain) else plain
    if not (plain.isascii() and plain.isdigit()) or int(plain[:12]) > MOST_PEOPLE or len(plain) > 12:
        raise CellError("bad_number", text=shorten(text))
    return int(plain)


def read_day(text: str) -> date:
    """Return a date of 1800 or later, written as 2023-03-05, 2023/3/5, 2023.3.5, 2023年3月5日 or 20230305."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.fullmatch(plain) or _BARE_DAY.fullmatch(plain)
    if found is None:
        raise CellError("bad_date", text=shorten(text))
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError as error:
        raise CellError("bad_date", text=shorten(text)) from error
    if day.year < FIRST_YEAR:
        raise CellError("bad_date", text=shorten(text))
    return day


def read_degrees(text: str, most: float) -> float:
    """Return a longitude (`most` 180) or latitude (`most` 90) in decimal degrees."""
    try:
        value = float(unicodedata.normalize("NFKC", text).strip().rstrip("°"))
    except ValueError as error:
        raise CellError("bad_coordinate", text=shorten(text)) from error
    if not math.isfinite(value) or abs(value) > most:
        raise CellError("bad_coordinate", text=shorten(text))
    return value


def read_share(text: str) -> float:
    """Return a share over 0 and up to 1; a percentage is divided by 100."""
    plain = unicodedata.normalize("NFKC", text).strip()
    try:
        value = float(plain.rstrip("%")) / (100.0 if plain.endswith("%") else 1.0)
    except ValueError as error:
        raise CellError("bad_share", text=shorten(text)) from error
    if not 0.0 < value <= 1.0:
        raise CellError("bad_share", text=shorten(text))
    return value

"""Recognises columns that are about persons, by their header and by what stands in them; pure.

A header is enough where it says what only persons have. A column of staff ("handled by") may hold posts, which may be
kept, or names, which may not: there the cells decide. Without any header the cells alone decide, from `SHARES` on.
"""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from govdesk.ingest import personal_words as words
from govdesk.ingest.folding import plain_header
from govdesk.ingest.personal_names import is_name
from govdesk.ingest.personal_numbers import find_lone_number

#: What a column of persons may hold: what masking finds, and what it cannot find.
COLUMN_KINDS = (
    "identity", "phone", "card", "plate", "address", "birth", "sex", "ethnicity", "religion", "contact", "person",
    "name",
)
#: Cells of a sample that are looked at in each column.
SAMPLE = 200
#: From this share of its filled cells on a column is about persons, whatever its header.
SHARES = {"identity": 0.2, "phone": 0.3, "card": 0.3, "name": 0.6}
#: In a column of staff this share of names is enough.
STAFF_SHARE = 0.3
#: Fewer cells of a kind than this prove nothing; names must differ as well, for words repeat.
FEWEST, FEWEST_NAMES = 3, 5

_KINDS = {kind: re.compile(words.COLUMNS[kind]) for kind in COLUMN_KINDS}
_NOT, _ALWAYS, _STAFF = (re.compile(words.COLUMNS[name]) for name in ("not", "always", "staff"))


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column about persons.

    Attributes
    ----------
    index : int
        Number of the column, from 0.
    header : str
        As in the file; itself to be masked before it is shown.
    kind : str
        One of `COLUMN_KINDS`.
    by : {"header", "content"}
        What it was recognised by.
    share : float
        Share of the filled cells of the sample that are of this kind, 0 to 1; nan where there was no sample.
    """

    index: int
    header: str
    kind: str
    by: str
    share: float


def find_personal_columns(headers: Sequence[str],
                          sample_columns: Sequence[Collection[str]] | None = None) -> list[PersonalColumn]:
    """Return the columns that are about persons, in their order.

    Parameters
    ----------
    headers : sequence of str
        Headers of the file.
    sample_columns : sequence of collections of str, optional
        Some cells of each column; without them headers decide alone.

    Examples
    --------
    >>> [found.kind for found in find_personal_columns(["full_name", "village", "mobile"])]
    ['name', 'phone']
    """
    found = []
    for index, header in enumerate(headers):
        cells = sample_columns[index] if sample_columns is not None and index < len(sample_columns) else None
        column = _judge(index, header, cells)
        if column is not None:
            found.append(column)
    return found


def _judge(index: int, header: str, cells: Collection[str] | None) -> PersonalColumn | None:
    shares, distinct = _shares(cells) if cells is not None else ({}, 0)
    kind = kind_of_header(header)
    if kind is not None:
        share = shares.get(kind, 0.0) if cells is not None else float("nan")
        return PersonalColumn(index, header, kind, "header", share)
    if shares.get("name", 0.0) >= STAFF_SHARE and _STAFF.search(plain_header(header)):
        return PersonalColumn(index, header, "name", "content", shares["name"])
    for kind, least in SHARES.items():
        if shares.get(kind, 0.0) >= least and (kind != "name" or distinct >= FEWEST_NAMES):
            return PersonalColumn(index, header, kind, "content", shares[kind])
    return None


@lru_cache(maxsize=1024)
def kind_of_header(header: str) -> str | None:
    """Return what a header alone says its column holds about persons, or None.

    Examples
    --------
    >>> kind_of_header("Mobile")
    'phone'
    """
    text = plain_header(header)
    if _NOT.search(text) and not _ALWAYS.search(text):
        return None
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)


def _shares(cells: Collection[str]) -> tuple[dict[str, float], int]:
    """Return kind → share of the filled cells that are nothing else, and how many different names there are."""
    filled = [cell.strip() for cell in list(cells)[:SAMPLE] if cell.strip()]
    if not filled:
        return {}, 0
    kinds = Counter(kind for cell in filled if (kind := kind_of_cell(cell)) is not None)
    names = {cell for cell in filled if kind_of_cell(cell) == "name"}
    shares = {kind: number / len(filled) for kind, number in kinds.items() if number >= FEWEST}
    return shares, len(names)


@lru_cache(maxsize=8192)
def kind_of_cell(cell: str) -> str | None:
    """Return what a whole cell is: identity, phone, card, name; None for anything else."""
    if len(cell) > 40:
        return None
    number = find_lone_number(cell)
    if number is not None:
        return number
    return "name" if is_name(cell) else None

"""What a weekly brief 研判周报 consists of: sections, sentences, tables, and numbers that can each be traced; pure.

A number carries the registered indicator it is of, what it is made of, its window, and a trace: a short code printed
beside it, whose address opens the rows behind it. A text is made of pieces, never put together as markup.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from govdesk.words import say

#: Between which a placeholder of a template is put, so that numbers stay numbers until they are drawn.
_OPEN, _CLOSE = "\x02", "\x03"

Reason = Literal["few", "not_recorded", "no_data"]


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the rows behind a number are: the code printed beside it, and the address of a page of this product."""

    code: str
    address: str


@dataclass(frozen=True, slots=True)
class Number:
    """One number as it is printed, and what it is.

    Attributes
    ----------
    text : str
        As printed, without its unit.
    indicator : str
        Key of a registered indicator (`rules.indicators`, `rules.brief_indicators`).
    value : float or None
        A count, a share in 0–1, days; None: it cannot be told, `reason` says why.
    numerator, denominator : float or None
        What a share is made of; a count may have a denominator, too.
    window : (int, int)
        Weeks, the second exclusive.
    trace : Trace
    """

    text: str
    indicator: str
    value: float | None
    numerator: float | None
    denominator: float | None
    window: tuple[int, int]
    trace: Trace
    reason: Reason | None = None


#: A text: words and numbers in turn.
Pieces = tuple[str | Number, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wrote in place of a sentence; the sentence itself is kept beside it.

    Attributes
    ----------
    text : str
        What is shown now.
    original : str
        What the rules had written when it was replaced.
    by : str
        Title of the post.
    at : datetime
    """

    text: str
    original: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `key` names it in every week and both languages."""

    key: str
    pieces: Pieces
    edit: Edit | None = None

    @property
    def original(self) -> str:
        """The sentence as the rules wrote it."""
        return write_plain(self.pieces)

    @property
    def text(self) -> str:
        """The sentence as it is shown."""
        return self.original if self.edit is None else self.edit.text

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers in it."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Number))


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; text is set left, numbers right. `width` is its share of the free room, 0: as needed."""

    label: str
    is_number: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell is a text or a number, `band` its warning band; the trace is of the whole row.

    `numbers` are those that stand inside a text.
    """

    cells: Pieces
    trace: Trace | None = None
    band: str = ""
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a section."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart or a map; its file has its name. `alt` says in words what it shows."""

    name: str
    caption: str
    alt: str
    trace: Trace
    indicator: str


@dataclass(frozen=True, slots=True)
class Card:
    """A figure: its name, its number, its unit, and below it denominator and comparison; `spark` its last weeks."""

    label: str
    number: Number
    unit: str
    notes: tuple[str, ...]
    spark: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the brief."""

    key: str
    title: str
    sentences: tuple[Sentence, ...] = ()
    cards: tuple[Card, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """A whole brief in one language; `sections[0]` is the leader's page.

    Attributes
    ----------
    week : int
        The complete week it is about.
    is_internal : bool
        Whether villages are named.
    is_sample : bool
        Whether the data is invented; then `mark` stands on every page.
    use : str
        The sentence on use, in the footer of every page.
    """

    week: int
    language: str
    is_internal: bool
    is_sample: bool
    area: str
    title: str
    window: str
    version: str
    as_of: str
    mark: str
    use: str
    sections: tuple[Section, ...]

    def sentences(self) -> Iterator[Sentence]:
        """Yield every sentence, in its order."""
        for section in self.sections:
            yield from section.sentences

    def numbers(self) -> Iterator[Number]:
        """Yield every number, in its order."""
        for section in self.sections:
            for sentence in section.sentences:
                yield from sentence.numbers
            for card in section.cards:
                yield card.number
            for table in section.tables:
                for row in table.rows:
                    yield from (cell for cell in row.cells if isinstance(cell, Number))
                    yield from row.numbers

    def traces(self) -> dict[str, str]:
        """Return the address behind each code, in order of the codes."""
        found = {number.trace.code: number.trace.address for number in self.numbers()}
        for section in self.sections:
            found |= {picture.trace.code: picture.trace.address for picture in section.pictures}
            found |= {row.trace.code: row.trace.address for table in section.tables for row in table.rows if row.trace}
        return dict(sorted(found.items()))


@dataclass(slots=True)
class Tracer:
    """Hands out the codes of one section: one address has one code in it."""

    section: int
    _codes: dict[str, Trace] = field(default_factory=dict)

    def trace(self, address: str) -> Trace:
        """Return the trace of an address, the same for the same address."""
        if address not in self._codes:
            self._codes[address] = Trace(f"B{self.section}-{len(self._codes) + 1:02d}", address)
        return self._codes[address]


def fill(key: str, language: str, values: Mapping[str, str | Number]) -> Pieces:
    """Return a text of `locales` with numbers in their places; words may not hold the marks used meanwhile."""
    marks = {name: f"{_OPEN}{name}{_CLOSE}" for name in values}
    return split_marked(say(key, language, **marks) if marks else say(key, language), values)


def mark(name: str) -> str:
    """Return what stands for a number until `split_marked` puts it there."""
    return f"{_OPEN}{name}{_CLOSE}"


def split_marked(text: str, values: Mapping[str, str | Number]) -> Pieces:
    """Return a text with the values of its marks, neighbouring words joined."""
    found: list[str | Number] = []
    for part in text.split(_OPEN):
        name, closing, rest = part.partition(_CLOSE)
        for piece in ((values[name], rest) if closing else (part,)):
            if isinstance(piece, str) and found and isinstance(found[-1], str):
                found[-1] = found[-1] + piece
            elif piece != "":
                found.append(piece)
    return tuple(found)


def write_plain(pieces: Pieces) -> str:
    """Return a text with its numbers as they are printed."""
    return "".join(piece if isinstance(piece, str) else piece.text for piece in pieces)

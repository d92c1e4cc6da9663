"""What an importer says about a file: counts, and a note a row with line, column, code and a sentence."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from govdesk.ingest.masking import shown_name
from govdesk.ingest.place_proposals import PlaceProposal, PlacesSeen
from govdesk.words import read_words, say

#: A row's position in a file is ``sheet number * SHEET + row``; files without sheets have positions below it.
SHEET = 2**32

#: Half surrogates (JSON may write them; neither a database nor a terminal takes them), controls, direction overrides.
_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def make_writable(text: str) -> str:
    """Return a text that every database and terminal takes: what they refuse becomes a replacement mark."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


@lru_cache(maxsize=4096)
def label(name: str) -> str:
    """Return the name of a column or a sheet as a note may give it: nothing unwritable, nothing personal."""
    return shown_name(make_writable(name))


@dataclass(frozen=True, slots=True)
class Note:
    """One remark about one row.

    Attributes
    ----------
    code : str
        Key of the sentence in `locales/*/note.toml`, for instance ``orphan``.
    line : int or None
        Row as Excel (or an editor) shows it, from 1; None where the file as a whole is meant.
        For GeoJSON: the number of the feature, from 1.
    column : str or None
        Header of the column, as in the file.
    values : tuple of (str, str)
        What fills the sentence in; never a raw personal value.
    sheet : str or None
        Name of the sheet, in a workbook.
    value : str or None
        What stands in the cell, as `masking.shown` shows it.
    """

    code: str
    line: int | None = None
    column: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    sheet: str | None = None
    value: str | None = None

    def message(self, language: str | None = None) -> str:
        """Return the sentence."""
        return say(f"note.{self.code}", language, **dict(self.values))

    def fix(self, language: str | None = None) -> str:
        """Return a sentence on how to mend it, empty where there is nothing to say."""
        key = f"fix.{self.code}"
        return say(key, language, **dict(self.values)) if key in read_words(language or "zh") else ""

    def as_json(self) -> dict[str, object]:
        """Return the note as the report shows it."""
        return {"line": self.line, "sheet": self.sheet, "column": self.column, "value": self.value, "code": self.code,
                "message": self.message(), "fix": self.fix()}


def note(code: str, line: int | None = None, column: str | None = None, **values: object) -> Note:
    """Make a note; values become text that can be stored and printed."""
    return Note(code, line, None if column is None else label(column),
                tuple((key, make_writable(str(value))) for key, value in values.items()))


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do without --commit. Counts are rows of the file."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    duplicates: int = 0
    masked: int = 0
    masked_kinds: dict[str, int] = field(default_factory=dict)
    aside: int = 0
    skipped: int = 0
    batch: int | None = None
    committed: bool = False
    warnings: list[Note] = field(default_factory=list)
    errors: list[Note] = field(default_factory=list)
    place_proposals: list[PlaceProposal] = field(default_factory=list)
    places: PlacesSeen | None = None
    file: dict[str, object] | None = None

    def count_masked(self, kinds: tuple[str, ...]) -> None:
        """Count a cell in which something was masked, once for each kind of `masking.KINDS` in it."""
        self.masked += 1
        for kind in sorted(set(kinds)):
            self.masked_kinds[kind] = self.masked_kinds.get(kind, 0) + 1

    @property
    def accepted(self) -> int:
        """Rows that are, or would be, in the database afterwards."""
        return self.inserted + self.updated + self.unchanged

    @property
    def has_errors(self) -> bool:
        """Whether anything of the file was refused: a row, or a shape beside the rows."""
        return self.rejected > 0 or bool(self.errors)

    def as_json(self) -> dict[str, object]:
        """Return the report in the shape of `docs/schemas/import-report.json`."""
        return {
            "read": self.read, "inserted": self.inserted, "updated": self.updated, "unchanged": self.unchanged,
            "rejected": self.rejected, "duplicates": self.duplicates, "masked": self.masked,
            "masked_kinds": dict(self.masked_kinds), "aside": self.aside,
            "skipped": self.skipped, "batch": self.batch,
            "committed": self.committed, "warnings": [item.as_json() for item in self.warnings],
            "errors": [item.as_json() for item in self.errors], "file": self.file,
            "place_proposals": [item.as_json() for item in self.place_proposals],
            "places": None if self.places is None else self.places.as_json(),
        }

"""Every table as a workbook: what it is, of which day and for what it may be used stands on top of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Protocol

import pandas as pd
import xlsxwriter

from govdesk.clock import now
from govdesk.rules.export_purposes import require_purpose
from govdesk.rules.plain_text import begins_formula
from govdesk.terms import SMALL_COUNT
from govdesk.ui import formats
from govdesk.ui.markup import clean_text
from govdesk.words import say

#: What a cell can hold at most.
LONGEST_CELL = 32_000

_FONT = "Noto Sans CJK SC"


class ExportColumn(Protocol):
    """What the workbook needs to know of a column (`tables.Column`)."""

    @property
    def key(self) -> str: ...  # noqa: D102 - a column of the frame
    @property
    def label(self) -> str: ...  # noqa: D102 - its header
    @property
    def kind(self) -> str: ...  # noqa: D102 - how it is written


@dataclass(frozen=True, slots=True)
class ExportNote:
    """What an export says about itself.

    Attributes
    ----------
    title : str
        What the table shows.
    filters : str
        Place, period and kinds it was filtered by, in words.
    data_as_of : datetime or None
        When the newest record in it became known.
    is_sample : bool
        Marks the workbook 示例数据.
    by : str
        Account that takes it away, as the audit names it.
    purpose : str or None
        For what, as in `rules.export_purposes`; without it no file is written.
    """

    title: str
    filters: str
    data_as_of: datetime | None
    is_sample: bool
    by: str
    purpose: str | None


def neutralise(value: object) -> str:
    """Return text that no spreadsheet takes for a formula.

    An apostrophe is set before a first character that begins a formula: the cell is a string anyhow, but the
    file may later be saved as CSV (OWASP, CSV injection).
    """
    raw = str(value)
    text = clean_text(raw, LONGEST_CELL)
    return f"'{text}" if begins_formula(raw) or begins_formula(text) else text


def hide_small_categories(
    rows: pd.DataFrame, *, place: str, week: str, category: str, n: str | None, words: str,
) -> pd.DataFrame:
    """Return the rows without the category of any place × category × week under `SMALL_COUNT` incidents.

    Parameters
    ----------
    rows : DataFrame
        Incidents, or counts of them.
    place, week, category : str
        Columns that a count is of.
    n : str or None
        Column of the count; None when each row is one incident.
    words : str
        Language of what is written instead.
    """
    keys = [rows[place], rows[week], rows[category]]
    counted = pd.Series(1, index=rows.index) if n is None else rows[n]
    total = counted.groupby(keys, dropna=False).transform("sum")
    hidden = say("table.small_hidden", words, n=SMALL_COUNT)
    return rows.assign(**{category: rows[category].astype(object).where(total >= SMALL_COUNT, hidden)})


def write_workbook(rows: pd.DataFrame, columns: Sequence[ExportColumn], note: ExportNote, words: str) -> bytes:
    """Return an XLSX file of `columns` of `rows`, headed by `note`."""
    memory = BytesIO()
    book = xlsxwriter.Workbook(memory, {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    })
    plain = book.add_format({"font_name": _FONT})
    title = book.add_format({"font_name": _FONT, "bold": True, "font_size": 14})
    header = book.add_format({"font_name": _FONT, "bold": True, "bottom": 1, "bg_color": "#EEF3F7"})
    numbers = {
        "count": book.add_format({"font_name": _FONT, "num_format": "#,##0"}),
        "age": book.add_format({"font_name": _FONT, "num_format": "#,##0"}),
        "number": book.add_format({"font_name": _FONT, "num_format": "#,##0.0"}),
        "change": book.add_format({"font_name": _FONT, "num_format": "+#,##0.0;-#,##0.0;0.0"}),
    }
    sheet = book.add_worksheet(say("table.sheet", words))
    sheet.write_string(0, 0, neutralise(note.title), title)
    row = 1
    for line in describe(note, words):
        sheet.write_string(row, 0, neutralise(line), plain)
        row += 1
    top = row + 1
    for place, column in enumerate(columns):
        sheet.write_string(top, place, neutralise(_label(column, words)), header)
        width = _write_column(sheet, rows[column.key], column.kind, (top + 1, place), (numbers, plain))
        sheet.set_column(place, place, min(48, max(10, width, 2 * len(column.label) + 2)))
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, top + max(1, len(rows)), max(0, len(columns) - 1))
    book.close()
    return memory.getvalue()


def describe(note: ExportNote, words: str) -> list[str]:
    """Return the lines under the title: sample mark, filter, date of the data, who takes it away, when, what for, use.

    Raises
    ------
    PurposeRefusedError
        When the note has no purpose of the list: every file says what it is for, or is none.
    """
    purpose = require_purpose(note.purpose)
    lines = [say("frame.sample_mark", words)] if note.is_sample else []
    lines.append(say("table.filters", words, filters=note.filters))
    lines.append(say("table.as_of", words, at=formats.write_instant(note.data_as_of)))
    lines.append(say("table.made", words, by=note.by, at=formats.write_instant(now())))
    lines.append(say("purpose.line", words, purpose=say(f"purpose.name_{purpose}", words)))
    lines.append(say("table.use", words))
    return lines


def _label(column: ExportColumn, words: str) -> str:
    return f"{column.label} ({say('table.unit_days', words)})" if column.kind == "age" else column.label


def _write_column(sheet: Any, values: pd.Series, kind: str, at: tuple[int, int], styles: tuple[Any, Any]) -> int:
    """Write one column below `at`; return the widest text in characters."""
    first, column = at
    numbers, plain = styles
    widest = 0
    for offset, value in enumerate(values):
        if kind in numbers and formats.is_known(value) and not isinstance(value, str):
            sheet.write_number(first + offset, column, float(value), numbers[kind])
            continue
        text = neutralise(_as_text(value, kind))
        widest = max(widest, sum(2 if ord(sign) > 255 else 1 for sign in text[:60]))
        if text:
            sheet.write_string(first + offset, column, text, plain)
    return widest + 2


def _as_text(value: object, kind: str) -> object:
    """Days and instants as on screen; what is not known stays empty, never a zero."""
    if not formats.is_known(value):
        return ""
    if kind == "day":
        return formats.write_day(value)
    return formats.write_instant(value) if kind == "instant" else value

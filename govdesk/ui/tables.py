"""One way to show a table: text left, numbers right, links to the rows behind, and an XLSX of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from govdesk.ui import formats
from govdesk.ui.export import ExportNote, write_workbook
from govdesk.ui.giving import offer_file
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, clean_text, join, link, show, tag
from govdesk.ui.session import language
from govdesk.ui.sparkline import draw_sparkline

Kind = Literal["text", "count", "number", "change", "day", "instant", "age", "rate", "spark"]

#: Rows drawn at once; the rest is in the export, and the page says so.
MOST_ROWS = 100

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    key : str
        Column of the frame.
    label : str
        Header, in the language of the session.
    kind : str
        How a value is written; ``rate`` is a share as text, set like a number; ``spark`` takes a sequence of weekly
        values and is left out of the export.
    href : callable or None
        Row (a mapping) to the address of one of our pages, or None for no link in this row.
    muted : callable or None
        Row to small text under the value (a denominator, a comparison).
    is_narrow : bool
        Also shown at 390 px.
    is_whole : bool
        Never broken over two lines: a time, a code, an address.
    """

    key: str
    label: str
    kind: Kind = "text"
    href: Callable[[Mapping[str, Any]], str | None] | None = None
    muted: Callable[[Mapping[str, Any]], str | None] | None = None
    is_narrow: bool = True
    is_whole: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is set to the right, in tabular figures."""
        return self.kind in ("count", "number", "change", "age", "rate")


def draw_table(
    rows: pd.DataFrame,
    columns: tuple[Column, ...],
    *,
    export_name: str,
    note: ExportNote,
    empty: str,
    prepare_export: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    n_shown: int = MOST_ROWS,
) -> None:
    """Draw a table with its export, or say what to do when there is none.

    Parameters
    ----------
    rows : DataFrame
        One row each; holds every column's key.
    columns : tuple of Column
        What is shown, in order.
    export_name : str
        ASCII name of the file and of the widgets; unique on a page.
    note : ExportNote
        What the export says about itself.
    empty : str
        What to say (and do) when there are no rows.
    prepare_export : callable, optional
        Frame to frame, for what an export shows otherwise than a screen (small counts).
    n_shown : int
        Rows drawn; all are exported.
    """
    if rows.empty:
        show(tag("p", empty, class_="gd-empty"))
        return
    show(build_table(rows.head(n_shown), columns, language()))
    left, right = st.columns([3, 1], vertical_alignment="center")
    with left:
        if len(rows) > n_shown:
            show(tag("p", t("table.shown", n=n_shown, total=f"{len(rows):,}"), class_="gd-muted gd-small"))
    kept = tuple(column for column in columns if column.kind != "spark")
    words = language()
    with right:
        offer_file(
            t("table.export"),
            lambda: write_workbook(prepare_export(rows) if prepare_export else rows, kept, note, words),
            name=export_name, kind="xlsx", about=note.filters, file_name=f"{export_name}.xlsx", mime=XLSX,
            key=f"export_{export_name}", look="tertiary", width="stretch")


def build_table(rows: pd.DataFrame, columns: tuple[Column, ...], words: str) -> Html:
    """Return the table as markup."""
    head = tag("tr", *(tag("th", column.label, class_=_class(column), scope="col") for column in columns))
    body = [
        tag("tr", *(tag("td", _cell(row, column, words), class_=_class(column)) for column in columns))
        for row in rows.to_dict("records")
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="gd-table")
    return tag("div", table, class_="gd-scroll")


def write_value(value: object, kind: Kind, words: str) -> str:
    """Return one value as text."""
    if kind == "age":
        return formats.write_age(value, words)
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(value)
    return clean_text(value) if formats.is_known(value) and value != "" else formats.NOTHING


_WRITERS: dict[str, Callable[[object], str]] = {
    "count": formats.write_count, "number": formats.write_number, "change": formats.write_change,
    "day": formats.write_day, "instant": formats.write_instant,
}


def _class(column: Column) -> str | None:
    names = [name for name, on in (("gd-num", column.is_number), ("gd-wide", not column.is_narrow),
                                   ("gd-whole", column.is_whole)) if on]
    return " ".join(names) or None


def _cell(row: Mapping[str, Any], column: Column, words: str) -> Html:
    value = row.get(column.key)
    if column.kind == "spark":
        return draw_sparkline(value if value is not None else (), f"{column.label}: {_ends(value)}")
    text: object = write_value(value, column.kind, words)
    href = column.href(row) if column.href else None
    shown = link(text, href) if href else text
    small = column.muted(row) if column.muted else None
    return join([shown, tag("div", small, class_="gd-muted gd-small") if small else None])


def _ends(values: Any) -> str:
    """Say a sparkline in words: its first and its last value."""
    known = [value for value in (values if values is not None else ()) if formats.is_known(value)]
    return f"{formats.write_number(known[0], 0)} → {formats.write_number(known[-1], 0)}" if known else formats.NOTHING

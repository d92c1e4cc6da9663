"""The figures behind a chart to take away: as CSV and as a workbook, each saying what it is and of which day."""

import csv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from io import StringIO

import pandas as pd
import streamlit as st

from govdesk.clock import monday_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import get_place
from govdesk.ui.chart_export import write_png
from govdesk.ui.chart_frame import Spec
from govdesk.ui.export import ExportNote, describe, neutralise, write_workbook
from govdesk.ui.formats import is_known, write_day, write_term
from govdesk.ui.giving import offer_file
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text
from govdesk.ui.session import language
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.tables import XLSX, Column


def window_of(filters: IncidentFilter) -> tuple[date, date]:
    """Return the first and the last day of the weeks of `filters`."""
    return monday_of(filters.week_from), monday_of(filters.week_to) - timedelta(days=1)


def describe_filters(setting: Setting, filters: IncidentFilter) -> str:
    """Say in words what `filters` keep: window, place, streams, categories, kinds of village, channels, units."""
    first, last = window_of(filters)
    parts = [t("downloads.window", from_day=first, to_day=last)]
    if filters.place_code is not None:
        place = load(get_place, setting.scope, filters.place_code, setting.day)
        parts.append(clean_text(place.name if place else filters.place_code, 40))
    names = name_categories(setting.words)
    for group, codes in (("stream", filters.streams), ("kind", filters.kinds), ("channel", filters.channels)):
        parts += [write_term(group, code, setting.words) for code in codes]
    parts += [names.get(code, code) for code in filters.categories]
    return " · ".join([*parts, *(clean_text(code, 40) for code in filters.units)])


def write_csv(rows: pd.DataFrame, columns: Sequence[Column], note: ExportNote, words: str) -> bytes:
    """Return a CSV (UTF-8 with mark, so that spreadsheets read Chinese) headed by what the rows are.

    Cells that a spreadsheet would take for a formula are made text (`export.neutralise`); numbers stay numbers; what is
    not known stays empty.
    """
    memory = StringIO()
    writer = csv.writer(memory, lineterminator="\r\n")
    for line in [note.title, *describe(note, words)]:
        writer.writerow([neutralise(line)])
    writer.writerow([])
    writer.writerow([neutralise(column.label) for column in columns])
    for row in rows.to_dict("records"):
        writer.writerow([_write_cell(row[column.key], column) for column in columns])
    return memory.getvalue().encode("utf-8-sig")


def _write_cell(value: object, column: Column) -> object:
    if not is_known(value):
        return ""
    if column.kind == "day":
        return write_day(value)
    return value if column.is_number else neutralise(value)


#: A chart as ``st.vega_lite_chart`` takes it.
Chart = tuple[pd.DataFrame, Spec]


def _write_later(
    write: Callable[..., bytes], rows: Callable[[], pd.DataFrame] | pd.DataFrame, *rest: object
) -> Callable[[], bytes]:
    return lambda: write(rows() if callable(rows) else rows, *rest)


def _write_picture(chart: Callable[[], Chart] | Chart, note: ExportNote, words: str) -> bytes:
    return write_png(*(chart() if callable(chart) else chart), note, words)


def draw_downloads(
    rows: Callable[[], pd.DataFrame] | pd.DataFrame, columns: Sequence[Column], *, name: str, note: ExportNote,
    chart: Callable[[], Chart] | Chart | None = None,
) -> None:
    """Draw the buttons under a chart; the files are made when somebody asks for them.

    Parameters
    ----------
    rows : DataFrame or callable
        Holds every column's key; what makes it, where that is not done for the screen anyway.
    name : str
        ASCII name of the files and of the buttons; unique on a page.
    chart : (DataFrame, dict) or callable, optional
        What ``st.vega_lite_chart`` took: a picture of it is offered, too.
    """
    words = language()
    with st.container(horizontal=True, horizontal_alignment="right", key=f"gd-downloads-{name}"):
        if chart is not None:
            offer_file(t("downloads.png"), partial(_write_picture, chart, note, words), name=name, kind="png",
                       about=note.filters, file_name=f"{name}.png", mime="image/png", key=f"png_{name}",
                       look="tertiary", icon=":material/image:")
        for kind, mime, write in (("csv", "text/csv", write_csv), ("xlsx", XLSX, write_workbook)):
            offer_file(t(f"downloads.{kind}"), _write_later(write, rows, columns, note, words), name=name, kind=kind,
                       about=note.filters, file_name=f"{name}.{kind}", mime=mime, key=f"{kind}_{name}",
                       look="tertiary")

"""What is wrong in a file, for those who mend it: why, how often, and each row with its sheet, value and remedy."""

import pandas as pd
import streamlit as st

from govdesk.actions.import_jobs import Job
from govdesk.ingest.kept_report import KeptReport
from govdesk.ingest.notes import Note
from govdesk.ui.cards import build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.import_returned_part import draw_returned
from govdesk.ui.import_state import View
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column, draw_table

#: Rows of errors drawn at once.
_SHOWN = 25


def draw_problems(view: View, report: KeptReport, job: Job | None) -> None:
    """Draw the reasons, then the rows, then what was only noticed."""
    draw_returned(view, report, job)
    if report.errors:
        _draw_reasons(view, report)
        _draw_rows(view, report)
    elif report.counts["read"]:
        show(tag("p", t("import_page.no_errors"), class_="gd-muted"))
    if report.warnings:
        with st.expander(t("import_page.warnings", n=len(report.warnings))):
            draw_table(_frame(report.warnings, view.setting.words), _columns(), export_name="import_warnings",
                       note=view.setting.note(t("import_page.warnings", n=len(report.warnings)), ""), empty="",
                       n_shown=_SHOWN)


def _draw_reasons(view: View, report: KeptReport) -> None:
    words = view.setting.words
    show(build_panel_title(t("import_page.reasons"), t("import_page.reasons_note", n=sum(r.n for r in report.reasons))))
    example = {(note.code, note.column): note for note in reversed(report.errors)}
    rows = []
    for reason in report.reasons:
        note = example.get((reason.code, reason.column), Note(reason.code))
        is_known = (reason.code, reason.column) in example
        rows.append({"reason": note.message(words) if is_known else reason.code, "column": reason.column or "",
                     "n": reason.n, "fix": note.fix(words) if is_known else ""})
    columns = (Column("reason", t("import_page.reason_example")), Column("column", t("import_page.column")),
               Column("n", t("import_page.n_errors"), "count"), Column("fix", t("import_page.fix"), is_narrow=False))
    draw_table(pd.DataFrame(rows), columns, export_name="import_reasons", empty="",
               note=view.setting.note(t("import_page.reasons"), view.upload.file_name))


def _draw_rows(view: View, report: KeptReport) -> None:
    total = sum(reason.n for reason in report.reasons)
    is_cut = total > len(report.errors)
    show(build_panel_title(t("import_page.errors"), t(
        "import_page.errors_kept", n=len(report.errors), total=f"{total:,}") if is_cut else None))
    draw_table(_frame(report.errors, view.setting.words), _columns(), export_name="import_errors", empty="",
               note=view.setting.note(t("import_page.errors"), view.upload.file_name), n_shown=_SHOWN)


def _frame(notes: tuple[Note, ...], words: str) -> pd.DataFrame:
    return pd.DataFrame([{
        "sheet": note.sheet or "", "line": note.line, "column": note.column or "",
        "value": note.value or "", "reason": note.message(words), "fix": note.fix(words)} for note in notes])


def _columns() -> tuple[Column, ...]:
    return (Column("sheet", t("import_page.sheet"), is_narrow=False), Column("line", t("import_page.row"), "count"),
            Column("column", t("import_page.column")), Column("value", t("import_page.value")),
            Column("reason", t("import_page.reason")), Column("fix", t("import_page.fix"), is_narrow=False))

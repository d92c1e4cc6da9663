"""Makes a weekly brief from a database: text, PDF, Word and pictures, and what is told of it as JSON."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import Engine

from govdesk.brief.carried import Carried, describe_pictures, write_foot
from govdesk.brief.docx import write_docx
from govdesk.brief.pdf import Pdf, write_pdf
from govdesk.brief.pictures import draw_charts, draw_maps, to_png
from govdesk.clock import monday_of, week_label
from govdesk.queries.brief_edits import read_edits
from govdesk.queries.brief_facts import BriefFacts, read_brief_facts
from govdesk.queries.brief_text import write_brief
from govdesk.rules.access import Scope, require
from govdesk.rules.brief import Brief, Number, Section
from govdesk.rules.export_purposes import require_purpose
from govdesk.storage.engine import read_transaction

Tell = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class MadeBrief:
    """A brief with its files.

    Attributes
    ----------
    pictures : mapping of str to bytes
        PNG by name: the maps and the charts.
    carried : Carried
        Who takes it away, when and what for: on every page, and in a note beside the pictures.
    """

    brief: Brief
    pdf: Pdf
    docx: bytes
    pictures: Mapping[str, bytes]
    carried: Carried

    @property
    def stem(self) -> str:
        """Beginning of its files' names."""
        return name_files(self.brief)

    def files(self) -> dict[str, bytes]:
        """Return all files by name."""
        return {f"{self.stem}.pdf": self.pdf.content, f"{self.stem}.docx": self.docx,
                f"{self.stem}_about.txt": describe_pictures(self.brief, self.carried)} | {
            f"{self.stem}_{name}.png": png for name, png in self.pictures.items()}

    def zip_pictures(self) -> bytes:
        """Return the pictures as one file, with the note that says what they are."""
        memory = BytesIO()
        with ZipFile(memory, "w", ZIP_DEFLATED) as book:
            book.writestr(f"{self.stem}_about.txt", describe_pictures(self.brief, self.carried))
            for name, png in self.pictures.items():
                book.writestr(f"{self.stem}_{name}.png", png)
        return memory.getvalue()


def name_files(brief: Brief) -> str:
    """Return the beginning of the names of a brief's files, for instance ``brief_2026-W46_zh``."""
    return f"brief_{week_label(brief.week)}_{brief.language}{'_internal' if brief.is_internal else ''}"


def make_brief(
    engine: Engine, *, by: Scope, carried: Carried, week: int | None = None, language: str = "zh",
    is_internal: bool = False, base_url: str = "", tell: Tell | None = None,
) -> MadeBrief:
    """Return the brief of a week with all its files; nothing is written to the database.

    Parameters
    ----------
    carried : Carried
        Who takes it away, when and what for.
    week : int, optional
        Default: the last complete one.
    base_url : str
        Where the program is reached; the codes in the files are links then.
    tell : callable, optional
        Is told the key of what is done now (``brief.doing_<key>``) and the share of all that is done.

    Raises
    ------
    RefusedError
        When the caller may not read it.
    NoBriefError
        When there is nothing to write about.
    BriefFailedError
        When the pages could not be set.
    """
    require(by, "view_brief")
    require_purpose(carried.purpose)
    say_done = tell or (lambda _part, _share: None)
    with read_transaction(engine) as connection:
        facts = read_brief_facts(connection, by, week, tell)
        edits = read_edits(connection, by, facts.week, language, is_internal=is_internal)
        say_done("pictures", 0.8)
        svgs = draw_maps(connection, by, facts, language, is_internal=is_internal)
    brief = write_brief(facts, language, is_internal=is_internal, edits=edits)
    return draw_brief(facts, brief, svgs, carried=carried, base_url=base_url, tell=say_done)


def draw_brief(
    facts: BriefFacts, brief: Brief, maps: Mapping[str, str], *, carried: Carried, base_url: str = "",
    tell: Tell | None = None,
) -> MadeBrief:
    """Return a brief that is written with its files.

    Raises
    ------
    PurposeRefusedError
        When there is no purpose of the list; then nothing is made.
    """
    foot = write_foot(brief, carried)
    say_done = tell or (lambda _part, _share: None)
    svgs = {name: svg for name, svg in (dict(maps) | draw_charts(facts, brief.language)).items() if svg}
    pngs = {name: to_png(svg) for name, svg in svgs.items() if not name.startswith("spark_")}
    say_done("pdf", 0.88)
    pdf = write_pdf(brief, svgs, base_url=base_url, foot=foot)
    say_done("docx", 0.95)
    return MadeBrief(brief, pdf, write_docx(brief, svgs, pngs, base_url=base_url, foot=foot), pngs, carried)


def describe_brief(brief: Brief) -> dict[str, Any]:
    """Return what a brief says as plain values: sections, sentences, tables, every number with what it is made of."""
    return {
        "week": week_label(brief.week), "from": monday_of(brief.week).isoformat(),
        "to": (monday_of(brief.week + 1) - timedelta(days=1)).isoformat(), "language": brief.language,
        "version": "internal" if brief.is_internal else "general", "sample": brief.is_sample, "as_of": brief.as_of,
        "sections": [_describe_section(one) for one in brief.sections],
        "numbers": [_describe_number(one) for one in brief.numbers()], "traces": brief.traces()}


def _describe_section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key, "title": section.title, "note": section.note,
        "sentences": [{
            "key": one.key, "text": one.text, "original": one.original,
            "edited_by": None if one.edit is None else one.edit.by,
            "codes": list(dict.fromkeys(number.trace.code for number in one.numbers))} for one in section.sentences],
        "tables": [{
            "key": table.key, "title": table.title, "columns": [column.label for column in table.columns],
            "rows": [{"code": row.trace.code if row.trace else None,
                      "cells": [cell.text if isinstance(cell, Number) else cell for cell in row.cells]}
                     for row in table.rows]} for table in section.tables]}


def _describe_number(number: Number) -> dict[str, Any]:
    first, end = number.window
    return {
        "code": number.trace.code, "indicator": number.indicator, "text": number.text, "value": number.value,
        "numerator": number.numerator, "denominator": number.denominator, "from": monday_of(first).isoformat(),
        "to": monday_of(end).isoformat(), "reason": number.reason}

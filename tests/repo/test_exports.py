"""Every file that leaves is written in one of a few places, and none of them lets a cell be a formula."""

import csv
import io
import re

import openpyxl
import pandas as pd
import pytest

from govdesk.ingest.returned_privacy import write_text
from govdesk.settings import ROOT
from govdesk.ui.downloads import write_csv
from govdesk.ui.export import ExportNote, write_workbook
from govdesk.ui.tables import Column

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"]
#: As it may not begin in any cell.
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Where tables are written for people; the workbook that is handed back after an import has tests of its own.
WRITERS = {"govdesk/ui/export.py", "govdesk/ui/downloads.py", "govdesk/ingest/returned_workbook.py"}


def test_tables_are_written_for_people_in_a_few_places_only():
    wanted = re.compile(r"xlsxwriter\.Workbook|csv\.writer|\.to_excel\(|openpyxl\.Workbook\(")
    found = {str(path.relative_to(ROOT)) for folder in ("ui", "api", "brief", "ingest", "actions", "queries")
             for path in (ROOT / "govdesk" / folder).rglob("*.py") if wanted.search(path.read_text("utf-8"))}
    assert found <= WRITERS


def test_no_cell_is_a_formula_wherever_a_hostile_text_stands():
    rows = pd.DataFrame({"name": FORMULAS, "n": range(len(FORMULAS))})
    for text in FORMULAS:
        columns = (Column("name", text), Column("n", "n", "count"))
        note = ExportNote(text, text, None, is_sample=True, by=text, purpose="deliberation")
        lines = csv.reader(io.StringIO(write_csv(rows, columns, note, "zh").decode("utf-8-sig")))
        assert not [cell for line in lines for cell in line if cell.startswith(STARTS)]
        sheet = openpyxl.load_workbook(io.BytesIO(write_workbook(rows, columns, note, "zh"))).active
        cells = [cell for line in sheet.iter_rows() for cell in line]
        assert not [cell.value for cell in cells if cell.data_type == "f"]
        assert not [cell.value for cell in cells if str(cell.value or "").startswith(STARTS)]


def test_one_rule_says_what_begins_a_formula():
    """A list of signs of its own would miss one sooner or later."""
    wanted = re.compile(r"""["'][=＝]["'],\s*["'][+＋]["']""")
    found = {str(path.relative_to(ROOT)) for path in (ROOT / "govdesk").rglob("*.py") if wanted.search(path.read_text("utf-8"))}
    assert found == {"govdesk/rules/plain_text.py"}


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_begins_a_formula_is_marked_as_text_in_a_returned_workbook(text):
    cell = openpyxl.Workbook().active["A1"]
    write_text(cell, text)
    assert cell.data_type == "s"
    assert cell.quotePrefix

"""Every file that leaves is written in one of a few places, and none of them lets a cell be a formula."""

import csv
import io
import re

import openpyxl
import pandas as pd

from govdesk.settings import ROOT
from govdesk.ui.downloads import write_csv
from govdesk.ui.export import ExportNote, write_workbook
from govdesk.ui.tables import Column

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"]
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
        note = ExportNote(text, text, None, is_sample=True, by=text)
        lines = csv.reader(io.StringIO(write_csv(rows, columns, note, "zh").decode("utf-8-sig")))
        assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        sheet = openpyxl.load_workbook(io.BytesIO(write_workbook(rows, columns, note, "zh"))).active
        cells = [cell for line in sheet.iter_rows() for cell in line]
        assert not [cell.value for cell in cells if cell.data_type == "f"]
        assert not [cell.value for cell in cells if str(cell.value or "").startswith(("=", "+", "@", "\t", "\r"))]

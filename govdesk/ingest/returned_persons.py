"""Which columns of a workbook that goes back are hidden: those that are about persons and that no import reads."""

from collections.abc import Sequence

from govdesk.ingest.notes import ImportReport, label
from govdesk.ingest.personal_columns import SAMPLE, find_personal_columns

#: Kinds that masking finds in a cell by itself; a profile may read such a column as prose, or an address as a place.
_MASKABLE = frozenset({"identity", "phone", "card", "plate", "contact", "address"})


def find_hidden(headers: Sequence[str], rows: Sequence[list[str]], report: ImportReport, sheet: str | None) -> set[int]:
    """Return the columns, from 1, of which every cell is hidden.

    Parameters
    ----------
    headers : sequence of str
        Headers of the sheet.
    rows : sequence of list of str
        Some rows below them.
    report : ImportReport
        What the import said: a column that it dropped, or a sheet that it left out, comes from no field of a profile.
    sheet : str or None
        The sheet, as notes name it.
    """
    dropped = {item.column for item in report.warnings if item.code == "column_dropped"}
    is_left_out = any(item.code == "sheet_left_out" and item.sheet == sheet for item in report.warnings)
    samples = [[row[at] for row in rows if at < len(row) and row[at]][:SAMPLE] for at in range(len(headers))]
    return {
        found.index + 1 for found in find_personal_columns(headers, samples)
        if is_left_out or label(found.header) in dropped or (found.by == "header" and found.kind not in _MASKABLE)}

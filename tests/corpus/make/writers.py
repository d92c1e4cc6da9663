"""Writes a built file to disk: workbook, old workbook, text, web page called a workbook, Parquet."""

import csv
import gzip
import io
from datetime import date, datetime
from pathlib import Path

import xlsxwriter

from tests.corpus.make.sheets import Dirty, Fault, Formula, Sheet

MADE = datetime(2023, 4, 3, 8, 0)  # noqa: DTZ001 - a workbook knows no zone


def _cell(sheet, row: int, col: int, value: object, styles: dict) -> None:
    if isinstance(value, Formula):
        sheet.write_formula(row, col, value.text, None, value.cached)
    elif isinstance(value, Fault):
        sheet.write_formula(row, col, "=Sheet9!A1", None, value.text)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, col, value, styles["time"])
    elif isinstance(value, date):
        sheet.write_datetime(row, col, datetime(value.year, value.month, value.day), styles["day"])  # noqa: DTZ001
    elif isinstance(value, int | float):
        sheet.write_number(row, col, value)
    elif value is not None:
        sheet.write_string(row, col, str(value))


def _sheet(book, made: Sheet, styles: dict) -> None:
    sheet = book.add_worksheet(made.name)
    for r, row in enumerate(made.rows):
        for c, value in enumerate(row):
            _cell(sheet, r, c, value, styles)
    for r1, c1, r2, c2 in made.merges:
        value = made.rows[r1 - 1][c1 - 1]
        sheet.merge_range(r1 - 1, c1 - 1, r2 - 1, c2 - 1, "", styles["middle"])
        _cell(sheet, r1 - 1, c1 - 1, value, styles)
    for row in made.hidden_rows:
        sheet.set_row(row - 1, None, None, {"hidden": True})
    for column in made.hidden_columns:
        sheet.set_column(column - 1, column - 1, None, None, {"hidden": True})
    if made.filtered:
        sheet.autofilter(0, 0, len(made.rows) - 1, len(made.headers) - 1)
    if made.freeze:
        sheet.freeze_panes(made.freeze, 0)
    for row in range(len(made.rows), made.formatted_to, 20):  # sparse, so that the file stays small
        sheet.write_blank(row, 0, None, styles["middle"])
    if made.hidden:
        sheet.hide()


def xlsx(made: Dirty, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False, **made.options})
    book.set_properties({"created": MADE, "author": ""})
    styles = {"day": book.add_format({"num_format": "yyyy/m/d"}), "time": book.add_format({"num_format": "yyyy/m/d h:mm"}),
              "middle": book.add_format({"valign": "vcenter", "border": 1})}
    for sheet in made.sheets:
        _sheet(book, sheet, styles)
    shown = next((i for i, s in enumerate(made.sheets) if not s.hidden), 0)
    book.worksheets()[shown].activate()
    book.worksheets()[shown].set_first_sheet()
    book.close()


def biff(made: Dirty, path: Path) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    style = xlwt.easyxf(num_format_str="YYYY/M/D")
    for sheet in made.sheets:
        new = book.add_sheet(sheet.name)
        inside = {(r, c) for r1, c1, r2, c2 in sheet.merges for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
        for r, row in enumerate(sheet.rows, 1):
            for c, value in enumerate(row, 1):
                if value is None or (r, c) in inside:
                    continue
                if isinstance(value, date):
                    new.write(r - 1, c - 1, value, style)
                else:
                    new.write(r - 1, c - 1, value)
        for r1, c1, r2, c2 in sheet.merges:
            new.write_merge(r1 - 1, r2 - 1, c1 - 1, c2 - 1, sheet.rows[r1 - 1][c1 - 1])
        if sheet.hidden:
            new.visibility = 1
    book.save(str(path))


def _plain(value: object) -> str:
    if isinstance(value, Formula):
        return str(value.cached)
    if isinstance(value, Fault):
        return value.text
    return "" if value is None else str(value)


def text_bytes(made: Dirty) -> bytes:
    """Return the first sheet as delimited text, and turn the numbers of its rows into lines as an editor shows them."""
    sheet, o = made.sheets[0], made.options
    width = max(len(r) for r in sheet.rows)
    out, line, lines = [], 1, {}
    for number, row in enumerate(sheet.rows, 1):
        buffer = io.StringIO()
        padded = [_plain(v) for v in row] + [""] * (width - len(row) if o.get("padded", True) else 0)
        if o.get("bare"):
            buffer.write(o.get("delimiter", ",").join(padded) + "\n")
        elif any(padded) or o.get("padded", True):
            csv.writer(buffer, delimiter=o.get("delimiter", ","), lineterminator="\n").writerow(padded)
        else:
            buffer.write("\n")
        lines[number] = line
        line += buffer.getvalue().count("\n")
        out.append(buffer.getvalue())
    for found in (made.good, made.bad, made.either, made.same, made.asides, made.named):
        for item in found:
            item["row"] = lines[item["row"]]
            item.pop("sheet", None)
    whole = "".join(out) + o.get("tail", "")
    whole = whole.replace("\n", o.get("eol", "\r\n"))
    if "wrap" in o:
        whole = o["wrap"](whole)
    return whole.encode(o.get("encoding", "utf-8"), o.get("errors", "strict"))


def html_bytes(made: Dirty) -> bytes:
    """Return the first sheet as the table of a web page, as many systems of offices "export to Excel"."""
    sheet = made.sheets[0]
    spans = {(r1, c1): (r2 - r1 + 1, c2 - c1 + 1) for r1, c1, r2, c2 in sheet.merges}
    covered = {(r, c) for r1, c1, r2, c2 in sheet.merges for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)} - set(spans)
    rows = []
    for r, row in enumerate(sheet.rows, 1):
        found = []
        for c in range(1, max(len(x) for x in sheet.rows) + 1):
            if (r, c) in covered:
                continue
            down, wide = spans.get((r, c), (1, 1))
            span = (f' rowspan="{down}"' if down > 1 else "") + (f' colspan="{wide}"' if wide > 1 else "")
            found.append(f"<td{span}>{_plain(row[c - 1] if c <= len(row) else None)}</td>")
        rows.append("<tr>" + "".join(found) + "</tr>\n")
    for found in (made.good, made.bad, made.either, made.same, made.asides, made.named):
        for item in found:
            item.pop("sheet", None)
    charset = made.options.get("encoding", "utf-8")
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}"></head><body><table border="1">\n'
    return (page + "".join(rows) + "</table></body></html>").encode(charset)


def parquet(made: Dirty, path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet as pq

    sheet = made.sheets[0]
    columns = {h: [row[i] for row in sheet.rows[1:]] for i, h in enumerate(sheet.headers)}
    pq.write_table(pa.table(columns), path)
    for found in (made.good, made.bad, made.either, made.same, made.asides, made.named):
        for item in found:
            item.pop("sheet", None)


def write(made: Dirty, folder: Path) -> None:
    """Write one file."""
    path = folder / made.name
    form = made.form or path.suffix.lstrip(".")
    if made.raw:
        made.raw(path)
    elif form == "xlsx":
        xlsx(made, path)
    elif form == "xls":
        biff(made, path)
    elif form == "html":
        path.write_bytes(html_bytes(made))
    elif form == "parquet":
        parquet(made, path)
    elif form == "gz":
        path.write_bytes(gzip.compress(text_bytes(made), mtime=0))
    else:
        path.write_bytes(text_bytes(made))

"""Files that hold no table, or were made to fill the memory, are refused with one sentence, before they do harm."""

import gzip
import io
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdesk.ingest import file_limits, probing
from govdesk.ingest.pieces import FileRefusedError
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import open_table

SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
MAIN = "xl/worksheets/sheet1.xml"


def good():
    book = openpyxl.Workbook()
    for row in (["编号", "村", "摘要"], ["A1", "东门村", "路灯"], ["A2", "西门村", "道路"]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content, name=MAIN):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return out.getvalue()


def xls():
    book = xlwt.Workbook()
    sheet = book.add_sheet("三月")
    for at, row in enumerate((["编号", "村", "摘要"], ["A1", "东门村", "路灯"])):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(*places):
    return SHEET + b"<sheetData>" + b"".join(
        b'<row r="%d"><c r="%s%d"><v>1</v></c></row>' % (row, letters, row) for letters, row in places) + b"</sheetData></worksheet>"


def packed(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in files:
            archive.writestr(name, "x")
    return out.getvalue()


def ole(name):
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + name.encode("utf-16-le") + b"\0" * 2000


def liar():
    data = bytearray(with_part(b" " * 2**21))
    at = data.rfind(MAIN.encode()) - 46
    struct.pack_into("<I", data, at + 24, 100)
    return bytes(data)


CASES = {
    "empty": (lambda: b"", "file_without_content"), "zeros": (lambda: b"\0" * 5000, "file_without_content"),
    "blank": (lambda: b"  \r\n\r\n", "file_without_content"),
    "pdf": (lambda: b"%PDF-1.7 x", "file_other_kind"), "png": (lambda: b"\x89PNG\r\n", "file_other_kind"),
    "rtf": (lambda: b"{\\rtf1 x}", "file_other_kind"), "7z": (lambda: b"7z\xbc\xaf\x27\x1c", "file_other_kind"),
    "word": (lambda: packed(["word/document.xml"]), "file_other_kind"), "ods": (lambda: packed(["content.xml"]), "file_other_kind"),
    "xlsb": (lambda: packed(["xl/workbook.bin"]), "file_other_kind"), "packed csv": (lambda: packed(["a.csv"]), "file_other_kind"),
    "old word": (lambda: ole("WordDocument"), "file_other_kind"), "locked": (lambda: ole("EncryptedPackage"), "file_encrypted"),
    "cut off": (lambda: good()[:-300], "file_unreadable"), "damaged xls": (lambda: ole("Workbook"), "file_unreadable"),
    "twice gzip": (lambda: gzip.compress(gzip.compress(b"a,b\n1,2\n")), "file_other_kind"),
    "bytes": (lambda: bytes(range(1, 32)) * 200, "file_other_kind"),
    "zip bomb": (lambda: with_part(b" " * (40 * 2**20)), "file_bomb"),
    "bomb in another part": (lambda: with_part(b" " * (40 * 2**20), "xl/sharedStrings.xml"), "file_bomb"),
    "gzip bomb": (lambda: gzip.compress(b"a,b\n" * (12 * 2**20)), "file_bomb"), "lying size": (liar, "file_unreadable"),
    "workbook bomb in gzip": (lambda: gzip.compress(with_part(b" " * (40 * 2**20))), "file_bomb"),
    "too many rows": (lambda: with_part(cells((b"A", 1), (b"A", 1_048_577))), "sheet_too_long"),
    "rows without numbers": (lambda: with_part(SHEET + b"<sheetData>" + b"<row><c/></row>" * 1_048_577 + b"</sheetData></worksheet>"), "sheet_too_long"),
    "a cell far off": (lambda: with_part(cells((b"A", 1), (b"XFD", 1_048_576))), "sheet_too_wide"),
    "the same in single quotes": (lambda: with_part(cells((b"A", 1), (b"XFD", 1_048_576)).replace(b'"', b"'")), "sheet_too_wide"),
    "the same in small letters": (lambda: with_part(cells((b"A", 1), (b"xfd", 1_048_576))), "sheet_too_wide"),
    "a column that cannot be": (lambda: with_part(cells((b"A", 1), (b"ZZZZZZ", 9))), "sheet_too_wide"),
    "header and nothing": (lambda: b",,,\n", "header_missing"),
}


@pytest.mark.parametrize("name", list(CASES))
def test_refused_with_a_sentence(tmp_path, name):
    make, code = CASES[name]
    (tmp_path / "a.xlsx").write_bytes(make())
    with pytest.raises(FileRefusedError) as refused:
        list(open_table(tmp_path / "a.xlsx", FileSection()).pieces)
    assert refused.value.note.code == code
    for language in ("zh", "en"):
        assert refused.value.note.message(language)


def test_an_absurd_dimension_and_formatted_cells_do_no_harm(tmp_path):
    content = (SHEET + b'<dimension ref="A1:XFD1048576"/><sheetData>'
               + b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d"><v>7</v></c></row>' % (n, n, n, n) for n in range(1, 12))
               + b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData></worksheet>')
    (tmp_path / "a.xlsx").write_bytes(with_part(content))
    assert sum(len(piece.lines) for piece in open_table(tmp_path / "a.xlsx", FileSection(header_row=1)).pieces) == 10


def test_gzip_of_several_parts_is_read_to_its_end(tmp_path):
    data = gzip.compress(good()[:3000]) + gzip.compress(good()[3000:])
    (tmp_path / "a.xlsx.gz").write_bytes(data)
    assert sum(len(piece.lines) for piece in open_table(tmp_path / "a.xlsx.gz", FileSection()).pieces) == 2


def test_repetitive_text_is_no_bomb(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress("编号,村\n".encode() + "A1,东门村\n".encode() * 100_000))
    assert sum(len(piece.lines) for piece in open_table(tmp_path / "a.csv.gz", FileSection()).pieces) == 100_000


def test_a_probe_that_dies_is_a_refusal(monkeypatch):
    monkeypatch.setattr(probing, "_PROBE", "import os; os.abort()")
    with pytest.raises(FileRefusedError) as refused:
        probing.probe_workbook(xls())
    assert refused.value.note.code == "file_unreadable"


def test_the_probe_refuses_more_memory_than_it_may_have():
    code = probing._PROBE.split("from python_calamine")[0] + "bytearray(5 * 2**30)"
    assert subprocess.run([sys.executable, "-I", "-c", code], input=b"", capture_output=True, check=False).returncode == 1


def test_whatever_a_library_raises_is_a_refusal():
    class PanicException(BaseException):
        """As a native library raises it."""

    for error in (PanicException("x"), MemoryError(), RecursionError(), KeyError("x")):
        with pytest.raises(FileRefusedError), file_limits.guarded():
            raise error


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["xlsx", "csv", "gz", "html"]), at=st.floats(0, 1), change=st.binary(min_size=1, max_size=40), cut=st.booleans())
def test_damaged_bytes_never_raise_anything_else(tmp_path, kind, at, change, cut):
    text = "编号,村,摘要\nA1,东门村,路灯\nA2,西门村,道路\n".encode("gb18030")
    data = {"xlsx": good(), "csv": text, "gz": gzip.compress(text),
            "html": b"<table><tr><td>a<td>b<tr><td rowspan=2>1<td>2</table>"}[kind]
    place = int(at * len(data))
    (tmp_path / "a").write_bytes(data[:place] + change + (b"" if cut else data[place + len(change):]))
    with suppress(FileRefusedError):
        list(open_table(tmp_path / "a", FileSection()).pieces)

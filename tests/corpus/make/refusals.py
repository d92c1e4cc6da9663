"""Files that are no tables, or not the table meant: refused as a whole, in a sentence that helps."""

import io
import zipfile
from pathlib import Path

import openpyxl

from tests.corpus.make.cases import cases
from tests.corpus.make.sheets import Dirty, dirty

EARLY = (1980, 1, 1, 0, 0, 0)


def _zip(path: Path, parts: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in parts.items():
            packed.writestr(zipfile.ZipInfo(name, EARLY), text)


def _word(path: Path) -> None:
    _zip(path, {"[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
                "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
                "word/document.xml": '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>示例县网格事件台账</w:t></w:r></w:p></w:body></w:document>'})


def _ods(path: Path) -> None:
    _zip(path, {"mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Sheet1"><table:table-row><table:table-cell><text:p>编号</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>',
                "META-INF/manifest.xml": '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'})


def _locked(path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    plain, out = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "编号"
    book.save(plain)
    plain.seek(0)
    if path.exists():  # encryption draws new salt every time; the file stays as it is
        return
    OOXMLFile(plain).encrypt("1234", out)
    path.write_bytes(out.getvalue())


def _cut(path: Path) -> None:
    whole = path.with_name("s01_title_line.xlsx").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def _refused(name: str, wrong: str, seen: str, said: str, raw, must: str = "refused, with what it is and what to do") -> None:
    dirty(name, "grid", wrong, seen, must, refused=said, raw=raw)


def _header_only(name: str, *, title: bool) -> Dirty:
    made = dirty(name, "grid", "headers" + (" under a title" if title else "") + " and no row", "empty forms sent in time", "said: no rows; no empty success",
                 refused="行|空|row|empty")
    s = made.sheet()
    if title:
        s.title("示例县2023年3月网格事件台账")
    s.header()
    return made


def build() -> None:
    """Describe all files of this part."""
    _refused("s83_zero_bytes.csv", "no bytes at all", "a download that failed", "空|empty|行|row", lambda p: p.write_bytes(b""))
    _header_only("s84_header_only.csv", title=False)
    _header_only("s85_title_and_header_only.xlsx", title=True)
    _refused("s86_word_called.xlsx", "a Word document called .xlsx", "the table stands in a letter", "(?i)word|文档|工作簿|workbook|excel|xlsx", _word)
    _refused("s87_calc.ods", "an OpenDocument sheet", "LibreOffice, WPS for Linux", "(?i)ods|opendocument|xlsx|另存", _ods)
    _refused("s88_locked.xlsx", "a workbook with a password", "files sent through chat", "密码|加密|(?i:password|encrypt)", _locked)
    _refused("s89_cut_off.xlsx", "half of a workbook", "a full USB stick", "损坏|打不开|读|(?i:damaged|broken|cannot|opened|read)", _cut)
    _refused("s90_pdf_called.xls", "a PDF called .xls", "scanned forms", "(?i)pdf|表格|xlsx|table|read|读", lambda p: p.write_bytes(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"))
    made = dirty("s91_other_office.xlsx", "grid", "a proper table, but another office's: needed columns lack", "the wrong file of two", "refused; the missing headers are named",
                 refused="事件类型|发生时间|编号")
    s = made.sheet()
    s.put("学号", "班级", "成绩")
    for n, _ in enumerate(cases(4)):
        s.put(f"S{n}", "三班", 80 + n)
    made = dirty("s92_column_lacks.xlsx", "grid", "the column 发生时间 is called 日期 this month", "forms renamed without notice", "refused; the missing header is named",
                 refused="发生时间")
    s = made.sheet()
    s.header(shown=lambda h: {"发生时间": "录入日"}.get(h, h))
    for c in cases(4):
        s._row(c, {}, None)

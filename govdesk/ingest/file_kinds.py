"""Tells from a file's first bytes what it is; its name is never believed."""

import re

from govdesk.ingest.file_limits import refuse
from govdesk.ingest.pieces import FileRefusedError
from govdesk.words import say

#: First bytes of files that hold no table, and what they are (key ``note.kind_…``).
_OTHERS = (
    (b"%PDF", "pdf"), (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"), (b"BM", "image"),
    (b"II*\0", "image"), (b"MM\0*", "image"), (b"RIFF", "image"), (b"{\\rtf", "word"),
    (b"Rar!", "archive"), (b"7z\xbc\xaf", "archive"), (b"BZh", "archive"), (b"\xfd7zXZ", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"), (b"MZ", "program"), (b"\x7fELF", "program"), (b"SQLite format 3", "database"),
)
_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|meta|table|body|div|style)\b",
                   re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"^\s*<\?xml\b.*?<", re.DOTALL)
#: Names in the directory of an OLE file (UTF-16) and what they tell.
_OLE = (("EncryptedPackage", "encrypted"), ("EncryptionInfo", "encrypted"), ("WordDocument", "word"),
        ("PowerPoint Document", "slides"))
#: Bytes by which a kind is told.
START = 4096


def find_kind(start: bytes) -> str:
    """Return ``gzip``, ``zip``, ``ole``, ``parquet``, ``html``, ``spreadsheetml`` or ``text``.

    Parameters
    ----------
    start : bytes
        The first `START` bytes.

    Raises
    ------
    FileRefusedError
        When it is empty, or something that holds no table.
    """
    if not start.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise refuse("file_without_content")
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK"):
        return "zip"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "ole"
    for magic, kind in _OTHERS:
        if start.startswith(magic) and not (magic in (b"BM", b"MZ") and b"\0" not in start[:64]):
            raise refuse_kind(kind)
    return _find_marked(start)


def _find_marked(start: bytes) -> str:
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if plain.startswith((b"\xff\xfe", b"\xfe\xff")):
        plain = plain.replace(b"\0", b"")[2:]
    if plain[:200].lstrip().startswith(b"MIME-Version:"):
        raise refuse_kind("web_archive")
    if _XML.match(plain):
        if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
            return "spreadsheetml"
        if b"<html" in plain.lower():
            return "html"
        raise refuse_kind("xml")
    return "html" if _HTML.match(plain) else "text"


def refuse_kind(kind: str) -> FileRefusedError:
    """Return the refusal of a file that is no table, with what it is in words."""
    return refuse("file_other_kind", kind=say(f"note.kind_{kind}"))


def check_ole(data: bytes) -> None:
    """Refuse an OLE file that is encrypted or no workbook.

    Raises
    ------
    FileRefusedError
        When it is.
    """
    for name, kind in _OLE:
        if name.encode("utf-16-le") in data:
            raise refuse("file_encrypted") if kind == "encrypted" else refuse_kind(kind)
    if not any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        raise refuse_kind("other")


def check_zip_kind(names: set[str]) -> None:
    """Refuse an archive that is no Excel workbook.

    Parameters
    ----------
    names : set of str
        Parts of the archive.

    Raises
    ------
    FileRefusedError
        When it is a text document, slides, an ODS or XLSB workbook, or simply packed files.
    """
    if "xl/workbook.xml" in names:
        return
    marks = (("word/", "word"), ("ppt/", "slides"), ("xl/workbook.bin", "xlsb"), ("xl/", ""), ("content.xml", "ods"))
    for mark, kind in marks:
        if any(name.startswith(mark) for name in names):
            if kind:
                raise refuse_kind(kind)
            return
    raise refuse_kind("archive")

"""Finds the encoding of a text file by decoding all of it: a guess from its beginning would break on line 900,000."""

import codecs
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from govdesk.ingest.file_limits import BLOCK, LARGEST_TEXT, BoundedGzip, refuse

Opener = Callable[[], IO[bytes]]

#: Bytes that a guess of the encoding looks at.
_GUESS_BYTES = 200_000
#: Share of frequent characters above which Chinese text was decoded rightly; real text has 0.95 and more.
_FREQUENT = 0.8
#: Share of NUL bytes above which a file without a byte order mark is UTF-16: each digit and separator brings one.
_NULS = 0.05
#: Share of broken characters up to which a file still is UTF-8, only damaged.
_DAMAGED = 0.01


def opener(path: Path, *, is_gzip: bool) -> Opener:
    """Return what opens a file for its plain bytes; unpacked bytes are bounded."""
    def open_raw() -> IO[bytes]:
        if not is_gzip:
            return path.open("rb")
        packed = path.open("rb")
        return cast("IO[bytes]", BoundedGzip(packed, cast("IO[bytes]", gzip.GzipFile(fileobj=packed)), LARGEST_TEXT))

    return open_raw


def find_encoding(path: Path, *, is_gzip: bool = False) -> str:
    """Return the encoding of a text file.

    UTF-16 by its mark or its zero bytes, then UTF-8, then GB18030 or Big5 by which makes frequent characters,
    then the best guess of charset-normalizer.

    Raises
    ------
    FileRefusedError
        When no encoding fits.
    """
    return encoding_of(opener(path, is_gzip=is_gzip))


def encoding_of(open_raw: Opener) -> str:
    """Return the encoding of what `open_raw` opens; see `find_encoding`."""
    with open_raw() as file:
        sample = file.read(_GUESS_BYTES)
    wide = _wide_encoding(sample)
    if wide:
        return wide
    if decodes(open_raw, "utf-8"):
        return "utf-8-sig"
    if decodes(open_raw, "gb18030"):
        return "big5" if _is_big5(sample) and decodes(open_raw, "cp950") else "gb18030"
    if _is_damaged_utf8(sample):
        return "utf-8-sig"
    if _is_big5(sample):
        return "big5"
    best = from_bytes(sample).best()
    if best is None or not decodes(open_raw, best.encoding):
        raise refuse("encoding_unknown")
    return best.encoding


def _wide_encoding(sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    low, high = sample[1::2].count(0), sample[::2].count(0)
    if max(low, high) < _NULS * len(sample) / 2 or min(low, high) * 10 > max(low, high):
        return ""
    encoding = "utf-16-le" if low > high else "utf-16-be"
    try:
        text = sample[: len(sample) // 2 * 2].decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return ""
        text = sample[: error.start].decode(encoding)
    return encoding if "\n" in text or "\r" in text or "," in text or "\t" in text else ""


def decodes(open_raw: Opener, encoding: str) -> bool:
    """Return whether all of a file is text in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with open_raw() as file:
            while block := file.read(BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_damaged_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", errors="replace")
    good = sum(char > "\x7f" and char != "\ufffd" for char in text)
    return good > 0 and text.count("\ufffd") <= max(2, _DAMAGED * len(text)) and good > 5 * text.count("\ufffd")


def _is_big5(sample: bytes) -> bool:
    as_big5 = _frequent_share(sample, "cp950", 0xA4, 0xC6)
    return as_big5 >= _FREQUENT and as_big5 > _frequent_share(sample, "gb18030", 0xB0, 0xD7)


def _frequent_share(sample: bytes, encoding: str, first: int, last: int) -> float:
    """Return which share of the ideographs stands where the code page keeps its frequent ones."""
    found = frequent = 0
    for char in sample.decode(encoding, errors="replace"):
        if char <= "\u2fff":
            continue
        found += 1
        if "\u4e00" <= char <= "\u9fff":
            code = char.encode(encoding, errors="ignore")
            frequent += len(code) == 2 and first <= code[0] <= last and (encoding != "gb18030" or code[1] >= 0xA1)
        elif "\u3000" <= char <= "\u303f" or (char >= "\uff00" and char != "\ufffd"):
            found -= 1
    return frequent / found if found else 0.0

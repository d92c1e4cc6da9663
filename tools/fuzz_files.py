"""Makes broken files: those of the corpus with damaged bytes, and tables that nobody would write."""

import gzip
import io
import random
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

import pandas as pd
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

Chance = random.Random
Change = Callable[[bytes, Chance], bytes]

_NASTY = (
    b"\x00", b"\xff\xfe", b'"', b"\n", b"\r", b",", b"\t", b"'", b"\x80", b"\xef\xbb\xbf", b"=1+1", b"<",
    b"&lol;", b"9" * 400, "锟斤拷".encode(), "合计".encode(), b"%s%n", b"{}", b"../../x", "\u202e\U00020bb7".encode(),
    b"\x1f\x8b", b"PK\x03\x04",
)
_NUMBER = re.compile(rb'(?<=["=>])\d{1,9}(?=["<])')
_NUMBERS = (b"0", b"-1", b"1", b"4294967295", b"1048577", b"99999999999999999999", b"NaN", b"1e308", b"")
_ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


# Bytes

def flip_bits(data: bytes, chance: Chance) -> bytes:
    """Flip one to forty bits."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 40)):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def cut(data: bytes, chance: Chance) -> bytes:
    """Drop the end, the beginning, or a piece in the middle."""
    start, end = sorted((chance.randrange(len(data)), chance.randrange(len(data) + 1)))
    return chance.choice((data[:start], data[end:], data[:start] + data[end:]))


def insert(data: bytes, chance: Chance) -> bytes:
    """Insert something nasty at several places."""
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice(_NASTY) * chance.choice((1, 1, 1, 50)) + data[at:]
    return data


def repeat(data: bytes, chance: Chance) -> bytes:
    """Repeat a piece."""
    start, end = sorted((chance.randrange(len(data)), chance.randrange(len(data) + 1)))
    return data[:end] + data[start:end] * chance.randint(1, 4) + data[end:]


def blank(data: bytes, chance: Chance) -> bytes:
    """Overwrite a piece with zeros."""
    start = chance.randrange(len(data))
    length = min(chance.randint(1, 600), len(data) - start)
    return data[:start] + bytes(length) + data[start + length:]


BYTES: tuple[Change, ...] = (flip_bits, cut, insert, repeat, blank)


# Workbooks

def _members(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(item.filename, archive.read(item)) for item in archive.infolist()]


def _pack(members: list[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name twice is what is wanted
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def swap_members(data: bytes, chance: Chance) -> bytes:
    """Give two members each other's content."""
    members = _members(data)
    first, second = chance.randrange(len(members)), chance.randrange(len(members))
    names = [name for name, _ in members]
    contents = [content for _, content in members]
    contents[first], contents[second] = contents[second], contents[first]
    return _pack(list(zip(names, contents, strict=True)))


def drop_or_double_member(data: bytes, chance: Chance) -> bytes:
    """Leave a member out, or write one twice, the second time damaged."""
    members = _members(data)
    at = chance.randrange(len(members))
    if chance.random() < 0.5:
        return _pack(members[:at] + members[at + 1:])
    name, content = members[at]
    return _pack([*members, (name, flip_bits(content or b" ", chance))])


def edit_xml(data: bytes, chance: Chance) -> bytes:
    """Edit a part: numbers, tags, an entity that grows, nesting without end."""
    members = _members(data)
    sheets = [at for at, (name, _) in enumerate(members) if "sheet" in name or "shared" in name or "workbook" in name]
    at = chance.choice(sheets or range(len(members)))
    name, content = members[at]
    way = chance.randrange(5)
    if way == 0:
        content = _NUMBER.sub(
            lambda match: chance.choice(_NUMBERS) if chance.random() < 0.15 else match.group(), content)
    elif way == 1:
        tags = re.findall(rb"<[^>]{1,80}>", content) or [b"<a>"]
        other = chance.choice((b"", b"<x>", chance.choice(tags) * 3))
        content = content.replace(chance.choice(tags), other, chance.randint(1, 9))
    elif way == 2:
        content = content.replace(b"?>", b"?>" + _ENTITIES, 1).replace(b"<t>", b"<t>&b;", 3)
    elif way == 3:
        content = content.replace(b"<row", b"<row><c>" * 2_000 + b"<row", 1)
    else:
        content = chance.choice(BYTES)(content or b" ", chance)
    members[at] = (name, content)
    return _pack(members)


def lie_about_sizes(data: bytes, chance: Chance) -> bytes:
    """Write other sizes, checks and places into the archive's directory."""
    changed = bytearray(data)
    places = [match.start() for match in re.finditer(rb"PK\x01\x02|PK\x03\x04|PK\x05\x06", data)]
    for at in chance.sample(places, min(len(places), 3)):
        offset = at + chance.choice((8, 14, 16, 18, 20, 22, 24, 26, 28, 42))
        if offset + 4 <= len(changed):
            struct.pack_into("<I", changed, offset, chance.choice((0, 1, 2**31, 2**32 - 1, chance.randrange(2**20))))
    return bytes(changed)


WORKBOOK: tuple[Change, ...] = (swap_members, drop_or_double_member, *(edit_xml,) * 8, lie_about_sizes, *BYTES)


# Text, Parquet, gzip

def recode(data: bytes, chance: Chance) -> bytes:
    """Write a text in another encoding, or with two."""
    text = data.decode("utf-8", errors="replace")
    codecs = ("utf-16", "utf-16-le", "gb18030", "utf-8-sig", "big5", "utf-32", "cp1252")
    other = text.encode(chance.choice(codecs), errors="replace")
    half = len(text) // 2
    mixed = text[:half].encode("gb18030", errors="replace") + text[half:].encode()
    twice = text.encode().decode("latin-1").encode()
    return chance.choice((other, other, mixed, twice))


def shuffle_text(data: bytes, chance: Chance) -> bytes:
    """Shuffle lines, delimiters and quotes."""
    lines = data.split(b"\n")
    way = chance.randrange(4)
    if way == 0:
        chance.shuffle(lines)
    elif way == 1:
        lines = [line.replace(b",", chance.choice((b";", b"\t", b"|", b",,", b'","'))) for line in lines]
    elif way == 2:
        lines = [line + b"," * chance.randint(0, 3) for line in lines]
    else:
        lines = [b'"' + line if chance.random() < 0.2 else line for line in lines]
    return b"\n".join(lines)


TEXT: tuple[Change, ...] = (recode, shuffle_text, *BYTES)


def as_parquet(table: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file."""
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


def in_gzip(data: bytes, chance: Chance) -> bytes:
    """Pack a file into gzip: whole, damaged, twice, or with something behind."""
    packed = gzip.compress(data, 1)
    way = chance.randrange(5)
    if way == 0:
        return chance.choice(BYTES)(packed, chance)
    if way == 1:
        return gzip.compress(packed)
    if way == 2:
        return packed + chance.choice((b"trailing", packed, b"\x00" * 100))
    return packed[:-8] + struct.pack("<II", zlib.crc32(b"x"), 2**32 - 1) if way == 3 else packed


def break_file(data: bytes, suffix: str, chance: Chance) -> tuple[bytes, str]:
    """Return a file with one to three things broken, and the end of its name.

    Parameters
    ----------
    data : bytes
        A file that can be read.
    suffix : str
        End of its name.
    chance : random.Random
        Decides everything.
    """
    for _ in range(chance.choice((1, 1, 2, 3))):
        if not data:
            break
        changes = WORKBOOK if data[:2] == b"PK" else TEXT if suffix in (".csv", ".tsv") else BYTES
        try:
            data = chance.choice(changes)(data, chance)
        except (zipfile.BadZipFile, UnicodeDecodeError, EOFError, zlib.error, NotImplementedError, OSError, ValueError,
                RuntimeError, OverflowError, struct.error, MemoryError):
            data = chance.choice(BYTES)(data, chance) if data else data
    if chance.random() < 0.1:
        return in_gzip(data, chance), suffix + ".gz"
    if chance.random() < 0.07:
        suffix = chance.choice((".csv", ".xlsx", ".xls", ".parquet", ".tsv", "", ".txt"))
    return data, suffix


# Tables that nobody would write

def make_tables(number: int, start: int, headers: list[str], words: list[str]) -> list[tuple[bytes, str]]:
    """Return files of invented tables: known headers or strange ones, cells of everything."""
    cell = st.one_of(
        st.sampled_from(words), st.text(max_size=20), st.text("0123456789年月日.-/ :", max_size=14), st.just(""),
        st.integers(-10**18, 10**18).map(str), st.floats().map(str), st.dates().map(str), st.datetimes().map(str))
    header = st.lists(st.sampled_from(headers) | st.text(max_size=8), min_size=1, max_size=12)
    rows = st.lists(st.lists(cell, max_size=13), max_size=12)
    table = st.tuples(header, rows, st.sampled_from((".csv", ".tsv", ".xlsx", ".parquet")))
    made: list[tuple[bytes, str]] = []

    @seed(start)
    @settings(max_examples=number, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(table)
    def draw(found: tuple[list[str], list[list[str]], str]) -> None:
        made.append(_write(*found))

    draw()
    return made[:number]


def _write(header: list[str], rows: list[list[str]], suffix: str) -> tuple[bytes, str]:
    if suffix in (".csv", ".tsv"):
        mark = "," if suffix == ".csv" else "\t"
        text = "\n".join(mark.join(row) for row in [header, *rows])
        return text.encode("utf-8", errors="surrogatepass"), suffix
    plain = [[item.encode("utf-8", errors="replace").decode() for item in row] for row in [header, *rows]]
    if suffix == ".parquet":
        width = len(plain[0])
        columns = [f"{name}{at}" if name in plain[0][:at] else name for at, name in enumerate(plain[0])]
        return as_parquet(pd.DataFrame([(row + [""] * width)[:width] for row in plain[1:]], columns=columns)), suffix
    cleaned = [[re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", item) for item in row] for row in plain]
    buffer = io.BytesIO()
    width = max(len(row) for row in cleaned)
    filled = [row + [""] * (width - len(row)) for row in cleaned]
    pd.DataFrame(filled).to_excel(buffer, header=False, index=False, engine="xlsxwriter",
                                   engine_kwargs={"options": {"strings_to_formulas": False, "strings_to_urls": False}})
    return buffer.getvalue(), suffix

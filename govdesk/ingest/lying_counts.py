"""Refuses workbooks that would hang or kill the reading library: counts that lie, chains of sectors that never end.

The library (calamine) makes room for as many strings as a workbook says it has, and follows an XLS file's sectors
wherever they lead. Both were found by `make fuzz`; neither raises: the process dies, or never comes back.

References
----------
ECMA-376, part 1, §18.4.9 (sst) and §18.8 (styles); [MS-CFB] 2.2 to 2.5 (header, DIFAT, FAT, mini FAT).
"""

import re
import struct
import zipfile

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.file_limits import refuse

_COUNTED = re.compile(
    rb"""<(?:\w+:)?(?:sst\b[^>]*?\buniqueCount|(?:fonts|fills|borders|numFmts|cellXfs|cellStyleXfs|cellStyles|dxfs)\b"""
    rb"""[^>]*?\bcount)\s*=\s*["'](\d+)["']""")
#: Parts that the library makes room for, and how much of each is looked at.
_PARTS = ("xl/sharedStrings.xml", "xl/styles.xml")
_LOOKED_AT = 2**20

#: Marks in a FAT above any sector's number.
_LAST_SECTOR = 0xFFFFFFFA
_HEADER = 512


def check_counts(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that says it has more strings or styles than its parts have bytes.

    Raises
    ------
    FileRefusedError
        When one does.
    """
    sizes = {item.filename.lower(): item for item in archive.infolist()}
    for name in _PARTS:
        item = sizes.get(name.lower())
        if item is None:
            continue
        with archive.open(item) as member:
            start = member.read(_LOOKED_AT)
        if any(int(found) > item.file_size for found in _COUNTED.findall(start)):
            raise refuse("file_unreadable", reason=item.filename)


def check_chains(data: bytes) -> None:
    """Refuse an OLE file in which a chain of sectors leads back to itself.

    Raises
    ------
    FileRefusedError
        When one does, or when the header makes no sense.
    """
    if len(data) < _HEADER:
        raise refuse("file_unreadable", reason="OLE")
    shift = struct.unpack_from("<H", data, 30)[0]
    if shift not in (9, 12):
        raise refuse("file_unreadable", reason="OLE")
    size = 1 << shift
    start = max(size, _HEADER)
    sectors = _sectors_of_fat(data, start, size)
    fat = np.concatenate([_sector(data, number, start, size) for number in sectors] or [np.zeros(0, np.uint32)])
    mini = [_sector(data, number, start, size) for number in _follow(fat, struct.unpack_from("<I", data, 60)[0])]
    if _has_loop(fat) or (mini and _has_loop(np.concatenate(mini))):
        raise refuse("file_unreadable", reason="OLE")


def _sector(data: bytes, number: int, start: int, size: int) -> NDArray[np.uint32]:
    piece = data[start + number * size:start + (number + 1) * size]
    return np.frombuffer(piece[: len(piece) // 4 * 4], dtype="<u4")


def _sectors_of_fat(data: bytes, start: int, size: int) -> list[int]:
    """Return the sectors that hold the FAT; refuse a list of them that leads back to itself."""
    most = len(data) // size + 1
    found = [int(number) for number in np.frombuffer(data[76:_HEADER], dtype="<u4")]
    following, seen = struct.unpack_from("<I", data, 68)[0], set()
    while following < _LAST_SECTOR and following < most:
        if following in seen:
            raise refuse("file_unreadable", reason="OLE")
        seen.add(following)
        entries = _sector(data, following, start, size).tolist()
        if len(entries) < size // 4:
            break
        found += entries[:-1]
        following = entries[-1]
    sectors = [number for number in found if number < most]
    if len(sectors) > most:  # more entries than the file has sectors: some are listed twice
        raise refuse("file_unreadable", reason="OLE")
    return sectors


def _follow(fat: NDArray[np.uint32], number: int) -> list[int]:
    chain: list[int] = []
    while number < len(fat) and len(chain) <= len(fat):
        chain.append(number)
        number = int(fat[number])
    return chain


def _has_loop(table: NDArray[np.uint32]) -> bool:
    """Return whether any chain of a table never ends: after as many jumps as there are sectors it still goes on."""
    count = len(table)
    ahead = np.append(np.minimum(table.astype(np.int64), count), count)
    for _ in range(count.bit_length() + 1):
        ahead = ahead[ahead]
    return bool((ahead != count).any())

"""Workbooks that would kill or hang the reading library are refused before it sees them."""

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.lying_counts import _has_loop, check_chains, check_counts
from govdesk.ingest.readers import FileRefusedError
from tests.support import corpus

XLS = sorted((corpus.CORPUS / "files").glob("*biff*.xls"))
STRINGS = '<?xml version="1.0"?><sst xmlns="x" count="{}" uniqueCount="{}"><si><t>a</t></si></sst>'


def workbook(part, text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(part, text)
    return zipfile.ZipFile(buffer)


def test_more_strings_than_bytes_are_refused():
    with pytest.raises(FileRefusedError):
        check_counts(workbook("xl/sharedStrings.xml", STRINGS.format(1, 4_294_967_295)))
    assert check_counts(workbook("xl/sharedStrings.xml", STRINGS.format(2_000_000, 1))) is None  # one string, many cells


@pytest.mark.parametrize("tag", ["cellXfs", "fonts", "x:cellStyles"])
def test_more_styles_than_bytes_are_refused(tag):
    with pytest.raises(FileRefusedError):
        check_counts(workbook("xl/styles.xml", f"<styleSheet><{tag} count='99999999'></{tag}></styleSheet>"))
    assert check_counts(workbook("xl/styles.xml", f"<styleSheet><{tag} count='2'></{tag}></styleSheet>")) is None


@pytest.mark.parametrize("path", XLS, ids=lambda path: path.name)
def test_old_workbooks_end_and_do_not_once_a_chain_leads_back(path):
    data = bytearray(path.read_bytes())
    assert check_chains(bytes(data)) is None
    table = struct.unpack_from("<128I", data, _fat_at(data))
    sector, following = next((one, to) for one, to in enumerate(table) if to < 128 and to != one)
    struct.pack_into("<I", data, _fat_at(data) + 4 * following, sector)
    with pytest.raises(FileRefusedError):
        check_chains(bytes(data))


def _fat_at(data):
    return 512 + struct.unpack_from("<I", data, 76)[0] * 512


def test_a_chain_that_leads_back_is_refused():
    data = bytearray(XLS[0].read_bytes())
    struct.pack_into("<I", data, _fat_at(data) + 4 * 3, 1)  # sector 3 goes on with sector 1
    with pytest.raises(FileRefusedError):
        check_chains(bytes(data))


def test_a_list_of_tables_that_leads_back_is_refused():
    data = bytearray(XLS[0].read_bytes())
    struct.pack_into("<I", data, 68, 2)
    struct.pack_into("<I", data, 512 + 3 * 512 - 4, 2)
    with pytest.raises(FileRefusedError):
        check_chains(bytes(data))


@pytest.mark.parametrize("data", [b"", b"\xd0\xcf\x11\xe0" * 10, b"\xd0\xcf\x11\xe0" + b"\xff" * 600])
def test_what_is_no_ole_file_is_refused(data):
    with pytest.raises(FileRefusedError):
        check_chains(data)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_loops_are_found_as_by_walking(table):
    def walks_for_ever(start):
        seen = set()
        while start < len(table):
            if start in seen:
                return True
            seen.add(start)
            start = table[start]
        return False

    assert _has_loop(np.array(table, dtype=np.uint32)) == any(walks_for_ever(start) for start in range(len(table)))

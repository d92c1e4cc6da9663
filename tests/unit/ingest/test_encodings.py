"""Encodings are found by decoding all of a file, and Big5 is told from GB18030 by its characters."""

import pytest

from govdesk.ingest.encodings import find_encoding
from govdesk.ingest.pieces import FileRefusedError
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import open_table

SIMPLE = "编号,时间,摘要\n" + "".join(f"A{n},2023-03-05,村民反映路灯不亮，要求尽快修复\n" for n in range(30))
TRADITIONAL = "編號,時間,摘要\n" + "".join(f"A{n},2023-03-05,村民反映路燈不亮，要求儘快修復\n" for n in range(30))


@pytest.mark.parametrize(("text", "encoding", "expected"), [
    (SIMPLE, "utf-8", "utf-8-sig"), (SIMPLE, "utf-8-sig", "utf-8-sig"), (SIMPLE, "gb18030", "gb18030"), (SIMPLE, "utf-16", "utf-16"),
    (SIMPLE, "utf-16-le", "utf-16-le"), (SIMPLE, "utf-16-be", "utf-16-be"), (TRADITIONAL, "big5", "big5"),
    (TRADITIONAL, "gb18030", "gb18030"), (TRADITIONAL, "utf-8", "utf-8-sig"), ("a,b\n1,2\n", "ascii", "utf-8-sig"),
    ("姓名,村\n龘䶮,堃淼村\n", "gb18030", "gb18030"),
])
def test_the_encoding_is_found(tmp_path, text, encoding, expected):
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    assert find_encoding(tmp_path / "a.csv") == expected


def test_a_few_broken_bytes_do_not_turn_utf8_into_something_else(tmp_path):
    data = bytearray(SIMPLE.encode())
    data[data.index("灯".encode()) + 1] = 0xFF
    (tmp_path / "a.csv").write_bytes(data)
    table = open_table(tmp_path / "a.csv", FileSection())
    assert (table.facts.encoding, table.headers) == ("utf-8-sig", ["编号", "时间", "摘要"])
    assert sum("\ufffd" in text for piece in table.pieces for cells in piece.cells for text in cells) == 1


def test_a_wrong_encoding_of_the_profile_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(SIMPLE.encode("gb18030"))
    with pytest.raises(FileRefusedError) as refused:
        list(open_table(tmp_path / "a.csv", FileSection(encoding="utf-8")).pieces)
    assert refused.value.note.code == "file_unreadable"

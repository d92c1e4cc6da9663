"""Files are opened by their content, in pieces, as text."""

import gzip
from datetime import date, datetime

import pandas as pd
import pytest

from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import FileRefusedError, as_text, find_encoding, open_table


def read(path, piece=50_000, **options):
    table = open_table(path, FileSection(**options), piece)
    pieces = list(table.pieces)
    return table.headers, pieces


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), (5.0, "5"), (-90.274, "-90.274"), (float("nan"), ""), (True, "true"), ("007", "007"), (7, "7"),
    (datetime(2023, 3, 5, 9, 30), "2023-03-05 09:30:00"), (date(2023, 3, 5), "2023-03-05"), (b"abc", "abc"),  # noqa: DTZ001
])
def test_typed_cells_become_text(value, text):
    assert as_text(value) == text


def test_pieces_keep_order_and_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "".join(f"{n},x\n" for n in range(25)))
    headers, pieces = read(path, piece=10)
    assert headers == ["a", "b"]
    assert [len(piece.lines) for piece in pieces] == [10, 10, 5]
    assert [int(line) for piece in pieces for line in piece.lines] == list(range(2, 27))
    assert [text for piece in pieces for text in piece.cells[0]] == [str(n) for n in range(25)]


def test_header_may_stand_lower(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a report,,\n,,\na,b,c\n1,2,3\n")
    headers, pieces = read(path, header_row=3)
    assert headers == ["a", "b", "c"]
    assert pieces[0].lines.tolist() == [4]


def test_encodings(tmp_path):
    for name, encoding in [("u", "utf-8"), ("b", "utf-8-sig"), ("g", "gb18030"), ("w", "utf-16")]:
        (tmp_path / name).write_bytes("编号,镕镇𠮷\n".encode(encoding))
        found = find_encoding(tmp_path / name)
        assert (tmp_path / name).read_bytes().decode(found) == "编号,镕镇𠮷\n"


def test_broken_gzip_is_refused(tmp_path):
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 50_000)
    (tmp_path / "a.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileRefusedError):
        read(tmp_path / "a.gz")
    with pytest.raises(FileRefusedError):
        read(tmp_path / "nothing.csv")


def test_parquet_types_become_text(tmp_path):
    frame = pd.DataFrame({"i": [1, 2], "s": pd.Categorical(["x", None]), "f": [1.5, None], "t": pd.to_datetime(["2020-01-01 10:00", "1900-01-01 00:00"])})
    frame.to_parquet(tmp_path / "a.parquet")
    _, pieces = read(tmp_path / "a.parquet")
    assert [cells.tolist() for cells in pieces[0].cells] == [
        ["1", "2"], ["x", ""], ["1.5", ""], ["2020-01-01 10:00:00", "1900-01-01 00:00:00"]]

"""A short row is padded where its last cells were left out, and refused where one is missing in the middle."""

import pytest

from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import open_table

HEAD = "编号,时间,镇,村,摘要,备注\n"
FULL = "".join(f"A{n},2023-03-{n:02d},{town},{village},路灯不亮{n},{note}\n" for n, (town, village, note) in enumerate(
    [("城关镇", "东门村", "已办"), ("城关镇", "西门村", ""), ("石桥乡", "大坪村", ""), ("石桥乡", "后里村", "加急")] * 4, 1))


@pytest.mark.parametrize(("row", "is_kept"), [
    ("A90,2023-03-09,城关镇,东门村,路灯不亮", True), ("A90,2023-03-09,石桥乡,大坪村", True), ("A90,2023-03-09,石桥乡", True),
    ("A90,城关镇,东门村,路灯不亮,已办", False), ("2023-03-09,城关镇,东门村,路灯不亮,", False), ("A90,2023-03-09,东门村,路灯不亮,已办", False),
    ("A90,2023-03-09", False), ("A90", False), ("B90,云溪镇,新华村,井水浑浊,未办", False),
])
def test_short_rows(tmp_path, row, is_kept):
    (tmp_path / "a.csv").write_text(HEAD + FULL + row + "\n", encoding="utf-8")
    piece = next(open_table(tmp_path / "a.csv", FileSection()).pieces)
    assert (len(piece.lines), [(item.code, item.line) for item in piece.errors]) == (
        (17, []) if is_kept else (16, [("cells_missing", 18)]))
    if is_kept:
        assert [cells[-1] for cells in piece.cells] == [*row.split(","), "", "", ""][:6]


def test_separators_at_the_end_and_empty_headers_do_no_harm(tmp_path):
    (tmp_path / "a.csv").write_text("编号,村,,\nA1,东门村,,,,\nA2,西门村\nA3,北街,,\n", encoding="utf-8")
    table = open_table(tmp_path / "a.csv", FileSection())
    piece = next(table.pieces)
    assert (table.headers, piece.lines.tolist(), piece.errors) == (["编号", "村"], [2, 3, 4], [])


def test_more_cells_than_headers_are_an_error(tmp_path):
    (tmp_path / "a.csv").write_text("编号,村\nA1,东门村\nA2,西门村,多余\n", encoding="utf-8")
    piece = next(open_table(tmp_path / "a.csv", FileSection()).pieces)
    assert [(item.code, item.line) for item in piece.errors] == [("cells_extra", 3)]

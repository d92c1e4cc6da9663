"""Text is divided into rows whatever stands in it: no quotation mark swallows the rest of a file."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ingest.pieces import FileRefusedError
from govdesk.ingest.text_files import LONGEST_LINE, find_delimiter, parse_line, raw_lines, text_blocks


def rows_of(text, delimiter=",", size=50_000):
    found = []
    for lines, rows in text_blocks(raw_lines(lambda: io.BytesIO(text.encode()), "utf-8"), delimiter, size):
        found += zip(lines.tolist(), rows, strict=True)
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_cells_over_several_lines_keep_their_lines(size):
    text = 'a,b\n1,"x\ny, z\n"\n2,w\n'
    assert rows_of(text, size=size) == [(1, ["a", "b"]), (2, ["1", "x\ny, z\n"]), (5, ["2", "w"])]


@pytest.mark.parametrize(("text", "expected"), [
    ('a,b\n1,"x\n2,y\n3,z\n', [(1, ["a", "b"]), (2, ["1", "x"]), (3, ["2", "y"]), (4, ["3", "z"])]),
    ('a,b\n1,"x\n2,"y"\n3,z\n', [(1, ["a", "b"]), (2, ["1", "x"]), (3, ["2", "y"]), (4, ["3", "z"])]),
    ('5",6"\n7",8\n9,1\n', [(1, ['5"', '6"']), (2, ['7"', "8"]), (3, ["9", "1"])]),
    ("a,b\r1,2\r3,4\r", [(1, ["a", "b"]), (2, ["1", "2"]), (3, ["3", "4"])]),
    ("a,b\r\n\r\n3,4", [(1, ["a", "b"]), (2, []), (3, ["3", "4"])]),
])
def test_stray_marks_and_line_ends(text, expected):
    assert rows_of(text) == expected


def test_a_mark_that_is_never_closed_is_an_ordinary_character():
    assert parse_line('1,"x,y', ",") == ["1", "x", "y"]


@given(st.lists(st.lists(st.text(st.sampled_from('a1",\n\r ;'), max_size=6), min_size=2, max_size=4), min_size=1, max_size=12),
       st.integers(1, 9))
def test_what_a_csv_writer_wrote_comes_back(rows, size):
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    assert [row for _, row in rows_of(out.getvalue(), size=size)] == rows


def test_the_mark_that_keeps_a_number_from_a_spreadsheet_is_no_part_of_it():
    text = '="编号",时间,摘要\r\n="00123","=""2026-03-05""","反映=""甲""厂"\r\n="",=1+2,x\r\n'
    assert [row for _, row in rows_of(text)] == [
        ["编号", "时间", "摘要"], ["00123", "2026-03-05", '反映="甲"厂'], ["", "=1+2", "x"]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_found_under_a_title(delimiter):
    lines = ["2023年3月台账，共三页\n", delimiter.join("abcd") + "\n", *[delimiter.join(["1,5", "x", "y;", "z"]) + "\n"] * 5]
    if delimiter in ",;":
        lines = [line.replace("1,5", "15").replace("y;", "y") for line in lines]
    assert find_delimiter(lines) == delimiter


def test_excels_own_word_for_the_delimiter_counts():
    assert find_delimiter(["sep=|\n", "a,b|c\n"]) == "|"


def test_an_absurd_line_is_refused():
    with pytest.raises(FileRefusedError) as refused:
        list(raw_lines(lambda: io.BytesIO(b"x" * (LONGEST_LINE + 1)), "utf-8"))
    assert refused.value.note.code == "line_too_long"

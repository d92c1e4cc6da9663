"""Reading a register: headers in two languages, encodings, cells, hostile text."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.notes import note
from govdesk.ingest.place_cells import CellError, clean_text, read_code, read_count, read_day, read_name, read_share
from govdesk.ingest.place_headers import PLACE_HEADERS, match_headers, suggest
from govdesk.ingest.place_rows import FileRefusedError, read_changes_csv, read_places_csv


def read(tmp_path, content, reader=read_places_csv):
    path = tmp_path / "places.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return reader(path)


ZH = "代码,名称,层级,上级代码,类型,人口,户数,经度,纬度,生效日期,终止日期\n1,甲村,行政村,0,山区,\"1,200\",300人,110.5,27.1,2020年3月5日,2024.1.1\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_in_any_encoding(tmp_path, encoding):
    file = read(tmp_path, ZH.encode(encoding))
    assert file.warnings == []
    assert file.rows[0].errors == []
    assert file.rows[0].values == {
        "code": "1", "name": "甲村", "level": "village", "parent_code": "0", "kind": "mountain", "population": 1200,
        "households": 300, "lon": 110.5, "lat": 27.1, "valid_from": date(2020, 3, 5), "valid_to": date(2024, 1, 1)}


def test_every_header_of_the_table_is_known():
    for name, words in PLACE_HEADERS.items():
        for word in words:
            assert match_headers([word]).titles == {name: word}, word


def test_misspelt_header_is_answered_with_the_right_one(tmp_path):
    file = read(tmp_path, "code,name,populaton,高程,note\n1,a,5,3,x\n")
    codes = {(item.code, item.column) for item in file.warnings}
    assert ("header_misspelt", "populaton") in codes
    assert "population" in file.warnings[0].message("en")
    assert sum(item.code == "columns_not_read" for item in file.warnings) == 1


def test_misspelt_code_header_refuses_the_file_with_a_suggestion(tmp_path):
    with pytest.raises(FileRefusedError) as caught:
        read(tmp_path, "name,plase_code\na,1\n")
    assert "code" in caught.value.note.message("en")
    assert "plase_code → code" in caught.value.note.message("en")


@pytest.mark.parametrize("content", ["", "\n\n", b"\x00\x01\x02\xff\xfe" * 3])
def test_file_without_a_register_is_refused(tmp_path, content):
    with pytest.raises(FileRefusedError):
        read(tmp_path, content)


def test_lines_are_those_of_an_editor(tmp_path):
    file = read(tmp_path, 'code,name\n1,"a\nb"\n\n2,\n')
    assert [row.line for row in file.rows] == [2, 5]
    assert file.rows[0].values["name"] == "a b"
    assert file.rows[0].warnings == []


@pytest.mark.parametrize(("column", "cell", "code"), [
    ("population", "many", "bad_number"), ("population", "-3", "bad_number"), ("population", "9" * 30, "bad_number"),
    ("households", "1.5", "bad_number"), ("level", "vilage", "bad_level"), ("kind", "sea", "bad_kind"),
    ("valid_from", "2023-02-30", "bad_date"), ("valid_to", "soon", "bad_date"), ("lon", "181", "bad_coordinate"),
    ("lat", "nan", "bad_coordinate"), ("lon", "110", "half_a_point"), ("name", "x" * 101, "name_too_long"),
    ("code", "a b", "bad_code"), ("code", "4.30525E+11", "code_rounded"), ("code", "x" * 41, "bad_code"),
    ("code", "<b>", "bad_code"), ("code", "", "code_missing"),
])
def test_bad_cell_is_named_with_line_and_column(tmp_path, column, cell, code):
    cells = {"code": "1", "name": "a", column: cell}
    file = read(tmp_path, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    [found] = file.rows[0].errors
    expected = {"half_a_point": "lon"}.get(code, column)
    assert (found.code, found.line) == (code, 2)
    assert found.column in (expected, "lat")
    for language in ("zh", "en"):
        assert found.message(language)


def test_level_word_that_is_nearly_right_is_suggested(tmp_path):
    file = read(tmp_path, "code,level\n1,vilage\n")
    assert "village" in file.rows[0].errors[0].message("en")


@pytest.mark.parametrize(("text", "kept"), [
    ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"), ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ("甲\u202e村\u2066", "甲村"), ("甲\x00村\x1b", "甲村"), ("甲\u200b村\ufeff", "甲村"), ("甲\ue000村", "甲\ue000村"),
])
def test_hostile_names_are_kept_harmless(text, kept):
    assert read_name(text) == kept
    assert clean_text(text)[1] == (text != kept)


def test_removed_characters_are_said(tmp_path):
    file = read(tmp_path, "code,name\n1,甲\u202e村\n2,乙\x00村\n3,丙村\n")
    assert [[item.code for item in row.warnings] for row in file.rows] == [["characters_removed"]] * 2 + [[]]


@given(st.text(max_size=200))
def test_any_text_gives_a_clean_name_or_a_refusal(text):
    try:
        name = read_name(text)
    except CellError:
        name = "refused"
    assert 0 < len(name) <= 100
    assert not set(name) & set("\x00\n\r\t\u202e\u2066\u200f")


def _is_usable(value):
    """Return whether a cell's value keeps what its column promises."""
    if isinstance(value, str):
        return re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}", value)
    if isinstance(value, date):
        return value.year >= 1800
    return 0 < value <= 1 if isinstance(value, float) else 0 <= value <= 300_000_000


#: For each reader what looks like its cells; beside it anything at all.
_CELLS = st.one_of(
    st.tuples(st.sampled_from([read_code, read_count, read_day, read_share]), st.text(max_size=60)),
    st.tuples(st.just(read_code), st.text("09AZaz'._-", min_size=1, max_size=45)),
    st.tuples(st.just(read_code), st.text("0aZ", min_size=38, max_size=43)),
    st.tuples(st.just(read_count), st.integers(-1, 10**12).map(str)),
    st.tuples(st.just(read_day), st.dates().map(str)),
    st.tuples(st.just(read_share), st.floats(-1, 5).map(str) | st.integers(0, 200).map("{}%".format)),
)


@settings(max_examples=300)
@given(cell=_CELLS)
def test_reader_gives_a_usable_value_or_names_the_cell_in_both_languages(cell):
    reader, text = cell
    try:
        value = reader(text)
    except CellError as error:
        found = note(error.code, 2, "x", **error.values)
        assert all(found.message(language) for language in ("zh", "en"))  # a value that is missing raises
    else:
        assert _is_usable(value), value


def test_numbers_that_a_spreadsheet_wrote():
    assert read_code("430525.0") == "430525"
    assert read_code("'430525") == "430525"
    assert read_code("４３０") == "430"
    assert read_count("12.0") == 12
    assert read_share("50%") == 0.5


def test_suggestion_only_for_what_is_near():
    assert suggest("populaton", PLACE_HEADERS) == "population"
    assert suggest("banana", PLACE_HEADERS) is None


def test_changes_in_chinese(tmp_path):
    file = read(tmp_path, "原代码,新代码,日期,类型,比例\nA,B,2024-03-01,拆分,40%\n", read_changes_csv)
    assert file.rows[0].values == {"from_code": "A", "to_code": "B", "on": date(2024, 3, 1), "kind": "split", "share": 0.4}

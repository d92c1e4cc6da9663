"""Notes name the sheet and the row as Excel shows it, whatever the row's position in the file."""

from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.notes import SHEET, ImportReport, note


def make_book() -> NoteBook:
    book = NoteBook(ImportReport())
    book.sheets = ["一月", "二月"]
    return book


def test_an_error_of_the_second_sheet_names_it_and_its_row():
    book = make_book()
    book.error(note("value_missing", SHEET + 7, "村"))
    book.error(note("value_missing", 9, "村"))
    book.finish()
    assert [(item.sheet, item.line) for item in book.report.errors] == [("一月", 9), ("二月", 7)]


def test_counted_and_single_warnings_are_located_alike():
    book = make_book()
    book.group("rows_skipped", [SHEET + 3, SHEET + 4])
    book.warn("text_cut", SHEET + 2)
    book.finish()
    assert {(item.sheet, item.line) for item in book.report.warnings} == {("二月", 3), ("二月", 2)}


def test_a_file_without_sheets_keeps_its_lines():
    book = NoteBook(ImportReport())
    book.error(note("value_missing", 9))
    assert (book.report.errors[0].sheet, book.report.errors[0].line, book.where(9)) == (None, 9, "9")


def test_a_sentence_that_names_two_rows_says_the_sheets():
    assert make_book().where(SHEET + 12) == "二月!12"

"""Rows wait in memory or in a file; nobody who reads them sees the difference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.duplicates import drop_duplicates
from govdesk.ingest.notes import ImportReport
from govdesk.ingest.records import Rows
from govdesk.ingest.row_store import RowStore


def make_rows(first: int, names: list[str | None]) -> Rows:
    text = np.empty(len(names), dtype=object)
    text[:] = names
    hashes = np.empty(len(names), dtype=object)
    hashes[:] = [f"h{name}" for name in names]
    return Rows(np.arange(first, first + len(names), dtype=np.int64), {"source_ref": text, "content_hash": hashes})


def read(store: RowStore) -> list[tuple[int, object]]:
    return [(int(line), ref) for rows in store
            for line, ref in zip(rows.lines, rows.values["source_ref"], strict=True)]


@settings(deadline=None)
@given(st.lists(st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=6), max_size=8), st.integers(0, 20))
def test_rows_come_out_as_they_went_in_wherever_they_lie(parts, kept):
    store, at, expected = RowStore(kept), 1, []
    for names in parts:
        store.append(make_rows(at, names))
        expected += list(enumerate(names, at))
        at += len(names)
    assert read(store) == expected == read(store)
    assert len(store) == len(expected)


@pytest.mark.parametrize("kept", [0, 100])
def test_what_a_reader_sets_is_its_own(kept):
    store = RowStore(kept)
    store.append(make_rows(1, ["a"]))
    for rows in store:
        rows.values["added"] = rows.lines
    assert "added" not in next(iter(store)).values


@pytest.mark.parametrize("kept", [0, 3, 100])
def test_duplicates_are_found_across_parts_and_the_file(kept):
    store = RowStore(kept)
    store.append(make_rows(2, ["a", "b"]))
    store.append(make_rows(4, ["c", "a", "d"]))
    other = make_rows(7, ["b"])
    other.values["content_hash"][0] = "another"
    store.append(other)
    report = ImportReport()
    left = drop_duplicates(store, "source_ref", NoteBook(report))
    assert read(left) == [(2, "a"), (3, "b"), (4, "c"), (6, "d")]
    assert (report.duplicates, report.rejected) == (1, 1)
    assert dict(report.errors[0].values) == {"value": "b", "first": "3", "second": "7"}

"""A kept report says what the whole one said; where notes were left out it is not taken for the whole."""

import pytest

from govdesk.ingest.kept_report import NOTES_KEPT, read_report, restore, write_report
from govdesk.ingest.notes import ImportReport, note
from govdesk.ingest.place_proposals import PlaceProposal


def make_report(n_errors=2):
    errors = [note("category_unknown", line, "类别", value="怪", hint="") for line in range(2, 2 + n_errors)]
    return ImportReport(read=9, inserted=4, updated=1, unchanged=1, rejected=n_errors, duplicates=1, masked=3, aside=2,
                        masked_kinds={"phone": 3}, errors=[*errors, note("value_missing", 8, "村")],
                        warnings=[note("reference_empty", 2, "编号", n=1)],
                        place_proposals=[PlaceProposal("石江", "", 1, 4, None, ())])


def test_report_comes_back_as_it_was_kept():
    kept = read_report(write_report(make_report(), {"places": 3}, is_again=True))
    assert kept.counts == {"read": 9, "inserted": 4, "updated": 1, "unchanged": 1, "rejected": 2, "duplicates": 1,
                           "masked": 3, "aside": 2, "skipped": 0}
    assert [(one.code, one.column, one.n) for one in kept.reasons] == [("category_unknown", "类别", 2),
                                                                       ("value_missing", "村", 1)]
    assert (kept.versions, kept.is_again, kept.masked_kinds) == ({"places": 3}, True, {"phone": 3})
    assert kept.place_proposals[0].text == "石江"
    whole = restore(kept)
    assert (whole.errors, whole.warnings, whole.inserted) == (make_report().errors, make_report().warnings, 4)


def test_report_with_notes_left_out_counts_all_and_is_not_restored():
    kept = read_report(write_report(make_report(NOTES_KEPT + 10), {}))
    assert len(kept.errors) == NOTES_KEPT
    assert kept.reasons[0].n == NOTES_KEPT + 10
    assert restore(kept) is None


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"counts": {}}', "null"])
def test_what_cannot_be_read_is_no_report(text):
    assert read_report(text) is None

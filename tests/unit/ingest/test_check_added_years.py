"""A closing without a year takes the title's only where it can lie after its event."""

import numpy as np

from govdesk.ingest.checks import check_added_years
from govdesk.ingest.dates import NULL
from govdesk.ingest.drafts import Draft, NoteBook
from govdesk.ingest.notes import ImportReport

DAY = 86_400


def _draft(closed, occurred, reported=NULL):
    values = {"closed_at": np.array([closed]), "occurred_on": np.array([occurred]), "reported_at": np.array([reported])}
    return Draft(np.array([5]), values, {"closed_at": "办结时间"}, NoteBook(ImportReport()))


def test_a_closing_half_a_year_before_its_event_is_of_no_sure_year():
    draft = _draft(18_997 * DAY, 19_350)
    check_added_years(draft, "closed_at", np.array([0]))
    assert [(n.code, n.line, n.column) for n in draft.book.report.errors] == [("date_without_year", 5, "办结时间")]


def test_a_closing_some_months_before_its_event_is_of_no_sure_year():
    draft = _draft(19_359 * DAY, 19_507)  # 2 January, told of 30 May
    check_added_years(draft, "closed_at", np.array([0]))
    assert draft.bad.all()


def test_a_closing_near_its_event_stays_whichever_comes_first():
    for closed in (19_340, 19_360):
        draft = _draft(closed * DAY, NULL, 19_350 * DAY)
        check_added_years(draft, "closed_at", np.array([0]))
        assert not draft.bad.any()


def test_a_row_without_a_day_of_its_own_is_left_to_others():
    draft = _draft(18_997 * DAY, NULL)
    check_added_years(draft, "closed_at", np.array([0]))
    assert not draft.bad.any()

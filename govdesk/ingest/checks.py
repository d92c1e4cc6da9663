"""Checks of rows whose cells are readable by themselves: dates, pairs of dates, categories; pure."""

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.cells import Meanings
from govdesk.ingest.dates import FIRST_DAY, NULL, as_date
from govdesk.ingest.drafts import Draft
from govdesk.ingest.record_fields import RecordKind
from govdesk.terms import Stream

Ints = NDArray[np.int64]

_DAY = 86_400
#: Clocks of other machines may run ahead by so much.
_SLACK = _DAY
#: Days by which a closing may lie before the event and still be of its year, a slip of the pen; more is another year.
_FAR = 31
#: What a row of a stream without a category counts as.
UNCLASSIFIED = {
    stream.value: f"unclassified_{'order' if stream is Stream.PUBLIC_ORDER else stream.value}" for stream in Stream
}
#: Pairs of days or instants of which the second must not come before the first: first, second, whether equal is wrong.
_PAIRS = (
    ("started_on", "ended_on", False), ("period_from", "period_to", True), ("from_on", "to_on", False),
    ("valid_from", "valid_to", True),
)


def check_dates(draft: Draft, kind: RecordKind, now: int) -> None:
    """Reject dates before 1990 and dates in the future, where the field cannot lie ahead.

    `recorded_at` is left to `clamp_recorded`.
    """
    for item in kind.fields:
        if item.kind not in ("date", "instant") or item.name == "recorded_at" or item.name not in draft.values:
            continue
        column = draft.values[item.name]
        days = np.where(column == NULL, NULL, column // _DAY) if item.kind == "instant" else column
        known = (column != NULL) & ~draft.bad
        if item.future:
            continue
        for row in np.flatnonzero(known & (days < FIRST_DAY)).tolist():
            draft.reject([row], "date_too_old", item.name, date=as_date(int(days[row])))
        ahead = column > now + _SLACK if item.kind == "instant" else days > (now + _SLACK) // _DAY
        for row in np.flatnonzero(known & ahead).tolist():
            draft.reject([row], "date_in_future", item.name, date=_shown_day(int(days[row])))


def _shown_day(day: int) -> str:
    return str(as_date(day)) if day < 2_000_000 else str(day)


def check_pairs(draft: Draft) -> None:
    """Reject rows whose end lies before their beginning."""
    for first, second, equal_is_wrong in _PAIRS:
        if first not in draft.values or second not in draft.values:
            continue
        start, end = draft.values[first], draft.values[second]
        wrong = (start != NULL) & (end != NULL) & ((end <= start) if equal_is_wrong else (end < start))
        draft.reject(wrong & ~draft.bad, "ends_before_start", second)


def check_added_years(draft: Draft, name: str, rows: Ints) -> None:
    """Reject rows whose answer or closing got its year from the title and lies far before the event.

    The list of December tells what was closed on 5 January, and does not say that it is of the next year.
    """
    ends, occurred, reported = (draft.values[key][rows] for key in (name, "occurred_on", "reported_at"))
    starts = np.where(occurred == NULL, reported // _DAY, occurred)
    is_known = (ends != NULL) & ((occurred != NULL) | (reported != NULL)) & ~draft.bad[rows]
    doubtful = rows[is_known & (ends // _DAY < starts - _FAR)]
    for row in doubtful.tolist():
        value = draft.quote(name, row) if draft.quote is not None else None
        draft.reject([row], "date_without_year", name, value=value or "")


def check_categories(draft: Draft, meanings: Meanings) -> None:
    """Give rows without a category the stream's unclassified one; reject a category of another stream."""
    streams = draft.values["stream"]
    categories = draft.values["category"]
    without = np.fromiter((item is None for item in categories), bool, len(categories)) & ~draft.bad
    draft.group(without, "category_empty", "category")
    for row in np.flatnonzero(without).tolist():
        categories[row] = UNCLASSIFIED[streams[row]]
    wrong: list[int] = []
    for row, (stream, category) in enumerate(zip(streams, categories, strict=True)):
        if not draft.bad[row] and category is not None and meanings.categories.get(category, stream) != stream:
            wrong.append(row)
    for row in wrong:
        draft.reject([row], "category_of_other_stream", "category", category=categories[row], stream=streams[row])


def clamp_recorded(draft: Draft, now: int) -> None:
    """Set a `recorded_at` that lies ahead to now: nobody knows a thing later than on holding it in hand.

    What the source said stays in `recorded_given`, so that the same file is the same content tomorrow.
    """
    recorded = draft.values["recorded_at"]
    draft.values["recorded_given"] = recorded.copy()
    ahead = (recorded != NULL) & (recorded > now)
    draft.group(ahead & ~draft.bad, "recorded_in_future", "recorded_at")
    recorded[ahead] = now
    ancient = (recorded != NULL) & (recorded < FIRST_DAY * _DAY) & ~draft.bad
    for row in np.flatnonzero(ancient).tolist():
        draft.reject([row], "date_too_old", "recorded_at", date=as_date(int(recorded[row]) // _DAY))
    if "reported_at" in draft.values:
        reported = draft.values["reported_at"]
        early = (recorded != NULL) & (reported != NULL) & (recorded < reported)
        draft.group(early & ~draft.bad, "recorded_before_reported", "recorded_at")

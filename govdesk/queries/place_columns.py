"""Where rows lay in their own week, looked up in arrays: a join would search a tree of texts for each row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, literal, select

from govdesk.queries.columns import Coded, Integers
from govdesk.tables import PlaceAncestor, PlaceWeek

#: More than weeks there are (`tables.places.OPEN_WEEK`).
_STRIDE = 1_000_000
_HALF = _STRIDE // 2


def find_districts(connection: Connection, places: Coded, weeks: Integers) -> Coded:
    """Return the district (`tables.weekly`) of each row; empty where its place did not stand in its week.

    Parameters
    ----------
    places : Coded
        Place codes.
    weeks : array of int64
        Week of occurrence of each row.
    """
    spans = connection.execute(select(
        PlaceWeek.code, PlaceWeek.week_from, PlaceWeek.week_to, PlaceWeek.district_code)).all()
    return _look_up(spans, places, weeks)


def find_ancestors(connection: Connection, level: str, places: Coded, weeks: Integers) -> Coded:
    """Return the place of `level` that each row lay in; empty where there is none."""
    spans = connection.execute(select(
        PlaceAncestor.code, PlaceAncestor.week_from, PlaceAncestor.week_to, PlaceAncestor.ancestor_code,
    ).where(PlaceAncestor.ancestor_level == level)).all()
    return _look_up(spans, places, weeks)


def is_inside(connection: Connection, place_code: str, places: Coded, weeks: Integers) -> npt.NDArray[np.bool_]:
    """Return whether each row lay in a place, of any level, in its own week."""
    spans = connection.execute(select(
        PlaceAncestor.code, PlaceAncestor.week_from, PlaceAncestor.week_to, literal("in"),
    ).where(PlaceAncestor.ancestor_code == place_code)).all()
    return _is_met(spans, places, weeks)


def is_of_kind(
    connection: Connection, kinds: Sequence[str], places: Coded, weeks: Integers
) -> npt.NDArray[np.bool_]:
    """Return whether each row lay in a village of one of `kinds` (`terms.PlaceKind`) in its own week."""
    spans = connection.execute(select(
        PlaceWeek.code, PlaceWeek.week_from, PlaceWeek.week_to, literal("in"),
    ).where(PlaceWeek.kind.in_(kinds))).all()
    return _is_met(spans, places, weeks)


def _is_met(spans: Sequence[Any], places: Coded, weeks: Integers) -> npt.NDArray[np.bool_]:
    found = _look_up(spans, places, weeks)
    is_met: npt.NDArray[np.bool_] = (found.labels != "")[found.codes]
    return is_met


def _look_up(spans: Sequence[Any], places: Coded, weeks: Integers) -> Coded:
    """Return what holds in the span of a place that contains the week; spans of one place do not overlap."""
    number_of = {str(label): number for number, label in enumerate(places.labels)}
    found = sorted((number_of[code], first, end, what) for code, first, end, what in spans if code in number_of)
    labels = sorted({"", *(span[3] for span in found)})
    code_of = {label: number for number, label in enumerate(labels)}
    if not found:
        return Coded(np.zeros(len(places.codes), dtype="int64"), np.array(labels, dtype=object))
    numbers, begins, ends = (np.array([span[i] for span in found], dtype="int64") for i in range(3))
    held = np.array([code_of[span[3]] for span in found], dtype="int64")
    at = np.searchsorted(numbers * _STRIDE + begins + _HALF, places.codes * _STRIDE + weeks + _HALF, side="right") - 1
    is_met = (at >= 0) & (numbers[at] == places.codes) & (weeks < ends[at])
    return Coded(np.where(is_met, held[at], code_of[""]), np.array(labels, dtype=object))

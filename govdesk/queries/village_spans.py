"""Which village each place lay in, week by week: for reads that find few rows and place them in Python.

A join with the closure makes the engines start from the places; where an index leads to a few hundred rows it is ten
times as quick to look their village up afterwards.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import Connection, select

from govdesk.queries.risk_panel import follow_mergers, read_mergers
from govdesk.tables import PlaceAncestor
from govdesk.terms import Level

#: By place: weeks [from, to) and the village it lay in.
Spans = Mapping[str, Sequence[tuple[int, int, str]]]


def find_successors(connection: Connection, on: date) -> dict[str, str]:
    """Return the place of a day into which each one went that went as a whole, as the panel counts it."""
    mergers = read_mergers(connection, on)
    if not mergers:
        return {}
    codes = pd.Series(pd.Categorical(sorted(mergers)))
    return dict(zip(codes, follow_mergers(codes, mergers), strict=True))


def read_spans(
    connection: Connection, on: date, villages: Sequence[str] | None = None, places: Sequence[str] | None = None
) -> Spans:
    """Return the weeks in which each place lay in a village, named by its successor on a day.

    Parameters
    ----------
    villages, places : sequence of str, optional
        Keep only what lay in these villages (or in what they took in), only these places.
    """
    successors = find_successors(connection, on)
    closure = PlaceAncestor
    statement = select(closure.code, closure.week_from, closure.week_to, closure.ancestor_code).where(
        closure.ancestor_level == Level.VILLAGE)
    if villages is not None:
        wanted = set(villages)
        took_in = [code for code, successor in successors.items() if successor in wanted]
        statement = statement.where(closure.ancestor_code.in_([*villages, *took_in]))
    if places is not None:
        statement = statement.where(closure.code.in_(places))
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in connection.execute(statement):
        spans[row.code].append((row.week_from, row.week_to, successors.get(row.ancestor_code, row.ancestor_code)))
    return dict(spans)


def find_village(spans: Spans, place: str, *weeks: int) -> str | None:
    """Return the village a place lay in in the first of `weeks` in which it stood."""
    for week in weeks:
        for begin, end, code in spans.get(place, ()):
            if begin <= week < end:
                return code
    return None

"""What the early warning learns from: facts by village and week, and the villages themselves.

A fact keeps the village of its own week, the week it happened in and the week since which it is known. Corrections
carry the weight −1 from the week in which they were known; merged and withdrawn incidents are not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals
from sqlalchemy import BigInteger, Connection, Text, and_, cast, literal_column, select

from govdesk.clock import day_start, local_day, monday_of, week_of
from govdesk.queries.columns import Coded, Integers, read_columns
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import OFFICE_PARTS
from govdesk.tables import EscalationEvent, Incident, PlaceAncestor
from govdesk.tables.places import FIRST_WEEK, OPEN_WEEK
from govdesk.terms import Level, Stream

#: Role of an escalation event; an incident has the role of its stream besides.
ESCALATION = "escalation"
ROLES: dict[str, str] = {
    Stream.DISPUTE: "dispute", Stream.PETITION: "petition", Stream.REQUEST: "complaint", Stream.HAZARD: "hazard",
    Stream.PUBLIC_ORDER: "public_order",
}

#: Between place, stream and category in one text; no stored code holds it.
_BETWEEN = "\x1e"
#: Room for every week there is, and for every number of weeks between happening and knowing.
_WEEKS, _LAGS = 2**20, 2**16


_WHAT: Any = Incident.place_code + _BETWEEN + Incident.stream + _BETWEEN + Incident.category


@dataclass(frozen=True, slots=True)
class _Facts:
    """Facts before they are summed: place, stream and category as the number of their text; weeks and weights.

    `begun` is the week of the incident itself: by the week of an event its place may be gone (a grid was split).
    """

    what: Coded
    occurred: Integers
    lag: Integers
    weight: Integers
    begun: Integers


@reads("view_warnings")
def read_panel_facts(
    connection: Connection, scope: Scope, week_from: int = FIRST_WEEK, week_to: int = OPEN_WEEK, *,
    level: str = Level.VILLAGE, horizon_weeks: int = 4, borders_of: int | None = None,
) -> pd.DataFrame:
    """Return what happened in each village: every incident, and every escalation event besides.

    Parameters
    ----------
    week_from, week_to : int
        Weeks in which the incident occurred; for an event, in which the fact happened. `week_to` exclusive.
    level : str
        Level of the places of the panel. What is known only above it is left out.
    horizon_weeks : int
        An incident counts once in so many weeks, however many parts it meets in them: that which was known first.
    borders_of : int, optional
        Facts of later weeks are put where their place lay in this week, if it stood then.

    Returns
    -------
    DataFrame
        ``place_code``, ``stream``, ``category``, ``role`` (category: `ROLES`, or `ESCALATION`), ``week_occurred``,
        ``week_known`` (int64), ``weight`` (int64: sum of the weights of equal rows, never 0); in no order.
        Petitions that are charged to an office are no escalation of a village.
    """
    tree = _Tree(connection, level, borders_of)
    parts = [(_read_incidents(connection, scope, week_from, week_to), None),
             (_read_events(connection, scope, week_from, week_to, horizon_weeks), ESCALATION)]
    return _join([_to_frame(facts, tree, role) for facts, role in parts])


def _read_incidents(connection: Connection, scope: Scope, week_from: int, week_to: int) -> _Facts:
    # An expression no index is sorted by: the engine then walks along the one index that holds all of this.
    week = Incident.week_occurred + literal_column("0")
    rows: Any = select().select_from(Incident).where(and_(
        Incident.is_counted == 1, week >= week_from, week < week_to, visible_incidents(scope)))
    # Both weeks and the sign in one number: columns cost more than what is in them.
    begin = (cast(Incident.week_occurred, BigInteger) - FIRST_WEEK) * _LAGS
    packed = (begin + Incident.week_known - Incident.week_occurred + _LAGS // 2) * Incident.weight
    numbers, texts = read_columns(connection, rows, {"packed": packed}, {"what": _WHAT})
    occurred, lag = np.divmod(np.abs(numbers["packed"]), _LAGS)
    week_of_fact = occurred + FIRST_WEEK
    return _Facts(texts["what"], week_of_fact, lag - _LAGS // 2, np.sign(numbers["packed"]), week_of_fact)


def _read_events(
    connection: Connection, scope: Scope, week_from: int, week_to: int, horizon_weeks: int
) -> _Facts:
    event = EscalationEvent
    rows: Any = select().select_from(event).join(Incident, Incident.id == event.incident_id).where(and_(
        Incident.is_counted == 1, visible_incidents(scope), event.part.not_in(sorted(OFFICE_PARTS))))
    numbers, texts = read_columns(
        connection, rows, {"incident": event.incident_id, "known": event.recorded_at, "weight": Incident.weight,
                           "begun": Incident.week_occurred},
        {"on": cast(event.occurred_on, Text), "what": _WHAT})
    days = texts["on"]
    occurred = np.array([week_of(date.fromisoformat(day)) for day in days.labels], dtype="int64")[days.codes]
    order, known = _thin(numbers["incident"], occurred, _weeks_of(numbers["known"]), horizon_weeks)
    keep = (occurred[order] >= week_from) & (occurred[order] < week_to)
    order, known = order[keep], known[keep]
    what = Coded(texts["what"].codes[order], texts["what"].labels)
    return _Facts(what, occurred[order], known - occurred[order], numbers["weight"][order], numbers["begun"][order])


def _weeks_of(seconds: Integers) -> Integers:
    """Return the county's week of each instant."""
    if not len(seconds):
        return seconds
    first, last = (week_of(local_day(datetime.fromtimestamp(int(at), UTC))) for at in (seconds.min(), seconds.max()))
    begins = np.array([day_start(monday_of(week)).timestamp() for week in range(first, last + 1)])
    return np.asarray(first + np.searchsorted(begins, seconds, "right") - 1)


def _thin(incident: Integers, occurred: Integers, known: Integers, horizon_weeks: int) -> tuple[Integers, Integers]:
    """Keep one event of an incident in `horizon_weeks`; return which, and since when it is known.

    Events are taken in the order in which they became known: one that becomes known later, of whatever week, neither
    moves nor drops one that a score of that time already knew.
    """
    order = np.lexsort((occurred, known, incident))
    keep = np.ones(len(order), dtype="bool")
    again = np.flatnonzero(incident[order][1:] == incident[order][:-1]) + 1
    kept: list[int] = []
    for at in again.tolist():
        week = int(occurred[order[at]])
        if incident[order[at - 1]] != (incident[order[kept[0]]] if kept else -1):
            kept = [at - 1]
        if any(abs(week - int(occurred[order[other]])) < horizon_weeks for other in kept):
            keep[at] = False
        else:
            kept.append(at)
    return order[keep], known[order[keep]]


class _Tree:
    """Which place of a level a place lay in, by week."""

    def __init__(self, connection: Connection, level: str, borders_of: int | None = None) -> None:
        self.borders_of = borders_of
        rows = connection.execute(
            select(PlaceAncestor.code, PlaceAncestor.week_from, PlaceAncestor.week_to, PlaceAncestor.ancestor_code)
            .where(PlaceAncestor.ancestor_level == level)
            .order_by(PlaceAncestor.code, PlaceAncestor.week_from)).all()
        self.labels = sorted({row.ancestor_code for row in rows})
        number = {code: at for at, code in enumerate(self.labels)}
        self.by_code: dict[str, list[tuple[int, int, int]]] = {}
        for row in rows:
            self.by_code.setdefault(row.code, []).append((row.week_from, row.week_to, number[row.ancestor_code]))

    def find(self, place: Coded, week: Integers) -> Integers:
        """Return the number of the place of the level for each row, −1 where there is none."""
        found = self._find_in(place, week)
        if self.borders_of is None:
            return found
        earlier = self._find_in(place, np.minimum(week, self.borders_of))
        return np.asarray(np.where(earlier >= 0, earlier, found))

    def _find_in(self, place: Coded, week: Integers) -> Integers:
        spans = [(at, *span) for at, code in enumerate(place.labels) for span in self.by_code.get(code, ())]
        if not spans:
            return np.full(len(week), -1)
        owner, begin, end, found = np.array(spans, dtype="int64").T
        begins, wanted = owner * _WEEKS + (begin - FIRST_WEEK), place.codes * _WEEKS + (week - FIRST_WEEK)
        at = np.searchsorted(begins, wanted, "right") - 1
        fits = (at >= 0) & (owner[at] == place.codes) & (week < end[at])
        return np.asarray(np.where(fits, found[at], -1))


def _to_frame(facts: _Facts, tree: _Tree, role: str | None) -> pd.DataFrame:
    """Sum equal rows and give them their words."""
    told = [str(label).split(_BETWEEN) for label in facts.what.labels]
    places, kinds = _list_labels(place for place, *_ in told), _list_labels((row[1], row[2]) for row in told)
    place = np.array([places[row[0]] for row in told], dtype="int64")[facts.what.codes]
    kind = np.array([kinds[row[1], row[2]] for row in told], dtype="int64")[facts.what.codes]
    lay = Coded(place, np.array(list(places), dtype=object))
    village = tree.find(lay, facts.occurred)
    if (facts.begun != facts.occurred).any():
        village = np.where(village < 0, tree.find(lay, facts.begun), village)
    keep = village >= 0
    week = facts.occurred - FIRST_WEEK
    cells = (((village * max(len(kinds), 1) + kind) * _WEEKS + week) * _LAGS + facts.lag + _LAGS // 2)[keep]
    cells, row = np.unique(cells, return_inverse=True)
    weight = np.bincount(row, facts.weight[keep], len(cells)).round().astype("int64")
    cells, weight = cells[weight != 0], weight[weight != 0]
    rest, lag = np.divmod(cells, _LAGS)
    rest, week = np.divmod(rest, _WEEKS)
    village, kind = np.divmod(rest, max(len(kinds), 1))
    roles = [role or ROLES.get(stream, stream) for stream, _ in kinds]
    week = week + FIRST_WEEK
    return pd.DataFrame({
        "place_code": _as_category(village, tree.labels), "stream": _as_category(kind, [one[0] for one in kinds]),
        "category": _as_category(kind, [one[1] for one in kinds]), "role": _as_category(kind, roles),
        "week_occurred": week, "week_known": week + lag - _LAGS // 2, "weight": weight,
    })


def _list_labels(values: Iterable[Any]) -> dict[Any, int]:
    return {value: at for at, value in enumerate(dict.fromkeys(values))}


def _as_category(codes: Integers, labels: Sequence[str]) -> pd.Categorical:
    """Return a column of a few texts; several labels may be the same text."""
    known = sorted(set(labels))
    number = {label: at for at, label in enumerate(known)}
    place = np.array([number[label] for label in labels], dtype="int64")
    return pd.Categorical.from_codes(place[codes] if len(labels) else codes, pd.Index(known, dtype="str"))


def _join(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put frames below each other; texts stay categories."""
    columns: dict[str, Any] = {}
    for name in parts[0]:
        is_text = isinstance(parts[0][name].dtype, pd.CategoricalDtype)
        columns[str(name)] = (union_categoricals([part[name] for part in parts], sort_categories=True) if is_text
                              else np.concatenate([part[name].to_numpy() for part in parts]))
    return pd.DataFrame(columns)

"""Pairs of incidents that may be one matter told twice, for somebody to judge.

Candidates are found by blocks: what occurred in one village (or is known no finer than its township) within
`NEAR_DAYS`; at least one of the two was recorded since a day. Only these are compared by the rule
(`rules.likely_duplicates`), and texts are read only where they can decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, false, func, or_, select, true

from govdesk.queries.columns import Coded, Integers
from govdesk.queries.coverage import reporting_level
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_ancestors, find_districts
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.rules.likely_duplicates import (
    NEAR_DAYS,
    POINTS,
    PROPOSED_FROM,
    UNCLASSIFIED,
    Likeness,
    Relation,
    Side,
    compare,
    find_distance,
    is_eligible,
    is_kin,
)
from govdesk.tables import DuplicateVerdict, Incident, PlaceAncestor, PlaceWeek
from govdesk.terms import PointKind

#: Newest records that are looked at: a history loaded at once is no work for a week.
MOST_RECORDED = 60_000
#: Summaries a query.
_PART = 500

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One pair: the older first (by day, then by number).

    Attributes
    ----------
    metres : float or None
        Distance of their points, where both have one of their own.
    """

    one: int
    other: int
    likeness: Likeness
    metres: float | None


@dataclass(frozen=True, slots=True)
class Proposals:
    """What is to be judged.

    Attributes
    ----------
    pairs : tuple of Proposal
        The most alike first; of equally alike ones the newest.
    n_pairs : int
        How many there are, `pairs` and those beyond the limit.
    n_recorded : int
        Counted incidents recorded since, corrections netted: what the pairs are among.
    is_cut : bool
        More than `MOST_RECORDED` were recorded since; the weeks of occurrence longest ago were left out.
    """

    pairs: tuple[Proposal, ...]
    n_pairs: int
    n_recorded: int
    is_cut: bool


@reads("merge_incidents")
def list_likely(connection: Connection, scope: Scope, since: datetime, limit: int = 50) -> Proposals:
    """Return the pairs to judge among what `scope` may see, of which one was recorded at `since` or later.

    Pairs that were judged already, and whose judgement stands, are left out.
    """
    weeks, n_recorded, is_cut = _find_weeks(connection, scope, since)
    if not weeks:
        return Proposals((), 0, n_recorded, is_cut)
    sides, in_week, is_new, has_text = _read_sides(connection, scope, weeks, since)
    found = _judge(connection, sides, in_week, is_new, has_text, _read_judged(connection))
    return Proposals(tuple(found[:max(limit, 0)]), len(found), n_recorded, is_cut)


@reads("view_incidents")
def list_likely_of(connection: Connection, scope: Scope, incident_id: int) -> tuple[Proposal, ...]:
    """Return the pairs to judge that one incident is part of, the most alike first, among what `scope` may see.

    The same pairs as `list_likely` finds, from the incidents of one village (or, where no more is known, township).
    """
    found = connection.execute(select(Incident.place_code, Incident.week_occurred).where(
        Incident.id == incident_id, Incident.is_counted == 1, Incident.weight > 0)).first()
    if found is None:
        return ()
    week = found.week_occurred
    sides, in_week, _, has_text = _read_sides(
        connection, scope, [week - 1, week, week + 1], None, _find_near(connection, found.place_code, week))
    is_asked = np.array([side.id == incident_id for side in sides], bool)
    if not is_asked.any():
        return ()
    return tuple(_judge(connection, sides, in_week, is_asked, has_text, _read_judged(connection, incident_id)))


def _find_near(connection: Connection, place_code: str, week: int) -> list[str]:
    """Return the places whose incidents may be paired with those of one: its village's, and those known no finer."""
    level = reporting_level(connection) or ""
    rows = connection.execute(select(PlaceAncestor.ancestor_code, PlaceAncestor.ancestor_level).where(
        PlaceAncestor.code == place_code, PlaceAncestor.week_from <= week, PlaceAncestor.week_to > week)).all()
    village = next((code for code, found in rows if found == level), None)
    district = connection.scalar(select(PlaceWeek.district_code).where(
        PlaceWeek.code == place_code, PlaceWeek.week_from <= week, PlaceWeek.week_to > week))
    # Known no finer than its township, it may be anything in it.
    below = (select(PlaceWeek.code).where(PlaceWeek.district_code == district) if village is None
             else select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == village))
    return sorted({place_code, *(code for code, _ in rows), *connection.scalars(below.distinct())})


def _judge(
    connection: Connection, sides: Sequence[Side], in_week: Integers, is_new: Flags, has_text: Flags,
    judged: set[tuple[int, int]],
) -> list[Proposal]:
    """Return the pairs of which one is new that the rule proposes, the most alike first."""
    chosen = [pair for pair in _pair_up(connection, sides, in_week, is_new, has_text)
              if (sides[pair[0]].id, sides[pair[1]].id) not in judged and is_eligible(sides[pair[0]], sides[pair[1]])]
    texts = _read_texts(connection, sides, chosen, has_text)
    found = []
    for first, second, relation in chosen:
        one, other = sides[first], sides[second]
        if has_text[first] and has_text[second]:
            one, other = (replace(side, summary=texts.get(side.id)) for side in (one, other))
        likeness = compare(one, other, relation)
        if likeness.is_proposed:
            one, other = sorted((one, other), key=lambda side: (side.occurred_on, side.id))
            found.append((-likeness.points, -other.occurred_on.toordinal(), -other.id, one.id,
                          Proposal(one.id, other.id, likeness, find_distance(one, other))))
    found.sort(key=lambda item: item[:4])
    return [item[4] for item in found]


def _find_weeks(connection: Connection, scope: Scope, since: datetime) -> tuple[list[int], int, bool]:
    """Return the weeks in which the new ones and what may be the same occurred; how many are new; whether cut."""
    rows = connection.execute(
        select(Incident.week_occurred, func.count(), func.sum(Incident.weight))
        .where(Incident.recorded_at >= since, Incident.is_counted == 1, visible_incidents(scope))
        .group_by(Incident.week_occurred).order_by(Incident.week_occurred.desc())).all()
    kept: set[int] = set()
    n_rows = 0
    for week, n, _ in rows:
        n_rows += n
        if n_rows > MOST_RECORDED and kept:
            break
        kept |= {week - 1, week, week + 1}
    return sorted(kept), sum(int(row[2]) for row in rows), n_rows > MOST_RECORDED


_COLUMNS = ("id", "source", "stream", "category", "place_code", "occurred_on", "channel", "petition_kind", "repeat_of",
            "n_people", "lon", "lat", "point_kind")


def _read_sides(
    connection: Connection, scope: Scope, weeks: Sequence[int], since: datetime | None,
    places: Sequence[str] | None = None,
) -> tuple[list[Side], Integers, Flags, Flags]:
    """Return the incidents of some weeks without their texts, their weeks, which are new, and which have a text.

    `places` narrows them to some places; without `since` none is new.
    """
    here = true() if places is None else Incident.place_code.in_(places)
    rows = connection.execute(
        select(*(getattr(Incident, name) for name in _COLUMNS), Incident.week_occurred,
               false() if since is None else Incident.recorded_at >= since, Incident.summary.is_not(None))
        .where(Incident.is_counted == 1, Incident.week_occurred.in_(weeks), Incident.weight > 0,
               here, visible_incidents(scope))).all()
    in_week = np.array([row[-3] for row in rows], dtype="int64")
    is_new, has_text = (np.array([bool(row[at]) for row in rows], bool) for at in (-2, -1))
    return [Side(*row[:-3]) for row in rows], in_week, is_new, has_text


def _read_judged(connection: Connection, incident_id: int | None = None) -> set[tuple[int, int]]:
    """Return the pairs that were judged, both ways round; of one incident only."""
    statement = select(DuplicateVerdict.incident_id, DuplicateVerdict.other_id).where(
        DuplicateVerdict.undone_at.is_(None))
    if incident_id is not None:
        statement = statement.where(or_(
            DuplicateVerdict.incident_id == incident_id, DuplicateVerdict.other_id == incident_id))
    rows = connection.execute(statement).all()
    return {(row[0], row[1]) for row in rows} | {(row[1], row[0]) for row in rows}


def _read_texts(
    connection: Connection, sides: Sequence[Side], pairs: Sequence[tuple[int, int, Relation]], has_text: Flags
) -> dict[int, str]:
    """Return the summaries of the pairs of which both have one."""
    wanted = sorted({sides[row].id for pair in pairs if has_text[pair[0]] and has_text[pair[1]] for row in pair[:2]})
    texts: dict[int, str] = {}
    for start in range(0, len(wanted), _PART):
        rows = connection.execute(select(Incident.id, func.coalesce(Incident.summary, "")).where(
            Incident.id.in_(wanted[start:start + _PART])))
        texts.update({row[0]: row[1] for row in rows})
    return texts


def _code(values: Sequence[Any]) -> Coded:
    codes, labels = pd.factorize(np.array([value or "" for value in values], dtype=object))
    return Coded(codes.astype("int64"), np.asarray(labels, dtype=object))


def _pair_up(
    connection: Connection, sides: Sequence[Side], weeks: Integers, is_new: Flags, has_text: Flags
) -> Iterator[tuple[int, int, Relation]]:
    """Yield the pairs that can reach `PROPOSED_FROM`, as rows of `sides`, each once, with how their places lie."""
    if not sides:
        return
    places = _code([side.place_code for side in sides])
    villages = find_ancestors(connection, reporting_level(connection) or "", places, weeks)
    inside = villages.labels[villages.codes]
    is_coarse = inside == ""
    is_whole = is_coarse | (inside == places.labels[places.codes])
    days = np.array([side.occurred_on.toordinal() for side in sides], dtype="int64")
    has_point, has_exact = (
        np.array([side.lon is not None and side.point_kind not in without for side in sides], bool)
        for without in ((PointKind.PLACE,), (PointKind.PLACE, PointKind.SNAPPED)))
    category, source, channel = (_code([getattr(side, name) for side in sides])
                                 for name in ("category", "source", "channel"))
    facts = _Facts(places.codes, days, is_coarse, is_whole, is_new, has_text, has_point, has_exact, category, source,
                   channel)
    yield from _walk(facts, np.flatnonzero(~is_coarse), villages.codes)
    if is_coarse.any():
        # What is known no finer than its township may be anything in it.
        districts = find_districts(connection, places, weeks).codes
        touched = np.isin(districts, np.unique(districts[is_coarse]))
        yield from _walk(facts, np.flatnonzero(touched), districts, with_coarse=True)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Columns of all sides; `is_whole`: known as a village or coarser, not as a part of one."""

    place: Integers
    day: Integers
    is_coarse: Flags
    is_whole: Flags
    is_new: Flags
    has_text: Flags
    has_point: Flags
    has_exact: Flags
    category: Coded
    source: Coded
    channel: Coded


def _walk(
    facts: _Facts, rows: Integers, block: Integers, *, with_coarse: bool = False
) -> Iterator[tuple[int, int, Relation]]:
    """Yield the pairs inside blocks: each row with the next, then the one after it, …, while the days are near."""
    order = rows[np.lexsort((rows, facts.day[rows], block[rows]))]
    worth = _worth_of_categories(facts.category)
    first = np.arange(max(len(order) - 1, 0))
    step = 1
    while len(first):
        one, other = order[first], order[first + step]
        near = (block[one] == block[other]) & (facts.day[other] - facts.day[one] <= NEAR_DAYS)
        first, one, other = first[near], one[near], other[near]
        fits = _can_reach(facts, worth, one, other)
        if with_coarse:
            fits &= facts.is_coarse[one] | facts.is_coarse[other]
        for left, right in zip(one[fits].tolist(), other[fits].tolist(), strict=True):
            yield left, right, _relate(facts, left, right)
        step += 1
        first = first[first + step < len(order)]


def _relate(facts: _Facts, one: int, other: int) -> Relation:
    """Return how two places of one block lie; both known no finer than a township are near by nothing."""
    if facts.place[one] == facts.place[other]:
        return "beside" if facts.is_coarse[one] else "same"
    return "inside" if facts.is_whole[one] != facts.is_whole[other] or (
        facts.is_coarse[one] != facts.is_coarse[other]) else "beside"


def _worth_of_categories(category: Coded) -> npt.NDArray[np.int64]:
    """Return the points of each pair of categories; far below zero where only one stream makes them comparable."""
    names = [str(label) for label in category.labels]
    worth = np.full((len(names), len(names)), POINTS["other_category"], dtype="int64")
    for row, one in enumerate(names):
        for column, other in enumerate(names):
            if one == other:
                worth[row, column] = POINTS["same_category"]
            elif UNCLASSIFIED in (one[:len(UNCLASSIFIED)], other[:len(UNCLASSIFIED)]):
                worth[row, column] = POINTS["unclassified"]
            elif is_kin(one, other):
                worth[row, column] = POINTS["kin_category"]
    return worth


def _can_reach(facts: _Facts, worth: Integers, one: Integers, other: Integers) -> Flags:
    """Return which pairs reach `PROPOSED_FROM` if all that was not looked at yet agrees: a bound of the rule's sum."""
    days = np.array([POINTS["same_day"], POINTS["next_day"], *[POINTS["three_days"]] * 2,
                     *[POINTS["week"]] * (NEAR_DAYS - 3)])
    bound = days[facts.day[other] - facts.day[one]] + worth[facts.category.codes[one], facts.category.codes[other]]
    same, whole = facts.place[one] == facts.place[other], facts.is_whole[one] | facts.is_whole[other]
    bound = bound + np.where(same, POINTS["same_place"], POINTS["place_inside"] * whole) + POINTS["same_people"]
    bound = bound + POINTS["other_source"] * (facts.source.codes[one] != facts.source.codes[other])
    bound = bound + POINTS["other_channel"] * (facts.channel.codes[one] != facts.channel.codes[other])
    exact = facts.has_exact[one] & facts.has_exact[other]
    bound = bound + np.where(exact, POINTS["same_spot"], POINTS["same_cell"] * (
        facts.has_point[one] & facts.has_point[other]))
    bound = bound + POINTS["same_text"] * (facts.has_text[one] & facts.has_text[other])
    is_met: Flags = (bound >= PROPOSED_FROM) & (facts.is_new[one] | facts.is_new[other])
    return is_met

"""Reasons from the groups of candidate features that are in use: the dated records behind each group's part of a score.

Counted as the features count (`models.candidate_features`): what was known before the as-of day, by village. A group is
a reason only where it raises the score.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from govdesk.clock import monday_of, week_of
from govdesk.queries.candidate_facts import read_backlog, read_repeats, read_works_exposure
from govdesk.queries.panel_facts import ROLES
from govdesk.queries.panel_places import list_panel_places
from govdesk.queries.permission import reads
from govdesk.queries.risk_reasons import count_records, find_records, read_facts
from govdesk.rules.access import Scope
from govdesk.rules.risk_reasons import Reason
from models.candidate_features import CANDIDATE_GROUPS, GROUP_ROLES, groups_of

#: Log-odds from which on a group's part of a score is a reason.
LEAST_PART = 0.1
#: Weeks that each group's reason counts: those of its nearest feature.
WEEKS: Mapping[str, int] = {"petitions": 13, "complaints": 13, "conflicts": 13, "works": 52, "backlog": 0,
                            "neighbours": 13, "repeats": 26}


@dataclass(slots=True)
class _Found:
    """What a group counts of a village: how many, the incident that is named (by its key), the day that is told."""

    n: int = 0
    incident: int | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """Where a group's records are read from."""

    connection: Connection
    scope: Scope
    as_of: date
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def week(self) -> int:
        """The as-of week."""
        return week_of(self.as_of)


@reads("score_villages")
def build_group_reasons(
    connection: Connection, scope: Scope, as_of: date, scores: pd.DataFrame
) -> list[list[Reason]]:
    """Return the reasons of each row of `scores` that stem from groups of candidate features.

    Parameters
    ----------
    scores : DataFrame
        ``place_code``, ``contributions`` (dict: feature → log-odds), ``probability`` (NaN: none is told).

    Returns
    -------
    list of list of dict
        ``kind`` ("group"), ``group``, ``n``, ``weeks``, ``on`` (day of the record that is told), ``facts`` (that
        record, where it has a number); the greatest part of the score first.
    """
    parts = [_sum_groups(row["contributions"]) if pd.notna(row["probability"]) else {}
             for row in scores.to_dict("records")]
    used = {group for one in parts for group in one}
    asked = _Asked(connection, scope, as_of)
    found = {group: _READERS[group](asked, group) for group in used}
    records = find_records(connection, [one.incident for by_place in found.values() for one in by_place.values()])
    return [
        [_tell(group, found[group].get(str(code), _Found()), records) for group in sorted(one, key=lambda g: -one[g])
         if one[group] >= LEAST_PART and found[group].get(str(code), _Found()).n > 0]
        for code, one in zip(scores["place_code"], parts, strict=True)
    ]


def _sum_groups(contributions: Mapping[str, float]) -> dict[str, float]:
    return {group: sum(contributions.get(name, 0.0) for name in CANDIDATE_GROUPS[group])
            for group in groups_of(contributions)}


def _tell(group: str, one: _Found, records: Mapping[int, Any]) -> Reason:
    row = records.get(one.incident) if one.incident is not None else None
    on = one.on if row is None else row.occurred_on
    facts = [] if row is None else [{"incident": row.id, "ref": row.source_ref, "on": row.occurred_on.isoformat()}]
    return {"kind": "group", "group": group, "n": one.n, "weeks": WEEKS[group],
            "on": None if on is None else on.isoformat(), "facts": facts}


def _read_streams(asked: _Asked, group: str) -> dict[str, _Found]:
    streams = [stream for stream, role in ROLES.items() if role in GROUP_ROLES[group]]
    counts = count_records(asked.connection, asked.scope, asked.as_of, WEEKS[group], streams)
    return {code: _Found(n, key) for code, (n, key) in counts.items()}


def _read_works(asked: _Asked, group: str) -> dict[str, _Found]:
    begun = read_works_exposure(asked.connection, asked.scope)
    since = asked.week - WEEKS[group]
    return _collect((row.place_code, 1, None, monday_of(row.week_occurred)) for row in begun.itertuples()
                    if since <= row.week_known < asked.week)


def _read_backlog(asked: _Asked, group: str) -> dict[str, _Found]:
    del group
    spells = read_backlog(asked.connection, asked.scope).sort_values("week_reported", ascending=False)
    return _collect((row.place_code, int(row.weight), int(row.id), None) for row in spells.itertuples()
                    if row.week_known < asked.week <= row.week_closed)  # the oldest comes last and is named


def _read_repeats(asked: _Asked, group: str) -> dict[str, _Found]:
    rows = read_repeats(asked.connection, asked.scope).sort_values("week_known")
    since = asked.week - WEEKS[group]
    return _collect((row.place_code, int(row.weight), int(row.id), None) for row in rows.itertuples()
                    if since <= row.week_known < asked.week)


def _read_neighbours(asked: _Asked, group: str) -> dict[str, _Found]:
    """Count the escalations of the neighbours; none of their records is named, for they are other villages'."""
    facts = read_facts(asked.connection, asked.scope, asked.as_of)
    since = asked.week - WEEKS[group]
    n = {code: sum(fact.weight for fact in of if fact.week >= since) for code, of in facts.items()}
    places = list_panel_places(asked.connection, asked.scope, asked.as_of)
    return {code: _Found(sum(n.get(other, 0) for other in near))
            for code, near in zip(places["code"], places["neighbours"], strict=True)}


def _collect(rows: Any) -> dict[str, _Found]:
    """Add up rows of place, weight, incident and day; the last of a place is the one that is told."""
    found: dict[str, _Found] = defaultdict(_Found)
    for code, weight, incident, on in rows:
        one = found[str(code)]
        one.n += weight
        if weight > 0:
            one.incident, one.on = incident, on
    return dict(found)


_READERS: Mapping[str, Callable[[_Asked, str], dict[str, _Found]]] = {
    **dict.fromkeys(GROUP_ROLES, _read_streams), "works": _read_works, "backlog": _read_backlog,
    "repeats": _read_repeats, "neighbours": _read_neighbours,
}


def put_beside(reasons: Sequence[list[Reason]], more: Sequence[list[Reason]]) -> list[list[Reason]]:
    """Put the reasons of groups behind the first reason of each village, before what it is compared with."""
    return [[*one[:1], *other, *one[1:]] for one, other in zip(reasons, more, strict=True)]

"""Which dated records carry a village's score, as codes and numbers that `ui.warning_words` turns into sentences; pure.

The score knows nothing of a village but its escalations and when each became known (`models.features`). Its reasons
are therefore those records, and never a dispute, a petition or a project that is not in the score: these stand under a
heading of their own (`queries.risk_known`). Every number of a reason is a count of records or the date of one, every
reason list names at least one record by its number, and a record lies in one village: no two villages share a text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

#: Weeks of the counts that a reason gives: what is recent, and as far back as the longest memory of the score.
RECENT_WEEKS, LONG_WEEKS = 26, 156
#: Records of any kind are counted over so many weeks.
RECORD_WEEKS = 52
#: Records named in one sentence at most.
MOST_NAMED = 2

Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One escalation as the score counts it.

    Attributes
    ----------
    incident, ref : int, str
        The incident's key and its number.
    category : str
        Of the incident.
    parts : tuple of str
        What was met, in the order in which it happened (`rules.escalation_parts`).
    on : date
        When the first of it happened.
    week : int
        The week it counts in: that in which it became known.
    weight : int
        −1 for a correction.
    """

    incident: int
    ref: str
    category: str
    parts: tuple[str, ...]
    on: date
    week: int
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Records:
    """Records of any kind of a village in `RECORD_WEEKS` weeks: how many, and the newest (None: there is none)."""

    n: int = 0
    incident: int | None = None
    ref: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class County:
    """What a village is compared with: escalations of all villages in the long window, villages, weeks on record."""

    n_facts: int
    n_places: int
    n_weeks: int


@dataclass(frozen=True, slots=True)
class Met:
    """One escalation event as it is stored, with the weeks in which it happened and became known."""

    fact: Fact
    week_occurred: int
    week_known: int


def thin(events: Iterable[Met], horizon_weeks: int, stale_weeks: int) -> list[Fact]:
    """Return the facts of one incident: events within `horizon_weeks` of the first are one and keep all their parts.

    The fact counts in the week in which its first part became known, or, known later than `stale_weeks`, in that in
    which it happened: as `queries.panel_facts` and `models.panel` count.
    """
    groups: list[list[Met]] = []
    for event in sorted(events, key=lambda one: (one.week_occurred, one.week_known)):
        if groups and event.week_occurred < groups[-1][0].week_occurred + horizon_weeks:
            groups[-1].append(event)
        else:
            groups.append([event])
    return [_join(group, stale_weeks) for group in groups]


def _join(group: Sequence[Met], stale_weeks: int) -> Fact:
    first, fact = group[0], group[0].fact
    known = max(first.week_occurred, min(one.week_known for one in group))
    parts = tuple(dict.fromkeys(part for one in group for part in one.fact.parts))
    week = first.week_occurred if known - first.week_occurred > stale_weeks else known
    return Fact(fact.incident, fact.ref, fact.category, parts, fact.on, week, fact.weight)


def choose_reasons(facts: Sequence[Fact], records: Records, county: County, as_of_week: int, *,
                   is_thin: bool) -> list[Reason]:
    """Return the reasons of one village, the one that moves its score most at the front.

    Parameters
    ----------
    facts : sequence of Fact
        All that is known of it before `as_of_week`.
    is_thin : bool
        Too few records to tell: there is no score to give reasons for.

    Returns
    -------
    list of dict
        ``kind`` and what its sentence needs: ``thin``; ``recent`` (escalations of the last 26 weeks, the newest
        named); ``silent`` (none, but one before, which is named); ``none`` (none on record, the newest record of
        another kind is named); ``long`` (the long window beside what a village has on average); ``same`` (most of
        them in one category).
    """
    if is_thin:
        return [{"kind": "thin", "n": records.n, "weeks": RECORD_WEEKS, "facts": _name_record(records)}]
    weeks = min(LONG_WEEKS, max(county.n_weeks, 1))
    inside = [fact for fact in facts if as_of_week - weeks <= fact.week < as_of_week]
    kept = _newest(inside)
    n_long, n_recent = _net(inside), _net(_since(inside, as_of_week - RECENT_WEEKS))
    if not kept:
        none = {"kind": "none", "weeks": weeks, "n_records": records.n, "record_weeks": RECORD_WEEKS,
                "facts": _name_record(records)}
        return [none, *_compare(0, weeks, county)]
    if n_recent > 0:
        named = _since(kept, as_of_week - RECENT_WEEKS)[: min(n_recent, MOST_NAMED)]
        first = {"kind": "recent", "n": n_recent, "weeks": min(RECENT_WEEKS, weeks), "facts": _name(named)}
    else:
        first = {"kind": "silent", "weeks": as_of_week - kept[0].week - 1, "facts": _name(kept[:1])}
    return [first, *_compare(n_long, weeks, county), *_find_same(kept, weeks)]


def _net(facts: Iterable[Fact]) -> int:
    return sum(fact.weight for fact in facts)


def _since(facts: Iterable[Fact], week: int) -> list[Fact]:
    return [fact for fact in facts if fact.week >= week]


def _newest(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that corrections leave standing, the newest first."""
    positive = [fact for fact in facts if fact.weight > 0]
    return sorted(positive, key=lambda fact: (fact.week, fact.on, fact.incident), reverse=True)[: max(_net(facts), 0)]


def _compare(n: int, weeks: int, county: County) -> list[Reason]:
    if not county.n_places:
        return []
    return [{"kind": "long", "n": n, "weeks": weeks, "n_county": county.n_facts, "n_places": county.n_places}]


def _find_same(facts: Sequence[Fact], weeks: int) -> list[Reason]:
    """Name the category of most of them, where there is one: what to ask about on arrival."""
    counts: dict[str, int] = {}
    for fact in facts:
        counts[fact.category] = counts.get(fact.category, 0) + 1
    category, n = max(counts.items(), key=lambda one: (one[1], one[0]))
    if n < 2 or 2 * n <= len(facts):
        return []
    return [{"kind": "same", "category": category, "n": n, "of": len(facts), "weeks": weeks}]


def _name(facts: Iterable[Fact]) -> list[Reason]:
    return [{"incident": fact.incident, "ref": fact.ref, "on": fact.on.isoformat(), "parts": list(fact.parts),
             "category": fact.category} for fact in facts]


def _name_record(records: Records) -> list[Reason]:
    if records.incident is None or records.on is None:
        return []
    return [{"incident": records.incident, "ref": records.ref, "on": records.on.isoformat()}]

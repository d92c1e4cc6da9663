"""Changes of level put into sentences by fixed rules: what, where, since when, how much, how sure; never why.

- A change within `NEAR` weeks of a change of the source, or whose beginning cannot be told from it, is said to be one
  of recording and is no rise and no fall (`Finding.is_real`).
- Changes of several districts that last, point the same way and began within `SAME_TIME` weeks are one finding: counts
  and expectations are added, and the interval follows from theirs (delta method on the logarithm, districts taken as
  independent).
- A date is that of a week, never that of an event that lies near it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from govdesk.clock import monday_of
from govdesk.queries.trends import SourceChange
from govdesk.words import say

#: Weeks around a change of the source in which nothing else can be told from it.
NEAR = 2
#: Weeks apart at which beginnings are still told as one.
SAME_TIME = 6
#: Names that are written out; more are a number.
MOST_NAMES = 3
#: Ratios that are called a doubling or a halving.
DOUBLED, HALVED = (1.85, 2.15), (0.47, 0.53)
#: Standard errors in a 95 % interval, both sides.
_WIDTH = 2 * 1.959964

#: A word in each language.
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes
    ----------
    key : str
        Which sentence (`locales`, ``trends.find_…``).
    is_real : bool
        False where the way of recording changed: not counted among rises and falls.
    direction : str
        ``rise`` or ``fall``.
    series : tuple
        The series it is about.
    week_from, week_to : int
        Weeks it is about, `week_to` exclusive; `lasts` says that it goes on.
    ratio, low, high, n, expected : float
        As of `models.level_changes.ChangeFlag`.
    sureness : str
        ``likely`` or ``very_likely``, the weakest of those put together.
    values : mapping
        Words that the sentence wants, each a text or a mapping of language to text.
    """

    key: str
    is_real: bool
    direction: str
    series: tuple[object, ...]
    week_from: int
    week_to: int
    lasts: bool
    ratio: float
    low: float
    high: float
    n: float
    expected: float
    sureness: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """Return the finding in words."""
        texts = {name: value[language] if isinstance(value, Mapping) else value for name, value in self.values.items()}
        return say(
            f"trends.find_{self.key}", language, since=monday_of(self.week_from), until=monday_of(self.week_to),
            moved=_moved(self.ratio, language), n=f"{self.n:,.0f}", expected=_number(self.expected),
            low=_number(self.low), high=_number(self.high), sure=say(f"trends.{self.sureness}", language), **texts)

    def short(self, language: str) -> str:
        """Return the finding in a few words, for where its place stands beside it."""
        return say(f"trends.short_{self.key}", language, since=monday_of(self.week_from),
                   until=monday_of(self.week_to), moved=_moved(self.ratio, language))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _moved(ratio: float, language: str) -> str:
    if DOUBLED[0] <= ratio <= DOUBLED[1]:
        return say("trends.doubled", language)
    if HALVED[0] <= ratio <= HALVED[1]:
        return say("trends.halved", language)
    return say("trends.rose" if ratio > 1 else "trends.fell", language, ratio=f"{ratio:.1f}",
               percent=f"{100 * (1 - ratio):.0f}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What series are called.

    Attributes
    ----------
    what : mapping of language to str
        What is counted, for instance "Disputes".
    categories, places : mapping of code to words
        Names; a code that is missing stands for itself.
    kinds : mapping of place code to str
        The kind of village (`terms.PlaceKind`) that most of a district's villages are.
    levels : mapping of language to str
        What the districts are called, in the plural ("townships").
    whole : mapping of language to str
        Name of all that is shown.
    """

    what: Words
    categories: Mapping[str, Words]
    places: Mapping[str, str]
    kinds: Mapping[str, str]
    levels: Words
    whole: Words


def describe_changes(
    flags: pd.DataFrame, changes: Sequence[SourceChange], words: Vocabulary, *, weeks: range, last_week: int
) -> list[Finding]:
    """Return the findings that flags amount to, the most telling first.

    Parameters
    ----------
    flags : DataFrame
        As `models.trend.find_changes_in_many`; a series is ``""`` (all), a district, or (category, district).
    changes : sequence of SourceChange
        All that bear on these series.
    weeks : range
        The period that is read: what began in it comes first, what was over before it or began after it is left out.
    last_week : int
        Last week looked at.
    """
    single = [_judge(row, changes, words, last_week) for row in flags.to_dict("records")]
    lasting = [one for one in single if one.key == "lasting" and one.series != ("",)]
    rest = [one for one in single if one not in lasting]
    found = [one for one in (*_put_together(lasting, words), *rest)
             if one.week_from < weeks.stop and one.week_to > weeks.start]
    return sorted(found, key=lambda one: _rank(one, weeks))


def _rank(one: Finding, weeks: range) -> tuple[object, ...]:
    """What is new before what goes on before what is over, all before what is recording; the whole before parts."""
    age = 0 if one.lasts and one.week_from >= weeks.start else 1 if one.lasts else 2
    weight = abs(np.log(max(one.ratio, 1e-3))) * np.sqrt(one.n + 1)
    return not one.is_real, age, one.series != ("",), -weight, str(one.series)


def _judge(row: Mapping[str, Any], changes: Sequence[SourceChange], words: Vocabulary, last_week: int) -> Finding:
    place = _place_of(row["series"])
    near = [one for one in changes if one.touches(place or None)]
    at = _change_at(row, near)
    after = [one.week for one in near if one.week > row["week_from"] + NEAR]
    until = row["week_to"] if row["week_to"] is not None and not pd.isna(row["week_to"]) else None
    lasts = until is None and (at is not None or not after)
    week_to = last_week + 1 if lasts else int(until if until is not None else min(after))
    key = "recording" if at is not None else "lasting" if lasts else "until_recording" if until is None else "ended"
    values: dict[str, Any] = {"what": _what(row["series"], words), "where": _where((row["series"],), words)}
    if at is not None:
        values |= {"on": at.on, "change": {one: at.name_kind(one) for one in ("zh", "en")}}
    return Finding(
        key, at is None, str(row["direction"]), (row["series"],), int(row["week_from"]), week_to, lasts,
        float(row["ratio"]), float(row["low"]), float(row["high"]), float(row["n"]), float(row["expected"]),
        str(row["sureness"]), values)


def _change_at(row: Mapping[str, Any], near: Sequence[SourceChange]) -> SourceChange | None:
    """Return the change of the source that the beginning of a flag cannot be told from."""
    low, high = row["week_low"] - NEAR, row["week_high"] + NEAR
    inside = [one for one in near if low <= one.week <= high]
    return min(inside, key=lambda one: abs(one.week - row["week_from"])) if inside else None


def _place_of(series: object) -> str:
    return str(series[1] if isinstance(series, tuple) else series)


def _what(series: object, words: Vocabulary) -> Words:
    if isinstance(series, tuple):
        code = str(series[0])
        return words.categories.get(code, {"zh": code, "en": code})
    return words.what


def _where(series: Sequence[object], words: Vocabulary) -> Words:
    """Return the names of up to `MOST_NAMES` places, else their number, with their kind where they share one."""
    codes = [_place_of(one) for one in series]
    if codes == [""]:
        return words.whole
    names = [words.places.get(code, code) for code in codes]
    kinds = {words.kinds.get(code, "") for code in codes}
    kind = kinds.pop() if len(kinds) == 1 and len(codes) > 1 else ""
    found = {}
    for language in ("zh", "en"):
        if len(names) <= MOST_NAMES:
            found[language] = say("trends.comma", language).join(names)
        else:
            of_kind = say(f"trends.of_kind_{kind}", language) if kind else ""
            found[language] = say("trends.n_places", language, n=len(names), kind=of_kind,
                                  level=words.levels[language])
    return found


def _put_together(lasting: list[Finding], words: Vocabulary) -> list[Finding]:
    """Join what lasts, is of one kind, points one way and may have begun at one time."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in lasting:
        series = one.series[0]
        groups.setdefault((one.direction, series[0] if isinstance(series, tuple) else ""), []).append(one)
    joined = []
    for members in groups.values():
        for cluster in _cluster(sorted(members, key=lambda one: one.week_from)):
            joined.append(cluster[0] if len(cluster) == 1 else _join(cluster, words))
    return joined


def _cluster(ordered: list[Finding]) -> list[list[Finding]]:
    clusters: list[list[Finding]] = []
    for one in ordered:
        if clusters and one.week_from - clusters[-1][0].week_from <= SAME_TIME:
            clusters[-1].append(one)
        else:
            clusters.append([one])
    return clusters


def _join(cluster: list[Finding], words: Vocabulary) -> Finding:
    n, expected = sum(one.n for one in cluster), sum(one.expected for one in cluster)
    errors = np.array([np.log(one.high / one.low) / _WIDTH for one in cluster])
    error = float(np.sqrt(((np.array([one.n for one in cluster]) / n * errors) ** 2).sum()))
    ratio, spread = n / expected, float(np.exp(_WIDTH / 2 * error))
    series = tuple(one.series[0] for one in sorted(cluster, key=lambda one: -one.n))
    starts = sorted(one.week_from for one in cluster)
    weakest = "likely" if any(one.sureness == "likely" for one in cluster) else "very_likely"
    values = {**cluster[0].values, "where": _where(series, words)}
    return Finding(
        "lasting", True, cluster[0].direction, series, starts[(len(starts) - 1) // 2], cluster[0].week_to, True, ratio,
        ratio / spread, ratio * spread, n, expected, weakest, values)

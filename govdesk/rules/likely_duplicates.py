"""How much two incidents look like one matter told twice: points for each thing that agrees or differs, pure.

The form is that of record linkage (Fellegi and Sunter 1969: agreement on a field adds, disagreement subtracts, and the
sum is compared with a cut); the points are ours, whole numbers that a clerk can add up by hand, and they are shown with
the pair. Nothing is ever merged by them: somebody looks at both and says so.

What is never proposed, however alike:

- a row with the same source and number, which is one row already (`actions.record_storing`);
- a correction (weight −1), which takes a count back and is no report;
- a declared repeat: one names the other as the incident it repeats. A repeat petition is a right and not a duplicate,
  so where either is a repeated petition, or repeats an earlier incident, the pair is only proposed when both occurred
  on one day: then it is likely one letter that reached two offices.

References
----------
Fellegi, I. P. and Sunter, A. B. (1969): A theory for record linkage. JASA 64, 1183–1210.
Texts are compared by rapidfuzz's `WRatio` (0–100: edit similarity, of a part where one text is much longer).
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from govdesk.terms import PetitionKind, PointKind

#: Days between two occurrences up to which they may be one matter.
NEAR_DAYS = 7
#: Points from which a pair is proposed, and from which it is said to be very much alike.
PROPOSED_FROM, STRONG_FROM = 7, 10
#: The same number of people says something from here on: two are in nearly every quarrel.
MANY_PEOPLE = 3
#: Characters that a text has at least, mask and punctuation taken out, before it says anything.
SHORTEST_TEXT = 6
#: Similarity of texts (0–100): nearly the same, alike, unlike.
SAME_TEXT, ALIKE_TEXT, OTHER_TEXT = 90, 70, 35
#: Metres between exact points: the same spot, near, apart.
SAME_SPOT, NEAR_SPOT, APART_SPOT = 60, 250, 1_000
#: A snapped point stands for at least 20 households: equal within so many metres is the same cell, beyond is another.
SAME_CELL, APART_CELL = 40, 3_000
#: Points of each reason; the words are ``duplicates.why_<reason>``.
POINTS: Mapping[str, int] = MappingProxyType({
    "same_place": 2, "place_inside": 1, "place_beside": 0,
    "same_day": 3, "next_day": 2, "three_days": 1, "week": 0,
    "same_category": 2, "kin_category": 1, "unclassified": 0, "other_category": -2,
    "other_source": 1, "other_channel": 1,
    "same_spot": 3, "near_spot": 1, "apart_spot": -4, "same_cell": 1, "apart_cell": -2,
    "same_text": 5, "alike_text": 3, "other_text": -4,
    "same_people": 1,
})
#: Categories of different streams that tell of the same kind of matter.
KIN: tuple[frozenset[str], ...] = (
    frozenset({"land_forest", "works_compensation", "housing_site", "petition_land"}),
    frozenset({"labour", "petition_wages"}), frozenset({"village_affairs", "petition_conduct"}),
    frozenset({"hazard_road", "request_road", "petition_public_works"}),
    frozenset({"hazard_water", "request_water_power"}), frozenset({"environment", "request_sanitation"}),
    frozenset({"request_care", "petition_welfare"}), frozenset({"neighbour", "family", "order_fight", "order_injury"}),
    frozenset({"traffic", "hazard_road"}),
)
#: Beginning of the codes of what has no category.
UNCLASSIFIED = "unclassified_"

Relation = Literal["same", "inside", "beside"]

_NOISE = re.compile(r"\W+")
_EARTH = 6_371_000.0


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared of one incident; `summary` is masked already."""

    id: int
    source: str
    stream: str
    category: str
    place_code: str
    occurred_on: date
    channel: str | None = None
    petition_kind: str | None = None
    repeat_of: int | None = None
    n_people: int | None = None
    lon: float | None = None
    lat: float | None = None
    point_kind: str | None = None
    summary: str | None = None
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two incidents are.

    Attributes
    ----------
    points : int
        Sum of `POINTS` of the reasons.
    reasons : tuple of str
        Keys of `POINTS`, in the order of the facts.
    """

    points: int
    reasons: tuple[str, ...]

    @property
    def is_proposed(self) -> bool:
        """Whether somebody should look at the pair."""
        return self.points >= PROPOSED_FROM

    @property
    def is_strong(self) -> bool:
        """Whether nearly everything agrees."""
        return self.points >= STRONG_FROM


def is_eligible(one: Side, other: Side) -> bool:
    """Return whether two incidents may be one matter at all (see the head of this file)."""
    if one.id == other.id or one.weight < 0 or other.weight < 0:
        return False
    days = abs((one.occurred_on - other.occurred_on).days)
    if is_declared_repeat(one, other) or days > NEAR_DAYS:
        return False
    if days > 0 and (_repeats(one) or _repeats(other)):
        return False
    return one.stream == other.stream or is_kin(one.category, other.category)


def is_declared_repeat(one: Side, other: Side) -> bool:
    """Return whether one names the other as the incident that it repeats."""
    return one.repeat_of == other.id or other.repeat_of == one.id


def _repeats(side: Side) -> bool:
    return side.repeat_of is not None or side.petition_kind == PetitionKind.REPEAT


def is_kin(one: str, other: str) -> bool:
    """Return whether two categories tell of the same kind of matter."""
    return one == other or any(one in group and other in group for group in KIN)


def compare(one: Side, other: Side, relation: Relation) -> Likeness:
    """Return how alike two eligible incidents are.

    Parameters
    ----------
    relation : {"same", "inside", "beside"}
        Both places are one; one lies in the other; both lie in the same village.
    """
    found = [
        {"same": "same_place", "inside": "place_inside", "beside": "place_beside"}[relation],
        _compare_days(one.occurred_on, other.occurred_on), _compare_categories(one, other),
        "other_source" if one.source != other.source else None,
        "other_channel" if one.channel and other.channel and one.channel != other.channel else None,
        _compare_points(one, other), compare_texts(one.summary, other.summary),
        "same_people" if one.n_people and one.n_people >= MANY_PEOPLE and one.n_people == other.n_people else None,
    ]
    reasons = tuple(reason for reason in found if reason is not None)
    return Likeness(sum(POINTS[reason] for reason in reasons), reasons)


def _compare_days(one: date, other: date) -> str:
    days = abs((one - other).days)
    return "same_day" if days == 0 else "next_day" if days == 1 else "three_days" if days <= 3 else "week"


def _compare_categories(one: Side, other: Side) -> str:
    if UNCLASSIFIED in (one.category[:len(UNCLASSIFIED)], other.category[:len(UNCLASSIFIED)]):
        return "unclassified"  # nobody said what it was: that speaks neither for nor against
    if one.category == other.category:
        return "same_category"
    return "kin_category" if is_kin(one.category, other.category) else "other_category"


def find_distance(one: Side, other: Side) -> float | None:
    """Return the metres between two points of their own; None where one is missing, or only that of its village.

    Haversine on a sphere of 6,371 km.
    """
    if None in (one.lon, one.lat, other.lon, other.lat):
        return None
    if PointKind.PLACE in (one.point_kind, other.point_kind):
        return None
    x, y, u, v = (math.radians(float(value or 0)) for value in (one.lon, one.lat, other.lon, other.lat))
    half = math.sin((v - y) / 2) ** 2 + math.cos(y) * math.cos(v) * math.sin((u - x) / 2) ** 2
    return 2 * _EARTH * math.asin(min(1.0, math.sqrt(half)))


def _compare_points(one: Side, other: Side) -> str | None:
    metres = find_distance(one, other)
    if metres is None:
        return None
    if PointKind.SNAPPED in (one.point_kind, other.point_kind):
        return "same_cell" if metres <= SAME_CELL else "apart_cell" if metres > APART_CELL else None
    if metres <= SAME_SPOT:
        return "same_spot"
    return "near_spot" if metres <= NEAR_SPOT else "apart_spot" if metres > APART_SPOT else None


def compare_texts(one: str | None, other: str | None) -> str | None:
    """Return what two masked summaries say; None where one is missing or too short to say anything."""
    plain, against = clean(one), clean(other)
    if min(len(plain), len(against)) < SHORTEST_TEXT:
        return None
    alike = fuzz.WRatio(plain, against)
    if alike >= SAME_TEXT:
        return "same_text"
    return "alike_text" if alike >= ALIKE_TEXT else "other_text" if alike < OTHER_TEXT else None


def clean(text: str | None) -> str:
    """Return a text as it is compared: one width, small letters, without punctuation, spaces and masks."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text or "")).lower()


def mark_differences(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return both texts in parts, each with whether the other has it, too (longest common subsequence)."""
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for step in Indel.opcodes(one, other):
        is_same = step.tag == "equal"
        left.append((one[step.src_start:step.src_end], is_same))
        right.append((other[step.dest_start:step.dest_end], is_same))
    return [part for part in left if part[0]], [part for part in right if part[0]]

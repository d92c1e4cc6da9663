"""Which unit should handle an incident 分流, by the duty list 权责清单; pure. The person decides, this proposes.

The order of a proposal:

1. Rows of the duty list that fit, the finest first: category before stream before ``*``; a row with a village type or a
   level before one without; then by `rank`.
2. Small things stay below 小事不出村、镇: where the first row that fits says so, the township government of the place
   comes before every unit of the county.
3. The first unit that exists and may be asked is proposed. A unit serves a place when the place it works for is, or
   lies around, the incident's place; of several the nearest.

An incident that **concerns** a unit (a complaint about it) goes one level up. Never proposed are the unit itself and
all that is below it (`parent_code`, to any depth): an office is not independent of those it reports to. Nor are its
peers: what a county department did is not judged by its neighbour down the corridor. Above a unit are those it
reports to, and units that work for a place around its own. Of these the first that fits wins: a row of the duty list,
the petition bureau of the nearest level, whoever it reports to; where nobody is above, it goes beyond the county 上报.

References
----------
信访工作条例 (2022), art. 5: 属地管理、分级负责，谁主管、谁负责. 信访条例 (2005), art. 23: what somebody reports
about an office is neither shown nor passed on to that office; the 2022 regulation keeps the rule. The order of levels
is that of the field: 小事不出组，较大问题在村、镇，大矛盾不上交县.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from govdesk.rules.record_checks import Problem, problem
from govdesk.terms import Level

#: Kinds of units with a part in the rule; any other kind may stand in the duty list.
TOWNSHIP, BUREAU = "township", "bureau"
#: From this severity on (4 is the least) an incident is small; one without a severity is taken for small.
SMALL_FROM = 3

TownshipFirst = Literal["always", "small", "never"]
#: How a unit was found; the words are ``triage.why_<why>``.
Why = Literal["duty", "township", "above_duty", "above_bureau", "above_parent", "beyond", "none", "unknown_unit",
              "no_list"]
#: Why a unit that comes first was not proposed; the words are ``triage.over_<reason>``.
Reason = Literal["concerned", "below", "not_above", "returned"]


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit, and where it works.

    Attributes
    ----------
    areas : tuple of str
        The place it works for, then the places around that, the nearest first; empty where it is not known.
    is_off : bool
        It was switched off and takes nothing more: never proposed, but still above and below others.
    """

    code: str
    name: str
    kind: str
    parent_code: str | None = None
    areas: tuple[str, ...] = ()
    is_off: bool = False


@dataclass(frozen=True, slots=True)
class PlaceOf:
    """Where an incident is.

    Attributes
    ----------
    codes : tuple of str
        Its place, then the places around that, the nearest first.
    level : str
        Level of its place (`terms.Level`).
    kind : str or None
        Village type (`terms.PlaceKind`).
    """

    codes: tuple[str, ...]
    level: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One row of the duty list.

    Attributes
    ----------
    line : int
        Line of the file, the header being 1.
    about : str
        Category, stream or ``*``.
    place_kind, place_level : str or None
        Narrow it to a village type, to a level of the incident's place.
    unit_kind : str or None
        Kind of the unit.
    unit_words : tuple of str
        One of them stands in the unit's name; empty: any name.
    unit_code : str or None
        Code of the unit, or its end where it begins with ``-``; goes before kind and words.
    rank : int
        Order of preference among rows that fit equally well; 1 first.
    township_first : {"always", "small", "never"}
        Whether the township government comes first.
    source : str
        Law or decision that says so.
    """

    line: int
    about: str
    place_kind: str | None
    place_level: str | None
    unit_kind: str | None
    unit_words: tuple[str, ...]
    unit_code: str | None
    rank: int
    township_first: TownshipFirst
    source: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What is proposed, and why.

    Attributes
    ----------
    unit_code : str or None
        None: nobody is proposed; `why` says whether it goes beyond the county or the list names nobody.
    line, source : int, str or None
        Row of the duty list that named the unit.
    passed_over : tuple of (str, str)
        Units that come before it by the list, with the `Reason` they were not proposed for.
    """

    unit_code: str | None
    why: Why
    line: int | None = None
    source: str | None = None
    passed_over: tuple[tuple[str, Reason], ...] = ()

    def as_kept(self) -> dict[str, object]:
        """Return what is kept of it beside the decision."""
        return {"why": self.why, "line": self.line, "source": self.source,
                "passed_over": [list(one) for one in self.passed_over]}


@dataclass(frozen=True, slots=True)
class Units:
    """All units, by code, with who reports to whom."""

    by_code: Mapping[str, UnitFacts] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Iterable[UnitFacts]) -> "Units":
        """Return the units in the order of their codes."""
        return cls({unit.code: unit for unit in sorted(units, key=lambda unit: unit.code)})

    def list_above(self, code: str) -> tuple[str, ...]:
        """Return those a unit reports to, the nearest first; a circle in the data ends where it closes."""
        found: list[str] = []
        unit = self.by_code.get(code)
        while unit is not None and unit.parent_code and unit.parent_code not in (code, *found):
            found.append(unit.parent_code)
            unit = self.by_code.get(unit.parent_code)
        return tuple(found)

    def is_inside(self, code: str, concerned: str) -> bool:
        """Return whether a unit is the unit concerned, or below it."""
        return code == concerned or concerned in self.list_above(code)

    def is_above(self, code: str, concerned: str) -> bool:
        """Return whether a unit stands above the unit concerned (see the head of this file)."""
        if self.is_inside(code, concerned):
            return False
        if code in self.list_above(concerned):
            return True
        one, other = self.by_code.get(code), self.by_code.get(concerned)
        if one is None or other is None:
            return False
        if not one.areas or not other.areas:
            # Where it is not said for which place they work, only a township is known to stand below others.
            return other.kind == TOWNSHIP and one.kind != TOWNSHIP
        return one.areas[0] in other.areas[1:]


def check_route(concerns_unit: str | None, unit_code: str | None, units: Units) -> Problem | None:
    """Return why an incident may not be sent to a unit: it concerns that unit, or one that this unit reports to.

    Holds for every dispatch and every referring up, whoever decides.
    """
    if concerns_unit is None or unit_code is None or not units.is_inside(unit_code, concerns_unit):
        return None
    return problem("concerns", "unit")


def suggest_unit(
    *, category: str, stream: str, severity: int | None, place: PlaceOf, units: Units, duty_list: Sequence[DutyRow],
    concerns_unit: str | None = None, returned: frozenset[str] = frozenset(),
) -> Suggestion:
    """Return the unit to propose for an incident.

    Parameters
    ----------
    severity : int or None
        1 highest … 4 lowest.
    duty_list : sequence of DutyRow
        In any order.
    concerns_unit : str or None
        Unit that the incident is about.
    returned : frozenset of str
        Units that sent it back: not asked a second time.
    """
    named = _list_named(category, stream, severity, place, units, duty_list)
    over = _Over()
    if concerns_unit is None:
        for unit, row, is_township in named:
            if unit.code in returned:
                over.add(unit.code, "returned")
                continue
            return Suggestion(unit.code, "township" if is_township else "duty", row.line, row.source, over.found)
        return Suggestion(None, "none", passed_over=over.found)
    if concerns_unit not in units.by_code:
        return Suggestion(None, "unknown_unit")  # what is above a unit that nobody knows cannot be said
    return _suggest_above(concerns_unit, named, units, returned, over)


class _Over:
    """Units passed over, each once."""

    def __init__(self) -> None:
        self._found: dict[str, Reason] = {}

    def add(self, code: str, reason: Reason) -> None:
        self._found.setdefault(code, reason)

    @property
    def found(self) -> tuple[tuple[str, Reason], ...]:
        return tuple(self._found.items())


def _suggest_above(
    concerned: str, named: Sequence[tuple[UnitFacts, DutyRow, bool]], units: Units, returned: frozenset[str],
    over: _Over,
) -> Suggestion:
    for unit, row, _ in named:
        reason = _why_not(unit.code, concerned, units, returned)
        if reason is None:
            return Suggestion(unit.code, "above_duty", row.line, row.source, over.found)
        over.add(unit.code, reason)
    around = units.by_code[concerned].areas
    bureaus = sorted((unit for unit in units.by_code.values()
                      if unit.kind == BUREAU and not unit.is_off),
                     key=lambda unit: (_near(unit, around), unit.code))
    for unit in bureaus:
        if _why_not(unit.code, concerned, units, returned) is None:
            return Suggestion(unit.code, "above_bureau", passed_over=over.found)
    for code in units.list_above(concerned):
        unit_above = units.by_code.get(code)
        if unit_above and not unit_above.is_off and _why_not(code, concerned, units, returned) is None:
            return Suggestion(code, "above_parent", passed_over=over.found)
    return Suggestion(None, "beyond", passed_over=over.found)


def _why_not(code: str, concerned: str, units: Units, returned: frozenset[str]) -> Reason | None:
    if code == concerned:
        return "concerned"
    if units.is_inside(code, concerned):
        return "below"
    if not units.is_above(code, concerned):
        return "not_above"
    return "returned" if code in returned else None


def _list_named(
    category: str, stream: str, severity: int | None, place: PlaceOf, units: Units, duty_list: Sequence[DutyRow],
) -> list[tuple[UnitFacts, DutyRow, bool]]:
    """Return the units that the list names, in order, each with its row and whether it is there as the township."""
    rows = sorted((row for row in duty_list if _fits(row, category, stream, place)),
                  key=lambda row: (_width(row, category, stream), row.rank, row.line))
    found: list[tuple[UnitFacts, DutyRow, bool]] = []
    if rows and _is_township_first(rows[0], severity):
        found += [(unit, rows[0], True) for unit in _serving(place, units, lambda unit: unit.kind == TOWNSHIP)]
    for row in rows:
        found += [(unit, row, False) for unit in _serving(place, units, lambda unit, row=row: is_named(unit, row))]
    return found


def _fits(row: DutyRow, category: str, stream: str, place: PlaceOf) -> bool:
    return (row.about in (category, stream, "*") and row.place_kind in (None, place.kind)
            and row.place_level in (None, place.level))


def _width(row: DutyRow, category: str, stream: str) -> tuple[int, int]:
    about = 0 if row.about == category else 1 if row.about == stream else 2
    return about, -((row.place_kind is not None) + (row.place_level is not None))


def _is_township_first(row: DutyRow, severity: int | None) -> bool:
    if row.township_first == "small":
        return severity is None or severity >= SMALL_FROM
    return row.township_first == "always"


def is_named(unit: UnitFacts, row: DutyRow) -> bool:
    """Return whether a row of the duty list names a unit, wherever that works."""
    if row.unit_code is not None:
        return unit.code.endswith(row.unit_code) if row.unit_code.startswith("-") else unit.code == row.unit_code
    if row.unit_kind is not None and unit.kind != row.unit_kind:
        return False
    return not row.unit_words or any(word in unit.name for word in row.unit_words)


def _serving(place: PlaceOf, units: Units, is_meant: Any) -> list[UnitFacts]:
    """Return the units meant that work for the place or for one around it, the nearest first."""
    found = [unit for unit in units.by_code.values()
             if not unit.is_off and is_meant(unit) and (not unit.areas or unit.areas[0] in place.codes)
             and not (unit.kind == TOWNSHIP and not unit.areas)]
    return sorted(found, key=lambda unit: (_near(unit, place.codes), unit.code))


def _near(unit: UnitFacts, codes: Sequence[str]) -> int:
    return codes.index(unit.areas[0]) if unit.areas and unit.areas[0] in codes else len(codes)


#: Levels that a row may be narrowed to.
LEVELS = tuple(level.value for level in Level)

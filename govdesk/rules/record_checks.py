"""What a record entered by hand must fulfil beyond what an import checks: whoever types can be asked at once.

Pure; `actions.registering` runs these before the checks that it shares with the import (`govdesk.ingest`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

About = Literal["incidents", "mediations", "nil_returns", "works", "source_changes"]

#: No record of ours is older: an earlier year is a slip of the hand.
EARLIEST = date(1990, 1, 1)

#: Longest summary that a form takes.
LONGEST_SUMMARY = 200

_REQUIRED: dict[About, tuple[str, ...]] = {
    "incidents": ("place_code", "stream", "category", "occurred_on", "channel"),
    "mediations": ("incident_number", "channel", "method", "level", "started_on"),
    "nil_returns": ("place_code", "period_from", "period_to"),
    "works": ("place_code", "name", "kind", "started_on"),
    "source_changes": ("on", "kind"),
}
_LENGTHS: dict[str, int] = {"summary": LONGEST_SUMMARY, "note": LONGEST_SUMMARY, "name": 100}

#: Days that may lie ahead: what is planned or promised.
_AHEAD: dict[About, frozenset[str]] = {
    "incidents": frozenset(), "mediations": frozenset({"performance_due_on"}), "nil_returns": frozenset(),
    "works": frozenset({"started_on", "ended_on"}), "source_changes": frozenset(),
}

#: Earlier and later day of a pair.
_ORDER = (
    ("started_on", "ended_on"), ("started_on", "agreed_on"), ("agreed_on", "performance_due_on"),
    ("period_from", "period_to"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct.

    Attributes
    ----------
    key : str
        Sentence ``register.error_<key>``.
    field : str
        Field that it is about; its words are ``register.<field>``.
    values : tuple of (str, str)
        What fills the sentence in.
    """

    key: str
    field: str
    values: tuple[tuple[str, str], ...] = ()


class FormRefusedError(ValueError):
    """Nothing was written; `problems` say what to correct."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(one.key for one in problems))
        self.problems = problems


def problem(key: str, name: str, **values: object) -> Problem:
    """Make a problem; values become text."""
    return Problem(key, name, tuple((name_, str(value)) for name_, value in values.items()))


def check_record(about: About, values: Mapping[str, object], today: date) -> list[Problem]:
    """Return what is wrong with a form, in the order of its fields; empty when nothing is.

    Parameters
    ----------
    about : str
        Kind of record.
    values : mapping
        Field to value: text, int, bool or date; None or "" where nothing was entered. A nil return's `period_to` is
        the last day, inclusive.
    today : date
        The county's day.
    """
    found = [problem("missing", name) for name in _REQUIRED[about] if values.get(name) in (None, "")]
    found += _check_lengths(values)
    found += _check_days(about, values, today)
    if about == "mediations":
        found += _check_result(values)
    return found


def _check_lengths(values: Mapping[str, object]) -> list[Problem]:
    return [
        problem("too_long", name, most=most, n=len(text))
        for name, most in _LENGTHS.items()
        if isinstance(text := values.get(name), str) and len(text) > most
    ]


def _check_days(about: About, values: Mapping[str, object], today: date) -> list[Problem]:
    found = []
    for name, day in values.items():
        if not isinstance(day, date):
            continue
        if day > today and name not in _AHEAD[about]:
            found.append(problem("future", name, day=day, today=today))
        if day < EARLIEST:
            found.append(problem("too_early", name, day=day, limit=EARLIEST))
    for earlier, later in _ORDER:
        first, second = values.get(earlier), values.get(later)
        if isinstance(first, date) and isinstance(second, date) and second < first:
            found.append(problem("order", later, earlier=earlier, earlier_day=first, later_day=second))
    return found


def _check_result(values: Mapping[str, object]) -> list[Problem]:
    """A mediation that ended has a result, and one that goes on has none."""
    has_ended, has_result = values.get("ended_on") is not None, values.get("is_settled") is not None
    if has_ended and not has_result:
        return [problem("settled_open", "is_settled")]
    return [problem("open_ended", "is_settled")] if has_result and not has_ended else []

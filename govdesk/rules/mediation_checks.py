"""What a mediation record 调解 must fulfil, and what of it is known when; pure.

Source: 人民调解法 §§28–33 (record, agreement, judicial confirmation within 30 days of the agreement: §33).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from hashlib import sha256

from govdesk.rules.record_checks import EARLIEST, LONGEST_SUMMARY, Problem, check_record, problem
from govdesk.terms import MediationChannel, MediationMethod, ResolutionLevel

#: What may be corrected later; each change is kept in the audit with what stood there before.
EDITABLE = ("channel", "method", "level", "started_on", "ended_on", "is_settled", "agreed_on", "performance_due_on",
            "performed_on", "confirmed_on")
#: Mediators of one sitting, at most.
MOST_MEDIATORS = 12

_CODES: dict[str, type[StrEnum]] = {"channel": MediationChannel, "method": MediationMethod, "level": ResolutionLevel}
#: Earlier and later day of a pair, beyond those of `record_checks`.
_ORDER = (("agreed_on", "performed_on"), ("agreed_on", "confirmed_on"))


def mark_record(values: Mapping[str, object]) -> str:
    """Return a text that is another one as soon as any of `EDITABLE` is: who edits says which state was seen."""
    return sha256(repr([str(values.get(name)) for name in EDITABLE]).encode()).hexdigest()[:16]


def check_mediation(values: Mapping[str, object], today: date) -> list[Problem]:
    """Return what is wrong with a record as it would stand; empty when nothing.

    Parameters
    ----------
    values : mapping
        All of `EDITABLE`: codes, days, `is_settled` (None while it goes on).
    """
    found = check_record("mediations", {"incident_number": "-", **values}, today)
    found += [problem("unknown", name) for name, codes in _CODES.items()
              if values.get(name) and values[name] not in list(codes)]
    for earlier, later in _ORDER:
        first, second = values.get(earlier), values.get(later)
        if isinstance(first, date) and isinstance(second, date) and second < first:
            found.append(problem("order", later, earlier=earlier, earlier_day=first, later_day=second))
    if values.get("agreed_on") and values.get("is_settled") is not True:
        found.append(problem("not_agreed", "agreed_on"))
    found += [problem("no_agreement", name) for name in ("performance_due_on", "performed_on", "confirmed_on")
              if values.get(name) and not values.get("agreed_on")]
    return found


def check_session(
    *, held_on: date | None, method: str | None, mediators: Sequence[str], note: str, started_on: date, today: date
) -> list[Problem]:
    """Return what is wrong with one sitting; whether the posts exist is asked elsewhere."""
    found = [problem("missing", name) for name, value in (
        ("held_on", held_on), ("method", method), ("mediators", mediators)) if not value]
    if method and method not in list(MediationMethod):
        found.append(problem("unknown", "method"))
    if held_on and not max(EARLIEST, started_on) <= held_on <= today:
        found.append(problem("day", "held_on", day=held_on, first=max(EARLIEST, started_on), today=today))
    if len(mediators) > MOST_MEDIATORS:
        found.append(problem("too_many", "mediators", most=MOST_MEDIATORS, n=len(mediators)))
    if len(note) > LONGEST_SUMMARY:
        found.append(problem("too_long", "note", most=LONGEST_SUMMARY, n=len(note)))
    return found

"""What to do next about a village on the list: a visit, a call, a question to the clerk. Rules, not forecasts; pure."""

from dataclasses import dataclass
from datetime import date, timedelta

#: Days after the Monday of the list: Wednesday, Friday, Sunday.
SOON, THIS_WEEK, BY_SUNDAY = 2, 4, 6
#: A visit so many days ago is followed by a return visit, not by another first one.
RETURN_DAYS = 28


@dataclass(frozen=True, slots=True)
class Standing:
    """What the step depends on.

    Attributes
    ----------
    is_listed : bool
    band : str or None
        None: too few records to tell.
    n_new : int
        Escalations that became known since the list was made.
    visited_on : date or None
        Last visit.
    """

    is_listed: bool
    band: str | None
    n_new: int = 0
    visited_on: date | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """``ask_clerk``, ``visited``, ``return``, ``visit``, ``call`` or ``none``; until when (None: no day)."""

    kind: str
    until: date | None = None


def choose_step(standing: Standing, as_of: date) -> Step:
    """Return the next step for a village of the list of the week that begins on `as_of`.

    In this order: too few records → ask the clerk whether reports arrive; not listed → none; visited since the list →
    nothing but its outcome; something new, or red → a visit by Wednesday (a return visit where somebody was there
    within `RETURN_DAYS` days); orange → by Friday; yellow and blue → a call first, a visit by Sunday.
    """
    if standing.band is None:
        return Step("ask_clerk", as_of + timedelta(days=THIS_WEEK) if standing.is_listed else None)
    if not standing.is_listed:
        return Step("none")
    visited = standing.visited_on
    if visited is not None and visited >= as_of and not standing.n_new:
        return Step("visited", visited)
    if not standing.n_new and standing.band in ("yellow", "blue"):
        return Step("call", as_of + timedelta(days=BY_SUNDAY))
    days = SOON if standing.n_new or standing.band == "red" else THIS_WEEK
    is_return = visited is not None and (as_of - visited).days <= RETURN_DAYS
    return Step("return" if is_return else "visit", as_of + timedelta(days=days))

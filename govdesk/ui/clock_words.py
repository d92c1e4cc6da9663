"""A clock in words: time left or over, paused, provisional, with a band that is a colour and a letter."""

from datetime import datetime
from functools import lru_cache

from govdesk.rules.clock_bands import Cuts, TimeBand
from govdesk.rules.time_limits import NO_LIMIT, Term, read_term
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.terms import Status
from govdesk.ui.formats import NOTHING, is_known, write_count
from govdesk.ui.markup import Html, tag
from govdesk.words import say

_HOUR, _DAY = 3600, 86_400
#: Further away working days are not counted one by one: files bring days such as 9999-12-31.
_FAR_DAYS = 366
#: From so many days on, hours say nothing that anybody acts on.
_MANY_DAYS = 10


def write_time_left(due_at: object, now: datetime, calendar: WorkingCalendar, language: str | None = None) -> str:
    """Return how much time is left until a deadline, or for how long it is over; a dash without a deadline.

    Over: by the clock on the wall. Left: working days and office hours; under 24 hours, or outside office hours, by
    the clock on the wall. Times are cut off, never rounded up; hours are left out from ten days on.
    """
    if not is_known(due_at) or not isinstance(due_at, datetime):
        return NOTHING
    seconds = int((due_at - now).total_seconds())
    if seconds < 0:
        return _write_late(-seconds, language)
    if seconds > _FAR_DAYS * _DAY:
        return say("clock.left_far", language, days=write_count(seconds // _DAY))
    working = calendar.working_seconds(now, due_at)
    days, rest = divmod(working, calendar.day_seconds)
    if days:
        hours = rest // _HOUR if days < _MANY_DAYS else 0
        key = f"left_{'day' if days == 1 else 'days'}{'_hours' if hours else ''}"
        return say(f"clock.{key}", language, days=days, hours=hours)
    if seconds < _DAY or working < _HOUR:
        return _write_hours(seconds, language)
    return say("clock.left_working", language, hours=working // _HOUR)


def _write_hours(seconds: int, language: str | None) -> str:
    hours, minutes = seconds // _HOUR, seconds % _HOUR // 60
    if not hours:
        return say("clock.left_minutes", language, minutes=minutes)
    return say("clock.left_hours_minutes" if minutes else "clock.left_hours", language, hours=hours, minutes=minutes)


def _write_late(seconds: int, language: str | None) -> str:
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds // 60
    if days:
        key = "late_days_hours" if hours and days < _MANY_DAYS else "late_days"
        return say(f"clock.{key}", language, days=write_count(days), hours=hours)
    return say("clock.late_hours" if hours else "clock.late_minutes", language, hours=hours, minutes=minutes)


def write_paused(n_days: int, language: str | None = None, *, is_paused: bool = True) -> str:
    """Return that a clock stands still, or once did, and on how many days."""
    return say("clock.paused" if is_paused else "clock.paused_before", language, days=n_days)


def write_clock(
    due_at: object, status: str, now: datetime, calendar: WorkingCalendar, *, n_paused_days: int = 0,
    language: str | None = None,
) -> str:
    """Return what is said about the clock of an incident of any status."""
    if status == Status.CLOSED:
        return say("clock.ended", language)
    if status == Status.PAUSED:
        return write_paused(n_paused_days, language)
    if not is_known(due_at):
        return say("clock.no_limit", language)
    return write_time_left(due_at, now, calendar, language)


def build_band(band: TimeBand | None, language: str | None = None) -> Html | None:
    """Return the mark of a band: its colour, its letter, and in its title what it means; None where there is time."""
    if band is None:
        return None
    return tag("span", say(f"clock.band_{band}", language), class_=f"gd-band gd-band-{band}",
               title=say(f"clock.band_{band}_title", language))


def build_clock(
    due_at: datetime | None, status: str, cuts: Cuts, calendar: WorkingCalendar, *, n_paused_days: int = 0,
    is_provisional: bool = False, language: str | None = None,
) -> Html:
    """Return the mark and the words of a clock, with what is provisional said beside it."""
    is_running = status not in (Status.PAUSED, Status.CLOSED)
    words = write_clock(due_at, status, cuts.now, calendar, n_paused_days=n_paused_days, language=language)
    mark = build_band(cuts.find_band(due_at), language) if is_running else None
    open_question = None
    if is_provisional and is_running and due_at is not None:
        open_question = tag("span", say("clock.provisional", language), class_="gd-muted",
                            title=write_provisional(due_at, calendar, language))
    return tag("span", mark, " " if mark is not None else "", words, " " if open_question is not None else "",
               open_question, class_="gd-clock")


def may_be_provisional(due_at: object, calendar: WorkingCalendar) -> bool:
    """Return whether a deadline lies in a year that was not announced yet: for lists, which know no limits."""
    return isinstance(due_at, datetime) and is_known(due_at) and not calendar.is_known(calendar.local_day(due_at).year)


def write_provisional(due_at: datetime, calendar: WorkingCalendar, language: str | None = None) -> str:
    """Return why a deadline is provisional."""
    return say("clock.provisional_why", language, year=calendar.local_day(due_at).year)


def write_amount(term: Term | str | None, language: str | None = None) -> str:
    """Return a term with its unit; a dash without one."""
    if term is None:
        return NOTHING
    if term == NO_LIMIT:
        return say("clock.no_limit", language)
    known = _read(term) if isinstance(term, str) else term
    return say(f"clock.unit_{known.unit}", language, n=known.amount)


@lru_cache(maxsize=256)
def _read(text: str) -> Term:
    return read_term(text)

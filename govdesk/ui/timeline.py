"""The timeline of one incident, assembled from its steps, mediations and revisits; what came late says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from govdesk.clock import zone
from govdesk.ui import formats
from govdesk.ui.markup import Html, tag
from govdesk.words import say

#: Recorded this much later than it happened: the timeline says how late we knew.
LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened.

    Attributes
    ----------
    at : datetime or date
        When it happened; a date where the hour is not known.
    title : str
        What happened.
    details : tuple of str
        Small lines: who, level, outcome, remark.
    recorded_at : datetime or None
        When we knew.
    is_recorded_assumed : bool
        `recorded_at` was not delivered, but taken from when it happened.
    is_withdrawn : bool
        Struck out: shown, because nothing is lost, but no longer true.
    """

    at: datetime | date
    title: str
    details: tuple[str, ...] = field(default=())
    recorded_at: datetime | None = None
    is_recorded_assumed: bool = False
    is_withdrawn: bool = False


def sort_moments(moments: Sequence[Moment]) -> list[Moment]:
    """Return the moments in the order they happened; a day without an hour counts as its end."""
    return sorted(moments, key=_instant)


def find_delay(moment: Moment) -> timedelta:
    """Return how long after it happened we knew of it; zero where that is not known."""
    if moment.recorded_at is None or moment.is_recorded_assumed:
        return timedelta(0)
    return max(timedelta(0), moment.recorded_at - _instant(moment))


def build_timeline(moments: Sequence[Moment], words: str) -> Html:
    """Return the list, oldest first."""
    return tag("ol", *(_item(moment, words) for moment in sort_moments(moments)), class_="gd-timeline")


def _item(moment: Moment, words: str) -> Html:
    is_instant = isinstance(moment.at, datetime)
    when = formats.write_instant(moment.at) if is_instant else formats.write_day(moment.at)
    delay = find_delay(moment)
    late = None
    if delay >= LATE:
        text = say("incident.recorded_late", words, at=formats.write_instant(moment.recorded_at), days=delay.days)
        late = tag("div", text, class_="gd-late gd-small")
    elif moment.recorded_at is not None:
        key = "incident.recorded_assumed" if moment.is_recorded_assumed else "incident.recorded"
        late = tag("div", say(key, words, at=formats.write_instant(moment.recorded_at)), class_="gd-muted gd-small")
    title = tag("del", moment.title) if moment.is_withdrawn else tag("strong", moment.title)
    withdrawn = tag("span", f" {say('incident.withdrawn', words)}", class_="gd-muted") if moment.is_withdrawn else None
    return tag(
        "li", tag("div", when, class_="gd-when"),
        tag("div", title, withdrawn, *(tag("div", text, class_="gd-small") for text in moment.details), late),
    )


def _instant(moment: Moment) -> datetime:
    if isinstance(moment.at, datetime):
        return moment.at
    return datetime.combine(moment.at, time(23, 59, 59), tzinfo=zone())

"""The whole view of the map as its address holds it: read, checked, and turned into weeks."""

from dataclasses import dataclass
from datetime import date

from govdesk.clock import week_label, week_of
from govdesk.queries.freshness import Freshness
from govdesk.queries.instants import complete_week
from govdesk.queries.map_request import MEASURES, Measure
from govdesk.terms import Level, Stream
from govdesk.ui import session

PERIODS = ("4", "13", "26", "52", "all")
DEFAULT_PERIOD = "13"
LAYERS = ("areas", "cells")
#: Levels that the whole county may be coloured by.
LEVELS = (Level.VILLAGE.value, Level.TOWNSHIP.value)

#: End weeks that the slider and the playback offer.
FRAMES = 52


@dataclass(frozen=True, slots=True)
class MapState:
    """One view.

    Attributes
    ----------
    place : str or None
        Place that is looked into; None means the account's whole area.
    measure : str
        What is coloured.
    level : str
        Level coloured while no place is chosen: ``village`` or ``township``.
    period : str
        One of `PERIODS`.
    to_week : int
        Last week of the window, inclusive.
    streams, categories : tuple of str
        Codes; empty means all.
    layer : str
        ``areas`` or ``cells``.
    """

    place: str | None
    measure: Measure
    level: str
    period: str
    to_week: int
    streams: tuple[str, ...]
    categories: tuple[str, ...]
    layer: str

    def window(self, freshness: Freshness) -> tuple[int, int]:
        """Return the weeks asked for, cut to the recorded period; `week_to` exclusive; empty without data."""
        if freshness.first_week is None or freshness.last_week is None:
            return 0, 0
        week_to = self.to_week + 1
        wanted = freshness.first_week if self.period == "all" else week_to - int(self.period)
        return max(wanted, freshness.first_week), week_to


def parse_week(text: str) -> int:
    """Return the week of a name such as ``2026-W47``.

    Raises
    ------
    ValueError
        When it is none.
    """
    year, _, number = text.partition("-W")
    return week_of(date.fromisocalendar(int(year), int(number), 1))


def find_last_week(freshness: Freshness, today: date) -> int:
    """Return the last complete week of the data, or of the calendar where there is none."""
    return complete_week(freshness.data_as_of or today)


def read_state(freshness: Freshness, categories: tuple[str, ...], today: date) -> MapState:
    """Return the view that the address asks for; what means nothing is left out with a notice."""
    last = find_last_week(freshness, today)
    first = last if freshness.first_week is None else min(freshness.first_week, last)

    def week(text: str) -> int:
        found = parse_week(text)
        if not first <= found <= last:
            raise ValueError(text)
        return found

    measures: tuple[str, ...] = MEASURES
    measure = session.read_param("measure", session.one_of(*measures), "count")
    return MapState(
        place=session.read_param("place", session.place_code, None),
        measure=next(one for one in MEASURES if one == measure),
        level=session.read_param("level", session.one_of(*LEVELS), LEVELS[0]),
        period=session.read_param("weeks", session.one_of(*PERIODS), DEFAULT_PERIOD),
        to_week=session.read_param("to", week, last),
        streams=session.read_param("streams", session.many_of(*Stream), ()),
        categories=session.read_param("categories", session.many_of(*categories), ()),
        layer=session.read_param("layer", session.one_of(*LAYERS), "areas"),
    )


def list_frames(freshness: Freshness, last: int) -> list[int]:
    """Return the end weeks that may be chosen, oldest first."""
    first = last if freshness.first_week is None else freshness.first_week
    return list(range(max(first, last - FRAMES + 1), last + 1))


def write_week(week: int, last: int) -> None:
    """Put the end week into the address; the last one is not worth a word."""
    session.write_params(to=None if week == last else week_label(week))

"""Festivals that move with the moon: on which day, and in which week, they lie in a year.

The days come from lunar-python, computed and not observed: they agree with the almanac of every year it was compared
with (2005–2035). Which days are off work is another matter, decided year by year.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache

from lunar_python import Lunar

from govdesk.clock import week_of

#: Years whose days may be computed; further away the rules of the calendar themselves are not certain.
FIRST_YEAR, LAST_YEAR = 1901, 2099


@cache
def spring_festival(year: int) -> date:
    """Return the first day of the first lunar month that lies in `year`.

    Raises
    ------
    ValueError
        When the year is outside `FIRST_YEAR` to `LAST_YEAR`.
    """
    return _lunar_day(year, 1, 1)


@cache
def mid_autumn(year: int) -> date:
    """Return the fifteenth day of the eighth lunar month that lies in `year`."""
    return _lunar_day(year, 8, 15)


def _lunar_day(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        message = f"the lunar calendar is known from {FIRST_YEAR} to {LAST_YEAR}, not in {year}"
        raise ValueError(message)
    solar = Lunar.fromYmd(year, month, day).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def festival_weeks(years: Iterable[int]) -> dict[int, int]:
    """Return the week (as of `govdesk.clock`) in which Spring Festival lies, by year."""
    return {year: week_of(spring_festival(year)) for year in years}

from datetime import date

import pytest

from govdesk.clock import monday_of
from govdesk.rules.lunar_calendar import festival_weeks, mid_autumn, spring_festival

#: As in the almanac.
SPRING = {2005: (2, 9), 2008: (2, 7), 2010: (2, 14), 2012: (1, 23), 2015: (2, 19), 2016: (2, 8), 2017: (1, 28),
          2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
          2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2030: (2, 3), 2033: (1, 31), 2035: (2, 8)}
#: 2020, 2023 and 2025 have a leap month.
AUTUMN = {2015: (9, 27), 2018: (9, 24), 2020: (10, 1), 2021: (9, 21), 2022: (9, 10), 2023: (9, 29), 2024: (9, 17),
          2025: (10, 6), 2026: (9, 25)}


@pytest.mark.parametrize(("year", "day"), SPRING.items())
def test_spring_festival_is_the_almanac_s(year, day):
    assert spring_festival(year) == date(year, *day)


@pytest.mark.parametrize(("year", "day"), AUTUMN.items())
def test_mid_autumn_is_the_almanac_s(year, day):
    assert mid_autumn(year) == date(year, *day)


def test_spring_festival_lies_between_21_january_and_21_february():
    days = [spring_festival(year) for year in range(1901, 2100)]
    assert all((1, 21) <= (day.month, day.day) <= (2, 21) for day in days)


def test_week_of_the_festival_holds_it():
    for year, week in festival_weeks(range(2005, 2036)).items():
        assert 0 <= (spring_festival(year) - monday_of(week)).days < 7


@pytest.mark.parametrize("year", [1900, 2100])
def test_year_outside_the_known_is_refused(year):
    with pytest.raises(ValueError, match="known from"):
        spring_festival(year)

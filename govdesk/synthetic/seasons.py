"""Seasons of the invented county: Spring Festival (lunar), harvest, floods, the year's end."""

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from govdesk.clock import monday_of
from govdesk.rules.lunar_calendar import spring_festival


def weeks_from_festival(week: int) -> float:
    """Return the whole weeks from the nearest Spring Festival to the Thursday of a week; negative before it."""
    day = monday_of(week) + timedelta(days=3)
    gaps = [(day - spring_festival(year)).days / 7 for year in (day.year - 1, day.year, day.year + 1)]
    return min(gaps, key=abs)


def _bump(at: float, centre: float, width: float) -> float:
    return float(np.exp(-(((at - centre) / width) ** 2)))


def stream_seasons(week: int) -> NDArray[np.float64]:
    """Return the factor of each stream in a week, in the order of `process.STREAMS`.

    Returns
    -------
    numpy.ndarray, shape (5,)
        Disputes and petitions rise before Spring Festival (wages, people at home), disputes at harvest (weeks 36–42),
        hazards in the floods (weeks 18–30) and before the festival (fire), all fall in the festival's own week.
    """
    of_year = (monday_of(week) + timedelta(days=3)).timetuple().tm_yday / 7
    gap = weeks_from_festival(week)
    before, during = _bump(gap, -2.0, 2.0), _bump(gap, 0.3, 0.7)
    harvest, floods, heat = _bump(of_year, 39, 3.0), _bump(of_year, 24, 5.0), _bump(of_year, 30, 4.0)
    factors = np.array(
        [
            1 + 0.35 * before + 0.40 * harvest,
            1 + 0.55 * before,
            1 + 0.9 * floods + 0.5 * before,
            1 + 0.25 * heat,
            1 + 0.25 * before + 0.2 * heat,
        ]
    )
    return factors * (1 - 0.55 * during)

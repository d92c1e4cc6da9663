from datetime import date

import numpy as np
import pandas as pd
import pytest

from govdesk.clock import week_of
from govdesk.rules.lunar_calendar import festival_weeks
from models.week_alignment import align_weeks, compare_with_earlier_years

FESTIVALS = festival_weeks(range(2005, 2036))
SPAN = np.arange(week_of(date(2012, 1, 2)), week_of(date(2034, 1, 2)))


@pytest.mark.parametrize("years_back", [1, 2, 3, 5])
def test_every_earlier_week_is_met_exactly_once(years_back):
    aligned = align_weeks(SPAN, FESTIVALS, years_back=years_back)
    inner = aligned["earlier"].iloc[30:-30]
    assert inner.is_unique
    missing = set(range(int(inner.min()) + 30, int(inner.max()) - 30)) - set(aligned["earlier"])
    assert missing == set()


@pytest.mark.parametrize("years_back", [1, 2, 3, 5])
def test_around_the_festival_the_distance_from_it_is_kept_and_elsewhere_the_season(years_back):
    aligned = align_weeks(SPAN, FESTIVALS, years_back=years_back).set_index("week")
    for year in range(2013, 2033):
        for offset in range(-4, 6):
            row = aligned.loc[FESTIVALS[year] + offset]
            assert row["kind"] == "festival"
            assert row["earlier"] == FESTIVALS[year - years_back] + offset
    ordinary = aligned[aligned["kind"] == "same_week"]
    apart = ordinary.index - ordinary["earlier"]
    assert (abs(apart - years_back * 365.2425 / 7) <= 0.5).all()
    assert "festival_unknown" not in set(aligned["kind"])


def test_ordinary_week_never_meets_a_festival():
    aligned = align_weeks(SPAN, FESTIVALS)
    festive = {week + offset for week in FESTIVALS.values() for offset in range(-4, 6)}
    other = aligned[aligned["kind"] != "festival"]
    assert not set(other["earlier"]) & festive
    displaced = aligned[aligned["kind"] == "displaced"]
    assert 0 < len(displaced) <= 4 * 22
    assert (abs(displaced["week"] - displaced["earlier"] - 52) <= 12).all()


def test_late_festival_of_2026_meets_the_early_one_of_2025():
    week = week_of(date(2026, 2, 17))
    aligned = align_weeks([week, week_of(date(2026, 7, 1))], FESTIVALS)
    assert aligned["earlier"].tolist() == [week_of(date(2025, 1, 29)), week_of(date(2025, 7, 2))]


def test_festival_missing_from_the_table_is_said():
    aligned = align_weeks([FESTIVALS[2020], FESTIVALS[2024]], {2020: FESTIVALS[2020], 2024: FESTIVALS[2024], 2019: FESTIVALS[2019]})
    assert aligned["kind"].tolist() == ["festival", "festival_unknown"]


def test_no_year_back_is_refused():
    with pytest.raises(ValueError, match="year back"):
        align_weeks([2500], FESTIVALS, years_back=0)


def test_weeks_stand_beside_their_counterparts_and_the_unknown_is_not_zero():
    weeks = np.arange(FESTIVALS[2022] - 60, FESTIVALS[2024] + 20)
    quiet = {FESTIVALS[year] for year in (2021, 2022, 2023, 2024)}
    weekly = pd.Series([3 if week in quiet else 40 for week in weeks], index=weeks)
    compared = compare_with_earlier_years(weekly, FESTIVALS, n_years=2)
    for year in (2023, 2024):
        assert compared.loc[FESTIVALS[year], ["n", "back_1"]].tolist() == [3, 3]
        assert (compared.loc[FESTIVALS[year] + 3: FESTIVALS[year] + 30, "back_1"].dropna() == 40).all()
    first = compared.iloc[0]
    assert first["n_known"] == 0
    assert np.isnan(first["mean"])
    assert compared.loc[FESTIVALS[2024], ["least", "most", "n_known"]].tolist() == [3, 3, 2]

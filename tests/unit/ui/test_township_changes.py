"""Which places changed most: last week against the mean before, the unknown left unknown."""

import numpy as np
import pandas as pd
import pytest

from govdesk.ui.township_changes import Window, choose_level, compare_weeks

PLACES = pd.DataFrame({"code": ["a", "b"], "name": ["甲", "乙"]})


def _weeks(rows):
    return pd.DataFrame(rows, columns=["week", "place_code", "n_incidents"])


def test_largest_change_stands_first_and_weeks_without_incidents_are_zero():
    found = compare_weeks(PLACES, _weeks([(100, "b", 13), (99, "b", 13), (99, "a", 13)]), Window(100, 0))
    assert found["code"].tolist() == ["b", "a"]
    assert found["last_week"].tolist() == [13, 0]
    assert found["mean_before"].tolist() == [1.0, 1.0]
    assert found["difference"].tolist() == [12.0, -1.0]


def test_weeks_before_the_records_began_are_unknown():
    found = compare_weeks(PLACES, _weeks([(100, "a", 2), (99, "a", 4)]), Window(100, 99))
    first = found.set_index("code").loc["a"]
    assert first["mean_before"] == 4.0
    assert np.isnan(first["weeks"][:-2]).all()
    assert first["weeks"][-2:] == [4.0, 2.0]


def test_first_week_of_all_has_no_mean():
    found = compare_weeks(PLACES, _weeks([(100, "a", 2)]), Window(100, 100))
    assert found["mean_before"].isna().all()
    assert found["difference"].isna().all()


@pytest.mark.parametrize(("levels", "chosen"), [
    (("county", "township", "village"), "township"), (("county", "village"), "village"), (("county",), "county"),
    ((), None)])
def test_level_below_the_top_is_compared(levels, chosen):
    assert choose_level(levels) == chosen


def test_weeks_before_a_place_began_are_no_zeros():
    weeks = _weeks([(100, "a", 4), (99, "a", 2), (98, "a", 2), (100, "b", 1)])
    found = compare_weeks(PLACES, weeks, Window(100, 0), {"a": 98, "elsewhere": 90}).set_index("code")
    assert found.loc["a", "mean_before"] == 2
    assert np.isnan(found.loc["a", "weeks"][:-3]).all()
    assert found.loc["a", "weeks"][-3:] == [2, 2, 4]
    assert not np.isnan(found.loc["b", "weeks"]).any()

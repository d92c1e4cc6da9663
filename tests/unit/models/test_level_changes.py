import numpy as np
import pandas as pd
import pytest

from models.stretch_likelihood import chance_of_root, list_windows
from models.trend import find_changes, find_changes_in_many, reasons_for_silence

FIRST = 2600


def series(counts):
    return pd.Series(np.asarray(counts, dtype=float), index=np.arange(FIRST, FIRST + len(counts)))


def steps(seed, *pieces):
    """Return a series of (weeks, mean) pieces."""
    rng = np.random.default_rng(seed)
    return series(np.concatenate([rng.poisson(mean, weeks) for weeks, mean in pieces]))


def test_rise_that_lasts_is_dated_and_measured():
    flag, = find_changes(steps(1, (250, 4), (114, 8)))
    assert abs(flag.week_from - (FIRST + 250)) <= 4
    assert flag.week_low <= FIRST + 250 <= flag.week_high
    assert flag.week_to is None
    assert flag.low <= 2 <= flag.high
    assert (flag.direction, flag.sureness, flag.at_source_change) == ("rise", "very_likely", False)
    assert flag.n / flag.expected == pytest.approx(flag.ratio, rel=0.02)


def test_rise_that_ends_has_an_end():
    flag, = find_changes(steps(2, (150, 4), (40, 10), (174, 4)))
    assert abs(flag.week_from - (FIRST + 150)) <= 3
    assert abs(flag.week_to - (FIRST + 190)) <= 3


def test_fall_is_a_fall():
    flag, = find_changes(steps(3, (200, 8), (164, 3)))
    assert flag.direction == "fall"
    assert flag.high < 1


def test_early_change_is_said_of_what_came_after():
    flag, = find_changes(steps(4, (60, 3), (304, 9)))
    assert flag.direction == "rise"
    assert abs(flag.week_from - (FIRST + 60)) <= 4


def test_two_changes_are_both_found():
    flags = find_changes(steps(5, (120, 3), (40, 9), (100, 3), (104, 7)))
    assert [flag.direction for flag in flags] == ["rise", "rise"]
    assert abs(flags[0].week_from - (FIRST + 120)) <= 4
    assert abs(flags[1].week_from - (FIRST + 260)) <= 4
    assert flags[0].low <= 3 <= flags[0].high


def test_season_is_no_change():
    weeks = np.arange(364)
    rng = np.random.default_rng(6)
    for phase in range(6):
        assert find_changes(series(rng.poisson(20 * (1 + 0.5 * np.sin(2 * np.pi * weeks / 52.1775 + phase))))) == []


def test_sparse_and_short_series_are_silent_and_say_why():
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"sparse": rng.poisson(0.1, 364), "well": rng.poisson(3, 364)}, index=np.arange(364), dtype=float)
    frame.loc[345:, "sparse"] = 1
    frame["short"] = np.where(np.arange(364) < 280, np.nan, 5.0)
    assert reasons_for_silence(frame).to_dict() == {"sparse": "sparse", "well": "", "short": "short"}
    assert "sparse" not in set(find_changes_in_many(frame)["series"])
    frame.loc[345:, "sparse"] = 6
    assert reasons_for_silence(frame)["sparse"] == ""
    assert "sparse" in set(find_changes_in_many(frame)["series"])


def test_jump_at_a_source_change_is_marked_and_no_real_rise():
    for seed in range(5):
        counts = steps(seed, (172, 4), (192, 7))
        flags = find_changes(counts, known_breaks=[FIRST + 172])
        assert [flag.at_source_change for flag in flags] == [True]
        assert flags[0].week_from == FIRST + 172
        assert flags[0].low <= 1.75 <= flags[0].high


def test_source_change_that_changed_nothing_is_not_flagged():
    flagged = sum(bool(find_changes(steps(seed, (364, 4)), known_breaks=[FIRST + 172])) for seed in range(40))
    assert flagged <= 3


def test_real_rise_beside_a_source_change_is_told_from_it():
    flags = find_changes(steps(9, (150, 4), (110, 7), (104, 14)), known_breaks=[FIRST + 150])
    assert [flag.at_source_change for flag in flags] == [True, False]
    assert abs(flags[1].week_from - (FIRST + 260)) <= 4
    assert flags[1].ratio == pytest.approx(2, rel=0.2)


def test_unknown_weeks_are_no_fall():
    counts = steps(10, (364, 6))
    counts.iloc[200:260] = np.nan
    assert find_changes(counts) == []
    assert find_changes(counts.fillna(0.0)) != []


def test_many_are_looked_at_together_and_named():
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.poisson(3, (364, 30)).astype(float), index=np.arange(FIRST, FIRST + 364), columns=[f"s{i}" for i in range(30)])
    frame.loc[FIRST + 200:, "s7"] += rng.poisson(4, 164)
    found = find_changes_in_many(frame, known_breaks={"s9": [FIRST + 100]})
    sure = found[found["sureness"] == "very_likely"]
    assert sure["series"].tolist() == ["s7"]
    assert len(found) <= 2
    assert (found["p_value"] <= found["q_value"] + 1e-12).all()
    assert found["week_to"].iloc[0] is None


def test_no_series_and_no_change_give_an_empty_frame():
    frame = pd.DataFrame(index=np.arange(200), dtype=float)
    assert find_changes_in_many(frame).empty
    assert {"series", "week_from", "q_value"} <= set(find_changes_in_many(frame).columns)


def test_gap_between_weeks_is_refused():
    with pytest.raises(ValueError, match="without a gap"):
        find_changes(pd.Series([1.0, 2.0], index=[5, 7]))


@pytest.mark.parametrize("n_weeks", [60, 104, 208, 364])
def test_chance_of_the_largest_root_is_that_of_a_simulation(n_weeks):
    """The formula behind the p-value against standard normal noise scanned by the same windows."""
    first, last = list_windows(n_weeks)
    length = last - first
    noise = np.random.default_rng(12).normal(size=(3000, n_weeks)).cumsum(axis=1)
    sums = np.concatenate([np.zeros((3000, 1)), noise], axis=1)
    inside = sums[:, last] - sums[:, first]
    gap = inside / length - (sums[:, [-1]] - inside) / (n_weeks - length)
    largest = np.abs(gap / np.sqrt(1 / length + 1 / (n_weeks - length))).max(axis=1)
    chance = chance_of_root(largest, n_weeks)
    for level, within in ((0.02, 0.45), (0.05, 0.3), (0.1, 0.25)):
        assert (chance <= level).mean() == pytest.approx(level, rel=within)

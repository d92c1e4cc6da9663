"""Caught, missed, found, repeated: by typed lists, and against a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.thresholds import (
    catch_events,
    compare_settings,
    judge_lists,
    summarise,
    summarise_strata,
)
from models.weekly_lists import Events

H = 4


def events(*rows):
    place, week = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return Events(place, week, week)


def judge(lists, found, *, known_until=None, first=0, counted=None, step=1):
    lists = np.array(lists, dtype=np.uint8)
    lists = lists[None] if lists.ndim == 2 else lists
    weeks = first + step * np.arange(lists.shape[1])
    return judge_lists(lists, weeks=weeks, events=events(*found), visits=np.arange(1, len(lists) + 1), horizon=H,
                       known_until=weeks[-1] + H if known_until is None else known_until, counted=counted)


def one_listing(n_dates, date, n_places=1, place=0):
    lists = np.zeros((n_dates, n_places), dtype=np.uint8)
    lists[date, place] = 1
    return lists


@pytest.mark.parametrize(("week", "caught"), [(4, 0), (5, 1), (6, 1), (8, 1), (9, 0)])
def test_event_is_caught_within_four_weeks_of_a_listing(week, caught):
    outcomes = judge(one_listing(12, 5), [(0, week)])
    assert outcomes.caught[0, week] == caught
    assert outcomes.n_events[week] == 1


def test_event_is_counted_once_though_its_place_was_listed_twice():
    lists = one_listing(12, 5)
    lists[7, 0] = 2
    rows = summarise(judge(lists, [(0, 8)]))
    assert rows.loc[0, ["n_events", "n_caught", "n_missed"]].tolist() == [1, 1, 0]


def test_two_events_of_one_listing_are_two():
    assert summarise(judge(one_listing(12, 5), [(0, 6), (0, 6)])).loc[0, "n_caught"] == 2


def test_visit_finds_one_coming_once():
    outcomes = judge(one_listing(12, 5), [(0, 6), (0, 7)])
    assert (outcomes.found[0, 5], outcomes.listed[0, 5]) == (1, 1)


def test_event_of_another_place_is_missed():
    rows = summarise(judge(one_listing(12, 5, n_places=2), [(1, 6)]))
    assert rows.loc[0, ["n_caught", "n_missed", "n_found"]].tolist() == [0, 1, 0]


def test_future_that_is_not_over_is_unknown_and_never_negative():
    outcomes = judge(one_listing(12, 9), [], known_until=12)
    assert np.isnan(outcomes.found[0, 9:]).all()
    assert outcomes.found[0, 8] == 0
    assert np.isfinite(outcomes.n_events[3:12]).all()


def test_events_before_the_lists_could_catch_them_are_not_judged():
    outcomes = judge(one_listing(12, 5), [(0, 2)])
    assert np.isnan(outcomes.n_events[:3]).all()
    assert summarise(outcomes).loc[0, "n_events"] == 0
    assert np.isnan(summarise(outcomes).loc[0, "caught_share"])


def test_shares_are_by_date_and_not_pooled():
    # Dates with 1 of 1 and with 0 of 3: the mean of shares is 1/2, pooled it would be 1/4.
    lists = np.zeros((12, 4), dtype=np.uint8)
    lists[5, 0], lists[6, 1:] = 1, 1
    rows = summarise(judge(lists, [(0, 5)]))
    assert rows.loc[0, "found_share"] == pytest.approx(0.5)
    assert rows.loc[0, "n_listed"] == 4


def test_listing_repeats_within_thirteen_weeks():
    lists = np.zeros((40, 1), dtype=np.uint8)
    lists[[14, 27, 39], 0] = 1
    outcomes = judge(lists, [])
    assert outcomes.repeats[0, [27, 39]].tolist() == [1, 1]
    assert np.isnan(outcomes.repeats[0, 12])
    lists[27, 0] = 0
    assert judge(lists, []).repeats[0, 39] == 0


def test_stratum_counts_its_own_places_only():
    lists = one_listing(12, 5, n_places=3)
    groups = np.array(["plain", "mountain", None], dtype=object)
    rows = summarise_strata(lists[None], groups, weeks=np.arange(12), events=events((0, 6), (1, 6), (2, 6)),
                            visits=np.array([1]), horizon=H, known_until=16)
    assert rows["stratum"].tolist() == ["mountain", "plain"]
    assert rows["n_events"].tolist() == [1, 1]
    assert rows["n_caught"].tolist() == [0, 1]


def test_treated_cells_are_left_out_of_events_and_visits():
    counted = np.ones((12, 1), dtype=bool)
    counted[5:9] = False
    rows = summarise(judge(one_listing(12, 5), [(0, 6)], counted=counted))
    assert rows.loc[0, ["n_events", "n_listed"]].tolist() == [0, 0]


def test_period_can_be_chosen():
    outcomes = judge(one_listing(30, 5), [(0, 6), (0, 20)])
    assert summarise(outcomes.during(13, 26)).loc[0, ["n_events", "n_caught"]].tolist() == [1, 0]


def test_no_band_under_28_dates_and_one_from_there():
    rng = np.random.default_rng(1)
    lists = (rng.random((60, 10)) < 0.3).astype(np.uint8)
    found = [(int(p), int(w)) for w, p in np.argwhere(rng.random((60, 10)) < 0.1)]
    assert np.isnan(summarise(judge(lists[:30], found)).loc[0, "caught_share_low"])
    row = summarise(judge(lists, found)).loc[0]
    for name in ("caught_share", "found_share", "repeat_share"):
        assert row[f"{name}_low"] < row[name] < row[f"{name}_high"]


def test_bands_cover_about_95_percent():
    """On independent dates the band of a share holds the true share in roughly 95 of 100 draws."""
    inside = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        lists = (rng.random((110, 8)) < 0.5).astype(np.uint8)
        found = [(int(p), int(w)) for w, p in np.argwhere(rng.random((110, 8)) < 0.1)]
        row = summarise(judge(lists, found)).loc[0]
        inside += row["caught_share_low"] <= 1 - 0.5**4 <= row["caught_share_high"]
    assert 85 <= inside <= 99


def test_comparison_is_paired_and_antisymmetric():
    rng = np.random.default_rng(3)
    lists = (rng.random((2, 80, 12)) < np.array([0.1, 0.3])[:, None, None]).astype(np.uint8)
    found = [(int(p), int(w)) for w, p in np.argwhere(rng.random((80, 12)) < 0.1)]
    outcomes = judge(lists, found)
    forth, back = compare_settings(outcomes, outcomes, (0, 1)), compare_settings(outcomes, outcomes, (1, 0))
    assert forth.loc[0, "difference"] > 0.2
    assert forth.loc[0, "low"] > 0
    assert forth["difference"].tolist() == pytest.approx((-back["difference"]).tolist())
    same = compare_settings(outcomes, outcomes)
    assert same[["difference", "low", "high"]].to_numpy().tolist() == [[0, 0, 0]] * 3
    with pytest.raises(ValueError, match="same dates"):
        compare_settings(outcomes, outcomes.during(0, 10))


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="horizon"):
        judge_lists(np.zeros((1, 3, 2), np.uint8), weeks=np.arange(3), events=events(), visits=np.array([1]), horizon=0,
                    known_until=9)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 15), st.integers(1, 4), st.integers(1, 5), st.integers(1, 3))
def test_figures_are_those_of_a_plain_loop(seed, n_dates, n_places, horizon, step):
    rng = np.random.default_rng(seed)
    lists = (rng.random((2, n_dates, n_places)) < 0.3).astype(np.uint8)
    weeks = step * np.arange(n_dates)
    found = [(int(rng.integers(n_places)), int(w)) for w in rng.integers(-3, weeks[-1] + 8, 10)]
    known_until = int(rng.integers(0, weeks[-1] + 8))
    outcomes = judge_lists(lists, weeks=weeks, events=events(*found), visits=np.arange(2), horizon=horizon,
                           known_until=known_until)
    caught = catch_events(lists, weeks=weeks, events=events(*found), horizon=horizon)
    for k in range(2):
        for i, (place, week) in enumerate(found):
            near = [d for d in range(n_dates) if week - horizon < weeks[d] <= week]
            assert caught[k, i] == any(lists[k, d, place] for d in near)
        for d, start in enumerate(weeks):
            end = weeks[d + 1] if d + 1 < n_dates else start + 1
            visited = [p for p in range(n_places) if lists[k, d, p]]
            assert outcomes.listed[k, d] == len(visited)
            n_found = sum(any(q == p and start <= w < start + horizon for q, w in found) for p in visited)
            np.testing.assert_equal(outcomes.found[k, d], n_found if start + horizon <= known_until else np.nan)
            own = [i for i, (_, w) in enumerate(found) if start <= w < end]
            judged = start >= horizon - 1 and end <= known_until
            np.testing.assert_equal(outcomes.n_events[d], len(own) if judged else np.nan)
            np.testing.assert_equal(outcomes.caught[k, d], caught[k, own].sum() if judged else np.nan)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_more_listings_never_catch_less(seed):
    rng = np.random.default_rng(seed)
    lists = (rng.random((20, 5)) < 0.2).astype(np.uint8)
    more = np.maximum(lists, (rng.random((20, 5)) < 0.2).astype(np.uint8))
    found = [(int(p), int(w)) for w, p in np.argwhere(rng.random((20, 5)) < 0.2)]
    rows = summarise(judge(np.stack([lists, more]), found))
    assert rows["n_caught"].is_monotonic_increasing
    assert (rows["n_caught"] + rows["n_missed"] == rows["n_events"]).all()

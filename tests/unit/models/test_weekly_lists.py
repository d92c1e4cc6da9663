"""The weekly lists: two lists, the rest rule, ties; against a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.weekly_lists import (
    NEVER,
    QUIET_UNTIL_NOW,
    USUALLY_HIGH,
    Events,
    ListRules,
    build_lists,
    draw_ties,
    last_known,
    rank_by_score,
    split_visits,
)

NAN = float("nan")


def events(*rows):
    place, week, known = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Events(place, week, known)


def lists_of(elevated, onset, *, k, found=(), share=0.5, rest=4, last=None, first=100):
    elevated, onset = np.array(elevated, dtype=float), np.array(onset, dtype=float)
    weeks = first + np.arange(len(elevated))
    return build_lists(elevated, onset, weeks=weeks, events=events(*found), visits=np.array([k]),
                       rules=ListRules(share, rest), last_listed=last)[0]


def by_hand(elevated, onset, weeks, found, k, rules, last=None):
    """Return the same lists, one place after another."""
    ties = draw_ties(weeks, elevated.shape[1], rules.seed)
    listed_in = dict(enumerate(last)) if last is not None else {}
    lists = np.zeros(elevated.shape, dtype=np.uint8)
    for date, week in enumerate(weeks):
        def is_awake(place, week=week):
            since = listed_in.get(place, NEVER)
            new = any(p == place and since <= known < week for p, _, known in found)
            return week - since > rules.rest_weeks or new
        awake = [p for p in range(elevated.shape[1]) if is_awake(p)]
        pools = [sorted((p for p in awake if not np.isnan(scores[date, p])), key=lambda p: (-scores[date, p], ties[date, p]))
                 for scores in (elevated, onset)]
        n_quiet = int(np.floor(k * rules.share_quiet + 0.5))
        high = pools[0][: k - n_quiet]
        quiet = [p for p in pools[1] if p not in high][:n_quiet]
        short = n_quiet - len(quiet), k - n_quiet - len(high)
        high += [p for p in pools[0] if p not in high + quiet][: short[0]]
        quiet += [p for p in pools[1] if p not in high + quiet][: short[1]]
        lists[date, high], lists[date, quiet] = USUALLY_HIGH, QUIET_UNTIL_NOW
        listed_in.update(dict.fromkeys(high + quiet, week))
    return lists


def test_two_lists_share_the_visits():
    lists = lists_of([[9, 8, 7, 6]], [[1, 2, 3, 4]], k=2)
    assert lists.tolist() == [[USUALLY_HIGH, 0, 0, QUIET_UNTIL_NOW]]


def test_place_high_on_both_is_visited_once():
    assert lists_of([[9, 1, 1]], [[9, 5, 1]], k=2).tolist() == [[USUALLY_HIGH, QUIET_UNTIL_NOW, 0]]


def test_visits_one_list_cannot_use_go_to_the_other():
    assert lists_of([[3, 2, 1]], [[NAN] * 3], k=2).tolist() == [[USUALLY_HIGH, USUALLY_HIGH, 0]]
    assert lists_of([[NAN] * 3], [[3, 2, 1]], k=2).tolist() == [[QUIET_UNTIL_NOW, QUIET_UNTIL_NOW, 0]]


def test_place_without_score_is_never_listed():
    assert lists_of([[NAN, 1]], [[NAN, NAN]], k=2).tolist() == [[0, USUALLY_HIGH]]


def test_listed_place_rests_four_whole_weeks():
    lists = lists_of([[9, NAN]] * 7, [[NAN, NAN]] * 7, k=1)
    assert lists[:, 0].tolist() == [1, 0, 0, 0, 0, 1, 0]


def test_event_known_since_ends_the_rest():
    # Known in week 101: the list of week 102 is the first to know.
    lists = lists_of([[9]] * 5, [[NAN]] * 5, k=1, found=[(0, 101, 101)])
    assert lists[:, 0].tolist() == [1, 0, 1, 0, 0]


def test_event_known_before_the_listing_does_not_end_the_rest():
    assert lists_of([[9]] * 4, [[NAN]] * 4, k=1, found=[(0, 99, 99)])[:, 0].tolist() == [1, 0, 0, 0]


def test_event_is_not_known_when_it_occurs_but_when_it_is_recorded():
    lists = lists_of([[9]] * 5, [[NAN]] * 5, k=1, found=[(0, 100, 102)])
    assert lists[:, 0].tolist() == [1, 0, 0, 1, 0]


def test_visit_before_the_first_date_counts_as_rest():
    assert lists_of([[9, 1]], [[NAN, NAN]], k=1, last=np.array([98, NEVER])).tolist() == [[0, 1]]


def test_ties_are_drawn_with_a_fixed_seed_and_not_by_position():
    scores = np.zeros((200, 10))
    weeks = np.arange(200)
    ranks = rank_by_score(scores, weeks)
    assert np.array_equal(ranks, rank_by_score(scores, weeks))
    assert np.array_equal(ranks[50:], rank_by_score(scores[50:], weeks[50:])), "other weeks do not matter"
    assert not np.array_equal(ranks, rank_by_score(scores, weeks, seed=1))
    assert abs(ranks.mean(axis=0) - 5.5).max() < 1


def test_rank_is_zero_without_a_score():
    assert rank_by_score(np.array([[0.2, NAN, 0.9]]), np.array([5])).tolist() == [[2, 0, 1]]


def test_split_adds_up():
    high, quiet = split_visits(np.array([0, 1, 5, 10]), 0.3)
    assert quiet.tolist() == [0, 0, 2, 3]
    assert (high + quiet).tolist() == [0, 1, 5, 10]


def test_last_known_is_strictly_before_the_week():
    known = last_known(events((0, 3, 4), (0, 9, 9), (1, 1, 20)), np.array([4, 5, 10, 12]), 2)
    assert known[:, 0].tolist() == [NEVER, 4, 9, 9]
    assert known[:, 1].tolist() == [NEVER] * 4


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="before it occurred"):
        events((0, 5, 4))
    with pytest.raises(ValueError, match="within 0 and 1"):
        ListRules(share_quiet=1.5)
    with pytest.raises(ValueError, match="increase"):
        build_lists(np.zeros((2, 1)), np.zeros((2, 1)), weeks=np.array([2, 2]), events=events(),
                    visits=np.array([1]), rules=ListRules())
    with pytest.raises(ValueError, match="shape"):
        build_lists(np.zeros((2, 1)), np.zeros((1, 1)), weeks=np.array([1, 2]), events=events(),
                    visits=np.array([1]), rules=ListRules())


@st.composite
def situations(draw):
    n_dates, n_places = draw(st.integers(1, 12)), draw(st.integers(1, 7))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    scores = [np.where(rng.random((n_dates, n_places)) < 0.2, np.nan, rng.integers(0, 4, (n_dates, n_places)) / 4.0) for _ in "ab"]
    weeks = 50 + np.cumsum(rng.integers(1, 3, n_dates))
    found = [(int(rng.integers(n_places)), w, w + int(rng.integers(0, 4))) for w in rng.integers(45, 75, draw(st.integers(0, 8))).tolist()]
    rules = ListRules(draw(st.sampled_from([0, 0.3, 0.5, 1])), draw(st.integers(0, 5)), draw(st.integers(0, 3)))
    return scores, weeks, found, rules


@settings(max_examples=150, deadline=None)
@given(situations())
def test_lists_are_those_of_a_plain_loop(situation):
    (elevated, onset), weeks, found, rules = situation
    visits = np.arange(6)
    lists = build_lists(elevated, onset, weeks=weeks, events=events(*found), visits=visits, rules=rules)
    for k in visits:
        assert np.array_equal(lists[k], by_hand(elevated, onset, weeks, found, k, rules))
        assert np.all((lists[k] > 0).sum(axis=1) <= k)
    assert not np.any((lists == USUALLY_HIGH) & np.isnan(elevated))
    assert not np.any((lists == QUIET_UNTIL_NOW) & np.isnan(onset))


@settings(max_examples=60, deadline=None)
@given(situations(), st.integers(0, 10**6))
def test_what_comes_later_changes_no_list(situation, seed):
    (elevated, onset), weeks, found, rules = situation
    rng, cut = np.random.default_rng(seed), len(weeks) // 2
    keep = [row for row in found if row[2] < weeks[cut]]
    changed = [scores.copy() for scores in (elevated, onset)]
    for scores in changed:
        scores[cut + 1:] = rng.random(scores[cut + 1:].shape)
    ours = [build_lists(*pair, weeks=weeks, events=events(*rows), visits=np.array([3]), rules=rules)
            for pair, rows in (((elevated, onset), found), (changed, keep))]
    assert np.array_equal(ours[0][:, : cut + 1], ours[1][:, : cut + 1])

"""Missed events are named, with how near they came and why."""

import numpy as np

from models.missed_cases import name_missed
from models.weekly_lists import Events

H = 4


def events(*rows):
    place, week = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return Events(place, week, week)


def test_no_missed_case_gives_no_rows():
    lists = np.ones((12, 1), dtype=np.uint8)
    ranks = np.ones((12, 1), dtype=np.int64)
    assert name_missed(lists, weeks=np.arange(12), events=events((0, 6)), horizon=H, known_until=16,
                       ranks=(ranks, ranks), rest_weeks=4).empty


def test_rank_after_the_event_does_not_count():
    ranks = np.full((12, 1), 9)
    ranks[7:] = 1
    case = name_missed(np.zeros((12, 1), np.uint8), weeks=np.arange(12), events=events((0, 6)), horizon=H,
                       known_until=16, ranks=(ranks, ranks), rest_weeks=4).loc[0]
    assert case["best_rank"] == 9


def test_missed_cases_are_named_with_why():
    lists = np.zeros((12, 3), dtype=np.uint8)
    lists[2, 0] = 1
    ranks = np.ones((12, 3), dtype=np.int64) * 9
    ranks[8, 1] = 5
    ranks[:, 2] = 0
    found = events((0, 6), (1, 9), (2, 9), (0, 4))
    cases = name_missed(lists, weeks=np.arange(12), events=found, horizon=H, known_until=16,
                        ranks=(ranks, ranks), rest_weeks=4)
    assert cases.to_numpy().tolist() == [[1, 1, 9, 5, 8, "below_cut"], [2, 2, 9, -1, -1, "no_score"],
                                         [0, 0, 6, 9, 3, "rested"]]

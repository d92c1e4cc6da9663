"""The benchmark of a week's scoring, small: its steps run, and its promises can be broken."""

from benchmarks.scoring_speed import WEEKS, judge, make_facts, score_all


def test_small_county_is_scored_step_by_step():
    facts = make_facts(400)
    assert facts["week_known"].max() - facts["week_occurred"].min() < WEEKS
    seconds = score_all(facts, facts["place_code"].cat.categories.tolist())
    assert list(seconds) == ["panel", "fit", "score", "list"]


def test_promises_are_judged():
    good = [(12_500, 8.0, 8.0, 0.5, 200.0), (50_000, 32.0, 32.0, 1.4, 200.0)]
    assert judge(good) == [True] * 4
    assert judge([good[0], (50_000, 61.0, 61.0, 8.1, 4.0)]) == [False] * 4

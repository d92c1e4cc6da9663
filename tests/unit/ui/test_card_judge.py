"""What may be said of a label: the one rule for foresight, the one for the baseline, the dates of a short history."""

import pytest

from govdesk.ui.card_judge import (
    Figure,
    find_judging_weeks,
    find_score,
    judge_label,
    list_labels,
    read_figure,
)
from models.admission import Foresight

PLACEBOS = [0.001 * i for i in range(20)]


def _report(value=0.03, low=0.02, placebos=PLACEBOS, auc=0.85, best=0.84, skill=0.03):
    def score(area):
        return {"auc": {"value": area, "low": area - 0.01, "high": area + 0.01},
                "brier_skill": {"value": skill, "low": 0.0, "high": 0.1}}
    scores = {"classifier": score(auc), "eb52": score(0.8), "last_52_weeks": score(0.81), "last_4_weeks": score(0.7),
              "points": score(best)}
    return {"labels": {"elevated": {"scores": scores, "differences": {
        "classifier": {"auc": {"value": value, "low": low, "high": 0.05}}}}},
        "placebo": {"elevated": {"gains": placebos, "on": "2026-11-20"}}}


@pytest.mark.parametrize(("changes", "foresight"), [
    ({}, Foresight.DEMONSTRATED),
    ({"value": 0.019}, Foresight.BETTER_RATES_ONLY),  # as much as the greatest placebo
    ({"value": 0.0195}, Foresight.DEMONSTRATED),
    ({"low": 0.0}, Foresight.NOT_BETTER),
    ({"low": None}, Foresight.CANNOT_TELL),
    ({"placebos": PLACEBOS[:19]}, Foresight.CANNOT_TELL),
    ({"placebos": []}, Foresight.CANNOT_TELL),
])
def test_foresight_is_claimed_by_the_one_rule(changes, foresight):
    assert judge_label(_report(**changes), "elevated").foresight is foresight


@pytest.mark.parametrize(("changes", "beats"), [
    ({}, True), ({"best": 0.86}, False), ({"best": 0.85}, True), ({"skill": 0.0}, False), ({"skill": None}, False)])
def test_classifier_is_held_against_the_best_baseline(changes, beats):
    verdict = judge_label(_report(**changes), "elevated")
    assert verdict.beats_best is beats
    assert verdict.best == "points"


@pytest.mark.parametrize(("changes", "is_replaced"), [
    ({"best": 0.86}, False), ({"auc": 0.805}, True), ({"skill": -0.01}, True), ({}, False)])
def test_eb52_ranks_only_where_a_rate_does_better(changes, is_replaced):
    verdict = judge_label(_report(**changes), "elevated")
    assert verdict.is_replaced is is_replaced
    assert not (verdict.is_replaced and verdict.beats_best)


def test_report_without_figures_claims_nothing():
    verdict = judge_label({}, "surge")
    assert verdict.foresight is Foresight.CANNOT_TELL
    assert not verdict.beats_best
    assert list_labels({}) == ()


def test_figures_are_read_in_every_form():
    assert read_figure(0.5) == Figure(0.5)
    assert not read_figure(None).has_interval
    assert read_figure({"value": 1, "low": None, "high": 2}).value == 1
    assert not read_figure({"value": 1, "low": None, "high": 2}).has_interval
    assert find_score(_report(), "elevated", "eb52", "auc").has_interval
    assert find_score(_report(), "elevated", "nothing", "auc").value != 0


def test_a_classifier_is_judged_after_104_weeks_and_28_dates():
    assert find_judging_weeks(2900, 4) == (2900 + 104 + 4, 2900 + 104 + 4 + 27 * 4)

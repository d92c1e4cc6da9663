"""The one admission rule and the foresight gate, edge by edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.admission import (
    Foresight,
    GroupTrial,
    Verdict,
    admit_groups,
    baseline_ranks,
    beats_baselines,
    judge_foresight,
    judge_group,
)

NAN = float("nan")


@pytest.mark.parametrize(("delta", "low", "skill", "verdict"), [
    (0.004, -0.001, -0.01, Verdict.ENTERS),
    (-0.0005, -0.0019, 0.001, Verdict.ENTERS),
    (0.004, -0.002, 0.01, Verdict.MAY_HARM),
    (0.01, -0.003, 0.02, Verdict.MAY_HARM),
    (0.0, -0.001, 0.0, Verdict.NO_GAIN),
    (-0.001, -0.0015, -0.001, Verdict.NO_GAIN),
    (0.01, NAN, 0.01, Verdict.CANNOT_TELL),
    (0.01, 0.001, NAN, Verdict.CANNOT_TELL),
])
def test_group_enters_by_both_conditions(delta, low, skill, verdict):
    assert judge_group(GroupTrial("works", 2, delta, low, skill)) is verdict


def test_no_more_than_fifteen_features_and_the_best_first():
    trials = [GroupTrial("small", 2, 0.002, 0, 0.1), GroupTrial("best", 3, 0.009, 0, 0.1), GroupTrial("one", 1, 0.001, 0, 0.1)]
    assert admit_groups(trials, n_in_use=11) == {"small": Verdict.NO_ROOM, "best": Verdict.ENTERS, "one": Verdict.ENTERS}


def test_group_tried_twice_is_refused():
    trial = GroupTrial("works", 1, 0, 0, 0)
    with pytest.raises(ValueError, match="once"):
        admit_groups([trial, trial], 11)


@pytest.mark.parametrize(("delta", "low", "placebos", "said"), [
    (0.019, 0.017, [0.015] * 20, Foresight.DEMONSTRATED),
    (0.044, 0.036, [0.01] * 19 + [0.045], Foresight.BETTER_RATES_ONLY),
    (0.044, 0.036, [0.01] * 19 + [0.044], Foresight.BETTER_RATES_ONLY),
    (0.02, 0.0, [0.001] * 20, Foresight.NOT_BETTER),
    (0.02, 0.01, [0.001] * 19, Foresight.CANNOT_TELL),
    (0.02, 0.01, [0.001] * 19 + [NAN], Foresight.CANNOT_TELL),
    (0.02, NAN, [0.001] * 20, Foresight.CANNOT_TELL),
    (0.02, 0.01, [0.001, 0.02], Foresight.BETTER_RATES_ONLY),
    (0.02, 0.01, [NAN, 0.03], Foresight.BETTER_RATES_ONLY),
])
def test_foresight_needs_the_lower_bound_and_every_placebo(delta, low, placebos, said):
    assert judge_foresight(delta, low, placebos) is said


numbers = st.floats(-0.1, 0.1)


@given(st.lists(st.tuples(st.integers(1, 6), numbers, numbers, numbers), max_size=8), st.integers(0, 15))
def test_admitted_features_always_fit_and_always_pass(rows, n_in_use):
    trials = [GroupTrial(str(i), *row) for i, row in enumerate(rows)]
    verdicts = admit_groups(trials, n_in_use)
    admitted = [trial for trial in trials if verdicts[trial.group] is Verdict.ENTERS]
    assert n_in_use + sum(trial.n_features for trial in admitted) <= 15
    for trial in admitted:
        assert trial.delta_auc_low > -0.002
        assert trial.brier_skill > 0 or trial.delta_auc > 0


@given(numbers, numbers, st.lists(numbers, min_size=20, max_size=25), numbers)
def test_another_placebo_never_adds_a_claim(delta, low, placebos, another):
    if judge_foresight(delta, low, [*placebos, another]) is Foresight.DEMONSTRATED:
        assert judge_foresight(delta, low, placebos) is Foresight.DEMONSTRATED


def judged(classifier_auc, skill, **aucs):
    scores = {name: {"auc": {"value": value}} for name, value in aucs.items()}
    return {"scores": {"classifier": {"auc": {"value": classifier_auc}, "brier_skill": {"value": skill}}, **scores}}


@pytest.mark.parametrize(("report", "beats"), [
    (judged(0.71, 0.01, eb52=0.70, points=0.69), True),
    (judged(0.71, 0.01, eb52=0.70, points=0.72), False),
    (judged(0.71, 0.0, eb52=0.70), False),
    (judged(None, 0.01, eb52=0.70), False),
    (judged(0.71, None, eb52=0.70), False),
    (judged(0.71, 0.01, eb52=0.70, points=None), True),
])
def test_classifier_ranks_only_where_it_beats_every_baseline(report, beats):
    assert beats_baselines(report) is beats


@pytest.mark.parametrize(("report", "replaced"), [
    (judged(0.71, 0.01, eb52=0.70, points=0.72), False),  # the points do better, a ranking by eb52 would not
    (judged(0.71, 0.01, eb52=0.72, points=0.69), True),
    (judged(0.71, 0.01, eb52=0.70, last_4_weeks=0.72), True),
    (judged(0.71, 0.0, eb52=0.70), True),
    (judged(None, None, eb52=0.70), True),
])
def test_baseline_ranks_only_where_it_is_no_worse(report, replaced):
    assert baseline_ranks(report) is replaced

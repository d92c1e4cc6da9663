"""Candidate features by value and from what was known before; and their trial, with a group that helps and one that does not."""

import numpy as np
import pandas as pd
import pytest

from models.admission import GroupTrial, Verdict, judge_group
from models.candidate_features import (
    CANDIDATE_GROUPS,
    CandidateFacts,
    OpenSpells,
    ablation_rows,
    build_candidates,
    count_open,
    run_ablation,
)
from models.features import FEATURE_NAMES, MOST_FEATURES, FeatureBlock, RefusedFeatureError, build_features, join_blocks
from models.panel import build_panel

FIRST, T = 2600, 60
PLACES = ["a", "b", "c"]


def panel(*rows, end=FIRST + T, places=PLACES):
    facts = pd.DataFrame(rows, columns=["place", "week_occurred", "week_known", "weight"])
    return build_panel(facts, places=places, first_week=FIRST, end_week=end)


def spells(*rows):
    place, *weeks, weight = zip(*rows, strict=True)
    return OpenSpells(np.array(place, dtype=object), *(np.array(w) for w in weeks), np.array(weight, dtype=float))


def value(facts, group, name, place, week):
    block = build_candidates(facts)[group]
    return block.values[PLACES.index(place), week - FIRST, block.names.index(name)]


def test_petitions_count_from_the_week_they_were_known_and_corrections_too():
    facts = CandidateFacts({"escalation": panel(("a", 2605, 2605, 1)), "petition": panel(
        ("a", 2610, 2610, 1), ("a", 2610, 2614, 1), ("a", 2610, 2616, -1), ("b", 2611, 2611, -1))})
    got = [value(facts, "petitions", "petitions_last_13", "a", week) for week in (2610, 2611, 2615, 2617, 2640)]
    assert got == pytest.approx(np.log1p([0, 1, 2, 1, 0]))
    assert value(facts, "petitions", "petitions_last_13", "b", 2612) == 0
    assert value(facts, "petitions", "petitions_memory_52", "a", 2611) == pytest.approx(np.log1p(2 ** (-1 / 52)))


def test_works_count_by_their_beginning():
    facts = CandidateFacts({"escalation": panel(("a", 2605, 2605, 1)), "works": panel(("b", 2610, 2612, 1))})
    assert [value(facts, "works", "works_begun_last_13", "b", week) > 0 for week in (2612, 2613, 2625, 2626)] == [
        False, True, True, False]
    assert value(facts, "works", "works_begun_last_52", "b", 2655) == pytest.approx(np.log(2))


def test_case_is_open_until_its_closing_is_known_and_old_by_its_report():
    cases = spells(("a", 2610, 2611, 2630, 1), ("a", 2610, 2640, 9999, 1), ("z", 2610, 2610, 9999, 1))
    events = panel(("a", 2605, 2605, 1))
    now = [int(count_open(events, cases)[0, week - FIRST]) for week in (2611, 2612, 2630, 2631, 2641, 2660)]
    assert now == [0, 1, 1, 0, 1, 1]
    old = [int(count_open(events, cases, 8)[0, week - FIRST]) for week in (2618, 2619, 2631, 2641)]
    assert old == [0, 1, 0, 1]
    assert count_open(events, spells(("a", 2500, 2550, 2602, 1)))[0, :4].tolist() == [1, 1, 1, 0]


def test_corrected_case_is_not_open():
    cases = spells(("a", 2610, 2610, 9999, 1), ("a", 2610, 2612, 9999, -1))
    assert count_open(panel(("a", 2605, 2605, 1)), cases)[0, [11, 13]].tolist() == [1, 0]


def test_neighbours_are_held_against_the_county():
    events = panel(*[("b", 2610, 2610, 1)] * 3)
    facts = CandidateFacts({"escalation": events}, [("b",), ("a", "c"), ("b", "gone")])
    assert value(facts, "neighbours", "neighbours_last_13", "a", 2611) == pytest.approx(np.log(3.5 / 1.5))
    assert value(facts, "neighbours", "neighbours_last_13", "b", 2611) == pytest.approx(np.log(0.5 / 2.5))
    lonely = CandidateFacts({"escalation": events}, [(), ("c",), ("b",)])
    assert value(lonely, "neighbours", "neighbours_last_13", "a", 2611) == 0


def test_group_without_facts_is_not_made_and_names_are_those_of_the_list():
    few = build_candidates(CandidateFacts({"escalation": panel(("a", 2605, 2605, 1))}))
    assert few == {}
    roles = {role: panel(("a", 2605, 2605, 1)) for role in (
        "escalation", "petition", "complaint", "dispute", "works", "repeat")}
    all_of = build_candidates(CandidateFacts(roles, [("b",), ("a",), ()], spells(("a", 2610, 2610, 2620, 1))), np.array([30, 59]))
    assert {group: block.names for group, block in all_of.items()} == CANDIDATE_GROUPS
    assert all(block.values.shape == (3, 2, len(block.names)) for block in all_of.values())


def test_what_becomes_known_on_or_after_the_as_of_week_changes_no_candidate():
    rng = np.random.default_rng(4)

    def facts(seed_late):
        late = np.random.default_rng(seed_late)
        roles = {}
        for role in ("escalation", "petition", "complaint", "dispute", "works", "repeat"):
            rows = [(PLACES[rng.integers(3)], int(w), int(w + rng.integers(0, 5)), 1) for w in rng.integers(2600, 2650, 60)]
            rows = [row for row in rows if row[2] < 2640]
            more = [(PLACES[late.integers(3)], int(late.integers(2600, 2641)), int(late.integers(2640, 2659)), 1) for _ in range(30)]
            roles[role] = panel(*rows, *more)
        cases = [(PLACES[i % 3], 2601 + i, 2601 + i, int(late.integers(2640, 2700)), 1) for i in range(30)]
        cases += [("a", int(late.integers(2600, 2640)), int(late.integers(2640, 2660)), 9999, 1) for _ in range(10)]
        return CandidateFacts(roles, [("b",), ("a", "c"), ("b",)], spells(*cases))

    at = np.arange(41)
    state = rng.bit_generator.state
    before = build_candidates(facts(1), at)
    rng.bit_generator.state = state
    other = facts(2)
    for group, block in build_candidates(other, at).items():
        np.testing.assert_allclose(block.values, before[group].values, err_msg=group, atol=1e-12)
    later = build_candidates(other, np.array([50]))
    assert all(np.isfinite(block.values).all() for block in later.values())


@pytest.mark.parametrize("name", ["petitioner_age", "ethnic_share", "temple_near", "complainant_repeat", "民族比例"])
def test_features_about_persons_are_refused_by_name(name):
    county = made_county()
    block = FeatureBlock(np.zeros((30, 201, 1)), (name,), np.arange(201))
    with pytest.raises(RefusedFeatureError):
        run_ablation("elevated", CandidateFacts({"escalation": county}), test_from_week=FIRST + 150, groups={"new": block})


def test_more_than_fifteen_features_are_refused_and_none_is_named_twice():
    county = made_county()
    at = np.arange(52, 200)
    eleven = build_features(county, np.ones((30, 201)), 4, at)
    more = FeatureBlock(np.zeros((30, 201, 5)), tuple(f"x{i}" for i in range(5)), np.arange(201))
    with pytest.raises(ValueError, match=f"at most {MOST_FEATURES}"):
        join_blocks(eleven, [more])
    with pytest.raises(ValueError, match="twice"):
        join_blocks(eleven, [FeatureBlock(more.values[..., :1], FEATURE_NAMES[:1], more.at)])
    with pytest.raises(ValueError, match="as-of"):
        join_blocks(eleven, [FeatureBlock(more.values[:, :60, :1], ("x",), np.arange(60))])
    joined = join_blocks(eleven, [FeatureBlock(more.values[..., :1] + 7, ("x",), more.at)])
    assert joined.names == (*FEATURE_NAMES, "x")
    assert (joined.values[..., -1] == 7).all()
    np.testing.assert_array_equal(joined.values[..., :-1], eleven.values)


def made_county(seed=5, end=280, tense=None):
    """30 places; where `tense` (30, end) is true, events are many."""
    rng = np.random.default_rng(seed)
    rate = np.where(tense, 0.6, 0.04) if tense is not None else np.full((30, end), 0.1)
    place, week = np.nonzero(rng.poisson(rate))
    facts = pd.DataFrame({"place": place, "week_occurred": week + FIRST, "week_known": week + FIRST, "weight": 1})
    return build_panel(facts, places=list(range(30)), first_week=FIRST, end_week=FIRST + end)


def test_group_that_tells_something_enters_and_noise_does_not_raise_the_score():
    rng = np.random.default_rng(6)
    tense = np.zeros((30, 280), dtype=bool)
    for place, start in zip(np.arange(30).repeat(5), rng.integers(0, 280, 150), strict=True):
        tense[place, start: start + 8] = True
    county = made_county(tense=tense)
    at = np.arange(281)
    known = np.concatenate([tense, tense[:, -1:]], axis=1)[..., None].astype(float)
    groups = {"tension": FeatureBlock(known, ("tension",), at), "noise": FeatureBlock(
        rng.normal(size=(30, 281, 2)), ("noise_1", "noise_2"), at)}
    told, noise = run_ablation("elevated", CandidateFacts({"escalation": county}), test_from_week=FIRST + 156, groups=groups,
                               resamples=200)
    assert told.group == "tension"
    assert told.delta_auc > 0.05
    assert told.brier_skill > 0.05
    assert judge_group(told) is Verdict.ENTERS
    assert noise.delta_auc < told.delta_auc / 2
    assert noise.brier_skill < 0.005
    assert noise.delta_auc_low < 0 < told.delta_auc_low


def test_rows_for_a_report_are_plain_and_a_missing_bound_never_lets_a_group_in():
    trials = [GroupTrial("works", 2, 0.01, 0.004, 0.01), GroupTrial("repeats", 1, 0.02, float("nan"), 0.01)]
    works, repeats = ablation_rows(trials)
    assert works == {"group": "works", "features": list(CANDIDATE_GROUPS["works"]), "delta_auc": 0.01,
                     "delta_auc_low": 0.004, "brier_skill": 0.01, "verdict": "enters"}
    assert repeats["delta_auc_low"] is None
    assert repeats["verdict"] == "cannot_tell"

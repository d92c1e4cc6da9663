"""A week's scores: the same fit as in the backtest, exact from what is stored, blind to what is not known yet."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.backtest import run_backtest
from models.escalation import Classifier
from models.labels import LABELS
from models.panel import Panel, build_panel
from models.weekly_lists import NEVER, ListRules
from models.weekly_scores import BASELINE_FEATURE, fit_label, last_weeks, list_week, score_label

PLACES = [f"v{i:02d}" for i in range(30)]
WEEKS = 150


def make_facts(seed: int = 0, weeks: int = WEEKS) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.6, 0.06, len(PLACES))
    counts = rng.poisson(rates[:, None], (len(PLACES), weeks))
    place, week = np.nonzero(counts)
    known = week + rng.choice([0, 0, 1, 3], len(week))
    return pd.DataFrame({"place": np.array(PLACES)[place], "week_occurred": week, "week_known": known, "weight": 1})


def panel_of(facts: pd.DataFrame, end: int = WEEKS) -> Panel:
    return build_panel(facts[facts["week_known"] < end], places=PLACES, first_week=0, end_week=end)


ENOUGH = np.full(len(PLACES), 20.0)


@pytest.mark.parametrize("label", LABELS)
def test_fit_is_that_of_the_backtest(label):
    facts = make_facts()
    whole = build_panel(facts, places=PLACES, first_week=0, end_week=WEEKS)
    done = run_backtest(whole, label, test_from_week=120, resamples=0)
    ours = fit_label(panel_of(facts, 120), label)
    assert ours.classifier == done.classifiers[0]
    rows = done.predictions[done.predictions["as_of"] == 120]
    scored = score_label(panel_of(facts, 120), ours.classifier, ENOUGH)
    told = scored.rows["in_scope"].to_numpy()
    assert (told == rows["in_scope"].to_numpy()).all()
    assert np.array_equal(scored.rows["probability"][told], rows["classifier"].to_numpy()[told])
    assert np.allclose(scored.rows["usual_level"], rows["eb52"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("label", LABELS)
def test_contributions_sum_and_scores_come_back_exactly(label):
    panel = panel_of(make_facts())
    fitted = fit_label(panel, label)
    for classifier in (fitted.classifier, fitted.baseline):
        scored = score_label(panel, classifier, ENOUGH)
        again = Classifier.from_json(classifier.to_json())
        told = scored.rows["in_scope"].to_numpy()
        assert np.array_equal(again.probabilities(scored.features)[told], scored.rows["probability"][told])
        total = scored.contributions.sum(axis=1) + classifier.intercept
        p = scored.rows["probability"][told]
        assert np.abs(total[told] - np.log(p / (1 - p))).max() < 1e-9


def test_baseline_is_the_recalibrated_rate():
    facts = make_facts()
    fitted = fit_label(panel_of(facts, 60), "elevated")
    assert fitted.classifier is None
    assert fitted.baseline.features == (BASELINE_FEATURE,)
    scored = score_label(panel_of(facts, 60), fitted.baseline, ENOUGH)
    order = scored.rows.sort_values("rank")
    assert (np.diff(order["usual_level"]) <= 1e-12).all()


def test_young_register_has_a_baseline():
    fitted = fit_label(panel_of(make_facts(), 13), "elevated")
    assert (fitted.classifier, fitted.baseline.n_rows) == (None, 0)
    scored = score_label(panel_of(make_facts(), 13), fitted.baseline, ENOUGH)
    assert scored.rows["probability"].isna().all()
    assert (scored.rows["rank"] == 0).all()


def test_too_few_records_no_probability_no_rank():
    panel = panel_of(make_facts())
    few = ENOUGH.copy()
    few[3] = 4.0
    rows = score_label(panel, fit_label(panel, "elevated").classifier, few).rows
    assert rows["probability"].isna().tolist() == [i == 3 for i in range(len(PLACES))]
    assert rows["rank"][3] == rows["baseline_rank"][3] == 0
    assert sorted(rows["rank"].drop(3)) == list(range(1, len(PLACES)))
    assert ((rows["low"] <= rows["probability"]) & (rows["probability"] <= rows["high"])).drop(3).all()


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_any_order_of_records_gives_the_same_scores(random):
    facts = make_facts()
    order = list(range(len(facts)))
    random.shuffle(order)
    scores = []
    for rows in (facts, facts.iloc[order]):
        panel = panel_of(rows)
        scores.append(score_label(panel, fit_label(panel, "elevated").classifier, ENOUGH).rows)
    pd.testing.assert_frame_equal(*scores)


def test_list_rests_the_listed_and_wakes_them_by_an_event():
    facts = make_facts()
    panel = panel_of(facts)
    scored = {label: score_label(panel, fit_label(panel, label).classifier, ENOUGH) for label in ("elevated", "onset")}
    rules = ListRules(share_quiet=0.5)

    def make(last):
        return list_week(panel, scored["elevated"], scored["onset"], visits=6, rules=rules, last_listed=last)

    never = np.full(len(PLACES), NEVER, dtype=np.int64)
    first = make(never)
    assert first.groupby("list")["position"].agg(list).to_dict() == {"usual": [1, 2, 3], "quiet": [1, 2, 3]}
    high = scored["elevated"].rows.sort_values("rank")["place_code"].head(3).tolist()
    assert first.loc[first["list"] == "usual", "place_code"].tolist() == high
    fresh = set(facts.loc[facts["week_known"].between(WEEKS - 2, WEEKS - 1), "place"])
    rested = make(last_weeks(panel.places, pd.DataFrame({"place_code": first["place_code"], "week": WEEKS - 2})))
    assert set(rested["place_code"]) & set(first["place_code"]) <= fresh
    assert len(rested) == 6

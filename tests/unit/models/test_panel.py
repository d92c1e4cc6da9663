import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.panel import STALE_WEEKS, build_panel

FACT = st.tuples(st.sampled_from("abz"), st.integers(-60, 45), st.integers(0, 40), st.sampled_from([1, 1, 1, -1]))


def panel_of(rows, end=40, places=("a", "b")):
    facts = pd.DataFrame(rows, columns=["place", "week_occurred", "week_known", "weight"])
    return build_panel(facts, places=places, first_week=0, end_week=end)


def test_fact_counts_from_the_week_after_it_became_known():
    panel = panel_of([("a", 5, 9, 1)], end=20)
    counts = panel.counts(4)[0]
    assert counts.tolist() == [0] * 10 + [1] * 4 + [0] * 7
    assert panel.counts(52)[0, 9] == 0
    assert panel.counts(52)[0, 10] == 1


def test_correction_counts_from_when_it_was_known():
    panel = panel_of([("a", 5, 5, 1), ("a", 5, 12, -1)], end=20)
    assert panel.counts(52)[0].tolist() == [0] * 6 + [1] * 7 + [0] * 8


def test_old_file_loaded_late_is_history_and_not_an_outbreak():
    panel = panel_of([("a", 2, 2 + STALE_WEEKS + 1, 1)], end=40)
    assert panel.counts(13)[0].sum() == 0
    assert panel.counts(52)[0].tolist() == [0] * 30 + [1] * 11


def test_discounted_count_halves_in_a_half_life():
    counts = panel_of([("b", 3, 3, 1)], end=20).discounted_counts(4)[1]
    assert counts[3] == 0
    assert counts[4] == pytest.approx(2 ** (-1 / 4))
    assert counts[7] == pytest.approx(0.5)
    assert counts[11] == pytest.approx(0.25)


def test_discounted_exposure_is_the_discounted_count_of_one_event_a_week():
    panel = panel_of([("a", w, w, 1) for w in range(30)], end=30)
    assert panel.discounted_counts(13)[0, 1:] == pytest.approx(panel.discounted_exposure(13)[1:])


def test_future_is_by_the_week_it_happened_and_unknown_when_not_over():
    panel = panel_of([("a", 5, 9, 1), ("a", 19, 19, 1)], end=20)
    future = panel.future_counts(4)[0]
    assert future[1:7].tolist() == [0, 1, 1, 1, 1, 0]
    assert future[16] == 1
    assert np.isnan(future[17:]).all()


def test_future_as_a_training_saw_it():
    panel = panel_of([("a", 5, 9, 1), ("a", 3, 4, 1)], end=20)
    future = panel.future_counts(4, known_before=9)[0]
    assert future[2:6].tolist() == [1, 1, 0, 0]
    assert np.isnan(future[6:]).all()


def test_settling_is_the_delay_of_nine_in_ten():
    panel = panel_of([("a", 1, 1 + d, 1) for d in range(11)], end=40)
    assert panel.settling_weeks(30) == 9
    assert panel.settling_weeks(1) == 0


@settings(max_examples=150, deadline=None)
@given(st.lists(FACT, max_size=25), st.sampled_from([1, 4, 13, 52]))
def test_counts_agree_with_a_count_fact_by_fact(facts, weeks):
    rows = [(p, o, max(k, o), w) for p, o, k, w in facts]
    panel = panel_of(rows)
    expected, memory = np.zeros((2, 41)), np.zeros((2, 41))
    for p, o, k, w in rows:
        at = o if k - o > STALE_WEEKS else k
        for j in range(41):
            if p != "z" and k < j:
                expected["ab".index(p), j] += w * (j - weeks <= at)
                memory["ab".index(p), j] += w * 2 ** (-(j - at) / 13) * (at >= 0)
    assert panel.counts(weeks) == pytest.approx(expected)
    assert panel.discounted_counts(13) == pytest.approx(memory)


@settings(max_examples=100, deadline=None)
@given(st.lists(FACT, max_size=20), st.lists(FACT, max_size=5), st.integers(1, 40))
def test_what_becomes_known_later_changes_nothing_before(facts, later, as_of):
    before = panel_of(facts)
    after = panel_of(facts + [(p, o, max(k, o, as_of), w) for p, o, k, w in later])
    for weeks in (4, 52):
        assert (before.counts(weeks)[:, : as_of + 1] == after.counts(weeks)[:, : as_of + 1]).all()
    np.testing.assert_allclose(
        before.discounted_counts(52)[:, : as_of + 1], after.discounted_counts(52)[:, : as_of + 1], rtol=1e-12)
    np.testing.assert_array_equal(before.future_counts(4, as_of), after.future_counts(4, as_of))


def test_bad_facts_are_refused():
    with pytest.raises(ValueError, match="week_known"):
        build_panel(pd.DataFrame({"place": [], "week_occurred": [], "weight": []}), places=["a"], first_week=0, end_week=3)
    with pytest.raises(ValueError, match="differ"):
        panel_of([], places=("a", "a"))

"""The cache of an incident equals what a replay of its steps says."""

from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.step_cache import StepCache, StepFact, derive_cache
from govdesk.terms import Outcome, Status, StepKind
from tests.support.replayed_steps import by_definition

steps = st.lists(
    st.builds(StepFact, kind=st.sampled_from([kind.value for kind in StepKind]), at=st.integers(0, 9),
              outcome=st.none() | st.sampled_from([item.value for item in Outcome]),
              level=st.none() | st.sampled_from(["village", "county"]), due_at=st.none() | st.integers(0, 99),
              is_withdrawn=st.booleans(), unit=st.none() | st.sampled_from(["A", "B"]),
              taken=st.just(0) | st.integers(1, 99), severity=st.none() | st.integers(1, 4),
              is_unlimited=st.sampled_from([False, False, False, True])),
    max_size=12)


@given(steps, st.none() | st.integers(0, 99))
def test_cache_equals_replay(given_steps, due):
    assert derive_cache(given_steps, due) == by_definition(given_steps, due)


@given(steps, st.randoms(use_true_random=False))
def test_order_of_delivery_does_not_matter_where_times_differ(given_steps, rng):
    apart = [StepFact(step.kind, at, step.outcome, step.level, step.due_at, step.is_withdrawn, step.unit, step.taken, step.severity)
             for at, step in enumerate(given_steps)]
    shuffled = list(apart)
    rng.shuffle(shuffled)
    assert derive_cache(shuffled) == derive_cache(apart)


def test_reopened_incident_is_open_and_keeps_its_first_answer():
    cache = derive_cache([StepFact("report", 1), StepFact("close", 5, outcome="settled", level="village"),
                          StepFact("reopen", 9)], due_given_at=7)
    assert cache == StepCache(status=Status.DISPATCHED, first_answered_at=5, due_at=7, n_reopened=1, n_steps=3)


def test_withdrawal_is_no_answer():
    cache = derive_cache([StepFact("close", 5, outcome="withdrawn")])
    assert (cache.status, cache.first_answered_at) == ("closed", None)


def test_without_steps_the_due_date_it_came_with_stands():
    assert derive_cache([], 7) == StepCache(due_at=7)


def test_late_in_one_stage_is_late_even_if_the_next_was_quick():
    steps = [StepFact("dispatch", 0, taken=1, due_at=10), StepFact("accept", 20, taken=2, due_at=100),
             StepFact("answer", 30, taken=3, due_at=60)]
    assert derive_cache(steps).due_at == 60
    assert derive_cache([*steps, StepFact("close", 40, taken=4, outcome="settled")]).due_at == 10
    in_time = [StepFact("dispatch", 0, taken=1, due_at=10), StepFact("accept", 10, taken=2, due_at=100)]
    assert derive_cache([*in_time, StepFact("close", 40, taken=4, outcome="settled")]).due_at == 100

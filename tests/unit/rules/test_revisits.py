"""What a closing plans, and what becomes of it: against a rule written the long way."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from govdesk.rules.revisits import RevisitPlan, RevisitState, is_revisited, plan_revisits

PLAN = RevisitPlan()
CLOSED = date(2026, 3, 2)
days = st.integers(0, 160).map(lambda n: CLOSED + timedelta(days=n))


def states(answers, today, reopened=None):
    answers = [CLOSED + timedelta(days=n) for n in answers]
    reopened = None if reopened is None else CLOSED + timedelta(days=reopened)
    return [one.state.value for one in plan_revisits(PLAN, CLOSED, answers, CLOSED + timedelta(days=today), reopened)]


@pytest.mark.parametrize(("answers", "today", "reopened", "expected"), [
    ([], 0, None, ["ahead", "ahead", "ahead"]),
    ([], 3, None, ["ahead", "ahead", "ahead"]),
    ([], 4, None, ["due", "ahead", "ahead"]),
    ([], 7, None, ["due", "ahead", "ahead"]),
    ([], 8, None, ["late", "ahead", "ahead"]),
    ([], 37, None, ["late", "late", "ahead"]),
    ([], 38, None, ["missed", "late", "ahead"]),
    ([], 121, None, ["missed", "missed", "missed"]),
    ([3], 10, None, ["late", "ahead", "ahead"]),
    ([4], 10, None, ["done", "ahead", "ahead"]),
    ([29], 31, None, ["done", "done", "ahead"]),
    ([37], 40, None, ["done", "done", "ahead"]),
    ([38], 40, None, ["missed", "done", "ahead"]),
    ([87], 90, None, ["missed", "missed", "done"]),
    ([20], 10, None, ["late", "ahead", "ahead"]),
    ([5], 40, 5, ["done", "cancelled", "cancelled"]),
    ([], 60, 40, ["missed", "cancelled", "cancelled"]),
    ([50], 60, 45, ["missed", "cancelled", "cancelled"]),
    ([], 30, 40, ["late", "due", "ahead"]),
])
def test_what_became_of_the_planned_revisits(answers, today, reopened, expected):
    assert states(answers, today, reopened) == expected


@given(st.lists(days, max_size=4), days, st.none() | days)
def test_every_planned_revisit_is_in_exactly_the_state_of_the_long_rule(answers, today, reopened):
    is_open_again = reopened is not None and reopened <= today
    for one, after in zip(plan_revisits(PLAN, CLOSED, answers, today, reopened), PLAN.after_days, strict=True):
        on = CLOSED + timedelta(days=after)
        hits = [day for day in answers if day <= today and (reopened is None or day <= reopened)
                and -3 <= (day - on).days <= 30]
        end = reopened if is_open_again else today
        if hits:
            expected = RevisitState.DONE
        elif (end - on).days > 30:
            expected = RevisitState.MISSED
        elif is_open_again:
            expected = RevisitState.CANCELLED
        else:
            gap = (today - on).days
            expected = (RevisitState.LATE if gap > 0 else RevisitState.DUE if gap >= -3 else RevisitState.AHEAD)
        assert (one.on, one.state, one.done_on) == (on, expected, min(hits, default=None))


@given(st.lists(days, max_size=3), days)
def test_a_missed_revisit_stays_missed(answers, today):
    before = plan_revisits(PLAN, CLOSED, answers, today)
    after = plan_revisits(PLAN, CLOSED, [*answers, today + timedelta(days=1)], today + timedelta(days=1))
    for one, other in zip(before, after, strict=True):
        assert one.state is not RevisitState.MISSED or other.state is RevisitState.MISSED


@pytest.mark.parametrize(("stream", "outcome", "expected"), [
    ("dispute", "settled", True), ("petition", "not_settled", True), ("dispute", "referred", True),
    ("dispute", None, True), ("dispute", "withdrawn", False), ("hazard", "settled", False)])
def test_what_is_revisited(stream, outcome, expected):
    assert is_revisited(PLAN, stream, outcome) is expected


@pytest.mark.parametrize("wrong", [
    {"after_days": (30, 7)}, {"after_days": ()}, {"after_days": (0, 7)}, {"after_days": (7, 7)}, {"lapse_days": 0},
    {"early_days": -1}, {"streams": ("moon",)}, {"days": 3}])
def test_wrong_configuration_is_refused(wrong):
    with pytest.raises(ValidationError):
        RevisitPlan(**wrong)

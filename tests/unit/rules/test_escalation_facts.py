"""When a fact happened and since when it is known."""

from datetime import date

import pytest

from govdesk.rules.escalation_facts import LoopStep, find_breach, find_reopening, follows_alert, was_left_waiting

DAY = 86_400


def steps(*told):
    return [LoopStep(kind, at, known) for kind, at, known in told]


def test_second_reopening_is_known_when_all_it_takes_is_known():
    told = steps(("close", 10, 11), ("reopen", 20, 95), ("close", 30, 31), ("reopen", 40, 41))
    assert find_reopening(told[::-1], 2) == (40, 95)
    assert find_reopening(told, 1) == (40, 41)
    assert find_reopening(told, 3) is None


def test_loop_typed_in_later_does_not_take_a_known_reopening_away():
    known = steps(("close", 10, 11), ("reopen", 20, 21), ("close", 30, 31), ("reopen", 40, 41))
    later = steps(("close", 12, 90), ("reopen", 14, 90), ("close", 50, 60), ("reopen", 60, 61))
    assert find_reopening(known, 2) == find_reopening(known + later, 2) == (40, 41)


def test_what_is_open_cannot_be_reopened():
    assert find_reopening(steps(("close", 10, 10), ("reopen", 20, 20), ("reopen", 30, 30)), 2) is None


@pytest.mark.parametrize(("performed", "grace", "today", "expected"), [
    (None, 0, date(2026, 5, 10), None), (None, 0, date(2026, 5, 11), date(2026, 5, 11)),
    (date(2026, 5, 10), 0, date(2026, 6, 1), None), (date(2026, 5, 11), 0, date(2026, 6, 1), date(2026, 5, 11)),
    (date(2026, 5, 13), 3, date(2026, 6, 1), None), (date(2026, 5, 14), 3, date(2026, 6, 1), date(2026, 5, 14)),
])
def test_agreement_due_on_the_tenth(performed, grace, today, expected):
    assert find_breach(date(2026, 5, 10), performed, grace, today) == expected


def test_handling_soon_after_our_own_visit_is_ours():
    visits = [date(2026, 3, 1), date(2026, 5, 1)]
    assert follows_alert(date(2026, 5, 1), visits, 28)
    assert follows_alert(date(2026, 5, 29), visits, 28)
    assert not follows_alert(date(2026, 5, 30), visits, 28)
    assert not follows_alert(date(2026, 4, 30), visits, 28)
    assert not follows_alert(date(2026, 2, 28), visits, 28)
    assert not follows_alert(date(2026, 5, 1), [], 28)


@pytest.mark.parametrize(("answered", "due", "closed", "expected"), [
    (None, None, None, True), (19 * DAY, None, None, False), (21 * DAY, None, None, True),
    (DAY, 5 * DAY, None, True), (DAY, 5 * DAY, 4 * DAY, False), (DAY, 20 * DAY, None, False),
])
def test_unanswered_or_overdue_when_the_petition_came(answered, due, closed, expected):
    assert was_left_waiting(20 * DAY, 0, answered, due, closed, 15) is expected
    assert not was_left_waiting(14 * DAY, 0, None, None, None, 15)

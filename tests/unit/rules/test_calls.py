"""Hops of a call: their order, who takes them, until when they are expected."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.access import Scope
from govdesk.rules.calls import (
    check_ending,
    check_hop,
    check_units,
    find_due,
    find_expected,
    find_side,
    list_next,
    may_call,
    may_take,
    needs_note,
)
from govdesk.storage.call_limits import CallLimitsError, read_call_limits
from govdesk.terms import CallHop, CallOutcome, Role

LIMITS = read_call_limits()
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
severities = st.integers(1, 4)
hops = st.sampled_from(list(CallHop))


@given(st.lists(hops, max_size=12), severities, st.booleans())
def test_any_attempts_leave_hops_in_their_order(attempts, severity, is_lead):
    taken = [CallHop.SUMMON]
    for hop in attempts:
        if check_hop(taken, hop, severity, LIMITS, is_lead=is_lead) is None:
            taken.append(hop)
    order = [list(CallHop).index(hop) for hop in taken]
    assert order == sorted(set(order))
    assert CallHop.ARRIVE not in taken or CallHop.REPORT_IN in taken
    assert CallHop.ANSWER not in taken or CallHop.REPORT_IN in taken
    if CallHop.ANSWER in taken and severity < LIMITS.desk_answer_from:
        assert CallHop.ARRIVE in taken
    assert not (is_lead and CallHop.RELEASE in taken)


@given(st.lists(hops, max_size=12), severities, st.booleans())
def test_what_is_expected_may_follow(attempts, severity, is_lead):
    taken = [CallHop.SUMMON]
    for hop in attempts:
        if check_hop(taken, hop, severity, LIMITS, is_lead=is_lead) is None:
            taken.append(hop)
    expected = find_expected(taken)
    following = list_next(taken, severity, LIMITS, is_lead=is_lead)
    assert (expected is None) == bool({CallHop.ANSWER, CallHop.RELEASE} & set(taken))
    assert expected is None or expected in following
    assert not set(following) & set(taken)


@given(hops, severities, st.integers(0, 3_000_000))
def test_a_due_time_lies_ahead_and_is_sooner_for_what_is_worse(hop, severity, minutes):
    at = NOW + timedelta(minutes=minutes)
    due = find_due(hop, at, severity, LIMITS)
    assert (due is None) == (hop in (CallHop.ANSWER, CallHop.RELEASE))
    if due is not None:
        assert due > at
        assert due <= find_due(hop, at, min(severity + 1, 4), LIMITS)


def test_clock_goes_on_over_a_holiday():
    assert find_due(CallHop.SUMMON, datetime(2026, 10, 1, 16, tzinfo=UTC), 1, LIMITS) == datetime(
        2026, 10, 1, 16, 15, tzinfo=UTC)


@pytest.mark.parametrize(("taken", "hop", "severity", "is_lead", "why"), [
    (["summon"], "report_in", 1, True, None), (["summon", "report_in"], "report_in", 1, True, "taken"),
    (["summon"], "arrive", 1, True, "first_report_in"), (["summon", "report_in"], "answer", 2, True, "first_arrive"),
    (["summon", "report_in"], "answer", 3, True, None), (["summon", "report_in", "answer"], "arrive", 3, True, "answered"),
    (["summon"], "release", 1, True, "lead_stays"), (["summon"], "release", 1, False, None),
    (["summon", "release"], "report_in", 1, False, "released"), ([], "report_in", 1, False, "not_called"),
])
def test_why_a_hop_may_not_follow(taken, hop, severity, is_lead, why):
    assert check_hop(taken, CallHop(hop), severity, LIMITS, is_lead=is_lead) == why


UNIT, CENTRE = Scope("w", Role.DEPARTMENT, None, "WATER"), Scope("c", Role.CENTRE)
TOWN = Scope("t", Role.TOWNSHIP, "T1", "T1-gov")


@pytest.mark.parametrize(("scope", "called", "in_area", "side"), [
    (UNIT, ["WATER"], True, "unit"), (CENTRE, ["WATER"], True, "centre"), (TOWN, ["WATER"], True, "caller"),
    (TOWN, ["WATER"], False, None), (TOWN, ["WATER", "T1-gov"], True, None),
    (Scope("o", Role.DEPARTMENT, None, "ROADS"), ["WATER"], True, None), (Scope("l", Role.LEADER), ["WATER"], True, None),
])
def test_side_of_an_account(scope, called, in_area, side):
    assert find_side(scope, "WATER", called, is_caller_area=in_area) == side
    assert may_call(scope, called, is_caller_area=in_area) == (side in ("centre", "caller"))


def test_unit_never_releases_itself_and_the_caller_never_answers():
    assert may_take("unit", CallHop.ANSWER, UNIT)
    assert not may_take("unit", CallHop.RELEASE, UNIT)
    assert may_take("caller", CallHop.RELEASE, TOWN)
    assert not may_take("caller", CallHop.ANSWER, TOWN)
    assert may_take("unit", CallHop.RELEASE, Scope("c", Role.CENTRE, None, "CENTRE"))
    assert not may_take("centre", CallHop.SUMMON, CENTRE)


@pytest.mark.parametrize(("side", "hop", "taken", "needed"), [
    ("unit", "report_in", ["summon"], False), ("centre", "report_in", ["summon"], True), ("unit", "answer", ["summon"], True),
    ("caller", "release", ["summon"], True), ("caller", "release", ["summon", "answer"], False)])
def test_when_words_are_needed(side, hop, taken, needed):
    assert needs_note(side, CallHop(hop), taken) == needed


@pytest.mark.parametrize(("units", "lead", "why"), [
    ([], None, "no_units"), (["a", "a"], "a", "units_twice"), (["a"], "b", "lead_outside"), (["a", "b"], "b", None),
    ([str(n) for n in range(13)], "1", "too_many")])
def test_whom_a_call_names(units, lead, why):
    assert check_units(units, lead) == why


def test_nothing_is_settled_before_the_lead_has_answered():
    assert {outcome for outcome in CallOutcome if check_ending(outcome, False)} == {"settled", "partly"}
    assert not any(check_ending(outcome, True) for outcome in CallOutcome)


@pytest.mark.parametrize("text", [
    "desk_answer_from = 3", "desk_answer_from = 0", 'desk_answer_from = 3\nreport_in = ["15m"]',
    'desk_answer_from = 3\nreport_in = ["15m","1h","1h","1d"]\narrive = ["1h","1h","1h","1h"]\nanswer = ["1h","1h","1h","1h"]',
    'desk_answer_from = 3\nreport_in = ["0m","1h","1h","1h"]\narrive = ["1h","1h","1h","1h"]\nanswer = ["1h","1h","1h","1h"]'])
def test_limits_that_mean_nothing_are_refused(tmp_path, text):
    (tmp_path / "limits.toml").write_text(text)
    with pytest.raises(CallLimitsError):
        read_call_limits(tmp_path / "limits.toml")


def test_limits_of_a_county_are_its_own(tmp_path):
    (tmp_path / "limits.toml").write_text(
        'desk_answer_from = 5\nreport_in = ["5m","1h","1h","1h"]\narrive = ["1h","1h","1h","1h"]\nanswer = ["1h","1h","1h","1h"]')
    limits = read_call_limits(tmp_path / "limits.toml")
    assert find_due(CallHop.SUMMON, NOW, 1, limits) == NOW + timedelta(minutes=5)
    assert check_hop(["summon", "report_in"], CallHop.ANSWER, 4, limits, is_lead=True) == "first_arrive"

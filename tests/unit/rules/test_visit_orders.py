"""Visit orders: days, owners, states, treated weeks, outcomes; and the lot, fair to every unlisted village."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.clock import monday_of, week_of
from govdesk.rules.visit_orders import (
    TREATED_DAYS,
    Listed,
    answers,
    choose_owner,
    classify_outcome,
    propose_orders,
    state_of,
    touches,
    treated_weeks,
)
from govdesk.rules.visit_sample import draw_sample

MONDAY = date(2026, 11, 16)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def _propose(listed=(), drawn=(), today=MONDAY):
    return propose_orders(listed, drawn, {"A": "A-gov"}, MONDAY, today)


def test_days_follow_the_band_and_the_lot_is_due_on_sunday():
    bands = {"red": 18, "orange": 20, "yellow": 22, "blue": 22, None: 20}
    for band, day in bands.items():
        assert _propose([Listed("A", band)])[0].due_on == date(2026, 11, day)
    assert _propose([Listed("A", "blue", n_new=1)])[0].due_on == date(2026, 11, 18)
    (drawn,) = _propose(drawn=["B"])
    assert (drawn.reason, drawn.step, drawn.owner_unit, drawn.due_on) == ("sample", "sample", None, date(2026, 11, 22))


def test_a_listed_village_visited_since_monday_is_left_out_and_a_drawn_one_never():
    listed = [Listed("A", "red", visited_on=MONDAY), Listed("B", "red", visited_on=MONDAY - timedelta(days=1))]
    found = _propose(listed, ["A"])
    assert [(one.place_code, one.reason, one.step) for one in found] == [("B", "alert", "return"), ("A", "sample", "sample")]


@given(DAYS, st.sampled_from(["red", "orange", "yellow", "blue", None]))
def test_nobody_is_asked_to_have_been_there_already(today, band):
    monday = monday_of(week_of(today))
    found = propose_orders([Listed("A", band)], ["B"], {}, monday, today)
    assert all(today < one.due_on <= monday + timedelta(days=7) for one in found)


def test_owner_is_the_government_of_the_township_else_the_centre():
    assert choose_owner("T1", {"T1": "T1-gov"}, "C") == "T1-gov"
    assert choose_owner("T2", {"T1": "T1-gov"}, "C") == "C"
    assert choose_owner(None, {}, None) is None


def test_an_order_is_late_from_the_day_after_and_what_is_done_is_done():
    def state(today, done=False, off=False):
        return state_of(due_on=MONDAY, is_done=done, is_called_off=off, today=today)

    assert state(MONDAY) == "open"
    assert state(MONDAY + timedelta(days=1)) == "late"
    assert state(MONDAY + timedelta(days=9), off=True) == "called_off"
    assert state(MONDAY + timedelta(days=9), done=True) == "done"


def test_only_a_visit_for_its_reason_from_its_monday_on_answers_an_order():
    week = week_of(MONDAY)
    assert answers(week=week, reason="alert", visited_on=MONDAY, visit_reason="alert")
    assert answers(week=week, reason="alert", visited_on=MONDAY + timedelta(days=40), visit_reason="alert")
    assert not answers(week=week, reason="alert", visited_on=MONDAY - timedelta(days=1), visit_reason="alert")
    assert not answers(week=week, reason="sample", visited_on=MONDAY, visit_reason="own")


@given(DAYS, st.integers(-20, 120))
def test_a_village_is_treated_from_the_week_of_the_visit_to_that_of_its_ninetieth_day(visited, days):
    day = visited + timedelta(days=days)
    is_treated = touches([treated_weeks(visited)], week_of(day), week_of(day) + 1)
    if 0 <= days <= TREATED_DAYS:
        assert is_treated
    if days < -6 or days > TREATED_DAYS + 6:  # another week than any of these days
        assert not is_treated


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6), st.integers(0, 80), st.integers(1, 8))
def test_touching_weeks_are_those_they_share(spans, first, length):
    weeks = [(begin, begin + n) for begin, n in spans]
    shared = {week for begin, end in weeks for week in range(begin, end)} & set(range(first, first + length))
    assert touches(weeks, first, first + length) == bool(shared)


def test_what_is_not_over_is_not_quiet_and_what_a_person_says_holds():
    visited = date(2026, 8, 24)  # 90 days later: 11-22
    assert classify_outcome(visited, 0, date(2026, 11, 21)) == "pending"
    assert classify_outcome(visited, 0, date(2026, 11, 22)) == "quiet"
    assert classify_outcome(visited, 2, date(2026, 9, 1)) == "escalated"
    assert classify_outcome(visited, 2, date(2026, 11, 22), "quiet") == "quiet"


@settings(max_examples=20, deadline=None)
@given(st.integers(8, 25), st.integers(0, 4), st.text("abcdef", min_size=1, max_size=6))
def test_every_unlisted_village_has_the_same_chance_over_the_weeks(n_villages, n_listed, seed):
    codes = [f"V{number:03d}" for number in range(n_villages)]
    listed, weeks = codes[:n_listed], 600
    counts = Counter(code for week in range(2900, 2900 + weeks) for code in draw_sample(codes, listed, week=week, seed=seed))
    assert not set(counts) & set(listed)
    chance = 3 / (n_villages - n_listed)
    spread = (weeks * chance * (1 - chance)) ** 0.5
    # Six standard deviations: about one in a billion for a fair lot, and 25 villages x 20 examples are asked.
    assert all(abs(counts[code] - weeks * chance) <= 6 * spread + 1 for code in codes[n_listed:])

"""Which scene is on the wall: by value, and what holds whatever the plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ui.wall.rotation import ALARM_SECONDS, Plan, parse_names, parse_seconds, pick_alarm, pick_scene

KNOWN = ("situation", "open", "trends")
names = st.lists(st.sampled_from(KNOWN), min_size=1, unique=True).map(tuple)


@pytest.mark.parametrize(("moment", "shown"), [(0, "a"), (19.9, "a"), (20, "b"), (40, "a"), (1_000_000, "a")])
def test_scenes_turn_every_twenty_seconds(moment, shown):
    assert pick_scene(Plan(("a", "b")), moment) == shown


def test_paused_wall_stays_at_the_first():
    assert {pick_scene(Plan(("b", "a"), is_paused=True), moment) for moment in range(0, 900, 7)} == {"b"}


def test_pinned_scene_is_shown_even_where_it_does_not_rotate():
    assert pick_scene(Plan(("a", "b"), is_paused=True), 33, pinned="c") == "c"


@given(names, st.integers(1, 3600), st.floats(0, 1e8))
def test_each_round_shows_every_scene_for_its_seconds(chosen, seconds, moment):
    plan = Plan(chosen, seconds)
    turn = moment // seconds
    shown = [pick_scene(plan, (turn + step + 0.5) * seconds) for step in range(len(chosen))]
    assert sorted(shown) == sorted(chosen)
    assert pick_scene(plan, moment) == shown[0]


@given(names, st.integers(1, 3600), st.floats(0, 1e8), st.floats(0, 1))
def test_within_its_seconds_nothing_changes(chosen, seconds, moment, part):
    plan = Plan(chosen, seconds)
    start = moment // seconds * seconds
    assert pick_scene(plan, start) == pick_scene(plan, start + part * seconds * 0.999)


@given(names)
def test_names_of_an_address_keep_their_order(chosen):
    assert parse_names(",".join(chosen), KNOWN) == chosen
    assert parse_names(",".join(chosen + chosen), KNOWN) == chosen


@pytest.mark.parametrize("text", ["", ",", "nothing", "open,nothing", "<img>"])
def test_names_that_mean_nothing_are_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_names(text, KNOWN)


@pytest.mark.parametrize("text", ["0", "-5", "3601", "1.5", "٣", "1e2", "", " 5"])
def test_seconds_out_of_bounds_are_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        parse_seconds(text)


@given(st.integers(1, 20), st.floats(0, 1e8))
def test_several_interruptions_are_each_shown_in_turn(n, moment):
    turn = moment // ALARM_SECONDS
    shown = [pick_alarm(n, (turn + step + 0.5) * ALARM_SECONDS) for step in range(n)]
    assert sorted(shown) == list(range(n))
    assert pick_alarm(n, moment) == shown[0]

"""Passwords, waiting, limits, and where a link may lead."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.sign_in import (
    LONGEST_WAIT,
    WALL_LIMITS,
    Limits,
    check_password,
    is_over,
    is_within,
    limits_of,
    own_path,
    wait_after,
)
from govdesk.terms import Role

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
USUAL = Limits(timedelta(minutes=120), timedelta(hours=12))


@pytest.mark.parametrize(("password", "fault"), [
    ("short", "short"), ("fourteen-chars", "short"), ("x" * 257, "long"), ("aaaaaaaaaaaaaaaaaaaa", "common"),
    ("123456789012345", "common"), ("govdesk-govdesk-govdesk", "common"), ("local_centre_local_centre", "common"),
    ("woaizhongguo1949", "common"), ("password password 1", "common"),
    ("清晨的渠水绕过第三座旧磨坊再进村", None), ("seven herons over the weir", None), ("fifteen letters", None)])
def test_password_is_judged_by_length_and_by_what_everybody_tries(password, fault):
    assert check_password(password, "local_centre") == fault


def test_waiting_grows_and_has_an_end():
    waits = [wait_after(n).total_seconds() for n in range(60)]
    assert waits[:5] == [0, 0, 0, 0, 2]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


@pytest.mark.parametrize(("unused", "since", "why"), [
    (0, 0, None), (119, 0, None), (120, 0, "idle"), (0, 12 * 60, "absolute"), (0, 12 * 60 - 1, None)])
def test_sign_in_ends_unused_and_at_its_limit(unused, since, why):
    ends_at = NOW + USUAL.absolute - timedelta(minutes=since)
    assert is_over(NOW, NOW - timedelta(minutes=unused), ends_at, USUAL) == why


@pytest.mark.parametrize(("ahead", "why"), [
    (timedelta(hours=1), None), (timedelta(hours=1, minutes=59), None), (timedelta(hours=2), "clock"),
    (timedelta(days=1), "clock"), (timedelta(days=365), "clock")])
def test_sign_in_of_a_clock_that_ran_ahead_does_not_outlast_it(ahead, why):
    then = NOW + ahead
    assert is_over(then, then, then + USUAL.absolute, USUAL) is None
    assert is_over(NOW, then, then + USUAL.absolute, USUAL) == why, "the clock is right again"


@pytest.mark.parametrize("jump", [timedelta(hours=hours) for hours in (-1, 1, -24, 24, -9_000, 9_000)])
def test_no_jump_of_the_clock_keeps_anybody_in_for_ever(jump):
    """Whatever the clock did before: at most the absolute limit and the idle one lie before the end."""
    seen_at, ends_at = NOW + jump, NOW + jump + USUAL.absolute
    held = [hours for hours in range(20_000) if is_over(NOW + timedelta(hours=hours), seen_at, ends_at, USUAL) is None]
    assert len(held) <= (USUAL.idle * 2) / timedelta(hours=1)


def test_wall_stays_in_through_the_night():
    assert limits_of(Role.WALL, USUAL) is WALL_LIMITS
    assert limits_of(Role.LEADER, USUAL) is USUAL
    assert is_over(NOW, NOW - timedelta(days=30), NOW + timedelta(days=300), WALL_LIMITS) is None


@pytest.mark.parametrize("link", ["/incident_map", "/incident_map?place=990101001&lang=en", "/", "/?lang=zh"])
def test_own_path_is_kept(link):
    assert own_path(link) == link


@pytest.mark.parametrize("link", [
    None, "", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "incident_map",
    "/%2f%2fevil.example\n", "/a/../../b", "/login?next=/login", "/logout", "/x\r\nset-cookie: a=b", "/" + "a" * 500, "/ü"])
def test_foreign_path_leads_home(link):
    assert own_path(link) == "/"


@given(st.text(max_size=60))
def test_whatever_a_link_says_one_stays_here(text):
    found = own_path(text)
    assert found.startswith("/")
    assert not found.startswith("//")
    assert "\\" not in found
    assert found.isprintable()


@pytest.mark.parametrize(("address", "ranges", "expected"), [
    ("10.1.2.3", None, True), ("10.1.2.3", "10.1.2.0/24", True), ("10.1.3.3", "10.1.2.0/24", False),
    ("10.1.3.3", "10.1.2.0/24, 10.1.3.3", True), ("::1", "127.0.0.1", False), ("unknown", "10.0.0.0/8", False)])
def test_address_range(address, ranges, expected):
    assert is_within(address, ranges) is expected

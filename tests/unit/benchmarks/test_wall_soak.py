"""What counts as growth of a wall: a leak, not the ups and downs of scenes, nor what is kept up to a limit."""

import pytest

from benchmarks.support.wall_soak import Sample, grow


def samples(values):
    return [Sample(10 * number, number, 0.0, value, 0, 0, 0) for number, value in enumerate(values)]


def test_ups_and_downs_are_no_growth():
    up_and_down = [400 + 300 * (number % 7 == 0) for number in range(120)]
    assert grow(samples(up_and_down), "server", 300) == pytest.approx(0)


def test_what_fills_up_before_the_warm_up_is_over_is_no_growth():
    filling = [400 + min(number, 30) for number in range(120)]
    assert grow(samples(filling), "server", 300) == pytest.approx(0)
    assert grow(samples(filling), "server", 0) > 0.03


def test_slow_leak_is_growth():
    leaking = [(400 + 300 * (number % 7 == 0)) * (1 + number / 1000) for number in range(120)]
    assert grow(samples(leaking), "server", 300) > 0.05

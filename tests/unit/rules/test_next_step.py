"""The next step about a listed village: by band, by what is new, by who was there."""

from datetime import date, timedelta

import pytest

from govdesk.rules.next_step import Standing, Step, choose_step

MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(("standing", "step"), [
    (Standing(True, None), Step("ask_clerk", date(2026, 11, 20))),
    (Standing(False, None), Step("ask_clerk")),
    (Standing(False, "red", 2), Step("none")),
    (Standing(True, "red"), Step("visit", date(2026, 11, 18))),
    (Standing(True, "orange"), Step("visit", date(2026, 11, 20))),
    (Standing(True, "yellow"), Step("call", date(2026, 11, 22))),
    (Standing(True, "blue"), Step("call", date(2026, 11, 22))),
    (Standing(True, "blue", 1), Step("visit", date(2026, 11, 18))),
    (Standing(True, "red", 0, MONDAY), Step("visited", MONDAY)),
    (Standing(True, "red", 1, MONDAY), Step("return", date(2026, 11, 18))),
    (Standing(True, "orange", 0, MONDAY - timedelta(days=28)), Step("return", date(2026, 11, 20))),
    (Standing(True, "orange", 0, MONDAY - timedelta(days=29)), Step("visit", date(2026, 11, 20))),
])
def test_step_follows_band_news_and_visits(standing, step):
    assert choose_step(standing, MONDAY) == step

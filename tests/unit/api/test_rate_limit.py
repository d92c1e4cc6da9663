"""How often somebody may ask: never more than a minute's requests at once, never fewer over time."""

from hypothesis import given
from hypothesis import strategies as st

from govdesk.api import rate_limit
from govdesk.api.rate_limit import RateLimit


@given(st.integers(1, 100), st.lists(st.floats(0, 20), min_size=1, max_size=200))
def test_no_minute_holds_more_than_twice_what_is_allowed(per_minute, gaps):
    limit, at, let = RateLimit(), 0.0, []
    for gap in gaps:
        at += gap
        if limit.ask("a", per_minute, at) is None:
            let.append(at)
    for start in let:
        assert sum(start <= one <= start + 60 for one in let) <= 2 * per_minute


@given(st.integers(1, 100))
def test_who_waits_as_long_as_told_is_let_in(per_minute):
    limit = RateLimit()
    assert all(limit.ask("a", per_minute, 0.0) is None for _ in range(per_minute))
    wait = limit.ask("a", per_minute, 0.0)
    assert wait is not None
    assert limit.ask("b", per_minute, 0.0) is None
    assert limit.ask("a", per_minute, float(wait)) is None


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(rate_limit, "_MOST", 10)
    limit = RateLimit()
    for number in range(1_000):
        limit.ask(str(number), 5, float(number))
    assert len(limit._buckets) == 10

"""The server seals by itself: after a while, when a block is full, and at its end; nothing stops it."""

import time

import pytest

from govdesk.actions import seal_tick
from govdesk.actions.acting import acting
from govdesk.actions.audit_trail import forget_looks, note_seen
from govdesk.actions.seal_audit import check_audit
from govdesk.actions.seal_tick import seal_once, sealing
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from tests.support import empty_county


@pytest.fixture
def engine(empty_engine):
    """Return an engine on a database without data."""
    empty_county.build(empty_engine)
    return empty_engine


def act(engine, n: int) -> None:
    with acting(engine, by=SYSTEM, action="rebuild_counts") as done:
        for number in range(n):
            done.audit("weekly_counts", number)


def wait_until_sealed(engine) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if check_audit(engine, by=SYSTEM).n_open == 0:
            return True
        time.sleep(0.02)
    return False


def test_sealed_after_a_while(engine):
    act(engine, 2)
    with sealing(seconds=0.02, look=0.02):
        assert wait_until_sealed(engine)


def test_sealed_at_once_when_a_block_is_full(engine, monkeypatch):
    monkeypatch.setattr(seal_tick, "MOST_EVENTS", 5)
    with sealing(seconds=600, look=0.02):
        act(engine, 2)
        time.sleep(0.1)
        assert check_audit(engine, by=SYSTEM).n_open == 2
        act(engine, 3)
        assert wait_until_sealed(engine)


def test_what_waits_is_written_and_sealed_at_the_end(engine):
    forget_looks()
    with sealing():
        note_seen(engine, by=SYSTEM, page="visits")
    found = check_audit(engine, by=SYSTEM)
    assert (found.n_events, found.n_open, found.faults) == (1, 0, ())


def test_no_database_is_no_reason_to_stop_and_none_is_made():
    with sealing(seconds=0.01, look=0.01):
        time.sleep(0.05)
    assert not (get_settings().var / "govdesk.db").exists()


def test_fault_is_told_to_the_log(engine, monkeypatch, caplog):
    monkeypatch.setattr(seal_tick, "seal_events", lambda *_, **__: 1 / 0)
    seal_once()
    assert "could not be sealed: ZeroDivisionError" in caplog.text

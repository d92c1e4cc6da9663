"""Several users take steps at once: none is lost, none is written twice, what is derived equals a replay."""

import random
import threading
import time

import pytest

from tests.support.loop_load import Tally, act_as, check_kept, prepare


def _run(engine, seconds=2.0):
    people, numbers = prepare(engine, n_incidents=300, n_users=6)
    tally, until = Tally(), time.monotonic() + seconds
    threads = [threading.Thread(target=act_as, args=(engine, one, numbers, until, 0, tally, random.Random(place)))
               for place, one in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def test_users_at_once_lose_nothing(empty_engine):
    tally = _run(empty_engine)
    assert tally.errors == []
    assert len(tally.acknowledged) > 10
    assert check_kept(empty_engine, tally.acknowledged) == []


def test_a_lost_step_is_seen(empty_engine):
    tally = _run(empty_engine, seconds=0.5)
    assert check_kept(empty_engine, tally.acknowledged | {10**9: 1}) != []
    tally.acknowledged.popitem()
    assert check_kept(empty_engine, tally.acknowledged) != []


@pytest.mark.postgres
def test_users_at_once_lose_nothing_on_postgres(postgres_engine):
    tally = _run(postgres_engine)
    assert tally.errors == []
    assert len(tally.acknowledged) > 10
    assert check_kept(postgres_engine, tally.acknowledged) == []

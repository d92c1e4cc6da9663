"""The stamp of a tile: newest record while all keep their rhythm, the silent source when one does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from govdesk.queries.stream_rhythm import SELDOM, Rhythm, read_rhythms
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Incident
from govdesk.ui.wall.ages import find_age, is_late, limit_of
from tests.support import tiny_county
from tests.support.wall_views import WALL, make_view

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.mark.parametrize(("pause", "limit"), [
    (timedelta(minutes=5), timedelta(hours=2)), (timedelta(hours=16), timedelta(hours=24)),
    (timedelta(days=7), timedelta(days=10.5))])
def test_a_source_may_pause_one_and_a_half_times_as_long_as_usual(pause, limit):
    rhythm = Rhythm("dispute", AT, pause)
    assert limit_of(rhythm) == limit
    assert not is_late(rhythm, AT + limit)
    assert is_late(rhythm, AT + limit + timedelta(seconds=1))


def test_tile_is_of_the_newest_record_while_all_sources_are_in_time(tiny_engine):
    view = make_view(tiny_engine)
    age = find_age(view)
    assert age.as_of == view.as_of
    assert age.stale_after is not None
    assert age.note == ""


def test_tile_of_a_sum_is_as_old_as_the_source_that_fell_silent(empty_engine):
    tiny_county.build(empty_engine, n_incidents=4000)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Incident).where(
            Incident.stream == "petition", Incident.recorded_at > AT - timedelta(days=9)).values(is_counted=0))
        bump(connection, "incidents")
    view = make_view(empty_engine)
    age, others = find_age(view), find_age(view, ("dispute",))
    assert age.as_of <= AT - timedelta(days=9)
    assert age.as_of + age.stale_after < view.now
    assert "信访" in age.note
    assert others.as_of > AT - timedelta(days=2)
    assert others.note == ""
    assert find_age(replace(view, as_of=None)).as_of is None


def test_rhythm_of_a_stream_that_fell_silent_long_ago_keeps_its_last_record(empty_engine):
    tiny_county.build(empty_engine, n_incidents=2000)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Incident).where(
            Incident.stream == "hazard", Incident.recorded_at > AT - timedelta(days=120)).values(is_counted=0))
        rebuild(connection)
    with read_transaction(empty_engine) as connection:
        found = {one.stream: one for one in read_rhythms(connection, WALL, AT)}
    assert found["hazard"].usual_pause == SELDOM
    assert AT - timedelta(days=140) < found["hazard"].last_at <= AT - timedelta(days=120)

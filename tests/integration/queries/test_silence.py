"""The villages behind the sentence on silence are exactly those that it counts."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import update

from govdesk.clock import monday_of, week_of
from govdesk.queries.change_series import SILENT_WEEKS, read_silence
from govdesk.queries.silence import list_silent
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, UNTIL

WEEK = week_of(UNTIL) - 1
QUIET = (f"{COUNTY}001002", f"{COUNTY}003004")


@pytest.fixture
def engine(empty_engine):
    """A county in which two villages are heard of by the hotline only, from nine weeks before the end on."""
    tiny_county.build(empty_engine, 3000)
    first = WEEK - SILENT_WEEKS + 1
    with write_transaction(empty_engine) as connection:
        for village in QUIET:
            connection.execute(update(Incident).where(
                Incident.place_code.startswith(village), Incident.week_occurred >= first).values(channel="hotline"))
        connection.execute(update(Incident).where(  # a call from elsewhere, from where own records come as well
            Incident.place_code.startswith(f"{COUNTY}002001"), Incident.week_occurred == WEEK).values(channel="hotline"))
    return empty_engine


def listed(engine, scope=SYSTEM, week=WEEK):
    with read_transaction(engine) as connection:
        return list_silent(connection, scope, week), read_silence(connection, scope, week, 4)


def test_list_holds_the_villages_that_are_counted(engine):
    rows, counts = listed(engine)
    assert tuple(rows["code"]) == QUIET
    assert counts[WEEK] == len(rows) == 2
    assert list(rows["name"]) == ["第1镇2村", "第3镇4村"]
    assert list(rows["parent_code"]) == [f"{COUNTY}001", f"{COUNTY}003"]
    assert (rows["n_calls"] > 0).all()


def test_list_and_count_agree_in_every_week(engine):
    for back in range(12):
        rows, counts = listed(engine, week=WEEK - back)
        assert counts.get(WEEK - back, 0) == len(rows), back


def test_last_own_record_lies_before_the_silence_and_usual_is_the_year_before(engine):
    rows, _ = listed(engine)
    edge = pd.Timestamp(monday_of(WEEK - SILENT_WEEKS + 1))
    assert (rows["last_own"] < edge).all()
    assert (rows["last_own"] > edge - timedelta(weeks=20)).all()
    with read_transaction(engine) as connection:
        n = connection.scalar(_count_own(QUIET[0], WEEK - SILENT_WEEKS + 1 - 52, WEEK - SILENT_WEEKS + 1))
    assert rows["usual"].iloc[0] == pytest.approx(n * SILENT_WEEKS / 52)


def _count_own(village, week_from, week_to):
    from sqlalchemy import func, select
    return select(func.sum(Incident.weight)).where(
        Incident.place_code.startswith(village), Incident.channel == "grid_worker", Incident.is_counted == 1,
        Incident.week_occurred >= week_from, Incident.week_occurred < week_to)


def test_township_sees_its_own_villages_only(engine):
    rows, _ = listed(engine, Scope("t", Role.TOWNSHIP, f"{COUNTY}003"))
    assert tuple(rows["code"]) == QUIET[1:]


def test_what_is_usual_is_unknown_in_a_short_recording(empty_engine):
    tiny_county.build(empty_engine, 900, weeks=20)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.startswith(QUIET[0])).values(channel="hotline"))
    rows, _ = listed(empty_engine)
    assert tuple(rows["code"]) == QUIET[:1]
    assert np.isnan(rows["usual"].iloc[0])
    assert pd.isna(rows["last_own"].iloc[0])


def test_without_channels_of_villages_silence_means_nothing(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).values(channel="hotline"))
    rows, counts = listed(tiny_engine)
    assert rows.empty
    assert counts.empty

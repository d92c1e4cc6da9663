"""Staffing and what interrupts walls read the same on both engines."""

from dataclasses import fields, replace
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import update

from govdesk.queries.longest_late import list_longest_late
from govdesk.queries.staffing import read_staffing
from govdesk.queries.urgent_incidents import list_unaccepted, list_urgent
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident
from govdesk.terms import Role
from tests.integration.queries.test_staffing import CENTRE, COUNTY, DAY, NOW, fill, vacancy
from tests.support import tiny_county


def read_all(engine):
    wall = Scope("w", Role.WALL, f"{COUNTY}003")
    with read_transaction(engine) as connection:
        waiting = list_unaccepted(connection, wall)
        return (read_staffing(connection, CENTRE, NOW), read_staffing(connection, replace(CENTRE, area_code=f"{COUNTY}003"), NOW),
                waiting, list_urgent(connection, wall, waiting, since=NOW - timedelta(days=200)),
                list_longest_late(connection, wall, NOW, 6)["id"].tolist())


@pytest.mark.postgres
def test_both_engines_say_the_same(tiny_engine, postgres_engine):
    tiny_county.build(postgres_engine)
    for engine in (tiny_engine, postgres_engine):
        fill(engine, [vacancy(f"{COUNTY}003001-01-1", DAY.replace(month=10))])
        with write_transaction(engine) as connection:
            connection.execute(update(Incident).where(Incident.status == "accepted", Incident.id % 2 == 0).values(
                status="dispatched"))
    ours, theirs = read_all(tiny_engine), read_all(postgres_engine)
    for mine, other in zip(ours[:2], theirs[:2], strict=True):
        for field in fields(mine):
            one, two = getattr(mine, field.name), getattr(other, field.name)
            if isinstance(one, pd.DataFrame):
                pd.testing.assert_frame_equal(one, two)
            else:
                assert one == two
    assert ours[2:] == theirs[2:]
    assert min(map(len, ours[2:])) > 0

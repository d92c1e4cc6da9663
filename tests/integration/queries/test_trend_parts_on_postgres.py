"""The parts of the trend pages find the same on PostgreSQL as on SQLite."""

from datetime import date, timedelta

import pandas as pd
from sqlalchemy import insert, update

from govdesk.queries import capacity, quiet_streaks, resolution, works_exposure
from govdesk.queries.filters import IncidentFilter
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Capacity, Incident, Step
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

LAST = 2967


def _fill(engine):
    tiny_county.build(engine, 900)
    with write_transaction(engine) as connection:
        for rest, level in enumerate(("group", "township", None)):
            connection.execute(update(Incident).where(Incident.id % 4 == rest).values(resolution_level=level))
            connection.execute(update(Step).where(Step.incident_id % 4 == rest, Step.kind == "close").values(level=level))
        connection.execute(insert(Capacity), [{
            "source": "x", "source_ref": f"C{n}", "content_hash": "0", "place_code": f"{COUNTY}00100{1 + n % 3}",
            "kind": "legal_guide", "n": n, "counted_on": date(2026, 1, 1 + n), "recorded_at": NOW - timedelta(days=2)}
            for n in range(7)])


def _read(engine):
    filters = IncidentFilter(LAST - 50, LAST, place_code=f"{COUNTY}001")
    with read_transaction(engine) as connection:
        return [
            resolution.count_settled(connection, SYSTEM, filters).sort_values(["week", "category", "level"]),
            quiet_streaks.list_departures(connection, SYSTEM, NOW).sort_values(["incident_id", "is_known"]),
            quiet_streaks.read_streaks(connection, SYSTEM, filters, NOW),
            works_exposure.list_bands(connection, SYSTEM, filters),
            works_exposure.read_exposure(connection, SYSTEM, filters, NOW),
            capacity.read_capacities(connection, SYSTEM, filters, NOW),
            capacity.count_by_place(connection, SYSTEM, "legal_guide", "township", date(2026, 11, 20), NOW)]


def test_both_engines_find_the_same(empty_engine, postgres_engine):
    _fill(empty_engine)
    _fill(postgres_engine)
    for one, other in zip(_read(empty_engine), _read(postgres_engine), strict=True):
        assert len(one) > 0
        pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True))

"""The tiny county with escalation events: what the score is learnt from."""

from datetime import date, timedelta

import numpy as np
from sqlalchemy import Engine, insert, select

from govdesk.clock import day_start
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import EscalationEvent, Incident
from tests.support import tiny_county
from tests.support.ready import built_once

#: Monday of the week in which the tiny county's now lies.
AS_OF = date(2026, 11, 16)


@built_once
def build(engine: Engine, n_incidents: int = 1800, every: int = 6, weeks: int = 156) -> None:
    """Make the county; every so many-th incident escalates on its day and is known up to ten days later."""
    tiny_county.build(engine, n_incidents, weeks=weeks)
    rng = np.random.default_rng(7)
    with write_transaction(engine) as connection:
        rows = connection.execute(select(Incident.id, Incident.occurred_on).where(Incident.id % every == 0)).all()
        add_events(connection, [(row.id, row.occurred_on, int(rng.integers(0, 10))) for row in rows])


def add_events(connection, events: list[tuple[int, date, int]]) -> None:
    """Insert events: incident, day, days until it was known."""
    connection.execute(insert(EscalationEvent), [
        {"incident_id": incident, "part": "violence", "occurred_on": day, "rule_version": "t",
         "recorded_at": day_start(day + timedelta(days=delay))} for incident, day, delay in events])
    bump(connection, "incidents")

"""The tiny county in which escalations follow disputes: a group of candidate features has something to add."""

from collections import defaultdict
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
#: A village-week with more disputes than so many in the 13 weeks before is hot.
HOT = 8


@built_once
def build(engine: Engine, n_incidents: int = 7000, weeks: int = 234, seed: int = 3) -> None:
    """Make the county; in hot village-weeks two incidents in three that are no disputes escalate, elsewhere one in 30.

    Disputes come at random, so that no memory of escalations alone tells which village is hot now.
    """
    tiny_county.build(engine, n_incidents, weeks=weeks)
    rng = np.random.default_rng(seed)
    with write_transaction(engine) as connection:
        rows = connection.execute(select(
            Incident.id, Incident.place_code, Incident.stream, Incident.occurred_on, Incident.week_occurred,
            Incident.week_known).order_by(Incident.id)).all()
        disputes: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            if row.stream == "dispute":
                disputes[row.place_code[:12]].append(row.week_known)
        events = []
        for row in rows:
            known = [week for week in disputes[row.place_code[:12]] if row.week_occurred - 13 <= week < row.week_occurred]
            if row.stream != "dispute" and rng.random() < (2 / 3 if len(known) > HOT else 1 / 30):
                events.append({
                    "incident_id": row.id, "part": "violence", "occurred_on": row.occurred_on, "rule_version": "t",
                    "recorded_at": day_start(row.occurred_on) + timedelta(days=1)})
        connection.execute(insert(EscalationEvent), events)
        bump(connection, "incidents")

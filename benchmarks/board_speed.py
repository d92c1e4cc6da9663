"""How long the dispatch board waits for its counts and a page, with 50,000 open incidents, against pandas.

pandas reads the same columns of what is open and counts them: what a program without the index would do. The counts of
both are compared; the ratio is what must hold on any machine.

    python benchmarks/board_speed.py
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sqlalchemy import Engine, bindparam, select, update  # noqa: E402

from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.queries.inboxes import BoardFilter, Inbox, count_inboxes, list_inbox  # noqa: E402
from govdesk.rules.access import Scope  # noqa: E402
from govdesk.rules.clock_bands import Cuts  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction, write_transaction  # noqa: E402
from govdesk.tables import Incident  # noqa: E402
from govdesk.terms import Role  # noqa: E402
from tests.support import many_incidents  # noqa: E402
from tests.support.tiny_county import COUNTY, NOW  # noqa: E402

#: What the board is allowed for all counts, and for a page; and the ratio to pandas that must hold on any machine.
MOST_MS, LEAST_RATIO = 60, 2
SCOPES = {
    "centre": Scope("centre", Role.CENTRE), "department": Scope("land", Role.DEPARTMENT, unit_code="U-LAND"),
    "township": Scope("town", Role.TOWNSHIP, area_code=f"{COUNTY}003"),
}
CUTS = Cuts(NOW, NOW + timedelta(days=1), NOW + timedelta(days=3))
STATUSES = np.array(["reported", "dispatched", "accepted", "accepted", "answered", "paused"])


def open_some(engine: Engine, n_open: int) -> None:
    """Open the newest incidents, in every status, due from 60 days ago to 60 days ahead."""
    rng = np.random.default_rng(5)
    with write_transaction(engine) as connection:
        numbers = connection.scalars(select(Incident.id).order_by(Incident.id.desc()).limit(n_open)).all()
        status = STATUSES[rng.integers(0, len(STATUSES), len(numbers))]
        due = [None if one == "paused" else NOW + timedelta(minutes=int(minutes))
               for one, minutes in zip(status, rng.integers(-86_400, 86_400, len(numbers)), strict=True)]
        connection.execute(update(Incident).where(Incident.week_closed.is_(None)).values(is_counted=0))
        connection.execute(
            update(Incident.__table__).where(Incident.id == bindparam("number")).values(
                status=bindparam("at"), due_at=bindparam("due"), closed_at=None, week_closed=None, outcome=None,
                is_counted=1),
            [{"number": number, "at": str(one), "due": at}
             for number, one, at in zip(numbers, status, due, strict=True)])
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ANALYZE")


def count_with_pandas(engine: Engine) -> dict[str, int]:
    """Return late, to triage and in hand, from the rows of what is open."""
    with read_transaction(engine) as connection:
        rows = connection.execute(select(
            Incident.status, Incident.due_at, Incident.weight, Incident.handling_unit, Incident.place_code,
            Incident.severity, Incident.reported_at,
        ).where(Incident.is_counted == 1, Incident.week_closed.is_(None))).all()
    open_incidents = pd.DataFrame(rows, columns=["status", "due_at", "weight", "unit", "place", "severity", "at"])
    late = (open_incidents["status"] != "paused") & (pd.to_datetime(open_incidents["due_at"], utc=True) < NOW)
    in_hand = open_incidents["status"].isin(["accepted", "answered", "paused"])
    return {"late": int(open_incidents.loc[late, "weight"].sum()),
            "triage": int(open_incidents.loc[open_incidents["status"] == "reported", "weight"].sum()),
            "in_hand": int(open_incidents.loc[in_hand, "weight"].sum())}


def measure(call, n: int = 9) -> float:
    """Return the median of some calls, in milliseconds."""
    took = []
    for _ in range(n):
        start = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - start))
    return statistics.median(took)


def main() -> int:
    """Build, measure, compare; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=300_000)
    parser.add_argument("--open", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GOVDESK_VAR"] = folder
        engine = get_engine()
        many_incidents.build(engine, asked.incidents)
        open_some(engine, asked.open)
        print(f"{describe_machine()}\n{asked.incidents:,} incidents, {asked.open:,} open")
        slowest = 0.0
        with read_transaction(engine) as connection:
            for name, scope in SCOPES.items():
                counts = measure(lambda scope=scope: count_inboxes(connection, scope, BoardFilter(), CUTS))
                pages = {inbox: measure(lambda scope=scope, inbox=inbox: list_inbox(
                    connection, scope, BoardFilter(), CUTS, inbox), 5) for inbox in (Inbox.LATE, Inbox.IN_HAND)}
                print(f"{name}: counts {counts:.0f} ms, page late {pages[Inbox.LATE]:.0f} ms, "
                      f"in hand {pages[Inbox.IN_HAND]:.0f} ms")
                slowest = max(slowest, counts, *pages.values())
            found = count_inboxes(connection, SCOPES["centre"], BoardFilter(), CUTS)
            ours = measure(lambda: count_inboxes(connection, SCOPES["centre"], BoardFilter(), CUTS))
        theirs = measure(lambda: count_with_pandas(engine), 3)
        expected = count_with_pandas(engine)
        assert {name: found.counts[Inbox(name)] for name in expected} == expected, (found, expected)
        print(f"pandas: {theirs:.0f} ms, {theirs / ours:.1f} times as long; "
              f"slowest of ours {slowest:.0f} ms of {MOST_MS} allowed")
        return int(theirs / ours < LEAST_RATIO)


if __name__ == "__main__":
    sys.exit(main())

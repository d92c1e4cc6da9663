"""Load: 20 users act at once on one county; every step must be kept once, no error, and p95 of an action under 300 ms.

``make load`` runs it on SQLite and on PostgreSQL, ten minutes each, and prints the figures of docs/benchmarks.md. Each
user looks at an inbox, chooses an incident, takes a step that the flow allows, waits about a second, and goes on; now
and then two users take the same incident at once. At the end the steps in the table are compared with those that were
acknowledged, and every derived column with a replay.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import create_engine, make_url  # noqa: E402

from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.storage.engine import get_engine  # noqa: E402
from tests.support.loop_load import Tally, act_as, check_kept, prepare  # noqa: E402


def main() -> int:
    """Run the load; 1 where an error came, a step was lost or an action was slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", action="store_true",
                        help="on a database of its own, on the server of GOVDESK_TEST_POSTGRES; default: SQLite")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--think", type=float, default=1.0, help="mean seconds between two actions of a user")
    parser.add_argument("--incidents", type=int, default=50_000)
    parser.add_argument("--most-ms", type=float, default=300, help="largest p95 of an action")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GOVDESK_VAR"] = folder
        os.environ["GOVDESK_DATABASE_URL"] = ""
        if not options.postgres:
            return _run(options)
        with _database(os.environ["GOVDESK_TEST_POSTGRES"]) as address:
            os.environ["GOVDESK_DATABASE_URL"] = address
            return _run(options)


@contextmanager
def _database(server: str) -> Iterator[str]:
    """Make a database on a server, and drop it at the end."""
    name = f"load_{uuid4().hex[:12]}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _run(options: argparse.Namespace) -> int:
    engine = get_engine()
    people, numbers = prepare(engine, n_incidents=options.incidents, n_users=options.users)
    tally, until = Tally(), time.monotonic() + options.seconds
    threads = [threading.Thread(target=act_as, args=(engine, one, numbers, until, options.think, tally,
                                                     random.Random(place)))  # noqa: S311 - chance, no secret
               for place, one in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrong = check_kept(engine, tally.acknowledged)
    took, looked = sorted(tally.took), sorted(tally.looked)
    p95 = took[int(len(took) * 0.95)] * 1000
    sys.stdout.write(json.dumps({
        "engine": engine.dialect.name, "users": options.users, "seconds": options.seconds,
        "incidents": options.incidents, "steps": len(tally.acknowledged), "refused": tally.refused,
        "errors": tally.errors[:5], "n_errors": len(tally.errors), "wrong": wrong[:5], "n_wrong": len(wrong),
        "action_ms": {"p50": round(took[len(took) // 2] * 1000, 1), "p95": round(p95, 1),
                      "max": round(took[-1] * 1000, 1)},
        "look_ms": {"p50": round(looked[len(looked) // 2] * 1000, 1),
                    "p95": round(looked[int(len(looked) * 0.95)] * 1000, 1)},
        "machine": describe_machine(), "run": uuid4().hex[:8]}, ensure_ascii=False, indent=1) + "\n")
    return int(bool(tally.errors or wrong or p95 > options.most_ms))


if __name__ == "__main__":
    sys.exit(main())

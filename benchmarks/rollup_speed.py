"""Weekly series of a county through the rollup against the table of incidents, equal values asserted in the same run.

On SQLite, and on PostgreSQL where GOVDESK_TEST_POSTGRES names a server that may be written to. The baseline is the
same question put to the incidents with all their indexes, as the product asks it where the rollup cannot answer.

    python benchmarks/rollup_speed.py                    # 1,000,000 incidents, seven years
    python benchmarks/rollup_speed.py --rows 84000
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.clock import week_of  # noqa: E402
from govdesk.queries import weekly  # noqa: E402
from govdesk.queries.filters import IncidentFilter  # noqa: E402
from govdesk.queries.weekly import read_weekly  # noqa: E402
from govdesk.rules.access import SYSTEM  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction  # noqa: E402
from tests.support import many_incidents, tiny_county  # noqa: E402

#: What the issue asks of the county's weekly series.
LEAST = {"sqlite": 5.0, "postgresql": 12.0}
WEEKS = 364
LAST = week_of(tiny_county.UNTIL)
QUESTIONS = {
    "county": (IncidentFilter(LAST - WEEKS, LAST), ()),
    "county by stream": (IncidentFilter(LAST - WEEKS, LAST), ("stream",)),
    "disputes by township": (IncidentFilter(LAST - WEEKS, LAST, ("dispute",)), ("district",)),
    "county by category": (IncidentFilter(LAST - WEEKS, LAST), ("category",)),
}


@contextmanager
def databases(rows: int, var: Path | None) -> Iterator[list[Engine]]:
    """Give the engines to measure, filled with the same incidents."""
    with tempfile.TemporaryDirectory() as folder:
        file = (var or Path(folder)) / "govdesk.db"
        engines = [get_engine(f"sqlite:///{file}")]
        if not file.exists():
            many_incidents.build(engines[0], rows)
        server, name, admin = os.environ.get("GOVDESK_TEST_POSTGRES"), f"b_{uuid.uuid4().hex[:12]}", None
        if server:
            admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
            with admin.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            engines.append(get_engine(make_url(server).set(database=name).render_as_string(hide_password=False)))
            many_incidents.build(engines[1], rows)
        for engine in engines:
            with engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        yield engines
        for engine in engines:
            engine.dispose()
        if admin is not None:
            with admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def timed(connection, filters, by, runs: int) -> tuple[float, dict]:
    """Return median milliseconds, and the answer."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        found = read_weekly(connection, SYSTEM, filters, by)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times), {tuple(row[:-1]): row[-1] for row in found.itertuples(index=False)}


def compare(engine: Engine) -> bool:
    """Print each question both ways; return whether the county's series are as much faster as they must be."""
    dialect, is_fast = engine.dialect.name, True
    with read_transaction(engine) as connection:
        for name, (filters, by) in QUESTIONS.items():
            quick, answer = timed(connection, filters, by, 7)
            choose, weekly._choose_part = weekly._choose_part, lambda *_: None
            try:
                slow, expected = timed(connection, filters, by, 5)
            finally:
                weekly._choose_part = choose
            assert answer == expected, f"{name}: the two ways differ"
            print(f"{dialect:10} {name:22} rollup {quick:8.1f} ms   incidents {slow:8.1f} ms   {slow / quick:6.1f} x")
            if name in ("county", "county by stream"):
                is_fast &= slow / quick >= LEAST[dialect]
    return is_fast


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="incidents in the county")
    parser.add_argument("--var", type=Path, help="a folder whose SQLite database is used again")
    options = parser.parse_args()
    os.environ.setdefault("GOVDESK_NOW", tiny_county.NOW.isoformat())
    print(f"{describe_machine()}, {options.rows:,} incidents, {WEEKS} weeks")
    with databases(options.rows, options.var) as engines:
        fast = [compare(engine) for engine in engines]
    if not all(fast):
        print(f"the county's series are less than {LEAST} times faster")
    return 0 if all(fast) else 1


if __name__ == "__main__":
    sys.exit(main())

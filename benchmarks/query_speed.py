"""What a filter change of the map costs: the product's queries against pages that hold the table as a frame.

One filter change = counts by village, what is open by village, weekly series by stream. In the same run, on the same
file, with equal results asserted for each of six filters:

    read    a page that reads the table by pandas on every rerun                      (product at least 100 x faster)
    cached  a page that keeps the frame with st.cache_data, which hands a fresh copy
            (unpickled) to every rerun                                                (product at least   5 x faster)
    shared  the frame in one variable for all, never copied, nothing else in memory   (for information)

    python benchmarks/query_speed.py                    # 1,000,000 incidents
    python benchmarks/query_speed.py --incidents 84000
"""

import argparse
import os
import pickle
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction  # noqa: E402
from tests.support import many_incidents, pandas_pages  # noqa: E402
from tests.support.pandas_pages import CHANGES, as_plain, by_pandas, by_product  # noqa: E402

MUST = {"read": 100.0, "cached": 5.0}
SERVER_SECONDS = 0.2


def clock(work: Callable[[], object], repeats: int) -> float:
    """Return the median seconds that this process computes for `work`: other work on the machine does not count."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def measure(url: str, n_incidents: int) -> dict[str, float]:
    """Return the median seconds of one filter change, by way of doing it."""
    engine = get_engine(url)
    start = time.perf_counter()
    many_incidents.build(engine, n_incidents)
    print(f"built {n_incidents:,} incidents in {time.perf_counter() - start:.1f} s")
    with read_transaction(engine) as connection:
        closure = pandas_pages.read_closure(connection)
        table = pandas_pages.read_table(connection)
        pickled = pickle.dumps(table, protocol=pickle.HIGHEST_PROTOCOL)
        for asked in CHANGES:
            assert as_plain(by_product(connection, asked)) == as_plain(by_pandas(table, closure, asked)), asked
        print(f"equal results for {len(CHANGES)} filters")
        each = [clock(lambda asked=asked: by_product(connection, asked), 7) for asked in CHANGES]
        for asked, seconds in zip(CHANGES, each, strict=True):
            print(f"  {asked.week_to - asked.week_from:3d} weeks {asked.streams or asked.categories or 'all'}: "
                  f"{seconds * 1000:.0f} ms")
        return {
            "product": statistics.median(each), "slowest": max(each),
            "shared": statistics.median(clock(lambda a=a: by_pandas(table, closure, a), 3) for a in CHANGES),
            "cached": statistics.median(
                clock(lambda a=a: by_pandas(pickle.loads(pickled), closure, a), 1) for a in CHANGES),  # noqa: S301
            "read": clock(lambda: by_pandas(pandas_pages.read_table(connection), closure, CHANGES[0]), 1),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    n_incidents = parser.parse_args().incidents
    os.environ.setdefault("GOVDESK_NOW", many_incidents.NOW.isoformat())
    with tempfile.TemporaryDirectory() as folder:
        seconds = measure(f"sqlite:///{Path(folder) / 'county.db'}", n_incidents)
    print(describe_machine())
    print(f"{n_incidents:,} incidents; median of one filter change, slowest {seconds['slowest'] * 1000:.0f} ms")
    failed = seconds["slowest"] > SERVER_SECONDS and n_incidents <= 1_000_000
    for way in ("product", "shared", "cached", "read"):
        ratio = seconds[way] / seconds["product"]
        must = MUST.get(way, 0.0) if n_incidents >= 1_000_000 else 0.0
        failed |= ratio < must
        wanted = f"  (at least {must:.0f} x)" if must else ""
        print(f"{way:8s} {seconds[way] * 1000:10.1f} ms  {ratio:7.1f} x{wanted}")
    print("FAILED" if failed else "held")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())

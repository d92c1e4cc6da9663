"""What a click on the page of case quality costs the server and the wire, against two usual ways to build it.

A real server process and one websocket session each; every click asks for a view that was not asked for before, so that
no cache of results helps: all parts of the page, two years, one and a quarter, streams, townships, channels, offices.
The incidents of a window are held in memory once read (`queries.quality_table`), as ``cached`` holds the whole table:
the first click on each of the three windows reads it.
Baselines, each a Streamlit page of its own over the same database, which draws less (sums, a table, no curve):

- ``reads``: reads the table of incidents by pandas on every rerun and sums the cohort
- ``cached``: keeps that table in `st.cache_data` and sums on every rerun

Before, the sums of both ways are compared over five filters and must be equal.

    python benchmarks/quality_speed.py                      # 1,000,000 incidents, seven years of a county
    python benchmarks/quality_speed.py --rows 84000
"""

import argparse
import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.page_speed import measure  # noqa: E402
from govdesk import settings  # noqa: E402
from govdesk.clock import now, week_of  # noqa: E402
from govdesk.queries.filters import IncidentFilter  # noqa: E402
from govdesk.queries.quality_sums import sum_quality, sum_quality_by_days  # noqa: E402
from govdesk.rules.access import SYSTEM  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction  # noqa: E402
from tests.support import many_handled, pandas_quality, tiny_county  # noqa: E402
from tests.support.app_server import serve  # noqa: E402
from tests.support.pandas_quality import SUMS  # noqa: E402

#: What the issue asks of a click at a million incidents, on the median.
MOST_MS = 300
LAST = week_of(tiny_county.UNTIL)
#: Parts of the page, each with a filter that no other click asks for.
CLICKS = (
    "section=times&period=104", "section=times&stream=dispute", "section=times&channel=hotline",
    "section=times&unit=H-07", "section=habits&place={town}", "section=habits&period=13",
    "section=returns&stream=petition", "section=returns&period=13&unit=H-03", "section=returns&channel=grid_worker",
    "section=mediation&place={town2}", "section=petitions&unit=H-11", "section=compare&category=neighbour",
    "section=compare&by=unit&period=13&stream=dispute", "section=compare&by=month&category=hazard_fire",
    "section=compare&by=category&unit=H-19", "section=old&category=family", "section=reporting&unit=H-21",
    "section=compare&by=district&stream=hazard",
)
BASELINE = '''
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from tests.support.pandas_quality import choose, read_table, sum_by, sum_by_days
weeks, stream = int(st.query_params.get("weeks", 52)), st.query_params.get("stream", "")
read = st.cache_data(read_table) if {way!r} == "cached" else read_table
rows = choose(read({path!r}), {last} - weeks, {last}, (stream,) if stream else ())
st.dataframe(sum_by_days(rows))
st.dataframe(sum_by(rows, "handling_unit"))
'''


def check_equal(database: Path) -> None:
    """Assert that both ways give the same sums."""
    table = pandas_quality.read_table(database)
    with read_transaction(get_engine(f"sqlite:///{database}")) as connection:
        for weeks, streams in ((52, ()), (13, ()), (104, ("dispute",)), (52, ("petition",)), (26, ("hazard",))):
            filters = IncidentFilter(LAST - weeks, LAST, streams)
            rows = pandas_quality.choose(table, LAST - weeks, LAST, streams)
            keys, names = ["is_closed", "days"], list(SUMS)
            ours = sum_quality_by_days(connection, SYSTEM, filters, tiny_county.NOW).set_index(keys)[names]
            assert ours.equals(pandas_quality.sum_by_days(rows).set_index(keys)[names]), filters
            ours = sum_quality(connection, SYSTEM, filters, tiny_county.NOW, "unit").set_index("unit")[names]
            theirs = pandas_quality.sum_by(rows, "handling_unit").set_index("handling_unit")[names]
            assert ours.to_dict("index") == theirs.to_dict("index"), filters
    print("equal sums over 5 filters, by day and by office")


def build(var: Path, rows: int) -> Path:
    """Make the county; return the file of its database."""
    os.environ["GOVDESK_VAR"] = str(var)
    os.environ["GOVDESK_NOW"] = tiny_county.NOW.isoformat()
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    many_handled.build(get_engine(), rows)
    with get_engine().connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    get_engine().dispose()
    return var / "govdesk.db"


def list_clicks(n: int) -> list[str]:
    """Return the clicks, in the order of `CLICKS`."""
    towns = {"town": f"{tiny_county.COUNTY}002", "town2": f"{tiny_county.COUNTY}005"}
    return [click.format(**towns) for click in CLICKS[:n]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="incidents in the county")
    parser.add_argument("--var", type=Path, help="a work folder that an earlier run filled, to be used again or filled")
    parser.add_argument("--changes", type=int, default=len(CLICKS), help="clicks measured on our page")
    parser.add_argument("--baseline-changes", type=int, default=3, help="on each baseline")
    options = parser.parse_args()
    os.environ.setdefault("GOVDESK_NOW", tiny_county.NOW.isoformat())
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True,  # noqa: S607
                            check=False).stdout.strip()
    print(f"{now():%Y-%m-%d} commit {commit} {platform.machine()} {os.cpu_count()} cores Python "
          f"{platform.python_version()}, {options.rows:,} incidents, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        var = options.var or Path(folder) / "var"
        database = var / "govdesk.db" if (var / "govdesk.db").exists() else build(var, options.rows)
        check_equal(database)
        clicks = list_clicks(options.changes)
        with serve(database.parent, now=tiny_county.NOW.isoformat()) as base:
            ours, sizes, cpu = asyncio.run(measure(base, "case_quality", clicks))
        for click, took in zip(clicks, ours, strict=True):
            print(f"  {took:8.0f} ms  {click}")
        median = statistics.median(ours)
        print(f"govdesk    median {median:8.0f} ms   processor {cpu:6.0f} ms (mean)   slowest {max(ours):8.0f} ms   "
              f"largest {max(sizes):10,} bytes")
        for way in ("reads", "cached"):
            script = Path(folder) / f"{way}.py"
            script.write_text(BASELINE.format(root=str(ROOT), way=way, path=str(database), last=LAST), encoding="utf-8")
            streams = ("", "dispute", "hazard")
            views = [f"weeks={52 - i}&stream={streams[i % 3]}" for i in range(options.baseline_changes)]
            with serve(script=script) as base:
                times, bytes_, cpu = asyncio.run(measure(base, "", views))
            print(f"{way:10} median {statistics.median(times):8.0f} ms   processor {cpu:6.0f} ms (mean)   "
                  f"{statistics.median(times) / median:6.1f} x   largest {max(bytes_):10,} bytes")
    if median > MOST_MS:
        print(f"over the budget of {MOST_MS} ms")
    return int(median > MOST_MS)


if __name__ == "__main__":
    sys.exit(main())

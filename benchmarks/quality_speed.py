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

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.support.page_clicks import Clicks, read_options, run  # noqa: E402
from govdesk.clock import week_of  # noqa: E402
from govdesk.queries.filters import IncidentFilter  # noqa: E402
from govdesk.queries.quality_sums import sum_quality, sum_quality_by_days  # noqa: E402
from govdesk.rules.access import SYSTEM  # noqa: E402
from govdesk.storage.engine import get_engine, read_transaction  # noqa: E402
from tests.support import many_handled, pandas_quality, tiny_county  # noqa: E402
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
sys.path.insert(0, @@ROOT@@)
import streamlit as st
from tests.support.pandas_quality import choose, read_table, sum_by, sum_by_days
weeks, stream = int(st.query_params.get("weeks", 52)), st.query_params.get("stream", "")
read = st.cache_data(read_table) if {way!r} == "cached" else read_table
rows = choose(read({path!r}), @@LAST@@ - weeks, @@LAST@@, (stream,) if stream else ())
st.dataframe(sum_by_days(rows))
st.dataframe(sum_by(rows, "handling_unit"))
'''.replace("@@LAST@@", str(LAST)).replace("@@ROOT@@", repr(str(ROOT)))


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


def list_clicks(n: int) -> list[str]:
    """Return the clicks, in the order of `CLICKS`."""
    towns = {"town": f"{tiny_county.COUNTY}002", "town2": f"{tiny_county.COUNTY}005"}
    return [click.format(**towns) for click in CLICKS[:n]]


def main() -> int:
    options = read_options(__doc__, rows=1_000_000, clicks=len(CLICKS))
    streams = ("", "dispute", "hazard")
    theirs = [f"weeks={52 - i}&stream={streams[i % 3]}" for i in range(options.baseline_changes)]
    return run(Clicks("case_quality", list_clicks(options.changes), theirs, BASELINE, MOST_MS), options,
               build=lambda rows: many_handled.build(get_engine(), rows), check=check_equal)


if __name__ == "__main__":
    sys.exit(main())

"""What a click on the page of trends costs the server and the wire, against two usual ways to build it.

A real server process and one websocket session each; every click leads to a view that was not asked for before, so that
no cache of results helps: all parts of the page, streams, channels, categories, kinds of village, townships, lengths of
a period, stretches of time. Choices of the page are made through its widgets, as the browser sends them, and redraw
what lies below the header; links (``?``) run the whole page, as all clicks on the baselines do. Baselines, each a
Streamlit page of its own over the same database, which finds the same numbers by grouping a pandas table and draws them
(weekly series and stock, the same weeks a year earlier, each township, categories by townships), without a season, a
look for changes, or words:

- ``reads``: reads the table of incidents by pandas on every rerun
- ``cached``: keeps that table in `st.cache_data`

    python benchmarks/trends_speed.py                      # 1,000,000 incidents, seven years of a county
    python benchmarks/trends_speed.py --rows 84000
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.support.page_clicks import Clicks, read_options, run
from govdesk.clock import week_of
from tests.support import tiny_county

#: What the issue asks of a click at a million incidents, on the median.
MOST_MS = 300
LAST = week_of(tiny_county.UNTIL)
#: Choices of the page, by key and position, and links to it; each starts from what the one before left.
CLICKS = (
    "trend_from:20", "trend_stream:2", "trend_stream:0", "trend_stream:3", "trend_grain:1", "trend_channel:1",
    "trend_stream:4", "trend_channel:0", "?kind=mountain", "trend_stream:5", "?place={town}", "trend_stream:2",
    "trend_place:2", "trend_place:0", "?category=neighbour", "trend_category:3", "trend_grain:2", "trend_view:2",
    "?view=whole&kind=plain", "trend_section:1", "trend_from:40", "trend_stream:0", "trend_section:2", "trend_from:26",
    "trend_stream:2", "trend_section:3", "trend_place:4", "trend_section:4", "trend_place:5", "trend_stream:3",
)
BASELINE = '''
import sqlite3
import pandas as pd, streamlit as st
WAY, PATH, LAST = {way!r}, {path!r}, @@LAST@@
weeks, stream = int(st.query_params.get("weeks", 52)), st.query_params.get("stream", "dispute")

def read_all():
    with sqlite3.connect(PATH) as connection:
        return pd.read_sql("SELECT * FROM incidents", connection)

rows = (st.cache_data(read_all) if WAY == "cached" else read_all)()
rows = rows[(rows["is_counted"] == 1) & (rows["stream"] == stream)]
rows = rows.assign(town=rows["place_code"].str[:9])
weekly = rows.groupby("week_occurred")["weight"].sum()
known, closed = (rows.groupby(name)["weight"].sum() for name in ("week_known", "week_closed"))
st.line_chart(weekly)
st.line_chart(known.sub(closed, fill_value=0).cumsum())
now_, then = (rows[rows["week_occurred"].between(end - weeks, end - 1)] for end in (LAST, LAST - 52))
st.metric("cases", now_["weight"].sum(), int(now_["weight"].sum() - then["weight"].sum()))
towns = rows[rows["week_occurred"] >= LAST - 104].pivot_table(
    index="week_occurred", columns="town", values="weight", aggfunc="sum", fill_value=0)
for place, (town, one) in zip([st.columns(6)[i % 6] for i in range(24)], towns.items()):
    place.bar_chart(one, height=80)
st.dataframe(pd.concat([one.pivot_table(index="category", columns="town", values="weight", aggfunc="sum", fill_value=0)
                        for one in (now_, then)], keys=["now", "then"]))
'''.replace("@@LAST@@", str(LAST))


def list_clicks(n: int) -> list[str]:
    """Return the first `n` of `CLICKS` with the codes of townships."""
    towns = {f"town{'' if i == 1 else i}": f"{tiny_county.COUNTY}{i + 1:03d}" for i in range(1, 6)}
    return [click.format(**towns) for click in CLICKS[:n]]


def main() -> int:
    options = read_options(__doc__, rows=1_000_000, clicks=len(CLICKS))
    streams = ("dispute", "petition", "hazard")
    theirs = [f"?weeks={52 - i}&stream={streams[i % 3]}" for i in range(options.baseline_changes)]
    return run(Clicks("dispute_trends", list_clicks(options.changes), theirs, BASELINE, MOST_MS), options)


if __name__ == "__main__":
    sys.exit(main())

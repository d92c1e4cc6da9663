"""What opening a list of early warning costs the server and the wire, against two usual ways to build such a page.

A real server process and one websocket session each; every click asks for a list that was not asked for before: the
lists of six Mondays, townships, all villages below the line. Baselines, each a Streamlit page of its own over the same
database, which shows the villages with most escalations of the last weeks by a pandas table, their numbers of 4, 26, 52
and 156 weeks, their open disputes and petitions, without a score, reasons, changes, or words:

- ``reads``: reads the tables by pandas on every rerun
- ``cached``: keeps them in `st.cache_data`

    python benchmarks/warning_speed.py                     # 360 villages, 84,000 incidents of seven years
    python benchmarks/warning_speed.py --rows 1000000
"""

import sys
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.support.page_clicks import Clicks, build_tiny, read_options, run
from govdesk.actions.scoring import score_villages
from govdesk.clock import week_of
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine
from tests.support import scored_county, tiny_county

#: What the issue asks of a list of 364 villages, on the median.
MOST_MS = 300
WEEKS = 8
LAST = scored_county.AS_OF
BASELINE = '''
import sqlite3
import pandas as pd, streamlit as st
WAY, PATH, LAST = {way!r}, {path!r}, @@LAST@@
end, town = LAST - int(st.query_params.get("back", 0)), st.query_params.get("town", "")

def read_all():
    with sqlite3.connect(PATH) as connection:
        events = pd.read_sql("SELECT e.*, i.place_code, i.weight, i.source_ref FROM escalation_events e "
                             "JOIN incidents i ON i.id = e.incident_id", connection)
        return pd.read_sql("SELECT * FROM incidents", connection), events, pd.read_sql(
            "SELECT code, name, parent_code FROM places WHERE level = 'village'", connection)

rows, events, places = (st.cache_data(read_all) if WAY == "cached" else read_all)()
days = (pd.to_datetime(events["occurred_on"]) - pd.Timestamp("1970-01-05")).dt.days
events = events.assign(village=events["place_code"].str[:12], week=days // 7)
rows = rows[rows["is_counted"] == 1].assign(village=rows["place_code"].str[:12])
places = places[places["code"].str.startswith(town)]
for weeks in (4, 26, 52, 156):
    inside = events[events["week"].between(end - weeks, end - 1)]
    places["n" + str(weeks)] = places["code"].map(inside.groupby("village")["weight"].sum()).fillna(0)
last = events[events["week"] < end].sort_values("occurred_on").groupby("village").tail(2)
places["last"] = places["code"].map(last.groupby("village")["source_ref"].agg(", ".join))
still = rows[rows["closed_at"].isna() & (rows["stream"] == "dispute")]
places["open"] = places["code"].map(still.groupby("village")["weight"].sum()).fillna(0)
recent = rows[(rows["stream"] == "petition") & (rows["week_occurred"] > end - 26)]
places["petitions"] = places["code"].map(recent.groupby("village")["weight"].sum()).fillna(0)
listed = places.sort_values("n4", ascending=False)
st.dataframe(listed.head(18))
st.dataframe(listed.iloc[18:])
st.bar_chart(listed.head(18).set_index("name")["n26"])
'''.replace("@@LAST@@", str(week_of(LAST)))


def build(rows: int) -> None:
    """Fill the database of the settings with escalations and the scorings of the last weeks."""
    build_tiny(rows)
    scored_county.add_events(get_engine(), every=8)
    for back in range(WEEKS - 1, -1, -1):
        score_villages(get_engine(), by=SYSTEM, as_of=LAST - timedelta(weeks=back), commit=True)


def list_clicks(n: int) -> list[str]:
    """Return the first `n` clicks: each Monday's list, townships of it, and all villages below the line."""
    clicks = []
    for back in range(1, WEEKS - 1):
        day = (LAST - timedelta(weeks=back)).isoformat()
        clicks += [f"on={day}", f"on={day}&town={tiny_county.COUNTY}{back:03d}", f"on={day}&rest=all"]
    return clicks[:n]


def main() -> int:
    options = read_options(__doc__, rows=84_000, clicks=18)
    theirs = [f"back={back}&town={tiny_county.COUNTY}{back:03d}" for back in range(1, options.baseline_changes + 1)]
    return run(Clicks("early_warning", list_clicks(options.changes), theirs, BASELINE, MOST_MS), options, build=build)


if __name__ == "__main__":
    sys.exit(main())

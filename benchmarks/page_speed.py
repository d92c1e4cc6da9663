"""What a filter change on the incident map costs the server and the wire, against three usual ways to build it.

A real server process and one websocket session each; every change is one that was not asked before, so that no cache
of results helps. Baselines, each a Streamlit page of its own over the same database:

- ``reads``: reads the table of incidents by pandas on every rerun and finds what our page says (the measure by village,
  the window and the one before it, what is open and late, repeats, the curve, the last six); shapes inside the page
- ``cached``: the same, but keeps that table in `st.cache_data`
- ``inline``: lets the database count by village, and nothing else; sends the shapes inside the page

    python benchmarks/page_speed.py                      # 84,000 incidents, seven years of a county
    python benchmarks/page_speed.py --rows 1000000
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.support.page_clicks import Clicks, read_options, run
from govdesk.clock import day_start, monday_of, week_label, week_of
from tests.support import tiny_county

#: The last complete week of the county.
LAST = week_of(tiny_county.UNTIL) - 1

#: What an issue asks of the map page at any size, on the median.
MOST_MS, MOST_BYTES = 200, 350_000

BASELINE = '''
import json, sqlite3
import pandas as pd, pydeck as pdk, streamlit as st
WAY, PATH, LAST = {way!r}, {path!r}, @@LAST@@
to, weeks = int(st.query_params.get("to", LAST)), int(st.query_params.get("weeks", 13))
measure = st.query_params.get("measure", "count")
streams = [name for name in st.query_params.get("streams", "").split(",") if name]
now = int(st.query_params.get("now", 0))

def read_all():
    with sqlite3.connect(PATH) as connection:
        return pd.read_sql("SELECT * FROM incidents", connection)

def read_shapes():
    with sqlite3.connect(PATH) as connection:
        return pd.read_sql("SELECT code, outline, population FROM place_shapes JOIN places USING (code) "
                           "WHERE length(code) = 12", connection).drop_duplicates("code")

def by_village(rows):
    return rows.groupby(rows["place_code"].str[:12])["weight"].sum()

places = read_shapes()
if WAY == "inline":
    with sqlite3.connect(PATH) as connection:
        values = pd.read_sql(
            "SELECT substr(place_code, 1, 12) AS code, SUM(weight) AS n FROM incidents WHERE is_counted = 1 AND "
            "week_occurred > ? AND week_occurred <= ? GROUP BY 1", connection, params=(to - weeks, to)
        ).set_index("code")["n"]
else:
    rows = (st.cache_data(read_all) if WAY == "cached" else read_all)()
    rows = rows[rows["is_counted"] == 1]
    if streams:
        rows = rows[rows["stream"].isin(streams)]
    week = rows["week_occurred"]
    window = rows[(week > to - weeks) & (week <= to)]
    again = window[window["repeat_of"].notna() | (window["petition_kind"] == "repeat")]
    stock = rows[(rows["recorded_at"] <= now) & ~(rows["closed_at"] <= now)]
    values = by_village(stock if measure == "open" else window)
    if measure == "per_1000":
        values = values / places.set_index("code")["population"] * 1000
    if measure == "repeat_share":
        values = by_village(again) / values
    before = rows.loc[(week > to - 2 * weeks) & (week <= to - weeks), "weight"].sum()
    late = stock.loc[stock["due_at"] < now, "weight"].sum()
    st.metric("incidents", window["weight"].sum(), int(window["weight"].sum() - before))
    st.metric("open", stock["weight"].sum(), int(late))
    st.metric("repeats", again["weight"].sum())
    st.line_chart(rows[(week > to - 26) & (week <= to)].groupby("week_occurred")["weight"].sum())
    st.dataframe(window.sort_values(["week_occurred", "id"], ascending=False).head(6)[
        ["id", "category", "place_code", "occurred_on", "status"]])
features = [
    {{"type": "Feature", "geometry": json.loads(outline),
      "properties": {{"code": code, "n": float(values.get(code, 0)), "fill": [90, 155, 187, 214]}}}}
    for code, outline in places[["code", "outline"]].itertuples(index=False)
]
st.pydeck_chart(pdk.Deck(layers=[pdk.Layer(
    "GeoJsonLayer", data={{"type": "FeatureCollection", "features": features}}, id="a",
    get_fill_color="properties.fill", pickable=True)], map_provider=None))
'''.replace("@@LAST@@", str(LAST))


def list_changes(last: int, n: int, *, named: bool) -> list[str]:
    """Return `n` views that differ in window, measure and streams; `named` gives the week its name."""
    measures = ("count", "per_1000", "open", "repeat_share")
    streams = ("", "dispute", "dispute,petition", "hazard")
    found = []
    for i in range(n):
        week, weeks = last - 1 - i, (13, 26, 4, 52)[i % 4]
        rest = f"weeks={weeks}&measure={measures[i % 4]}&streams={streams[i // 4 % 4]}"
        end = int(day_start(monday_of(week + 1)).timestamp())
        found.append(f"to={week_label(week)}&{rest}" if named else f"to={week}&{rest}&now={end}")
    return found


def main() -> int:
    options = read_options(__doc__, rows=84_000, clicks=16, baseline_clicks=4)
    return run(Clicks(
        "incident_map", list_changes(LAST, options.changes, named=True),
        list_changes(LAST, options.baseline_changes, named=False), BASELINE, MOST_MS, MOST_BYTES,
        {"reads": 100.0, "cached": 5.0, "inline": 0.0}), options)


if __name__ == "__main__":
    sys.exit(main())

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

import argparse
import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from govdesk import settings  # noqa: E402
from govdesk.clock import day_start, monday_of, now, week_label, week_of  # noqa: E402
from govdesk.storage.engine import get_engine  # noqa: E402
from tests.support import tiny_county  # noqa: E402
from tests.support.app_server import Address, ask, connect, serve  # noqa: E402

#: What an issue asks of the map page at any size, on the median.
MOST_MS, MOST_BYTES = 200, 350_000

BASELINE = '''
import json, sqlite3
import pandas as pd, pydeck as pdk, streamlit as st
WAY, PATH = {way!r}, {path!r}
to, weeks = int(st.query_params.get("to", {last})), int(st.query_params.get("weeks", 13))
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
'''


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


async def measure(base: Address, page_name: str, changes: list[str]) -> tuple[list[float], list[int], float]:
    """Return milliseconds and bytes of each change and processor ms of all, after a first load that is not counted."""
    times, sizes = [], []
    async with connect(base) as wire, asyncio.timeout(3600):
        await ask(wire, page_name=page_name)
        used = base.cpu_seconds()
        for query in changes:
            start = time.perf_counter()
            messages = await ask(wire, page_name=page_name, query=query)
            times.append(1000 * (time.perf_counter() - start))
            sizes.append(sum(message.ByteSize() for message in messages))
        used = base.cpu_seconds() - used
    return times, sizes, 1000 * used / len(changes)


def build(var: Path, rows: int) -> Path:
    """Make the county; return the file of its database."""
    os.environ["GOVDESK_VAR"] = str(var)
    os.environ["GOVDESK_NOW"] = tiny_county.NOW.isoformat()
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    tiny_county.build(get_engine(), n_incidents=rows, townships=24, villages=15, grids=6, weeks=364)
    with get_engine().connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    get_engine().dispose()
    return var / "govdesk.db"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=84_000, help="incidents in the county")
    parser.add_argument("--var", type=Path, help="a work folder that an earlier run filled, to be used again or filled")
    parser.add_argument("--changes", type=int, default=16, help="filter changes measured on our page")
    parser.add_argument("--baseline-changes", type=int, default=4, help="on each baseline")
    options = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True,  # noqa: S607
                            check=False).stdout.strip()
    print(f"{now():%Y-%m-%d} commit {commit} {platform.machine()} {os.cpu_count()} cores Python "
          f"{platform.python_version()}, {options.rows:,} incidents, 360 villages")
    last = week_of(tiny_county.UNTIL) - 1
    with tempfile.TemporaryDirectory() as folder:
        var = options.var or Path(folder) / "var"
        database = var / "govdesk.db" if (var / "govdesk.db").exists() else build(var, options.rows)
        with serve(database.parent, now=tiny_county.NOW.isoformat()) as base:
            changes = list_changes(last, options.changes, named=True)
            ours, sizes, cpu = asyncio.run(measure(base, "incident_map", changes))
        median, largest = statistics.median(ours), max(sizes)
        print(f"govdesk    median {median:8.0f} ms   processor {cpu:6.0f} ms (mean)   slowest {max(ours):8.0f} ms   "
              f"largest {largest:10,} bytes")
        for way in ("reads", "cached", "inline"):
            script = Path(folder) / f"{way}.py"
            script.write_text(BASELINE.format(way=way, path=str(database), last=last), encoding="utf-8")
            with serve(script=script) as base:
                changes = list_changes(last, options.baseline_changes, named=False)
                times, sizes, cpu = asyncio.run(measure(base, "", changes))
            middle = statistics.median(times)
            print(f"{way:10} median {middle:8.0f} ms   processor {cpu:6.0f} ms (mean)   {middle / median:6.1f} x   "
                  f"largest {max(sizes):10,} bytes   {max(sizes) / largest:6.1f} x")
    if median > MOST_MS or largest > MOST_BYTES:
        print(f"over the budget of {MOST_MS} ms and {MOST_BYTES:,} bytes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

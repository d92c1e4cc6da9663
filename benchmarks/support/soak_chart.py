"""The course of a soak as a picture."""

from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert

from benchmarks.support.wall_soak import Sample

TITLES = {"heap": "JavaScript heap of the browser, MB", "server": "resident memory of the server, MB",
          "nodes": "nodes in the browser", "listeners": "listeners in the browser"}


def draw_soak(samples: list[Sample], warm_up: int, file: Path) -> None:
    """Write one small chart a measure, each from zero, with the end of the warm-up marked."""
    rows = pd.DataFrame([{"looks": one.looks, **{name: getattr(one, name) for name in TITLES}} for one in samples])
    parts = []
    for name, title in TITLES.items():
        line = alt.Chart(rows).mark_line(color="#1F5FA8").encode(
            alt.X("looks:Q", title="pictures drawn"), alt.Y(f"{name}:Q", title=None, scale=alt.Scale(zero=True)))
        mark = alt.Chart(pd.DataFrame({"looks": [warm_up]})).mark_rule(strokeDash=[4, 4]).encode(x="looks:Q")
        parts.append((line + mark).properties(title=title, width=420, height=150))
    chart = alt.vconcat(alt.hconcat(*parts[:2]), alt.hconcat(*parts[2:]))
    file.write_bytes(vl_convert.vegalite_to_png(chart.to_json(), scale=1))

"""Works on the main chart: stretches without overlap, beginnings with the ten weeks around them, named where few."""

import json

import pandas as pd

from govdesk.clock import monday_of, week_label
from govdesk.ui.trend_bands import build_works, list_shades

WEEKS = range(2850, 2960)


def _bands(*starts: int, length: int = 20) -> pd.DataFrame:
    return pd.DataFrame([{
        "start": pd.Timestamp(monday_of(max(week, WEEKS.start))), "end": pd.Timestamp(monday_of(week + length)),
        "started_on": pd.Timestamp(monday_of(week)), "name": f"W{week}", "place": "P", "kind": "road",
    } for week in starts])


def test_shades_count_what_goes_on_and_leave_gaps_unshaded():
    shades = list_shades([(0, 4, "a"), (2, 6, "b"), (9, 10, "c")])
    assert [(one["begin"], one["end"], one["n"]) for one in shades] == [(0, 2, 1), (2, 4, 2), (4, 6, 1), (9, 10, 1)]
    assert shades[1]["text"] == "a; b"


def test_many_names_of_one_stretch_are_cut():
    assert list_shades([(0, 1, name) for name in "abcde"])[0]["text"] == "a; b; c …"


def test_weeks_before_and_after_are_named_where_few_works_began():
    below, above = build_works(_bands(2900), WEEKS, "en")
    boxes = [(row["begin"], row["end"]) for row in below[1]["data"]["values"]]
    assert boxes == [(2890, 2900), (2900, 2910)]
    assert "10 weeks before works began" in json.dumps(above[0])
    marks = above[-1]["data"]["values"]
    assert marks[0]["before"] == f"{week_label(2890)} – {week_label(2899)}"
    assert marks[0]["after"] == f"{week_label(2900)} – {week_label(2909)}"


def test_many_works_are_shaded_and_marked_without_names():
    below, above = build_works(_bands(2870, 2880, 2890, 2900, 2910), WEEKS, "zh")
    assert len(below) == 1
    assert [len(layer["data"]["values"]) for layer in above] == [5]


def test_works_begun_before_the_chart_are_shaded_without_a_mark():
    below, above = build_works(_bands(2840), WEEKS, "zh")
    assert below[0]["data"]["values"][0]["begin"] == WEEKS.start
    assert above == []
    assert build_works(_bands(), WEEKS, "zh") == ([], [])

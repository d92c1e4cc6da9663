"""Words and curves of the tuning page."""

import numpy as np
import pandas as pd
import pytest

from govdesk.queries.adopted_thresholds import Thresholds
from govdesk.ui.tuning_charts import build_curves, prepare_curves
from govdesk.ui.tuning_words import (
    write_band,
    write_edges,
    write_figures,
    write_part,
    write_percent,
    write_points,
    write_split,
)
from models.threshold_sweep import METHODS

NAN = float("nan")


def make_curve(first=0.1):
    visits = np.arange(1, 6)
    share = first + 0.05 * visits
    columns = {"visits": visits, "n_caught": 10 * visits, "n_events": 200, "n_found": visits, "n_listed": 20 * visits}
    for name in ("caught", "found", "repeat"):
        columns |= {f"{name}_share": share, f"{name}_share_low": share - 0.02, f"{name}_share_high": share + 0.02}
    return pd.DataFrame(columns)


def test_curves_name_every_score_and_leave_out_what_is_not_known():
    curves = {method: make_curve() for method in METHODS}
    curves["points"].loc[0, "caught_share"] = np.nan
    rows = prepare_curves(curves, "caught", "zh")
    assert rows.groupby("method").size().to_dict() == dict.fromkeys(METHODS, 5) | {"points": 4}
    assert rows["name"].nunique() == len(METHODS)
    first = rows.iloc[0]
    assert (first["n"], first["of"], first["share"]) == (10, 200, pytest.approx(0.15))
    assert prepare_curves(curves, "repeat", "zh")["n"].tolist()[:2] == [20, 40]


def test_chart_marks_setting_and_capacity_only_where_the_axis_reaches():
    rows = prepare_curves({method: make_curve() for method in METHODS}, "caught", "en")
    marks = [(2, "in force", False), (5, "tried", False), (9, "capacity", True)]
    _, spec = build_curves(rows, "caught", marks, "en", alt="x")
    texts = [layer["data"]["values"][0]["text"] for layer in spec["layer"] if "data" in layer]
    assert texts == ["in force", "in force", "tried", "tried"]
    assert spec["description"] == "x"
    colours = next(layer for layer in spec["layer"] if layer["mark"].get("strokeWidth") == 2)["encoding"]
    assert len({tuple(dash) for dash in colours["strokeDash"]["scale"]["range"]}) == len(METHODS)


def test_shares_are_written_with_counts_and_unknown_as_a_dash():
    assert write_part(7, 9) == "7/9"
    assert write_part(41, 100) == "41 %（41/100）"
    assert write_percent(0.4, 9) == "—"
    assert write_percent(NAN, 90) == "—"
    assert write_band(NAN, 0.2) == "—"
    assert [write_points(value) for value in (0.0512, -0.02, -0.0001, NAN)] == ["+5.1", "−2.0", "0.0", "—"]
    setting = Thresholds(None, 5, 0.5, (0.3, 0.2, 0.125))
    assert write_split(setting) == "通常偏高 2 + 此前平静 3"
    assert write_edges(setting) == "红 30 · 橙 20 · 黄 12.5 %"


def test_figures_of_an_adoption_are_told_with_their_band_or_not_at_all():
    assert write_figures({}) == "—"
    kept = {"n_events": 100, "n_caught": 41, "caught_share_low": 0.38, "caught_share_high": 0.44}
    assert write_figures(kept) == "41 %（41/100） · 38–44 %"
    assert write_figures(kept | {"caught_share_low": None}) == "41 %（41/100）"

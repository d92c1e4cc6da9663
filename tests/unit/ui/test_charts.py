"""The weekly history as a chart specification: nothing from outside, real numbers, changes marked."""

import json
from datetime import date

import pandas as pd
import pytest

from govdesk.clock import monday_of
from govdesk.ui.charts import build_history, prepare_history

WEEKS = pd.DataFrame({"week": [10, 11, 10, 11], "stream": ["hazard", "hazard", "dispute", "dispute"],
                      "n_incidents": [0, 4, 2, 1]})


def test_each_stream_has_a_row_of_its_own_with_its_own_scale():
    drawn = prepare_history(WEEKS, "zh").set_index(["stream", "week"])
    assert drawn.loc[("dispute", 10), "bottom"] == 1.0
    assert drawn.loc[("hazard", 11), "bottom"] == 0.0
    assert drawn.loc[("dispute", 10), "top"] - 1.0 == pytest.approx(drawn.loc[("hazard", 11), "top"])
    assert drawn.loc[("hazard", 10), "top"] == 0.0


def test_unknown_stream_is_left_out_instead_of_failing():
    strange = pd.concat([WEEKS, pd.DataFrame({"week": [10], "stream": ["x"], "n_incidents": [1]})])
    assert set(prepare_history(strange, "en")["stream"]) == {"hazard", "dispute"}


def test_correction_below_zero_draws_no_bar_downwards():
    assert (prepare_history(WEEKS.assign(n_incidents=-1), "zh")["top"] % 1 == 0).all()


def test_chart_asks_for_no_address_and_names_rows_and_changes():
    bars, spec = build_history(WEEKS, "zh", [(date(1970, 3, 20), "<b>拆分</b>")])
    chart = json.dumps(spec, ensure_ascii=False)
    assert '"url"' not in chart
    assert "拆分" in chart
    assert "矛盾纠纷 · 共 3 件，一周最多 2 件" in chart
    assert len(bars) == 3


def test_axis_of_a_week_begins_on_its_monday():
    assert prepare_history(WEEKS, "zh")["monday"].min() == pd.Timestamp(monday_of(10))

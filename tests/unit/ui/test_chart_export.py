"""A chart as a picture: made without network, headed by what it is, in Chinese."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from govdesk.ui import chart_export
from govdesk.ui.chart_frame import frame_chart
from govdesk.ui.export import ExportNote

ROWS = pd.DataFrame({"week": [1, 2, 3], "n": [4.0, None, 6.0], "name": ["一", "<b>", "三"]})
SPEC = frame_chart(
    120, "alt", params=[{"name": "brush", "select": {"type": "interval", "encodings": ["x"]}, "views": ["bars"]}],
    layer=[{"name": "bars", "mark": "bar", "encoding": {"x": {"field": "week", "type": "quantitative"},
                                                        "y": {"field": "n", "type": "quantitative"}}}])
NOTE = ExportNote("九龙镇土地山林纠纷翻了一番", "全县 · 2026", datetime(2026, 11, 21, 2, tzinfo=UTC), True, "local_centre", "deliberation")


def test_picture_is_a_png_of_the_width_that_was_asked_for():
    picture = chart_export.write_png(ROWS, SPEC, NOTE, "zh")
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") >= 2 * chart_export.WIDTH
    assert len(picture) > 8_000


def test_picture_says_what_it_is_of_which_day_and_that_it_is_a_sample():
    whole = chart_export.complete(ROWS, SPEC, NOTE, "zh")
    said = "\n".join(whole["title"]["text"] + whole["title"]["subtitle"])
    for part in ("九龙镇土地山林纠纷翻了一番", "示例数据", "全县 · 2026", "2026-11-21"):
        assert part in said
    assert whole["data"]["values"][1]["n"] is None
    assert "params" not in whole
    assert "params" in SPEC
    real = chart_export.complete(ROWS, SPEC, ExportNote("t", "f", None, False, "local_centre", "deliberation"), "en")
    assert "ample" not in "\n".join(real["title"]["subtitle"])


@pytest.mark.parametrize(("text", "most"), [("长" * 130, 60), ("word " * 60, 120)])
def test_long_titles_are_broken_into_lines(text, most):
    lines = chart_export.wrap(text)
    assert len(lines) >= 3
    assert max(map(len, lines)) <= most


def test_picture_loads_nothing_from_outside():
    spec = {**SPEC, "layer": [{"data": {"url": "http://127.0.0.1:9/x.json"}, **SPEC["layer"][0]}]}
    with pytest.raises(ValueError, match=r"127.0.0.1|denied|allowed"):
        chart_export.write_png(ROWS, spec, NOTE, "zh")

"""A change of the source is marked on every chart over time: sparklines, quarters, the map of reports, the model card."""

import json
from datetime import date
from urllib.parse import unquote

import pytest
from sqlalchemy import insert

from govdesk import palette
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import SourceChange
from govdesk.ui.chart_frame import rule_layers
from govdesk.ui.sparkline import draw_sparkline
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY
HOSTILE = "<img src=x onerror=alert(1)>"


def tell(engine, on=date(2026, 9, 7), place=None, note="x"):
    with write_transaction(engine) as connection:
        connection.execute(insert(SourceChange), [{
            "source": "s", "source_ref": f"{on}{place}", "content_hash": "0", "recorded_at": tiny_county.NOW,
            "kind": "new_app", "on": on, "place_code": place, "note": note}])
        bump(connection, "incidents")


def specs(page):
    """Return the layers of charts that are rules of a change, as text."""
    found = []
    for chart in page.get("vega_lite_chart") + page.get("arrow_vega_lite_chart"):
        found += [json.dumps(layer, ensure_ascii=False) for layer in json.loads(chart.proto.spec).get("layer", [])
                  if palette.BAND_ORANGE in json.dumps(layer)]
    return found


def test_line_stands_where_the_week_is():
    plain, marked = (unquote(str(draw_sparkline([1.0, 2.0, 3.0, 4.0], "t", width=68, height=20, marks=marks)))
                     for marks in ((), (2, 9, -1)))
    assert "<line" not in plain
    assert marked.count("<line") == 1
    assert 'x1="44.0" x2="44.0"' in marked  # 4 + 2 × (68 − 8) / 3


def test_rules_of_bands_have_place_and_words():
    rule, halo, words = rule_layers([("2026-Q3", 0.7, HOSTILE)], "quarter")
    assert (halo["mark"]["stroke"], words["mark"]["color"]) == (palette.CARD, palette.BAND_ORANGE)
    assert rule["encoding"]["x"] == {"field": "quarter", "type": "ordinal", "bandPosition": 0.7}
    assert words["data"]["values"] == [{"quarter": "2026-Q3", "what": HOSTILE}]
    assert rule_layers([], "quarter") == []


def test_sparklines_of_the_overview_are_marked_and_say_why(tiny_engine):
    assert "%3Cline" not in all_html(open_page("overview"))
    tell(tiny_engine, place=f"{COUNTY}002")
    html = all_html(open_page("overview"))
    assert html.count("%3Cline") >= 2
    assert "口径变化 1 次（2026-09-07" in html
    assert "第2镇 ‡" in html
    assert "第1镇 ‡" not in html


def test_change_of_all_townships_marks_none_of_them_but_is_said(tiny_engine):
    tell(tiny_engine)
    html = all_html(open_page("overview"))
    assert "镇 ‡" not in html
    assert "虚线或 ‡：口径变化 1 次（2026-09-07 新应用）" in html


def test_change_before_the_weeks_drawn_is_no_mark(tiny_engine):
    tell(tiny_engine, on=date(2025, 1, 6))
    html = all_html(open_page("overview"))
    assert "%3Cline" not in html
    assert "口径变化" not in html


def test_map_of_reports_is_marked_where_the_change_was(tiny_engine):
    tell(tiny_engine, place=f"{COUNTY}002")
    marked = specs(open_page("case_quality", section="reporting", district=f"{COUNTY}002"))
    assert any("2026-09-07" in layer and '"2026-W37"' in layer for layer in marked)
    assert not specs(open_page("case_quality", section="reporting", district=f"{COUNTY}001"))


def test_quarters_of_settling_are_marked(tiny_engine):
    tell(tiny_engine, on=date(2026, 8, 17))
    marked = specs(open_page("dispute_trends", section="levels"))
    assert any("2026-Q3" in layer and "2026-08-17" in layer for layer in marked)


@pytest.mark.parametrize("page", ["dispute_trends", "overview", "case_quality"])
def test_hostile_note_is_text(tiny_engine, page):
    tell(tiny_engine, note=HOSTILE)
    assert "<img src=x" not in all_html(open_page(page))


def test_trends_are_marked(tiny_engine):
    tell(tiny_engine)
    assert any("2026-09-07" in layer for layer in specs(open_page("dispute_trends")))

"""Tables as markup: text left, numbers right, links inside, everything escaped."""

import pandas as pd
import pytest

from govdesk.ui.markup import Html, tag
from govdesk.ui.tables import Column, build_table, write_value

HOSTILE = "<img src=x onerror=alert(1)>"


def _rows(**changed):
    return pd.DataFrame([{"name": "上湾村", "n": 1234, "rate": 2.345, "on": pd.Timestamp("2026-11-02"), "age": 12,
                          "weeks": [1.0, 2.0, 3.0], **changed}])


def test_numbers_stand_right_and_text_left():
    made = build_table(_rows(), (Column("name", "名称"), Column("n", "件", "count")), "zh")
    assert "<td>上湾村</td>" in made
    assert '<td class="gd-num">1,234</td>' in made
    assert '<th class="gd-num" scope="col">件</th>' in made


def test_link_leads_to_one_of_our_pages():
    made = build_table(_rows(), (Column("name", "名称", href=lambda row: f"/village?place={row['n']}"),), "zh")
    assert '<a href="/village?place=1234"' in made


def test_row_without_an_address_has_no_link():
    assert "<a" not in build_table(_rows(), (Column("name", "名称", href=lambda row: None),), "zh")


@pytest.mark.parametrize("kind", ["text", "day", "instant"])
def test_hostile_cell_and_header_are_text(kind):
    made = build_table(_rows(name=HOSTILE), (Column("name", HOSTILE, kind, muted=lambda row: HOSTILE),), "zh")
    assert "<img" not in made


def test_markup_in_a_frame_is_text_again():
    # A frame keeps plain text only: what stands in it may come from a file.
    made = build_table(_rows(name=tag("b", "x")), (Column("name", "名称"),), "zh")
    assert "<b>x</b>" not in made


def test_secondary_columns_are_marked_for_narrow_screens():
    made = build_table(_rows(), (Column("n", "件", "count", is_narrow=False),), "zh")
    assert 'class="gd-num gd-wide"' in made


def test_sparkline_says_its_ends():
    assert 'alt="26 周: 1 → 3"' in build_table(_rows(), (Column("weeks", "26 周", "spark"),), "zh")


@pytest.mark.parametrize(("value", "kind", "written"), [
    (1234, "count", "1,234"), (2.345, "number", "2.3"), (7.7, "change", "+7.7"), (-7.7, "change", "−7.7"),
    (0.0, "change", "0.0"), (None, "count", "—"), (float("nan"), "number", "—"), (pd.NA, "change", "—"),
    (12, "age", "12 天"), ("", "text", "—"), (pd.NaT, "day", "—")])
def test_values_are_written_by_kind(value, kind, written):
    assert write_value(value, kind, "zh") == written


def test_table_is_html():
    assert isinstance(build_table(_rows(), (Column("name", "名称"),), "zh"), Html)

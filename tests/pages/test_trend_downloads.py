"""What is taken along from the page of trends: the numbers of a plain loop, what they are of, and no formula."""

import csv
from io import BytesIO, StringIO

import openpyxl
import pytest
from sqlalchemy import update

from govdesk.clock import monday_of, week_label, week_of
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Place
from govdesk.ui import (
    resolution_funnel,
    trend_cells_part,
    trend_main_part,
    trend_places_part,
    trend_works,
)
from govdesk.ui.downloads import write_csv
from govdesk.ui.export import write_workbook
from tests.support import tiny_county
from tests.support.screens import open_page
from tests.support.tiny_county import COUNTY
from tests.support.weekly_sums import facts_by_hand

LAST = week_of(tiny_county.UNTIL)
FIRST = LAST - 51
MODULES = (trend_main_part, trend_places_part, trend_cells_part, trend_works, resolution_funnel)


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, 3000, weeks=160)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.code == f"{COUNTY}001").values(name="=1+1"))
    return empty_engine


@pytest.fixture
def taken(monkeypatch):
    """Collect what the page offers instead of drawing buttons: (rows, columns, note) by name."""
    found = {}

    def keep(rows, columns, *, name, note, chart=None):
        found[name] = (rows() if callable(rows) else rows, columns, note)

    for module in MODULES:
        monkeypatch.setattr(module, "draw_downloads", keep)
    return found


def read_csv(rows, columns, note):
    lines = list(csv.reader(StringIO(write_csv(rows, columns, note, "zh").decode("utf-8-sig"))))
    blank = lines.index([])
    return [line[0] for line in lines[:blank]], lines[blank + 1], lines[blank + 2:]


def count(engine, **wanted):
    with read_transaction(engine) as connection:
        facts = facts_by_hand(connection)
    return sum(fact["weight"] for fact in facts if fact["stream"] == "dispute" and FIRST <= fact["occurred"] <= LAST
               and all(fact[name] == value for name, value in wanted.items()))


def test_weekly_series_holds_the_numbers_their_window_and_the_sample_mark(county, taken):
    assert not open_page("dispute_trends").exception
    head, names, rows = read_csv(*taken["dispute_trends"])
    assert any("示例数据" in line for line in head)
    assert any(f"{monday_of(FIRST)} 至" in line and "（52 周）" in line for line in head)
    by_week = {row[0]: row for row in rows}
    at = names.index("件")
    for week in (FIRST, LAST - 7, LAST):
        assert float(by_week[week_label(week)][at]) == count(county, occurred=week)
    sheet = openpyxl.load_workbook(BytesIO(write_workbook(*taken["dispute_trends"], "zh"))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    values = {str(row[0].value): row[at].value for row in sheet.iter_rows(min_row=7)}
    assert values[week_label(LAST)] == count(county, occurred=LAST)


def test_cells_hold_counts_the_year_before_and_no_formula(county, taken):
    assert not open_page("dispute_trends", section="cells").exception
    head, _, rows = read_csv(*taken["dispute_cells"])
    assert any("示例数据" in line for line in head)
    assert sum(float(row[2]) for row in rows) == count(county)
    assert any(float(row[3]) > 0 for row in rows)
    assert any(row[0].startswith("'=1+1") for row in rows)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_places_hold_every_week_of_every_township(county, taken):
    assert not open_page("dispute_trends", **{"from": week_label(LAST - 19)}).exception
    _, _, rows = read_csv(*taken["dispute_places"])
    mine = [row for row in rows if row[0].startswith("'=1+1")]
    assert len({row[1] for row in mine}) == len(mine) == 52
    by_week = {row[1]: float(row[3]) for row in mine}
    for week in (LAST - 30, LAST - 5, LAST):
        assert by_week[week_label(week)] == count(county, occurred=week, district=f"{COUNTY}001")

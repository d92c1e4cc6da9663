"""What of the cells village × category leaves the house as a file."""

import pandas as pd

from govdesk.ui.trend_cells_part import hide_small

ROWS = [("a", "x", 1, 9), ("a", "y", 8, 9), ("a", "z", 30, 9), ("b", "x", 7, 9), ("b", "y", 6, 9), ("b", "z", 30, 9),
        ("c", "x", 30, 9), ("c", "y", 30, 9), ("c", "z", 30, 9)]
CELLS = pd.DataFrame(ROWS, columns=["place_code", "category", "n", "n_then"])


def test_small_cell_goes_with_those_that_give_it_away():
    told = hide_small(CELLS, "village")
    assert {(row.place_code, row.category) for row in told.itertuples()} == {
        ("a", "z"), ("b", "z"), ("c", "x"), ("c", "y"), ("c", "z")}


def test_small_cell_of_the_year_before_is_hidden_too():
    cells = CELLS.assign(n=20, n_then=CELLS["n"])
    assert len(hide_small(cells, "village")) == 5


def test_no_cell_is_hidden_behind_a_total_that_stands_in_another_file():
    cells = pd.DataFrame([("a", "x", 2, 2), ("b", "y", 9, 9)], columns=CELLS.columns)
    assert hide_small(cells, "village").empty, "less b's total, told elsewhere, b's cell would give a's back"


def test_townships_are_told_whole():
    assert len(hide_small(CELLS, "township")) == len(CELLS)


def test_nothing_stays_nothing():
    assert hide_small(CELLS.iloc[:0], "village").empty

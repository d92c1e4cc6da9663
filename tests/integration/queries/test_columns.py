"""Columns come back aligned, whatever they hold; sums of cells equal pandas' own grouping; places are those of the week."""

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, insert, select, update

from govdesk.queries import columns
from govdesk.queries.columns import Coded, read_columns, sum_cells
from govdesk.queries.place_columns import find_ancestors, find_districts
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, PlaceWeek
from tests.support.tiny_county import COUNTY

ROWS = select().select_from(Incident)


def test_columns_are_those_of_the_rows_in_one_order(tiny_engine):
    with read_transaction(tiny_engine) as c:
        numbers, texts = read_columns(
            c, ROWS, {"id": Incident.id, "week": Incident.week_occurred}, {"category": Incident.category})
        rows = {row.id: row for row in c.execute(select(Incident.id, Incident.week_occurred, Incident.category))}
    categories = texts["category"].labels[texts["category"].codes]
    assert len(rows) == len(categories)
    for number, week, category in zip(numbers["id"], numbers["week"], categories, strict=True):
        assert (week, category) == (rows[number].week_occurred, rows[number].category)


def test_no_rows_are_empty_columns_and_one_empty_text_is_a_row(tiny_engine):
    with read_transaction(tiny_engine) as c:
        numbers, texts = read_columns(c, ROWS.where(Incident.id < 0), {"id": Incident.id}, {"text": Incident.category})
        assert (len(numbers["id"]), len(texts["text"].codes)) == (0, 0)
        one = ROWS.where(Incident.id == 1)
        numbers, texts = read_columns(c, one, {"id": Incident.id}, {"text": func.substr(Incident.category, 1, 0)})
    assert numbers["id"].tolist() == [1]
    assert texts["text"].labels.tolist() == [""]


def test_code_with_a_control_character_is_refused_instead_of_shifting_rows(tiny_engine):
    with write_transaction(tiny_engine) as c:
        c.execute(update(Incident).where(Incident.id == 1).values(category="a\x1fb"))
    with read_transaction(tiny_engine) as c, pytest.raises(ValueError, match="control character"):
        read_columns(c, ROWS, {"id": Incident.id}, {"category": Incident.category})


@pytest.mark.parametrize("most", [4_000_000, 1])
def test_sums_of_cells_equal_grouping_by_pandas(monkeypatch, most):
    monkeypatch.setattr(columns, "_MOST_CELLS", most)
    rng = np.random.default_rng(3)
    first, second, n = rng.integers(0, 5, 300), rng.integers(0, 40, 300), rng.integers(-2, 9, 300)
    labels = np.array(list("edcba"), dtype=object)
    found = sum_cells({"letter": Coded(first, labels), "day": Coded.of_numbers(second)}, {"n": n}, {"day": "int64"})
    frame = pd.DataFrame({"letter": labels[first], "day": second, "n": n})
    wanted = frame.groupby(["letter", "day"], as_index=False)["n"].sum()
    assert set(found.itertuples(index=False, name=None)) == set(wanted.itertuples(index=False, name=None))


def test_places_are_those_of_the_week(tiny_engine):
    code = f"{COUNTY}001001"
    with write_transaction(tiny_engine) as c:
        c.execute(insert(PlaceWeek), [
            {"code": "X", "week_from": 10, "week_to": 20, "district_code": "A", "kind": ""},
            {"code": "X", "week_from": 20, "week_to": 30, "district_code": "B", "kind": ""}])
    places = Coded(np.array([0, 0, 0, 0, 1, 2]), np.array(["X", code, "unheard"], dtype=object))
    weeks = np.array([9, 10, 20, 30, 2900, 2900])
    with read_transaction(tiny_engine) as c:
        districts = find_districts(c, places, weeks)
        villages = find_ancestors(c, "village", places, weeks)
    assert districts.labels[districts.codes].tolist() == ["", "A", "B", "", f"{COUNTY}001", ""]
    assert villages.labels[villages.codes].tolist() == ["", "", "", "", code, ""]

"""What moved a score, on scorings made by the product itself: villages merge and a grid moves between two of them."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, or_, select, update

from govdesk.actions.place_records import read_versions, rebuild_closure
from govdesk.actions.scoring import score_villages
from govdesk.queries import risk_changes
from govdesk.queries.risk_changes import read_changes
from govdesk.queries.risk_runs import read_runs, read_scores
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Incident, Place, PlaceChange
from tests.support import escalating_county, scored_county
from tests.support.escalating_county import AS_OF
from tests.support.tiny_county import COUNTY

BEFORE = AS_OF - timedelta(weeks=1)
#: A Wednesday between the two scorings: places are dated by the day, records by the week.
ON = BEFORE + timedelta(days=2)
GONE, KEPT, GIVER, TAKER, OTHER = (f"{COUNTY}{code}" for code in ("001002", "001003", "002001", "003001", "002003"))


@pytest.fixture
def engine(empty_engine):
    """The tiny county; in the villages that change borders far more escalates than elsewhere."""
    escalating_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        rows = connection.execute(select(Incident.id, Incident.occurred_on).where(
            Incident.id % 6 != 0, Incident.is_counted == 1, Incident.occurred_on < ON,
            or_(*(Incident.place_code.like(f"{code}%") for code in (GONE, KEPT, GIVER))))).all()
        escalating_county.add_events(connection, [(row.id, row.occurred_on, 1) for row in rows])
    return empty_engine


def _score(engine, as_of):
    return score_villages(engine, by=SYSTEM, as_of=as_of, commit=True)


def _read(engine, label="elevated", on=AS_OF):
    with read_transaction(engine) as connection:
        return read_changes(connection, SYSTEM, label, on)


def _give(connection, code, parent, on):
    """Let a place belong to another parent from a day on."""
    row = connection.execute(select(*Place.__table__.columns).where(
        Place.code == code, Place.valid_to.is_(None))).mappings().one()
    connection.execute(update(Place).where(Place.code == code, Place.valid_to.is_(None)).values(valid_to=on))
    connection.execute(insert(Place).values(**{**row, "valid_from": on, "parent_code": parent}))


def _merge(engine, on):
    """Merge one village into its neighbour, grids and all."""
    with write_transaction(engine) as connection:
        for grid in list(connection.scalars(select(Place.code).where(
                Place.parent_code == GONE, Place.valid_to.is_(None)))):
            _give(connection, grid, KEPT, on)
        connection.execute(update(Place).where(Place.code == GONE).values(valid_to=on))
        connection.execute(insert(PlaceChange).values(from_code=GONE, to_code=KEPT, on=on, kind="merge", share=1.0))
        rebuild_closure(connection, read_versions(connection).values())
        bump(connection, "places")


def _move_grid(engine, on):
    """Let a grid go to a village of another township, under its own code."""
    with write_transaction(engine) as connection:
        _give(connection, f"{GIVER}-01", TAKER, on)
        rebuild_closure(connection, read_versions(connection).values())
        bump(connection, "places")


def _check_sums(rows):
    rows = rows.dropna(subset="data")
    assert len(rows) >= 10
    assert np.allclose(rows["before"] + rows["data"] + rows["classifier"] + rows["place"], rows["after"])
    assert np.allclose(rows[[name for name in rows if name.startswith("data_")]].sum(axis=1), rows["data"])
    return rows


@pytest.mark.parametrize("on", [ON, AS_OF])
def test_merged_village_has_a_part_of_its_own_and_the_parts_sum(engine, on):
    _score(engine, BEFORE)
    _merge(engine, on)
    _score(engine, AS_OF)
    found = _read(engine)
    assert found.since == BEFORE
    assert GONE not in found.rows.index
    rows = _check_sums(found.rows)
    assert rows.loc[KEPT, "place"] > 0.01  # it remembers what happened in both
    assert np.allclose(rows["place"].drop(index=KEPT), 0)


def test_grid_moved_between_villages_moves_both_and_no_other(engine):
    _score(engine, BEFORE)
    with write_transaction(engine) as connection:  # what the moved grid takes along: events of the week of the move
        ids = connection.scalars(select(Incident.id).where(
            Incident.place_code == f"{GIVER}-01", Incident.is_counted == 1).order_by(Incident.id).limit(4))
        escalating_county.add_events(connection, [(one, ON + timedelta(days=1), 1) for one in ids])
    _move_grid(engine, ON)
    _score(engine, AS_OF)
    rows = _check_sums(_read(engine).rows)
    assert rows.loc[TAKER, "place"] > 0.01
    assert rows.loc[GIVER, "place"] < -0.01
    assert np.allclose(rows["place"].drop(index=[GIVER, TAKER]), 0)


def test_values_made_anew_are_those_that_were_stored_where_no_border_moved(engine):
    _score(engine, BEFORE)
    _score(engine, AS_OF)
    with read_transaction(engine) as connection:
        runs = tuple(read_runs(connection, SYSTEM, "elevated", 2))
        stored = read_scores(connection, SYSTEM, runs[0].id).set_index("place_code")["features"]
        made = risk_changes._make_values(connection, runs, with_old_borders=True)
    kept = pd.DataFrame(stored.tolist(), index=stored.index)
    pd.testing.assert_frame_equal(made[kept.columns], kept, check_names=False)


def test_list_of_long_ago_is_compared_with_the_scoring_before_it(empty_engine):
    scored_county.build(empty_engine, weeks=9)
    on = scored_county.AS_OF - timedelta(weeks=7)
    assert _read(empty_engine, on=on).since == on - timedelta(weeks=1)
    assert _read(empty_engine, on=on - timedelta(weeks=1)) is None

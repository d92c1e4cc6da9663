"""The panel of the early warning: where the register begins, who remembers what, what is not known yet."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, update

from govdesk.clock import week_of
from govdesk.queries.risk_panel import find_first_week, follow_mergers, read_last_as_of, read_risk_panel
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Place, PlaceAncestor, PlaceChange
from tests.support import escalating_county, tiny_county
from tests.support.escalating_county import AS_OF

OLD, NEW = f"{tiny_county.COUNTY}001002", f"{tiny_county.COUNTY}001003"
MERGED_ON = date(2026, 6, 1)


@pytest.fixture
def engine(empty_engine):
    escalating_county.build(empty_engine)
    return empty_engine


def read(engine, as_of=AS_OF, **more):
    with read_transaction(engine) as connection:
        return read_risk_panel(connection, SYSTEM, as_of, **more)


def merge(engine) -> None:
    """Let one village go into its neighbour; its grids lie there from then on."""
    week = week_of(MERGED_ON)
    with write_transaction(engine) as connection:
        connection.execute(update(Place).where(Place.code == OLD).values(valid_to=MERGED_ON))
        inside = (PlaceAncestor.ancestor_code == OLD)
        connection.execute(update(PlaceAncestor).where(inside).values(week_to=week))
        grids = [f"{OLD}-01", f"{OLD}-02"]
        connection.execute(insert(PlaceAncestor), [
            {"code": code, "ancestor_code": NEW, "week_from": week, "week_to": 10**6, "ancestor_level": "village",
             "depth": 1} for code in grids])
        connection.execute(insert(PlaceChange).values(from_code=OLD, to_code=NEW, on=MERGED_ON, kind="merge", share=1.0))


def test_panel_ends_at_the_monday_and_holds_what_was_known(engine):
    panel = read(engine)
    assert panel.end_week == week_of(AS_OF)
    assert panel.events.places == tuple(panel.places["code"])
    assert all((one.known < one.n_weeks).all() for one in (panel.everything, *panel.roles.values()))
    assert panel.everything.counts(52)[:, -1].sum() > panel.events.counts(52)[:, -1].sum() > 0


def test_successor_remembers_a_merged_village(engine):
    before = read(engine)
    merge(engine)
    after = read(engine)
    assert OLD not in after.events.places
    for one, other in ((before.events, after.events), (before.everything, after.everything)):
        counts = dict(zip(one.places, one.counts(104)[:, -1], strict=True))
        merged = dict(zip(other.places, other.counts(104)[:, -1], strict=True))
        assert merged[NEW] == counts[OLD] + counts[NEW]
        assert sum(merged.values()) == sum(counts.values())


def test_village_that_was_not_merged_yet_keeps_its_own(engine):
    merge(engine)
    assert OLD in read(engine, date(2026, 5, 25)).events.places


def test_mergers_are_followed_and_a_circle_ends():
    codes = pd.Series(pd.Categorical(["a", "b", "c", "d"]))
    assert list(follow_mergers(codes, {"a": "b", "b": "c"})) == ["c", "c", "c", "d"]
    assert set(follow_mergers(codes, {"a": "b", "b": "a"})) <= {"a", "b", "c", "d"}


def test_a_few_records_of_long_ago_are_no_calm_years():
    weeks = np.concatenate([[100, 300], np.repeat(np.arange(900, 1000), 20)])
    facts = pd.DataFrame({"week_occurred": weeks, "week_known": weeks, "weight": 1})
    assert find_first_week(facts) == 900
    # Old files that became known later do not speak.
    old = pd.DataFrame({"week_occurred": np.repeat(np.arange(500, 600), 20), "week_known": 950, "weight": 1})
    assert find_first_week(pd.concat([facts, old])) == 900


def test_records_that_ended_long_ago_are_scored_as_of_their_end(engine):
    with read_transaction(engine) as connection:
        assert read_last_as_of(connection, date(2026, 11, 18)) == AS_OF
        late = read_last_as_of(connection, date(2030, 1, 1))
    assert AS_OF <= late <= date(2026, 11, 30)
    assert late.weekday() == 0


def test_nothing_known_is_no_panel(empty_engine):
    tiny_county.build(empty_engine, 0)
    assert read(empty_engine) is None

"""What the card reads beside the report: the dates of the figures, strata, the classifier shown, drift."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from govdesk.clock import monday_of, week_of
from govdesk.queries.card_drift import read_drift, read_fitted
from govdesk.queries.card_figures import keep_dates, make_strata, read_card_figures, split_treated
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.terms import Role
from tests.support import risk_card
from tests.support.more_townships import add_townships
from tests.support.risk_card import HORIZON, TEST_WEEKS, WEEKS
from tests.support.tiny_county import COUNTY

ON = date(2026, 11, 22)


@pytest.fixture
def engine(empty_engine):
    risk_card.build_county(empty_engine)
    return empty_engine


def _read(engine, query, *args, scope=SYSTEM):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def test_figures_use_every_fourth_week_of_the_window():
    rows = pd.DataFrame({"as_of": np.arange(2801, 2821)})
    assert keep_dates(rows, 2800)["as_of"].tolist() == [2804, 2808, 2812, 2816, 2820]


def test_strata_leave_out_what_nobody_recorded():
    rows = pd.DataFrame({"place_code": ["a", "b", "c"], "quiet": [True, False, False]})
    places = pd.DataFrame({"code": ["a", "b", "c"], "kind": ["urban", None, "plain"],
                           "population": pd.array([100, 200, None], dtype="Int64")})
    strata = make_strata(rows, places)
    assert {name: inside.tolist() for name, inside in strata.items()} == {
        "urban": [True, False, False], "plain": [False, False, True], "small": [True, False, False],
        "large": [False, True, False], "quiet": [True, False, False]}


def test_figures_are_those_of_all_places_whoever_asks(engine):
    risk_card.add_backtest(engine)
    narrow = Scope("t", Role.ANALYST, area_code=f"{COUNTY}001")
    assert _read(engine, read_card_figures, scope=narrow) is None, "less its own they would be those of two townships"
    add_townships(engine)
    found = [_read(engine, read_card_figures, scope=scope) for scope in (SYSTEM, narrow)]
    for one in found:
        assert one.n_places == len(risk_card.CODES)
        report = one.report["labels"]["elevated"]
        assert one.curves["elevated"]["n"].sum() == report["rows"]
        assert one.quarters["elevated"]["n_rows"].sum() == report["rows"]
        kinds = one.strata["elevated"].set_index("stratum").loc[["urban", "plain", "mountain"], "n_rows"]
        assert kinds.sum() == report["rows"]
    assert (found[0].to_week - found[0].from_week, found[0].horizon_weeks) == (TEST_WEEKS, HORIZON)
    assert WEEKS > TEST_WEEKS + 104


def test_rows_are_split_only_where_one_is_treated():
    rows = pd.DataFrame({"place_code": ["a", "b"], "as_of": [2900, 2900]})
    assert split_treated(rows, {}, 4) == {}
    assert split_treated(rows, {"a": [(2904, 2917)], "z": [(2890, 2910)]}, 4) == {}
    found = split_treated(rows, {"a": [(2903, 2917)]}, 4)
    assert {name: inside.tolist() for name, inside in found.items()} == {
        "untreated": [False, True], "treated": [True, False]}


def test_treated_weeks_stand_apart_and_leave_every_other_figure_as_it_was(engine):
    risk_card.add_backtest(engine)
    before = _read(engine, read_card_figures)
    with write_transaction(engine) as connection:  # neither of them treats a village
        risk_card.add_visit(connection, risk_card.village(2), date(2026, 6, 1), "own", "found")
        risk_card.add_visit(connection, risk_card.village(2), date(2016, 6, 1), "alert", "found")
    pd.testing.assert_frame_equal(_read(engine, read_card_figures).strata["elevated"], before.strata["elevated"])
    monday = monday_of(before.to_week - 20)
    with write_transaction(engine) as connection:
        risk_card.add_visit(connection, risk_card.village(0), monday, "alert", "found")
    after = _read(engine, read_card_figures)
    n = len(before.strata["elevated"])
    pd.testing.assert_frame_equal(after.strata["elevated"].iloc[:n], before.strata["elevated"])
    assert after.report == before.report
    pd.testing.assert_frame_equal(after.curves["elevated"], before.curves["elevated"])
    rows = after.strata["elevated"].set_index("stratum")["n_rows"]
    # From three weeks before the visit (their horizon of four weeks holds it) to 90 days after: 16 weeks, every 4th.
    assert rows["treated"] == 4
    assert rows["untreated"] + rows["treated"] == before.report["labels"]["elevated"]["rows"]


def test_without_a_backtest_there_are_no_figures(engine):
    assert _read(engine, read_card_figures) is None


@pytest.mark.parametrize(("ranked_by", "in_force"), [("classifier", True), ("eb52", False)])
def test_classifier_shown_is_the_one_in_force_else_the_newest_fitted(engine, ranked_by, in_force):
    with write_transaction(engine) as connection:
        risk_card.add_run(connection, date(2026, 11, 16), (), ranked_by=ranked_by)
    found = _read(engine, read_fitted, "elevated", ON)
    assert found.is_in_force is in_force
    assert found.as_of == date(2026, 11, 16)
    assert _read(engine, read_fitted, "surge", ON) is None


def test_drift_compares_training_with_the_last_quarter(engine):
    assert _read(engine, read_drift, "elevated", ON) is None
    with write_transaction(engine) as connection:
        for back in range(40):
            risk_card.add_event(connection, risk_card.village(back % 8), date.fromordinal(ON.toordinal() - 14 * (back + 2)))
        risk_card.add_run(connection, date(2026, 11, 16), ())
    found = _read(engine, read_drift, "elevated", ON)
    end = week_of(date(2026, 11, 16))
    assert found.rows["feature"].tolist()[0] == "eb_tail_memory_13"
    assert len(found.rows) == 11
    assert found.recent == (end - 12, end)
    assert found.reference[1] <= end - 12
    assert found.n_recent == 4 * len(risk_card.CODES)
    narrow = Scope("t", Role.ANALYST, area_code=f"{COUNTY}001")
    assert _read(engine, read_drift, "elevated", ON, scope=narrow) is None, "of two other townships"

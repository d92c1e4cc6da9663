"""What an area is told of scores that are made over the whole county: no rank, sum or part that gives another place back."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from govdesk.queries.area_scores import say_parts
from govdesk.queries.risk_changes import read_changes
from govdesk.queries.risk_list import read_week_list
from govdesk.queries.risk_runs import read_listings, read_run, read_scores
from govdesk.queries.visits import read_lot
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import RiskScore
from govdesk.terms import Role
from models.explanation import BASE
from models.features import OWN_FEATURES
from tests.support import scored_county, tiny_county
from tests.support.more_townships import add_townships
from tests.support.scored_county import CODES, COUNTY

TODAY = tiny_county.UNTIL
TOWN = Scope("t", Role.TOWNSHIP, f"{COUNTY}002")
OWN = [code for code in CODES if code.startswith(f"{COUNTY}002")]


@pytest.fixture
def county(empty_engine):
    scored_county.build(empty_engine)
    return empty_engine


def _ask(engine, query, scope, *args):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def _run(engine):
    return _ask(engine, read_run, SYSTEM, "elevated", TODAY).id


def test_ranks_and_positions_are_among_its_own_villages(county):
    run = _run(county)
    whole, mine = (_ask(county, read_scores, scope, run).set_index("place_code") for scope in (SYSTEM, TOWN))
    for name in ("rank", "baseline_rank"):
        told = mine[name].dropna().astype(int)
        assert sorted(told) == list(range(1, len(told) + 1))
        assert (told.sort_values().index == whole[name].loc[told.index].sort_values().index).all(), "the same order"
        assert whole[name].loc[told.index].max() > len(told)
    listed = _ask(county, read_listings, TOWN, run)
    assert len(listed)
    for _, part in listed.groupby("list"):
        assert part["position"].tolist() == list(range(1, len(part) + 1))
    alone = _ask(county, read_scores, TOWN, run, ("place_code", "rank"), OWN[1:2])
    assert alone["rank"].tolist() == mine.loc[OWN[1:2], "rank"].tolist(), "whichever of them are asked for"


def test_list_counts_its_own_villages_only(county):
    mine = _ask(county, read_week_list, TOWN, TODAY)
    assert mine.is_own_only
    assert mine.n_listed == mine.rows["list"].notna().sum() < 6
    assert not _ask(county, read_week_list, SYSTEM, TODAY).is_own_only
    assert _ask(county, read_lot, TOWN, TODAY, "s").n_from is None
    add_townships(county)
    assert _ask(county, read_week_list, TOWN, TODAY).n_listed == 6
    assert _ask(county, read_lot, TOWN, TODAY, "s").n_from == len(CODES) - 6


def test_parts_of_a_score_are_bands_without_the_countys_course(county):
    run = _run(county)
    whole, mine = (_ask(county, read_scores, scope, run).set_index("place_code") for scope in (SYSTEM, TOWN))
    for code in OWN:
        assert set(mine.loc[code, "contributions"]) == {OWN_FEATURES[0]}
        assert set(mine.loc[code, "contributions"].values()) <= {-1.0, 0.0, 1.0}
        assert mine.loc[code, "features"] == {}
        assert BASE in whole.loc[code, "contributions"]
    changes = _ask(county, read_changes, TOWN, "elevated", TODAY + timedelta(days=2))
    assert changes.is_withheld
    assert changes.rows.empty
    add_townships(county)
    assert _ask(county, read_scores, TOWN, run)["contributions"].tolist() == whole.loc[OWN, "contributions"].tolist()
    assert not _ask(county, read_changes, TOWN, "elevated", TODAY + timedelta(days=2)).is_withheld


def test_what_neighbours_add_is_told_to_no_area(county):
    add_townships(county)
    run, code = _run(county), OWN[0]
    with write_transaction(county) as connection:
        held = connection.execute(select(RiskScore.contributions, RiskScore.reasons).where(
            RiskScore.run_id == run, RiskScore.place_code == code)).one()
        parts = json.loads(held.contributions) | {"neighbours_last_13": 0.7, "neighbours_last_52": 0.2}
        reason = {"kind": "group", "group": "neighbours", "n": 2, "weeks": 13, "on": None, "facts": []}
        connection.execute(update(RiskScore).where(RiskScore.run_id == run, RiskScore.place_code == code).values(
            contributions=json.dumps(parts), reasons=json.dumps([*json.loads(held.reasons), reason])))
    (whole,), (mine,) = (
        _ask(county, read_scores, scope, run, ("place_code", "contributions", "reasons"), [code]).to_dict("records")
        for scope in (SYSTEM, TOWN))
    assert reason in whole["reasons"]
    assert mine["reasons"] == whole["reasons"][:-1]
    assert set(mine["contributions"]) == {OWN_FEATURES[0]}, "less the others and the base it would be the neighbours'"


def test_bands_say_which_way_and_sum_what_belongs_together():
    found = say_parts({BASE: -2.0, "county_last_4": 0.9, **dict.fromkeys(OWN_FEATURES, 0.1), "neighbours_last_13": 1.0})
    assert found == {OWN_FEATURES[0]: 1.0}
    assert say_parts(dict.fromkeys(OWN_FEATURES, -0.05)) == {OWN_FEATURES[0]: 0.0}

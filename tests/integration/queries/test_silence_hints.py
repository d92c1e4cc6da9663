"""Villages that report less than expected: found as planted, counted as stored, in order of code, the same for all."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import func, insert, select, update

from govdesk.clock import monday_of, week_of
from govdesk.queries.silence_explanations import read_explanations
from govdesk.queries.silence_hints import LEAST_WEEKS, read_silence_hints
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import GridVacancy, Incident, NilReturn, Post, SourceChange
from govdesk.terms import Role
from models.silence import AS_EXPECTED, QUIET, TOO_FEW
from tests.support import hushed_county, tiny_county
from tests.support.hushed_county import HUSHED, LAST
from tests.support.tiny_county import COUNTY, NOW


@pytest.fixture
def county(empty_engine):
    hushed_county.build(empty_engine)
    return empty_engine


def read(engine, scope=SYSTEM, week=LAST):
    with read_transaction(engine) as connection:
        return read_silence_hints(connection, scope, week)


def test_village_that_fell_silent_is_the_one_to_ask_about(county):
    hints = read(county)
    rows = hints.rows
    assert list(rows["code"]) == sorted(rows["code"])
    assert len(rows) == 6
    assert list(rows.loc[rows["state"] == QUIET, "code"]) == [HUSHED]
    assert (rows.loc[rows["code"] != HUSHED, "state"] == AS_EXPECTED).all()
    row = rows.set_index("code").loc[HUSHED]
    with read_transaction(county) as connection:
        by_hand = connection.scalar(select(func.sum(Incident.weight)).where(
            Incident.place_code.startswith(HUSHED), Incident.is_counted == 1, Incident.stream != "public_order",
            Incident.week_occurred >= hints.week_to - 26, Incident.week_occurred < hints.week_to))
    assert row["observed_26"] == by_hand
    assert 0.7 < row["expected_26"] / (2250 * 0.8 / 6 / 6) < 1.3
    assert "rank" not in rows.columns
    assert "tail" not in rows.columns


def test_before_it_fell_silent_nothing_was_said(county):
    rows = read(county, week=LAST - 27).rows.set_index("code")
    assert rows.loc[HUSHED, "state"] == AS_EXPECTED


def test_a_township_sees_its_own_villages_with_the_county_s_verdict(county):
    whole = read(county).rows
    for township, quiet in ((f"{COUNTY}002", 1), (f"{COUNTY}001", 0)):
        rows = read(county, Scope("t", Role.TOWNSHIP, area_code=township)).rows
        assert len(rows) == 3
        assert rows["code"].str.startswith(township).all()
        assert (rows["state"] == QUIET).sum() == quiet
        same = whole[whole["code"].isin(rows["code"])].reset_index(drop=True)
        assert rows["state"].tolist() == same["state"].tolist()
        assert rows["observed_26"].tolist() == same["observed_26"].tolist()
        n_outside = whole["parent_code"].nunique() - 1
        expected = same["expected_26"].round().tolist() if n_outside >= 3 else [None] * 3
        assert [None if one != one else one for one in rows["expected_26"]] == expected


def test_few_records_tell_nothing(empty_engine):
    hushed_county.build(empty_engine, 600)
    assert (read(empty_engine).rows["state"] == TOO_FEW).all()


def test_short_past_is_not_judged(empty_engine):
    tiny_county.build(empty_engine, 900, weeks=60)
    hints = read(empty_engine)
    assert hints.rows.empty
    assert hints.n_weeks < LEAST_WEEKS


def test_weeks_that_are_still_being_entered_are_not_judged(county):
    before = read(county)
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(week_known=Incident.week_known + 3))
    later = read(county)
    assert later.week_to == before.week_to - 3


def test_a_village_without_a_past_is_not_judged(county):
    from govdesk.tables import Place

    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.code == HUSHED).values(valid_from=monday_of(LAST - 60)))
    rows = read(county).rows.set_index("code")
    assert rows.loc[HUSHED, "state"] == TOO_FEW


def test_what_else_could_explain_it_stands_beside_it(county):
    first = LAST - 25
    other = f"{COUNTY}001001"
    sourced = {"content_hash": "x", "recorded_at": NOW}
    with write_transaction(county) as connection:
        connection.execute(insert(Post), [
            {"code": f"P{n}", "title": "网格员", "place_code": f"{HUSHED}-0{n}", "content_hash": "x"} for n in (1, 2)])
        connection.execute(insert(GridVacancy), [
            {"source": "t", "source_ref": "1", "post_code": "P1", "from_on": monday_of(first + 2), "to_on": None, **sourced},
            {"source": "t", "source_ref": "2", "post_code": "P1", "from_on": monday_of(first + 9), "to_on": None, **sourced},
            {"source": "t", "source_ref": "3", "post_code": "P2", "from_on": monday_of(first - 9),
             "to_on": monday_of(first), **sourced}])
        connection.execute(insert(NilReturn), [
            {"source": "t", "source_ref": str(n), "place_code": HUSHED, "stream": None, "period_from": monday_of(first + n),
             "period_to": monday_of(first + n + 2), **sourced} for n in (-3, 4, 5)])
        connection.execute(insert(SourceChange), [
            {"source": "t", "source_ref": "1", "on": date(2026, 8, 3), "kind": "new_app", "place_code": None, "stream": None, **sourced},
            {"source": "t", "source_ref": "2", "on": date(2026, 7, 6), "kind": "new_form", "place_code": f"{COUNTY}002",
             "stream": None, **sourced},
            {"source": "t", "source_ref": "3", "on": date(2026, 7, 6), "kind": "new_office", "place_code": f"{COUNTY}001",
             "stream": None, **sourced},
            {"source": "t", "source_ref": "4", "on": date(2026, 7, 6), "kind": "other", "place_code": None,
             "stream": "public_order", **sourced},
            {"source": "t", "source_ref": "5", "on": date(2024, 7, 6), "kind": "other", "place_code": None, "stream": None, **sourced}])
    with read_transaction(county) as connection:
        found = read_explanations(connection, SYSTEM, (HUSHED, other), first, LAST + 1, "village", NOW).set_index("code")
        elsewhere = read_explanations(
            connection, Scope("t", Role.TOWNSHIP, area_code=f"{COUNTY}001"), (HUSHED,), first, LAST + 1, "village", NOW)
    row = found.loc[HUSHED]
    assert row["n_vacant_posts"] == 1  # one post, empty twice; the other was filled again before
    assert row["n_nil_weeks"] == 3
    assert row["source_changes"] == ((date(2026, 7, 6), "new_form"), (date(2026, 8, 3), "new_app"))
    assert row["place_changes"] == ()
    assert found.loc[other, "place_changes"] == ((tiny_county.SPLIT_ON, "split"),)
    assert found.loc[other, "n_vacant_posts"] == 0
    assert elsewhere["n_vacant_posts"].tolist() == [0]
    assert elsewhere["n_nil_weeks"].tolist() == [0]
    assert elsewhere["source_changes"].tolist() == [((date(2026, 8, 3), "new_app"),)]
    assert week_of(date(2026, 7, 6)) >= first


@pytest.mark.postgres
def test_postgresql_judges_alike(county, postgres_engine):
    hushed_county.build(postgres_engine)
    here, there = read(county), read(postgres_engine)
    assert there.week_to == here.week_to
    pd.testing.assert_frame_equal(there.rows, here.rows, rtol=1e-9)
    with read_transaction(postgres_engine) as connection:
        found = read_explanations(
            connection, SYSTEM, (HUSHED, f"{COUNTY}001001"), LAST - 25, LAST + 1, "village", NOW)
    assert found["place_changes"].tolist() == [(), ((tiny_county.SPLIT_ON, "split"),)]

"""Staffing read from the tables: posts and vacancies day by day, by hand; whose eyes; what is never told."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import monday_of
from govdesk.queries.staffing import read_staffing
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import GridVacancy, Incident, Place, Post
from govdesk.terms import Role
from tests.support import tiny_county

COUNTY, NOW, DAY = tiny_county.COUNTY, tiny_county.NOW, tiny_county.UNTIL
CENTRE = Scope("c", Role.CENTRE)


def post(code, place, begin=None, end=None):
    return {"code": code, "title": "网格员岗", "unit_code": None, "place_code": place, "valid_from": begin, "valid_to": end,
            "content_hash": "0"}


def vacancy(code, begin, end=None, recorded=NOW - timedelta(days=9)):
    return {"source": "t", "source_ref": f"{code}{begin}{end}", "content_hash": "0", "recorded_at": recorded,
            "post_code": code, "from_on": begin, "to_on": end}


def fill(engine, vacancies=(), **places):
    """Give every grid of townships 1 and 3 two posts and township 2 one post in all."""
    with write_transaction(engine) as connection:
        grids = list(connection.scalars(select(Place.code).where(Place.level == "grid")))
        rows = [post(f"{code}-{n}", code) for code in grids if code[6:9] != "002" for n in (1, 2)]
        connection.execute(insert(Post), [*rows, post("lone", f"{COUNTY}002001-01"), post("desk", f"{COUNTY}001001")])
        if vacancies:
            connection.execute(insert(GridVacancy), list(vacancies))


def read(engine, scope=CENTRE):
    with read_transaction(engine) as connection:
        return read_staffing(connection, scope, NOW)


def row(found, number):
    return found.districts.set_index("code").loc[f"{COUNTY}00{number}"]


def test_posts_grids_and_incidents_by_township_are_those_counted_by_hand(tiny_engine):
    fill(tiny_engine)
    found = read(tiny_engine)
    # 12 villages; the first grid of the first village was split in two long before the window.
    assert row(found, 1)[["state", "n_posts", "n_grids", "n_bare", "post_days", "vacant_days"]].tolist() == [
        "shown", 18, 9, 0, 18 * 91, 0]
    with read_transaction(tiny_engine) as connection:
        rows = connection.execute(select(Incident.place_code, Incident.closed_at, Incident.due_at).where(
            Incident.week_occurred >= found.weeks[0], Incident.week_occurred < found.weeks[1],
            Incident.is_counted == 1)).all()
        opened = connection.execute(select(Incident.place_code, Incident.due_at).where(
            Incident.closed_at.is_(None) | (Incident.closed_at > NOW))).all()
    for number in (1, 3):
        mine = [one for one in rows if one.place_code.startswith(f"{COUNTY}00{number}")]
        stock = [one for one in opened if one.place_code.startswith(f"{COUNTY}00{number}")]
        told = row(found, number)
        assert told["n_new"] == len(mine) == sum(told["by_week"])
        assert (told["n_open"], told["n_overdue"]) == (len(stock), sum(one.due_at < NOW for one in stock))
        assert told["load"] == pytest.approx(len(mine) / (told["n_posts"] * 13))
    assert found.weeks[1] - found.weeks[0] == 13


def test_township_of_one_post_tells_of_posts_and_of_no_work(tiny_engine):
    fill(tiny_engine)
    found = read(tiny_engine)
    few = row(found, 2)
    assert few[["state", "n_posts", "n_grids", "n_bare"]].tolist() == ["few", 1, 8, 7]
    assert few[["n_open", "n_with_due", "n_overdue", "n_new", "load", "low", "high", "expected"]].isna().all()
    assert few["by_week"] is None
    assert (found.n_few, found.n_compared, found.median) == (1, 2, None)
    assert set(found.groups["district"]) == {f"{COUNTY}001", f"{COUNTY}003"}


def test_groups_have_five_posts_and_make_up_their_township(tiny_engine):
    fill(tiny_engine)
    found = read(tiny_engine)
    mine = found.groups[found.groups["district"] == f"{COUNTY}003"]
    # Four posts a village: two villages a group.
    assert mine["names"].tolist() == [("第3镇1村", "第3镇2村"), ("第3镇3村", "第3镇4村")]
    assert mine["n_posts"].tolist() == [8, 8]
    assert mine["n_new"].sum() == row(found, 3)["n_new"]
    assert row(found, 3)["expected"] > 0
    assert found.kinds["n_groups"].sum() == len(found.groups)


def test_vacancies_overlap_touch_end_in_the_future_and_are_known_in_time(tiny_engine):
    first = f"{COUNTY}003001-01-1"
    other = f"{COUNTY}003001-01-2"
    later = f"{COUNTY}003002-01-1"
    fill(tiny_engine, [
        vacancy(first, date(2026, 3, 1), date(2026, 10, 1)), vacancy(first, date(2026, 9, 1), date(2026, 11, 10)),
        vacancy(first, date(2026, 11, 10), date(2027, 2, 1)),  # touches: one vacancy since March
        vacancy(other, date(2026, 10, 1), DAY),  # its last day is not included: filled again today
        vacancy(later, DAY),
        vacancy(f"{COUNTY}003002-01-2", date(2026, 9, 1), None, NOW + timedelta(hours=1)),  # not known yet
        vacancy(f"{COUNTY}003003-01-2", DAY + timedelta(days=1)),  # not begun
    ])
    found = read(tiny_engine)
    assert found.vacancies[["vacant_since", "vacant_until"]].to_numpy().tolist() == [
        [date(2026, 3, 1), date(2027, 2, 1)], [DAY, None]]
    assert found.vacancies["grid"].tolist() == ["1村第1网格", "2村第1网格"]
    begin, end = monday_of(found.weeks[0]), monday_of(found.weeks[1])
    assert row(found, 3)["n_vacant"] == 2
    assert (begin, end) == (date(2026, 8, 24), date(2026, 11, 23))
    assert row(found, 3)["vacant_days"] == 91 + (DAY - date(2026, 10, 1)).days + 1  # and today alone
    assert row(found, 3)["post_weeks"] == pytest.approx((16 * 91 - row(found, 3)["vacant_days"]) / 7)


def test_posts_begin_and_end_with_their_own_dates_and_those_of_their_grid(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Post), [
            post("a", f"{COUNTY}001001-01"),  # its grid was split in March: gone
            post("b", f"{COUNTY}001001-01a", date(2026, 11, 9)), post("c", f"{COUNTY}001001-01b", None, date(2026, 9, 1)),
            post("d", f"{COUNTY}001002-01", date(2026, 11, 30))])
    told = row(read(tiny_engine), 1)
    assert told[["n_posts", "post_days", "n_bare"]].tolist() == [1, 7 + 15, 8]


def test_county_without_posts_has_its_incidents(tiny_engine):
    found = read(tiny_engine)
    assert not found.has_posts
    assert set(found.districts["state"]) == {"none"}
    assert found.districts["n_new"].min() > 0
    assert found.districts["load"].isna().all()


def test_township_account_sees_its_own_rows_and_the_countys_figures(tiny_engine):
    fill(tiny_engine, [vacancy(f"{COUNTY}003001-01-1", DAY), vacancy(f"{COUNTY}001001-02-1", DAY)])
    whole = read(tiny_engine)
    mine = read(tiny_engine, Scope("t", Role.TOWNSHIP, f"{COUNTY}003"))
    assert mine.districts["code"].tolist() == [f"{COUNTY}003"]
    pd.testing.assert_frame_equal(
        mine.groups, whole.groups[whole.groups["district"] == f"{COUNTY}003"].reset_index(drop=True))
    assert mine.vacancies["place_code"].tolist() == [f"{COUNTY}003001-01"]
    assert (mine.n_compared, mine.dispersion) == (whole.n_compared, whole.dispersion)
    inside = read(tiny_engine, Scope("v", Role.TOWNSHIP, f"{COUNTY}003001"))
    assert inside.districts.empty
    assert inside.groups.empty
    assert len(inside.vacancies) == 1


def test_what_concerns_the_readers_unit_is_in_no_number(tiny_engine):
    fill(tiny_engine)
    before = read(tiny_engine)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.like(f"{COUNTY}003%")).values(
            concerns_unit="U-LAND"))
    own = read(tiny_engine, replace(CENTRE, unit_code="U-LAND"))
    assert row(own, 3)[["n_new", "n_open"]].tolist() == [0, 0]
    assert row(read(tiny_engine), 3)["n_new"] == row(before, 3)["n_new"]


def test_corrections_and_merged_rows_are_netted(tiny_engine):
    fill(tiny_engine)
    before = row(read(tiny_engine), 3)["n_new"]
    with write_transaction(tiny_engine) as connection:
        ids = list(connection.scalars(select(Incident.id).where(
            Incident.place_code.like(f"{COUNTY}003%"), Incident.occurred_on > date(2026, 9, 1),
            Incident.occurred_on < date(2026, 11, 1)).limit(2)))
        connection.execute(update(Incident).where(Incident.id == ids[0]).values(is_counted=0))
        connection.execute(update(Incident).where(Incident.id == ids[1]).values(weight=-1))
    assert row(read(tiny_engine), 3)["n_new"] == before - 3


def test_database_without_places_or_records_has_no_staffing(empty_engine):
    tiny_county.build(empty_engine, 0)
    assert read(empty_engine) is None


@pytest.mark.parametrize(("townships", "is_told"), [(4, False), (5, True)])
def test_countys_median_is_told_where_three_others_stand_behind_it(empty_engine, townships, is_told):
    tiny_county.build(empty_engine, townships=townships)
    fill(empty_engine)  # the second township has too few posts to be in it
    whole, mine = read(empty_engine), read(empty_engine, Scope("t", Role.TOWNSHIP, f"{COUNTY}003"))
    assert whole.median is not None
    assert mine.median == (whole.median if is_told else None)


def test_median_and_intervals_are_those_of_the_shown_loads(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        grids = list(connection.scalars(select(Place.code).where(Place.level == "grid")))
        connection.execute(insert(Post), [post(f"{code}-{n}", code) for code in grids for n in (1, 2)])
    found = read(tiny_engine)
    assert found.median == pytest.approx(np.median(found.districts["load"]))
    assert (found.districts["low"] < found.districts["load"]).all()
    assert (found.districts["load"] < found.districts["high"]).all()

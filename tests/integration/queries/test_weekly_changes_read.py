"""From tables to sentences: a planted change is told with its numbers and its rows, a quiet county says so."""

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import delete, insert, select

from govdesk.clock import day_start, monday_of, week_of
from govdesk.queries.incidents import count_incidents
from govdesk.queries.weekly_changes import find_weekly_changes
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Category, Incident, SourceChange
from govdesk.terms import Role
from tests.support import many_incidents
from tests.support.tiny_county import COUNTY, NOW, UNTIL

WEEK = week_of(UNTIL)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    from govdesk.storage.engine import get_engine

    engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('changes') / 'county.db'}")
    many_incidents.build(engine, 24_000, townships=8, villages=4, grids=2, weeks=200)
    return engine


def changes(engine, scope=SYSTEM, as_of=NOW):
    with read_transaction(engine) as connection:
        return find_weekly_changes(connection, scope, as_of)


def test_quiet_county_says_that_nothing_changed(county):
    quiet = 0
    for back in range(10):
        found = changes(county, as_of=UNTIL - timedelta(weeks=back))
        assert 1 <= len(found) <= 5
        quiet += [change.key for change in found] == ["nothing"]
    assert quiet >= 9
    nothing = changes(county, as_of=UNTIL - timedelta(weeks=30))[0]
    assert nothing.values["n_series"] > 20
    assert nothing.sentence("zh") != nothing.sentence("en")


def test_planted_rise_is_told_with_numbers_places_and_rows(county):
    rng = np.random.default_rng(8)
    n = 40
    with write_transaction(county) as writing:
        day = monday_of(WEEK)
        at = day_start(day) + timedelta(hours=9)
        writing.execute(insert(Incident), [{
            "id": 900_000 + i, "source": "p", "source_ref": f"P{i:04d}", "content_hash": "0", "stream": "dispute",
            "category": "neighbour", "place_code": f"{COUNTY}00{1 + int(rng.random() < 0.3)}002-01", "occurred_on": day,
            "reported_at": at, "recorded_at": at, "week_occurred": WEEK, "week_known": WEEK} for i in range(n)])
        rebuild(writing)
    found = changes(county)
    rise = next(c for c in found if c.key == "rise")
    assert rise.direction == 1
    assert rise.values["n"] >= n
    with read_transaction(county) as connection:
        words = connection.execute(select(Category.name_zh, Category.name_en).where(Category.code == "neighbour")).one()
    assert rise.values["what"] == {"zh": words[0], "en": words[1]}
    assert set(rise.values["places"]) >= {"第1镇", "第2镇"}
    assert rise.link == {"weeks": "1", "to": "2026-W47", "streams": "dispute", "categories": "neighbour"}
    assert words[1] in rise.sentence("en")
    assert f"{rise.values['n']:,}" in rise.sentence("zh")
    # The stream only echoes its category.
    assert not any(c.link.get("streams") == "dispute" and "categories" not in c.link for c in found)
    with read_transaction(county) as connection:
        assert count_incidents(connection, SYSTEM, rise.filters, as_of=NOW) == rise.values["n"]

@pytest.mark.parametrize(("stream", "weeks_ago", "is_said"), [
    ("dispute", 20, True), (None, 0, True), ("hazard", 20, False), ("dispute", 60, False)])
def test_a_change_of_source_is_said_with_the_rise(county, stream, weeks_ago, is_said):
    on = monday_of(WEEK) - timedelta(weeks=weeks_ago)
    with write_transaction(county) as writing:
        writing.execute(insert(SourceChange), [{
            "source": "p", "source_ref": "S", "content_hash": "0", "recorded_at": NOW, "on": on, "kind": "new_app",
            "stream": stream}])
    rise = next(c for c in changes(county) if c.key == "rise")
    with write_transaction(county) as writing:
        writing.execute(delete(SourceChange))
    assert (on.isoformat() in rise.sentence("zh")) is is_said
    assert ("新应用" in rise.sentence("zh")) is is_said
    assert ("New app" in rise.sentence("en")) is is_said



def test_other_township_does_not_hear_of_it(county):
    own = changes(county, Scope("t", Role.TOWNSHIP, f"{COUNTY}001"))
    other = changes(county, Scope("t", Role.TOWNSHIP, f"{COUNTY}005"))
    assert any(change.key.startswith("rise") for change in own)
    assert [change.key for change in other] == ["nothing"]


def test_late_entries_do_not_make_the_last_week_look_quiet(county):
    with write_transaction(county) as writing:
        writing.exec_driver_sql("UPDATE incidents SET recorded_at = reported_at + 86400 * 20")
    found = changes(county, as_of=UNTIL - timedelta(weeks=12))
    assert all(change.direction >= 0 for change in found)


def test_short_past_says_so(empty_engine):
    many_incidents.build(empty_engine, 500, townships=2, villages=2, grids=1, weeks=20)
    found = changes(empty_engine)
    assert [change.key for change in found] == ["too_short"]
    assert "26" in found[0].sentence("en")

"""The inboxes count and list what waits, for whom it waits, and nothing that concerns the caller's own unit."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from govdesk.queries.inbox_rows import describe_rows
from govdesk.queries.inboxes import BoardFilter, Inbox, count_inboxes, list_inbox
from govdesk.rules.access import Scope
from govdesk.rules.clock_bands import Cuts
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Step
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")
TOWN = Scope(account="town", role=Role.TOWNSHIP, area_code=f"{COUNTY}002", unit_code="U-TOWN")
CUTS = Cuts(NOW, NOW + timedelta(hours=8), NOW + timedelta(days=2))
ALL = BoardFilter()
OPEN_INBOXES = [inbox for inbox in Inbox if inbox is not Inbox.REVISIT]
OPEN = ["reported", "dispatched", "accepted", "answered", "paused"]


@pytest.fixture
def engine(empty_engine):
    """A county of which 150 incidents are open, in every status, due before and after the cuts, some re-opened."""
    return fill(empty_engine)


def fill(engine):
    tiny_county.build(engine, 300)
    with write_transaction(engine) as connection:
        for n in range(1, 151):
            status = OPEN[n % 5]
            connection.execute(update(Incident).where(Incident.id == n).values(
                status=status, closed_at=None, week_closed=None, outcome=None, resolution_level=None,
                handling_unit=[None, "U-LAND", "U-TOWN", "U-CENTRE"][n % 4], severity=[None, 1, 2, 3, 4][n % 5 if n % 3 else 0],
                due_at=None if n % 7 == 0 else NOW + timedelta(hours=n % 11 * 9 - 30),
                n_reopened=int(n % 9 == 0), weight=-1 if n % 50 == 0 else 1, is_counted=int(n % 13 != 0),
                concerns_unit="U-LAND" if n % 8 == 1 else None))
    return engine


def rows(engine):
    with read_transaction(engine) as connection:
        found = pd.DataFrame(connection.execute(select(
            Incident.id, Incident.status, Incident.handling_unit, Incident.due_at, Incident.severity, Incident.weight,
            Incident.n_reopened, Incident.place_code, Incident.concerns_unit, Incident.reported_at, Incident.stream,
        ).where(Incident.is_counted == 1, Incident.closed_at.is_(None))).all())
    found["due_at"] = pd.to_datetime(found["due_at"], utc=True)
    return found


def by_hand(open_incidents, scope, inbox):
    """Say once more, in pandas, what lies in an inbox."""
    seen = open_incidents[open_incidents["concerns_unit"].isna() | (open_incidents["concerns_unit"] != scope.unit_code)]
    if scope.role is Role.DEPARTMENT:
        seen = seen[seen["handling_unit"] == scope.unit_code]
    if scope.area_code:
        seen = seen[seen["place_code"].str.startswith(scope.area_code) | (seen["handling_unit"] == scope.unit_code)]
    own = seen["handling_unit"].eq(scope.unit_code) if scope.unit_code else seen["id"] > 0
    clock = seen["status"] != "paused"
    kept = {
        Inbox.LATE: clock & (seen["due_at"] < CUTS.now),
        Inbox.SOON: clock & (seen["due_at"] >= CUTS.now) & (seen["due_at"] < CUTS.yellow_until),
        Inbox.TRIAGE: seen["status"] == "reported", Inbox.ACCEPT: (seen["status"] == "dispatched") & own,
        Inbox.IN_HAND: seen["status"].isin(["accepted", "answered", "paused"]), Inbox.PAUSED: ~clock,
        Inbox.REOPENED: seen["n_reopened"] > 0, Inbox.EXTENSION: seen["id"] < 0,
    }
    return seen[kept[inbox]]


@pytest.mark.parametrize("scope", [CENTRE, LAND, TOWN], ids=lambda scope: scope.account)
def test_counts_and_lists_equal_a_count_by_hand(engine, scope):
    open_incidents = rows(engine)
    with read_transaction(engine) as connection:
        found = count_inboxes(connection, scope, ALL, CUTS)
        for inbox in OPEN_INBOXES:
            expected = by_hand(open_incidents, scope, inbox)
            assert found.counts[inbox] == expected["weight"].sum(), inbox
            listed = list_inbox(connection, scope, ALL, CUTS, inbox, limit=1000)
            assert set(listed.ids) == set(expected[expected["weight"] == 1]["id"]), inbox
            assert listed.after is None
    assert found.n_orange + found.n_yellow == found.counts[Inbox.SOON]
    assert found.counts[Inbox.LATE] > 0


def test_pages_by_key_hold_each_row_once_most_pressing_first(engine):
    open_incidents = rows(engine).set_index("id")
    seen, after = [], None
    with read_transaction(engine) as connection:
        while True:
            page = list_inbox(connection, CENTRE, ALL, CUTS, Inbox.IN_HAND, after, limit=7)
            seen += page.ids
            after = page.after
            if after is None:
                break
        whole = list_inbox(connection, CENTRE, ALL, CUTS, Inbox.IN_HAND, limit=1000)
    assert tuple(seen) == whole.ids
    order = open_incidents.loc[seen]
    bands = [{"red": 0, "orange": 1, "yellow": 2}.get(
        CUTS.find_band(None if pd.isna(at) else at.to_pydatetime()) or "", 3) for at in order["due_at"]]
    keys = list(zip(bands, order["severity"].fillna(9), order["reported_at"], order.index, strict=True))
    assert keys == sorted(keys)
    assert len(set(bands)) > 2


@pytest.mark.parametrize(("filters", "column", "value"), [
    (BoardFilter(stream="dispute"), "stream", "dispute"), (BoardFilter(unit_code="U-CENTRE"), "handling_unit", "U-CENTRE"),
    (BoardFilter(severity=2), "severity", 2), (BoardFilter(place_code=f"{COUNTY}001"), "place_code", f"{COUNTY}001"),
])
def test_filters_narrow_counts_and_list_alike(engine, filters, column, value):
    open_incidents = rows(engine)
    kept = open_incidents[open_incidents[column].astype(str).str.startswith(value) if column == "place_code"
                          else open_incidents[column] == value]
    with read_transaction(engine) as connection:
        found = count_inboxes(connection, CENTRE, filters, CUTS)
        listed = list_inbox(connection, CENTRE, filters, CUTS, Inbox.IN_HAND, limit=1000)
    assert found.n_open == kept["weight"].sum() > 0
    assert set(listed.ids) == set(by_hand(kept[kept["weight"] == 1], CENTRE, Inbox.IN_HAND)["id"])


@pytest.mark.postgres
def test_postgres_counts_and_lists_the_same(postgres_engine):
    open_incidents = rows(fill(postgres_engine))
    with write_transaction(postgres_engine) as connection:
        _ask(connection, 1, "ask_extend", 1)
        _ask(connection, 2, "ask_extend", 1)
        _ask(connection, 2, "extend", 2)
    with read_transaction(postgres_engine) as connection:
        for scope in (CENTRE, LAND, TOWN):
            found = count_inboxes(connection, scope, ALL, CUTS)
            for inbox in set(OPEN_INBOXES) - {Inbox.EXTENSION}:
                expected = by_hand(open_incidents, scope, inbox)
                assert found.counts[inbox] == expected["weight"].sum(), inbox
                listed = list_inbox(connection, scope, BoardFilter(), CUTS, inbox, limit=1000)
                assert set(listed.ids) == set(expected[expected["weight"] == 1]["id"]), inbox
        first = list_inbox(connection, CENTRE, ALL, CUTS, Inbox.IN_HAND, limit=7)
        both = list_inbox(connection, CENTRE, ALL, CUTS, Inbox.IN_HAND, limit=14)
        second = list_inbox(connection, CENTRE, ALL, CUTS, Inbox.IN_HAND, first.after, limit=7)
        assert first.ids + second.ids == both.ids
        assert list_inbox(connection, CENTRE, ALL, CUTS, Inbox.EXTENSION).ids == (1,)
        assert {row.id for row in describe_rows(connection, CENTRE, both.ids)} == set(both.ids)


def _ask(connection, number, kind, hours):
    at = NOW - timedelta(days=1) + timedelta(hours=hours)
    connection.execute(insert(Step).values(
        incident_id=number, source="loop", source_ref=f"L{number}-{kind}-{hours}", content_hash="0", kind=kind,
        occurred_at=at, recorded_at=at, is_withdrawn=False, is_recorded_assumed=False))


def test_extension_waits_until_it_is_decided_or_the_incident_changes_hands(engine):
    held = [int(one) for one in rows(engine).query("status == 'accepted' and weight == 1")["id"][:6]]
    waiting, granted, sent_on, again, withdrawn, at_once = held
    with write_transaction(engine) as connection:
        _ask(connection, at_once, "answer", 1)  # in the same second, and before
        for number in held:
            _ask(connection, number, "ask_extend", 1)
        _ask(connection, granted, "extend", 2)
        _ask(connection, sent_on, "dispatch", 2)
        _ask(connection, again, "deny_extend", 2)
        _ask(connection, again, "ask_extend", 3)
        connection.execute(update(Step).where(Step.incident_id == withdrawn).values(is_withdrawn=True))
    with read_transaction(engine) as connection:
        listed = list_inbox(connection, CENTRE, ALL, CUTS, Inbox.EXTENSION)
        found = count_inboxes(connection, CENTRE, ALL, CUTS)
    assert set(listed.ids) == {waiting, again, at_once}
    assert found.counts[Inbox.EXTENSION] == 3


def test_what_concerns_a_unit_is_in_none_of_its_lists(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).values(concerns_unit="U-LAND"))
    with read_transaction(engine) as connection:
        found = count_inboxes(connection, LAND, ALL, CUTS)
        assert found.n_open == 0
        assert all(list_inbox(connection, LAND, ALL, CUTS, inbox).ids == () for inbox in OPEN_INBOXES)
        assert count_inboxes(connection, replace(LAND, unit_code="U-CENTRE"), ALL, CUTS).n_open > 0


def test_only_the_index_is_read(engine):
    if engine.dialect.name != "sqlite":
        pytest.skip("plans of SQLite")
    plans = []
    with read_transaction(engine) as connection:
        run = connection.connection.driver_connection
        run.set_trace_callback(plans.append)
        count_inboxes(connection, CENTRE, ALL, CUTS)
        for inbox in (Inbox.LATE, Inbox.TRIAGE, Inbox.IN_HAND, Inbox.REOPENED):
            list_inbox(connection, TOWN, BoardFilter(place_code=f"{COUNTY}002"), CUTS, inbox)
        run.set_trace_callback(None)
        for statement in [one for one in plans if one.startswith("SELECT") and "asked" not in one]:
            found = " ".join(row[3] for row in run.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert "COVERING INDEX ix_incidents_inbox" in found, found

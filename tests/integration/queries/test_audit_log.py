"""The audit by filter and page, and the state of its chain."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from govdesk.actions.seal_audit import seal_events, verify_audit
from govdesk.queries.audit_log import (
    MOST_COUNTED,
    PAGE,
    AuditFilter,
    Edge,
    count_audit_events,
    list_audit_accounts,
    list_audit_events,
    read_chain_state,
)
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent
from govdesk.terms import Role
from tests.support import empty_county
from tests.support.tiny_county import NOW

N = 260


@pytest.fixture
def engine(empty_engine):
    """Return an engine with 260 entries, one a minute; every tenth refused, every seventh an export."""
    empty_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(AuditEvent), [
            {"at": NOW - timedelta(minutes=N - number), "by": ("local_centre", "local_leader", "gone")[number % 3],
             "action": "export" if number % 7 == 0 else "take_step", "subject": "incidents",
             "subject_key": str(number), "detail": "{}", "address": None, "is_refused": number % 10 == 0}
            for number in range(N)])
    return empty_engine


def ids(engine, **wanted):
    with read_transaction(engine) as connection:
        return [line.id for line in list_audit_events(connection, SYSTEM, AuditFilter(**wanted)).lines]


def test_newest_come_first_and_every_page_follows(engine):
    with read_transaction(engine) as connection:
        seen, edge, pages = [], None, []
        while True:
            page = list_audit_events(connection, SYSTEM, AuditFilter(), edge)
            pages.append(page)
            seen += [line.id for line in page.lines]
            if not page.has_older:
                break
            edge = Edge(page.lines[-1].seconds, page.lines[-1].id)
        assert seen == list(range(N, 0, -1))
        assert [len(page.lines) for page in pages] == [PAGE] * 5 + [10]
        assert not pages[0].has_newer
        first = pages[-1].lines[0]
        back = list_audit_events(connection, SYSTEM, AuditFilter(), Edge(first.seconds, first.id, is_newer=True))
        assert back.lines == pages[-2].lines


@pytest.mark.parametrize("wanted", [
    {"by": "local_leader"}, {"action": "export"}, {"subject_key": "77"}, {"only_refused": True},
    {"by": "local_centre", "action": "export"}, {"by": "gone", "only_refused": True, "action": "take_step"},
    {"subject": "incidents", "by": "gone"}])
def test_filters_keep_what_they_say(engine, wanted):
    def fits(number):
        row = {"by": ("local_centre", "local_leader", "gone")[number % 3],
               "action": "export" if number % 7 == 0 else "take_step", "subject": "incidents",
               "subject_key": str(number), "only_refused": number % 10 == 0}
        return all(row[name] == value for name, value in wanted.items())

    expected = [number + 1 for number in reversed(range(N)) if fits(number)]
    assert ids(engine, **wanted) == expected[:PAGE]
    with read_transaction(engine) as connection:
        assert count_audit_events(connection, SYSTEM, AuditFilter(**wanted)) == len(expected)


def test_times_are_from_and_before(engine):
    since = int((NOW - timedelta(minutes=10)).timestamp())
    assert ids(engine, since=since, until=since + 180) == [253, 252, 251]


def test_account_that_is_gone_stays_in_the_entries(engine):
    with read_transaction(engine) as connection:
        lines = {line.by: line.title for line in list_audit_events(connection, SYSTEM, AuditFilter()).lines}
        assert lines == {"gone": None, "local_centre": "centre", "local_leader": "leader"}
        assert ("local_leader", "leader") in list_audit_accounts(connection, SYSTEM)


def test_state_of_the_chain(engine):
    with read_transaction(engine) as connection:
        state = read_chain_state(connection, SYSTEM)
    assert (state.n_blocks, state.n_open, state.n_faults) == (0, N, None)
    seal_events(engine, by=SYSTEM)
    verify_audit(engine, by=SYSTEM)
    with read_transaction(engine) as connection:
        state = read_chain_state(connection, SYSTEM)
    assert (state.n_blocks, state.n_open, state.n_faults, state.checked_by) == (1, 1, 0, "system")
    assert state.kept_from is None


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_only_administrators_see_it(engine, role):
    scope = Scope(account="x", role=role)
    with read_transaction(engine) as connection:
        for query in (list_audit_events, count_audit_events):
            with pytest.raises(RefusedError):
                query(connection, scope, AuditFilter())
        for query in (list_audit_accounts, read_chain_state):
            with pytest.raises(RefusedError):
                query(connection, scope)


def test_counting_ends_where_it_says():
    assert MOST_COUNTED == 10_000

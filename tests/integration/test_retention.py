"""`remove-expired`: a dry run removes nothing, what is past its time goes with an audit row, the rest stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from typer.testing import CliRunner

from govdesk.actions import retention
from govdesk.actions.remove_old_audit import AuditFaultyError
from govdesk.actions.retention import remove_expired, remove_old_sign_ins
from govdesk.cli import app
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, AuditEvent, SignIn, SignInFailure
from govdesk.terms import Role
from tests.support.tiny_county import NOW

LONG_AGO = NOW - timedelta(days=get_settings().audit_days + 2)


def build_sign_in(token, ends_at, ended_at=None):
    return {"token_hash": token, "account_code": "a", "method": "password", "address": "10.0.0.1", "at": LONG_AGO,
            "seen_at": LONG_AGO, "ends_at": ends_at, "ended_at": ended_at, "ended_because": None}


def build_failure(key, at, until):
    return {"key": key, "n": 4, "at": at, "blocked_until": until}


@pytest.fixture
def engine(tiny_engine):
    day = timedelta(days=1)
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [{
            "code": "a", "title": "a", "role": "centre", "post_code": None, "area_code": None, "unit_code": None,
            "is_active": True}])
        connection.execute(insert(SignIn), [
            build_sign_in("ended long ago", NOW + 900 * day, LONG_AGO), build_sign_in("ran out long ago", LONG_AGO),
            build_sign_in("a wall's, still used", NOW + 900 * day), build_sign_in("ended lately", LONG_AGO, NOW - day)])
        connection.execute(insert(SignInFailure), [
            build_failure("old", LONG_AGO, LONG_AGO), build_failure("new", NOW - day, NOW - day),
            build_failure("still waiting", LONG_AGO, NOW + day)])
    return tiny_engine


def read_left(engine):
    with read_transaction(engine) as connection:
        return (set(connection.scalars(select(SignIn.token_hash))), set(connection.scalars(select(SignInFailure.key))))


def test_dry_run_counts_and_removes_nothing(engine):
    before = read_left(engine)
    found = remove_expired(engine, by=SYSTEM, commit=False).by_table
    assert (found["sign_ins"], found["sign_in_failures"]) == (2, 1)
    assert read_left(engine) == before


def test_commit_removes_what_is_past_its_time_and_is_audited(engine):
    remove_expired(engine, by=SYSTEM, commit=True)
    assert read_left(engine) == ({"a wall's, still used", "ended lately"}, {"new", "still waiting"})
    with read_transaction(engine) as connection:
        rows = connection.scalar(select(func.count()).select_from(AuditEvent).where(
            AuditEvent.action == retention.ACTION, AuditEvent.subject == "sign_ins"))
    assert rows == 1
    assert remove_old_sign_ins(engine, by=SYSTEM, commit=True) == retention.OldSignIns(0, 0)


def test_only_who_answers_for_the_trail_may(engine):
    for call in (remove_expired, remove_old_sign_ins):
        with pytest.raises(RefusedError):
            call(engine, by=Scope("local_centre", Role.CENTRE), commit=True)
    assert len(read_left(engine)[0]) == 4


def test_a_faulty_audit_is_left_alone_and_the_rest_is_done(engine, monkeypatch):
    def refuse_audit(*_, **__):
        message = "2 faults in the audit, nothing was removed"
        raise AuditFaultyError(message)
    monkeypatch.setattr(retention, "remove_old_audit", refuse_audit)
    done = CliRunner().invoke(app, ["remove-expired", "--commit"])
    assert done.exit_code != 0
    assert "audit-verify" in done.output
    assert len(read_left(engine)[0]) == 2


def test_command_names_every_table_and_says_that_nothing_was_removed(engine):
    done = CliRunner().invoke(app, ["remove-expired"])
    assert done.exit_code == 0, done.output
    for table in ("photos", "uploads", "webhook_deliveries", "sign_ins", "sign_in_failures", "audit_events"):
        assert f"of {table}" in done.output
    assert "nothing removed" in done.output
    assert len(read_left(engine)[0]) == 4

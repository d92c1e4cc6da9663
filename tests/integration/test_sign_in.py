"""Coming in and going out: hashes only, the same answer for unknown accounts, waiting, ended everywhere at once."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.audit_writer import WRITER
from govdesk.actions.change_password import (
    PasswordRefusedError,
    announce_first_password,
    change_own_password,
    make_first_password,
    make_one_time_password,
)
from govdesk.actions.sign_in import Denied, Granted, note_use, sign_in_as_known, sign_in_by_password, sign_out
from govdesk.clock import real_now
from govdesk.queries.sign_ins import find_by_token, hash_token
from govdesk.rules.access import SYSTEM, RefusedError, Scope, Visitor
from govdesk.storage import passwords
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, AuditEvent, DatabaseProperty, Password, SignIn, SignInFailure
from govdesk.terms import Role, SignInMethod

HERE = Visitor("127.0.0.1")
GOOD = "seven herons over the weir"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Hash with the least argon2 allows: what is tested here is not how long it takes."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


def give_password(engine, account="local_leader", password=GOOD, *, is_one_time=False):
    with write_transaction(engine) as connection:
        connection.execute(insert(Password).values(account_code=account, hash=passwords.hash_password(password),
                                                   is_one_time=is_one_time, at=real_now()))


def come_in(engine, account="local_leader", password=GOOD, *, now=None, by=HERE, **rest):
    return sign_in_by_password(engine, by=by, account=account, password=password, now=now or real_now(), **rest)


def find(engine, granted, now=None):
    with read_transaction(engine) as connection:
        return find_by_token(connection, hash_token(granted.token), now or real_now())


def test_sign_in_gives_scope_and_keeps_neither_password_nor_token(tiny_engine):
    give_password(tiny_engine)
    granted = come_in(tiny_engine)
    assert isinstance(granted, Granted)
    who = find(tiny_engine, granted)
    assert (who.scope.account, who.scope.role, who.scope.address) == ("local_leader", Role.LEADER, "127.0.0.1")
    with read_transaction(tiny_engine) as connection:
        kept = str([connection.execute(select(table.__table__)).all() for table in (Password, SignIn, AuditEvent)])
    assert GOOD not in kept
    assert granted.token not in kept
    assert "argon2id" in kept


def test_unknown_switched_off_and_wrong_look_the_same(tiny_engine):
    give_password(tiny_engine)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).where(Account.code == "local_clerk").values(is_active=False))
    give_password(tiny_engine, "local_clerk")
    found = {account: come_in(tiny_engine, account, password, by=Visitor(account)) for account, password in (
        ("nobody", GOOD), ("local_clerk", GOOD), ("local_leader", "wrong"), ("local_admin", GOOD), ("x" * 90, GOOD))}
    assert set(found.values()) == {Denied()}
    with read_transaction(tiny_engine) as connection:
        rows = connection.execute(select(AuditEvent.by, AuditEvent.is_refused).where(AuditEvent.action == "sign_in")).all()
    assert len(rows) == 5
    assert all(row.is_refused for row in rows)
    assert {row.by for row in rows} == {"nobody", "local_leader", "local_admin"}  # what a stranger typed is not kept


def test_hash_is_computed_for_who_does_not_exist(tiny_engine, monkeypatch):
    """Without it the answer would come a tenth of a second sooner, and tell."""
    asked = []
    real = passwords._hasher.verify
    monkeypatch.setattr(passwords, "_hasher", type("Spy", (), {
        "hash": passwords._hasher.hash, "verify": lambda self, kept, typed: (asked.append(kept), real(kept, typed))}))
    passwords._hasher = passwords._hasher()
    come_in(tiny_engine, "nobody")
    come_in(tiny_engine, "local_leader")
    assert len(asked) == 2


@pytest.mark.parametrize(("account", "password"), [
    ("local_leader", GOOD), ("local_leader", "wrong"), ("nobody", GOOD), ("local_clerk", GOOD), ("local_admin", GOOD),
    ("x" * 90, GOOD), ("", ""), ("nobody", "x" * 8_000)])
def test_each_attempt_costs_exactly_one_hash(tiny_engine, monkeypatch, account, password):
    """Counted, not timed: who exists, is switched off or has no password yet is not told by the clock."""
    passwords._nobodys()
    asked, real = [], passwords._hasher
    spy = type("Spy", (), {
        "hash": lambda self, typed: (asked.append("hash"), real.hash(typed))[1],
        "verify": lambda self, kept, typed: (asked.append("verify"), real.verify(kept, typed))[1]})()
    give_password(tiny_engine)
    give_password(tiny_engine, "local_clerk")
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).where(Account.code == "local_clerk").values(is_active=False))
    monkeypatch.setattr(passwords, "_hasher", spy)
    come_in(tiny_engine, account, password)
    assert asked == ["verify"]


def test_unknown_and_known_accounts_take_as_long(tiny_engine, monkeypatch):
    """The middle of paired attempts, with room: a missing hash alone would make one side many times quicker."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher())
    give_password(tiny_engine)
    passwords._nobodys()
    ratios = []
    for n in range(5):
        spent = []
        for account in ("local_leader", "nobody"):
            began = time.process_time()
            come_in(tiny_engine, account, "wrong", now=real_now() + timedelta(hours=n),
                    by=Visitor(f"10.0.{n}.{len(spent)}"))
            spent.append(time.process_time() - began)
        ratios.append(spent[0] / spent[1])
    assert 0.5 < sorted(ratios)[2] < 2


def test_attempt_while_one_has_to_wait_is_in_the_audit(tiny_engine):
    now = real_now()
    for _ in range(4):
        come_in(tiny_engine, "nobody", "wrong", now=now, by=Visitor("10.7.7.7"))
    assert come_in(tiny_engine, "nobody", "wrong", now=now, by=Visitor("10.7.7.7")).wait > 0
    assert WRITER.flush()
    with read_transaction(tiny_engine) as connection:
        details = connection.scalars(select(AuditEvent.detail).where(AuditEvent.address == "10.7.7.7")).all()
    assert sum('"waiting"' in one for one in details) == 1


def test_failures_make_one_wait_per_account_and_per_address(tiny_engine):
    give_password(tiny_engine)
    now = real_now()
    for n in range(4):
        found = come_in(tiny_engine, password="wrong", now=now, by=Visitor(f"10.0.0.{n}"))
    assert found == Denied(2)
    assert come_in(tiny_engine, now=now, by=Visitor("10.9.9.9")).wait in (2, 3)  # the account waits from anywhere
    assert isinstance(come_in(tiny_engine, now=now + timedelta(seconds=3), by=Visitor("10.9.9.9")), Granted)
    for n in range(4):
        come_in(tiny_engine, f"account{n}", now=now, by=Visitor("10.0.0.200"))
    assert come_in(tiny_engine, now=now, by=Visitor("10.0.0.200")).wait in (2, 3)  # the address waits for any account


def test_waiting_attempt_is_not_looked_at_and_success_forgets(tiny_engine):
    give_password(tiny_engine)
    now = real_now()
    for _ in range(5):
        come_in(tiny_engine, password="wrong", now=now)
    assert come_in(tiny_engine, now=now).wait > 0
    assert isinstance(come_in(tiny_engine, now=now + timedelta(seconds=10)), Granted)
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(SignInFailure)) == 1  # the address, not the account
    assert isinstance(come_in(tiny_engine, now=now + timedelta(hours=25)), Granted)


def test_sign_in_ends_when_idle_at_its_limit_and_when_ended(tiny_engine):
    give_password(tiny_engine)
    now = real_now()
    granted = come_in(tiny_engine, now=now)
    assert find(tiny_engine, granted, now + timedelta(minutes=119)) is not None
    assert find(tiny_engine, granted, now + timedelta(minutes=121)) is None
    who = find(tiny_engine, granted, now)
    for minutes in range(60, 700, 60):
        note_use(tiny_engine, by=who.scope, number=who.id, now=now + timedelta(minutes=minutes))
    assert find(tiny_engine, granted, now + timedelta(minutes=719)) is not None
    assert find(tiny_engine, granted, now + timedelta(minutes=721)) is None
    sign_out(tiny_engine, by=who.scope, number=who.id, now=now)
    assert find(tiny_engine, granted, now) is None


def test_nobody_ends_the_sign_in_of_another(tiny_engine):
    give_password(tiny_engine)
    granted = come_in(tiny_engine)
    who = find(tiny_engine, granted)
    sign_out(tiny_engine, by=Scope("local_centre", Role.CENTRE), number=who.id, now=real_now())
    assert find(tiny_engine, granted) is not None


def test_switched_off_account_is_out_at_once(tiny_engine):
    give_password(tiny_engine)
    granted = come_in(tiny_engine)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).where(Account.code == "local_leader").values(is_active=False))
    assert find(tiny_engine, granted) is None


def test_address_range_holds_at_the_door_and_afterwards(tiny_engine):
    give_password(tiny_engine)
    granted = come_in(tiny_engine)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).where(Account.code == "local_leader").values(address_range="10.1.0.0/16"))
    assert find(tiny_engine, granted) is None
    assert come_in(tiny_engine, now=real_now() + timedelta(hours=1)) == Denied()
    assert isinstance(come_in(tiny_engine, by=Visitor("10.1.2.3")), Granted)


def test_address_of_a_wall_lets_in_walls_only(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="wall_1", title="大屏", role="wall", is_active=True))
    key = make_one_time_password(tiny_engine, by=SYSTEM, account="wall_1", now=real_now())
    granted = come_in(tiny_engine, "wall_1", key, method=SignInMethod.LINK)
    assert isinstance(granted, Granted)
    who = find(tiny_engine, granted, real_now() + timedelta(days=90))
    assert who.scope.role is Role.WALL
    assert not who.must_change  # a wall never meets a form
    give_password(tiny_engine)
    assert come_in(tiny_engine, method=SignInMethod.LINK) == Denied()


def test_demonstration_does_not_exist_with_real_data(tiny_engine):
    granted = sign_in_as_known(tiny_engine, by=HERE, account="local_leader", now=real_now(), method=SignInMethod.DEMO)
    assert find(tiny_engine, granted) is not None
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(DatabaseProperty).where(DatabaseProperty.key == "kind").values(value="real"))
    assert find(tiny_engine, granted) is None  # not even one of before
    again = sign_in_as_known(tiny_engine, by=HERE, account="local_leader", now=real_now(), method=SignInMethod.DEMO)
    assert again == Denied()
    with pytest.raises(ValueError, match="password"):
        sign_in_as_known(tiny_engine, by=HERE, account="local_leader", now=real_now(), method=SignInMethod.PASSWORD)


def test_one_time_password_must_be_changed_and_ends_what_was_open(tiny_engine):
    give_password(tiny_engine)
    before = come_in(tiny_engine)
    made = make_one_time_password(tiny_engine, by=SYSTEM, account="local_leader", now=real_now())
    assert find(tiny_engine, before) is None
    assert come_in(tiny_engine) == Denied()
    granted = come_in(tiny_engine, password=made, by=Visitor("10.0.0.9"))
    who = find(tiny_engine, granted)
    assert who.must_change
    other = come_in(tiny_engine, password=made, by=Visitor("10.0.0.9"))
    change_own_password(tiny_engine, by=who.scope, number=who.id, current=made, new="a mill beside the old canal",
                        now=real_now())
    assert not find(tiny_engine, granted).must_change
    assert find(tiny_engine, other) is None
    with pytest.raises(RefusedError):
        make_one_time_password(tiny_engine, by=who.scope, account="local_admin", now=real_now())
    with pytest.raises(LookupError):
        make_one_time_password(tiny_engine, by=SYSTEM, account="nobody", now=real_now())


@pytest.mark.parametrize(("current", "new", "key"), [
    ("wrong", "a mill beside the old canal", "wrong"), (GOOD, GOOD, "password_same"), (GOOD, "short", "password_short"),
    (GOOD, "local_leader local_leader", "password_common")])
def test_new_password_is_refused_with_its_reason(tiny_engine, current, new, key):
    give_password(tiny_engine)
    who = find(tiny_engine, come_in(tiny_engine))
    with pytest.raises(PasswordRefusedError) as refused:
        change_own_password(tiny_engine, by=who.scope, number=who.id, current=current, new=new, now=real_now())
    assert refused.value.key == key
    assert isinstance(come_in(tiny_engine), Granted)


def test_first_administrator_gets_one_password_once(tiny_engine, capsys):
    account, password = make_first_password(tiny_engine, by=SYSTEM, now=real_now())
    assert account == "local_admin"
    assert find(tiny_engine, come_in(tiny_engine, account, password)).must_change
    assert make_first_password(tiny_engine, by=SYSTEM, now=real_now()) is None
    announce_first_password()
    assert capsys.readouterr().out == ""


def test_first_password_is_printed_for_real_data_only(tiny_engine, capsys):
    announce_first_password()
    assert capsys.readouterr().out == ""
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(DatabaseProperty).where(DatabaseProperty.key == "kind").values(value="real"))
    announce_first_password()
    said = capsys.readouterr().out
    assert "local_admin" in said
    assert isinstance(come_in(tiny_engine, "local_admin", said.strip().split("：")[-1].strip()), Granted)
    announce_first_password()
    assert capsys.readouterr().out == ""

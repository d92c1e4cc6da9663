"""Passwords: one's own changed, one made for a single use by the administrator, the first one of all."""

import logging
import secrets
import string
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from govdesk.actions.acting import acting
from govdesk.actions.sign_in import end_sign_ins
from govdesk.clock import real_now
from govdesk.queries import known_sign_ins
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.sign_in import LONGEST, SHORTEST, check_password
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.passwords import hash_password, is_right
from govdesk.storage.properties import WrongDatabaseError, read_properties
from govdesk.storage.schema import is_initialised
from govdesk.tables import Account, Password
from govdesk.terms import DataKind, Role
from govdesk.words import say

log = logging.getLogger("govdesk.sign_in")

#: Letters of a password that is read from paper: none that looks like another.
_LETTERS = "".join(letter for letter in string.ascii_lowercase + string.digits if letter not in "il1o0")


class PasswordRefusedError(ValueError):
    """A password is not taken; `key` of ``sign_in.*`` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = {"password_short": {"n": SHORTEST}, "password_long": {"n": LONGEST}}.get(key, {})


def change_own_password(engine: Engine, *, by: Scope, number: int, current: str, new: str, now: datetime) -> None:
    """Change the password of the caller; every other sign-in of the account ends.

    Parameters
    ----------
    by : Scope
        The caller.
    number : int
        The caller's sign-in, which goes on.
    current, new : str
        As typed.
    now : datetime
        The present instant (UTC).

    Raises
    ------
    PasswordRefusedError
        When the current one is not right, or the new one is too short or too common.
    """
    with read_transaction(engine) as connection:
        kept = connection.scalar(select(Password.hash).where(Password.account_code == by.account))
    if not is_right(kept, current):
        raise PasswordRefusedError("wrong")
    if current == new:
        raise PasswordRefusedError("password_same")
    fault = check_password(new, by.account)
    if fault is not None:
        raise PasswordRefusedError(f"password_{fault}")
    hashed = hash_password(new)
    with acting(engine, by=by, action="change_own_password") as act:
        _keep(act.connection, by.account, hashed, is_one_time=False, now=now)
        n_ended = end_sign_ins(act.connection, by.account, now, "password_changed", but=number)
        act.audit("passwords", by.account, n_ended=n_ended)
    known_sign_ins.forget()


def make_one_time_password(engine: Engine, *, by: Scope, account: str, now: datetime) -> str:
    """Give an account a password for one use, and return it: it is shown once and kept nowhere.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    LookupError
        When there is no such account, or it is no person's.
    """
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    hashed = hash_password(password)
    with acting(engine, by=by, action="manage_accounts") as act:
        role = act.connection.scalar(select(Account.role).where(Account.code == account, Account.is_active))
        if role is None or role == Role.INTAKE:
            raise LookupError(account)
        _keep(act.connection, account, hashed, is_one_time=True, now=now)
        n_ended = end_sign_ins(act.connection, account, now, "password_reset")
        act.audit("passwords", account, one_time=True, n_ended=n_ended)
    known_sign_ins.forget()
    return password


def make_first_password(engine: Engine, *, by: Scope, now: datetime) -> tuple[str, str] | None:
    """Give the first administrator a one-time password where no administrator has one; return account and password."""
    with read_transaction(engine) as connection:
        has_one = connection.scalar(
            select(Password.account_code).join(Account, Account.code == Password.account_code)
            .where(Account.role == Role.ADMIN, Account.is_active).limit(1))
        first = connection.scalar(select(Account.code).where(Account.role == Role.ADMIN, Account.is_active)
                                  .order_by(Account.code).limit(1))
    if has_one is not None or first is None:
        return None
    return first, make_one_time_password(engine, by=by, account=first, now=now)


def announce_first_password() -> None:
    """Print the first administrator's one-time password when a server starts that nobody can administer yet.

    Not for a sample county: there one enters by the demonstration (`api.sign_in`), and elsewhere than on the machine
    itself with ``manage.py reset-password``.
    """
    try:
        engine = get_engine()
        if not is_initialised(engine):
            return
        with read_transaction(engine) as connection:
            if read_properties(connection).kind is DataKind.SAMPLE:
                return
        made = make_first_password(engine, by=SYSTEM, now=real_now())
    except (SQLAlchemyError, WrongDatabaseError) as error:
        log.warning("the first password could not be made: %s", type(error).__name__)
        return
    if made is not None:
        print(say("sign_in.first_password", account=made[0], password=made[1]), flush=True)  # noqa: T201 never in a log


def _keep(connection: Connection, account: str, hashed: str, *, is_one_time: bool, now: datetime) -> None:
    connection.execute(delete(Password).where(Password.account_code == account))
    connection.execute(insert(Password).values(account_code=account, hash=hashed, is_one_time=is_one_time, at=now))

"""Who is in: a sign-in by its number, checked anew at every use."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from govdesk.rules.access import Scope
from govdesk.rules.sign_in import Limits, is_over, is_within, limits_of
from govdesk.settings import get_settings
from govdesk.storage.properties import read_properties
from govdesk.tables import Account, Password, SignIn
from govdesk.terms import DataKind, Role, SignInMethod


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in that holds.

    Attributes
    ----------
    id : int
        Its number.
    scope : Scope
        What its account may read.
    title : str
        What the account is called.
    method : SignInMethod
        How it came in.
    must_change : bool
        The password was made for one use: nothing is shown before it is changed.
    seen_at, ends_at : datetime
        Last use (a minute exact), and the absolute limit; UTC.
    """

    id: int
    scope: Scope
    title: str
    method: SignInMethod
    must_change: bool
    seen_at: datetime
    ends_at: datetime


def hash_token(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def usual_limits() -> Limits:
    """Return how long a sign-in lasts in this office."""
    settings = get_settings()
    return Limits(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.sign_in_hours))


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(SignIn.id, SignIn.method, SignIn.seen_at, SignIn.ends_at, SignIn.address, Account.code, Account.title,
               Account.role, Account.area_code, Account.unit_code, Account.address_range, Password.is_one_time)
        .join(Account, Account.code == SignIn.account_code)
        .outerjoin(Password, Password.account_code == Account.code)
        .where(SignIn.ended_at.is_(None), Account.is_active)
    )


def find_by_token(connection: Connection, token_hash: str, now: datetime) -> SignedIn | None:
    """Return the sign-in of a cookie's token; None when it does not hold."""
    return _check(connection, _select().where(SignIn.token_hash == token_hash), now)


def _check(connection: Connection, statement: Select[*tuple[Any, ...]], now: datetime) -> SignedIn | None:
    found = connection.execute(statement).first()
    if found is None:
        return None
    role = Role(found.role)
    if is_over(now, found.seen_at, found.ends_at, limits_of(role, usual_limits())) is not None:
        return None
    if not is_within(found.address, found.address_range):
        return None
    method = SignInMethod(found.method)
    if method is SignInMethod.DEMO and read_properties(connection).kind is not DataKind.SAMPLE:
        return None  # a demonstration's sign-in has no meaning where data are real
    scope = Scope(found.code, role, found.area_code, found.unit_code, found.address)
    must_change = bool(found.is_one_time) and method is SignInMethod.PASSWORD and role is not Role.WALL
    return SignedIn(found.id, scope, found.title, method, must_change, found.seen_at, found.ends_at)

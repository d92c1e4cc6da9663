"""Coming in and going out: one kind of sign-in whatever the way, kept on the server, ended at any time."""

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.engine import Row

from govdesk.actions.audit_trail import note_refused
from govdesk.clock import now as clock_now
from govdesk.queries import known_sign_ins
from govdesk.queries.sign_ins import hash_token, usual_limits
from govdesk.rules.access import Scope, Visitor
from govdesk.rules.sign_in import LONGEST_WAIT, is_within, limits_of, wait_after
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.passwords import is_right
from govdesk.storage.properties import read_properties
from govdesk.storage.secret import read_secret
from govdesk.tables import Account, AuditEvent, Password, SignIn, SignInFailure
from govdesk.terms import DataKind, Role, SignInMethod

#: Failures are forgotten after so long without another one.
FORGET = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Granted:
    """Somebody is in: the token of the cookie (never kept), and when it ends at the latest (UTC)."""

    token: str
    ends_at: datetime
    account: str
    role: Role


@dataclass(frozen=True, slots=True)
class Denied:
    """Nobody is in. Unknown, switched off and wrong password look the same.

    Attributes
    ----------
    wait : int
        Seconds until the next attempt is looked at; 0: at once.
    """

    wait: int = 0


def sign_in_by_password(engine: Engine, *, by: Visitor, account: str, password: str, now: datetime,
                        method: SignInMethod = SignInMethod.PASSWORD) -> Granted | Denied:
    """Let somebody in by account and password.

    Parameters
    ----------
    by : Visitor
        Who asks.
    account, password : str
        As typed.
    now : datetime
        The present instant (UTC).
    method : SignInMethod
        ``LINK`` for the address of a wall, which only lets walls in.
    """
    address, keys = by.address, _keys(account, by.address)
    with read_transaction(engine) as connection:
        wait = _find_wait(connection, keys, now)
        found = None if wait else _find_account(connection, account)
        kept = None if found is None else connection.scalar(
            select(Password.hash).where(Password.account_code == found.code))
    if wait:  # not looked at, whoever it is; that it was tried is counted
        note_refused(engine, by=None, action="sign_in", reason="waiting", address=address, subject="sign_ins")
        return Denied(wait)
    is_in = is_right(kept, password)  # outside of any transaction: it takes a tenth of a second
    if found is None or not is_in or not is_within(address, found.address_range) or (
            method is SignInMethod.LINK and found.role != Role.WALL):
        return _deny(engine, keys, account if found is not None else None, address, now, method)
    return _grant(engine, found, method, address, now, keys)


def sign_in_as_known(engine: Engine, *, by: Visitor, account: str, now: datetime,
                     method: SignInMethod) -> Granted | Denied:
    """Let somebody in whom another one vouches for: a provider (OIDC), or the demonstration of a sample county.

    Raises
    ------
    ValueError
        For a way in that needs a password.
    """
    if method not in (SignInMethod.OIDC, SignInMethod.DEMO):
        raise ValueError(method)
    with read_transaction(engine) as connection:
        found = _find_account(connection, account)
        is_sample = read_properties(connection).kind is DataKind.SAMPLE
    address, keys = by.address, _keys(account, by.address)
    # A wall comes in by its address only: a service that names one names somebody else's account.
    is_refused = (not is_sample) if method is SignInMethod.DEMO else found is not None and found.role == Role.WALL
    if found is None or not is_within(address, found.address_range) or is_refused:
        return _deny(engine, keys, None if found is None else account, address, now, method)
    return _grant(engine, found, method, address, now, keys)


def find_wait(engine: Engine, *, by: Visitor, now: datetime) -> int:
    """Return the seconds until another attempt from this address is looked at; 0: at once."""
    with read_transaction(engine) as connection:
        return _find_wait(connection, _keys("", by.address)[1:], now)


def refuse_provider(engine: Engine, *, by: Visitor, now: datetime, reason: str) -> Denied:
    """Count and note an attempt to come in by the identity service that came to nothing before it named an account.

    Parameters
    ----------
    reason : str
        A word of ours, never of the service.
    """
    return _deny(engine, _keys("", by.address)[1:], None, by.address, now, SignInMethod.OIDC, reason=reason)


def sign_out(engine: Engine, *, by: Scope, number: int, now: datetime, because: str = "signed_out") -> None:
    """End a sign-in of the caller's own account, in every window at once."""
    with write_transaction(engine) as connection:
        ended = connection.execute(
            update(SignIn).where(SignIn.id == number, SignIn.account_code == by.account, SignIn.ended_at.is_(None))
            .values(ended_at=now, ended_because=because))
        if ended.rowcount:
            _audit(connection, by.account, "sign_out", by.address, because=because)
    known_sign_ins.forget()


def note_use(engine: Engine, *, by: Scope, number: int, now: datetime) -> None:
    """Note that a sign-in of the caller is in use; called once a minute at most."""
    with write_transaction(engine) as connection:
        connection.execute(
            update(SignIn).where(SignIn.id == number, SignIn.account_code == by.account, SignIn.seen_at < now)
            .values(seen_at=now))


def end_sign_ins(connection: Connection, account: str, now: datetime, because: str, but: int | None = None) -> int:
    """End all sign-ins of an account in the caller's transaction; return how many."""
    ended = connection.execute(
        update(SignIn).where(SignIn.account_code == account, SignIn.ended_at.is_(None), SignIn.id != (but or 0))
        .values(ended_at=now, ended_because=because))
    return int(ended.rowcount)


def _find_account(connection: Connection, code: str) -> Row[*tuple[Any, ...]] | None:
    if len(code) > 40:
        return None
    return connection.execute(
        select(Account.code, Account.role, Account.address_range)
        .where(Account.code == code, Account.is_active, Account.role != Role.INTAKE)).first()


def _keys(account: str, address: str) -> tuple[str, str]:
    """Return under what failures are counted: keyed hashes, for what was typed may be anybody's name."""
    secret = read_secret(get_settings().var)

    def key(kind: str, text: str) -> str:
        return f"{kind}:{hmac.digest(secret, text.encode(), 'sha256').hex()[:48]}"

    return key("account", account[:100].casefold()), key("address", address)


def _find_wait(connection: Connection, keys: tuple[str, ...], now: datetime) -> int:
    until = connection.scalars(select(SignInFailure.blocked_until).where(SignInFailure.key.in_(keys))).all()
    waits = (int((instant - now).total_seconds()) + 1 for instant in until if instant > now)
    # Longer than the longest: the clock was put back since, and nobody shall stay out for that.
    return max((wait for wait in waits if wait <= LONGEST_WAIT), default=0)


def _deny(engine: Engine, keys: tuple[str, ...], account: str | None, address: str, now: datetime,
          method: SignInMethod, **detail: object) -> Denied:
    longest = 0
    with write_transaction(engine) as connection:
        connection.execute(delete(SignInFailure).where(SignInFailure.at < now - FORGET))
        for key in keys:
            before = connection.scalar(select(SignInFailure.n).where(SignInFailure.key == key))
            n = (before or 0) + 1
            values = {"n": n, "at": now, "blocked_until": now + wait_after(n)}
            if before is None:
                connection.execute(insert(SignInFailure).values(key=key, **values))
            else:
                connection.execute(update(SignInFailure).where(SignInFailure.key == key).values(**values))
            longest = max(longest, int(wait_after(n).total_seconds()))
        _audit(connection, account or "nobody", "sign_in", address, is_refused=True, method=method.value, wait=longest,
               **detail)
    return Denied(longest)


def _grant(engine: Engine, found: Row[*tuple[Any, ...]], method: SignInMethod, address: str, now: datetime,
           keys: tuple[str, str]) -> Granted:
    token = secrets.token_urlsafe(32)
    role = Role(found.role)
    ends_at = now + limits_of(role, usual_limits()).absolute
    with write_transaction(engine) as connection:
        connection.execute(delete(SignInFailure).where(SignInFailure.key == keys[0]))
        connection.execute(insert(SignIn).values(
            token_hash=hash_token(token), account_code=found.code, method=method.value, address=address, at=now,
            seen_at=now, ends_at=ends_at))
        _audit(connection, str(found.code), "sign_in", address, method=method.value)
    return Granted(token, ends_at, str(found.code), role)


def _audit(connection: Connection, account: str, action: str, address: str | None, *, is_refused: bool = False,
           **detail: object) -> None:
    connection.execute(insert(AuditEvent).values(
        at=clock_now(), by=account, action=action, subject="sign_ins", subject_key=None, address=address,
        is_refused=is_refused, detail=json.dumps(detail, sort_keys=True)))

"""Lets another system send incidents or read its own, and ends that; a token is shown once and only its hash kept."""

import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, func, insert, select, update

from govdesk.actions.acting import acting
from govdesk.clock import now, today
from govdesk.rules.access import Scope, require
from govdesk.rules.intake_tokens import CODE, RESERVED, hash_token
from govdesk.storage.engine import read_transaction
from govdesk.storage.units_off import is_off
from govdesk.tables import IntakeSource, Unit

_ACTION = "manage_intake"
#: Requests a minute that a source may make, unless it is told otherwise; and the most that it may be told.
PER_MINUTE = 60
MOST_PER_MINUTE = 6_000
_BYTES = 32


class SourceRefusedError(ValueError):
    """Nothing was written; `args[0]` says why."""


@dataclass(frozen=True, slots=True)
class SourceAdded:
    """The tokens of a new source, to be shown once: None where it may not do that, or nothing was written."""

    code: str
    write_token: str | None = None
    read_token: str | None = None


def add_source(
    engine: Engine, *, by: Scope, code: str, title: str, may_write: bool, may_read: bool, unit_code: str | None = None,
    per_minute: int = PER_MINUTE, commit: bool = True,
) -> SourceAdded:
    """Add a source.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    code, title : str
        Code: source of the incidents that it sends.
    may_write, may_read : bool
        Which tokens it gets: one each.
    unit_code : str, optional
        What concerns this unit is hidden from it.
    per_minute : int
        Requests a minute.
    commit : bool
        Write. Otherwise only check.

    Raises
    ------
    SourceRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    _check(engine, code, title, may_write or may_read, unit_code, per_minute)
    if not commit:
        return SourceAdded(code)
    write, read = (f"gdw_{secrets.token_urlsafe(_BYTES)}" if may_write else None,
                   f"gdr_{secrets.token_urlsafe(_BYTES)}" if may_read else None)
    with acting(engine, by=by, action=_ACTION) as act:
        act.connection.execute(insert(IntakeSource).values(
            code=code, title=title.strip(), write_hash=write and hash_token(write), read_hash=read and hash_token(read),
            unit_code=unit_code, per_minute=per_minute, is_active=True, by=by.account, at=now()))
        act.audit("intake_sources", code, added=True, writes=may_write, reads=may_read, unit=unit_code,
                  per_minute=per_minute)
    return SourceAdded(code, write, read)


def _check(engine: Engine, code: str, title: str, may_any: bool, unit_code: str | None, per_minute: int) -> None:
    if not CODE.fullmatch(code) or code in RESERVED:
        message = (f"a source is called by 2 to 30 small letters, digits, hyphens and underscores, "
                   f"and not {' or '.join(sorted(RESERVED))}")
        raise SourceRefusedError(message)
    if not 1 <= len(title.strip()) <= 100:
        message = "the title has 1 to 100 characters"
        raise SourceRefusedError(message)
    if not may_any:
        message = "give it at least one token: --write, --read"
        raise SourceRefusedError(message)
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        message = f"requests a minute: 1 to {MOST_PER_MINUTE}"
        raise SourceRefusedError(message)
    with read_transaction(engine) as connection:
        if connection.scalar(select(func.count()).select_from(IntakeSource).where(IntakeSource.code == code)):
            message = f"there is a source {code} already; a code is used once, so that its incidents stay its own"
            raise SourceRefusedError(message)
        if unit_code is not None and not connection.scalar(
                select(func.count()).select_from(Unit).where(Unit.code == unit_code)):
            message = f"there is no unit {unit_code}"
            raise SourceRefusedError(message)
        if is_off(connection, unit_code, today()):
            message = f"the unit {unit_code} is switched off"
            raise SourceRefusedError(message)


def retire_source(engine: Engine, *, by: Scope, code: str, commit: bool = True) -> None:
    """End what a source may do: its tokens are worth nothing from now on; its incidents stay.

    Raises
    ------
    SourceRefusedError
        When there is no such active source.
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    with read_transaction(engine) as connection:
        active = connection.scalar(select(IntakeSource.is_active).where(IntakeSource.code == code))
    if not active:
        message = f"there is no active source {code}"
        raise SourceRefusedError(message)
    if commit:
        with acting(engine, by=by, action=_ACTION) as act:
            act.connection.execute(update(IntakeSource).where(IntakeSource.code == code).values(
                is_active=False, write_hash=None, read_hash=None))
            act.audit("intake_sources", code, retired=True)

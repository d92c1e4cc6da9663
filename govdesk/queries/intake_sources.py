"""The systems that may send incidents or read their own, and whose token a request carries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from govdesk.rules.access import Scope
from govdesk.rules.intake_tokens import hash_token, is_token_of
from govdesk.tables import IntakeSource
from govdesk.terms import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token a request carries, and what that token may do; never both."""

    source: str
    per_minute: int
    may_write: bool
    may_read: bool
    unit_code: str | None = None
    address: str | None = None

    @property
    def scope(self) -> Scope:
        """What it reads and acts as: everywhere in the county, but for what concerns its own unit."""
        return Scope(f"intake:{self.source}", Role.INTAKE, unit_code=self.unit_code, address=self.address)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source as an administrator sees it: without tokens."""

    code: str
    title: str
    may_write: bool
    may_read: bool
    unit_code: str | None
    per_minute: int
    is_active: bool
    by: str
    at: datetime


def find_caller(connection: Connection, token: str, address: str | None = None) -> Caller | None:
    """Return whose token this is, and where it comes from; None when it is nobody's, or its source was retired.

    Every active source is looked at, in constant time each: how long it takes does not say how near a guess was.
    """
    given, found = hash_token(token), None
    for row in connection.execute(select(IntakeSource.__table__).where(IntakeSource.is_active)):
        may_write, may_read = is_token_of(given, row.write_hash), is_token_of(given, row.read_hash)
        if may_write or may_read:
            found = Caller(row.code, row.per_minute, may_write, may_read, row.unit_code, address)
    return found


def list_known_sources(connection: Connection) -> list[SourceFacts]:
    """Return all sources, also retired ones, by code."""
    rows = connection.execute(select(IntakeSource.__table__).order_by(IntakeSource.code))
    return [SourceFacts(row.code, row.title, row.write_hash is not None, row.read_hash is not None, row.unit_code,
                        row.per_minute, row.is_active, row.by, row.at) for row in rows]

"""The active accounts, and what each may read: for the frame and for the map's addresses."""

from sqlalchemy import Connection, select

from govdesk.rules.access import Scope
from govdesk.tables import Account
from govdesk.terms import Role

#: code, title, role, area_code, unit_code
AccountRow = tuple[str, str, str, str | None, str | None]


def list_active_accounts(connection: Connection) -> tuple[AccountRow, ...]:
    """Return the accounts that may be used, ordered by code: code, title, role, area, unit."""
    rows = connection.execute(
        select(Account.code, Account.title, Account.role, Account.area_code, Account.unit_code)
        .where(Account.is_active)
        .order_by(Account.code)
    )
    return tuple((row.code, row.title, row.role, row.area_code, row.unit_code) for row in rows)


def find_scope(connection: Connection, code: str) -> Scope | None:
    """Return what an account may read; None when it does not exist or is not active."""
    for found, _, role, area_code, unit_code in list_active_accounts(connection):
        if found == code:
            return Scope(account=found, role=Role(role), area_code=area_code, unit_code=unit_code)
    return None

"""Reference files of `data/reference/` that a new database starts with."""

import csv

from sqlalchemy import Connection, insert

from govdesk.settings import ROOT
from govdesk.tables import Account, Category
from govdesk.terms import Role

CATEGORIES = ROOT / "data" / "reference" / "categories.csv"


def write_reference(connection: Connection) -> None:
    """Fill the categories and the first local accounts of a new database."""
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        connection.execute(insert(Category), list(csv.DictReader(file)))
    accounts = [
        {"code": f"local_{role}", "title": role.value, "role": role.value, "is_active": True}
        for role in (Role.CENTRE, Role.LEADER, Role.ANALYST, Role.CLERK, Role.ADMIN)
    ]
    connection.execute(insert(Account), accounts)

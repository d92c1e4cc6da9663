"""Reference files of `data/reference/` that a new database starts with."""

import csv

from sqlalchemy import Connection, insert

from govdesk.settings import ROOT
from govdesk.tables import Account, Category
from govdesk.terms import Role

CATEGORIES = ROOT / "data" / "reference" / "categories.csv"


def read_delivered_categories() -> dict[str, dict[str, str]]:
    """Return the rows of the delivered file of categories, by code."""
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def write_reference(connection: Connection) -> None:
    """Fill the categories and the first local accounts of a new database."""
    connection.execute(insert(Category), list(read_delivered_categories().values()))
    accounts = [
        {"code": f"local_{role}", "title": role.value, "role": role.value, "is_active": True}
        for role in (Role.CENTRE, Role.LEADER, Role.ANALYST, Role.CLERK, Role.ADMIN)
    ]
    connection.execute(insert(Account), accounts)

"""An incident of the tiny county that was only reported, and the accounts that take steps of it."""

from sqlalchemy import Engine, func, insert, select, update

from govdesk.rules.access import Scope
from govdesk.storage.engine import write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Account, Incident, Step

FRESH = {
    "status": "reported", "closed_at": None, "week_closed": None, "outcome": None, "resolution_level": None,
    "first_answered_at": None, "handling_unit": None, "concerns_unit": None, "merged_into": None, "is_counted": 1,
    "weight": 1, "n_steps": 0, "due_at": None}


def add_accounts(engine: Engine, *people: Scope, titles: tuple[str, ...] = ()) -> None:
    """Add the accounts of some scopes; titled by their codes unless titles are given."""
    named = dict(zip((one.account for one in people), titles, strict=False))
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [
            {"code": one.account, "title": named.get(one.account, one.account), "role": one.role.value,
             "area_code": one.area_code, "unit_code": one.unit_code, "is_active": True} for one in people])


def make_fresh(engine: Engine, *, inside: str = "", **values: object) -> int:
    """Take its history from the last incident (of a place, if given: the first), give it values; return its number."""
    with write_transaction(engine) as connection:
        chosen = select(func.min(Incident.id)).where(Incident.place_code.startswith(inside)) if inside else (
            select(func.max(Incident.id)))
        number = connection.scalar(chosen)
        connection.execute(Step.__table__.delete().where(Step.incident_id == number))
        connection.execute(update(Incident).where(Incident.id == number).values(**FRESH | values))
        rebuild(connection)
    return int(number)

"""What can be said of the whole database without a word about any place: for those who watch over the machine."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, literal_column, select, text

from govdesk.queries.freshness import read_data_as_of
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.storage.schema import find_newest_revision
from govdesk.tables import Incident

#: Written out, not bound: the engines take the partial index only for the very condition it was made with.
_OPEN = Incident.status != literal_column("'closed'")


@dataclass(frozen=True, slots=True)
class Health:
    """How the database stands.

    Attributes
    ----------
    schema : str
        Revision of its tables.
    is_right : bool
        It is the revision of this program.
    data_as_of : datetime or None
        Latest instant at which an incident was recorded; None without one.
    """

    schema: str
    is_right: bool
    data_as_of: datetime | None


@reads("view_health")
def read_health(connection: Connection, scope: Scope) -> Health:
    """Return how the database stands now."""
    schema = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    return Health(schema, schema == find_newest_revision(), read_data_as_of(connection, scope))


def count_open(connection: Connection) -> int:
    """Return how many incidents of the whole database are not closed, corrections netted: one number, no place."""
    return int(connection.scalar(
        select(func.coalesce(func.sum(Incident.weight), 0)).where(
            Incident.is_counted == 1, _OPEN)) or 0)

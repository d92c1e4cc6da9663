"""What a database is, fixed when it is made: zone, epoch, sample or real, coordinate system."""

from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, insert, select

from govdesk.clock import EPOCH_MONDAY
from govdesk.tables import DatabaseProperty
from govdesk.terms import DataKind

Crs = Literal["wgs84", "gcj02", "bd09"]


class WrongDatabaseError(RuntimeError):
    """The database was made for another zone, epoch, or kind of data; `args[0]` says which."""


@dataclass(frozen=True, slots=True)
class Properties:
    """Facts about the whole database.

    Attributes
    ----------
    kind : DataKind
        ``sample`` (invented, marked 示例数据 on every screen and export) or ``real``.
    zone : str
        IANA zone of its days and weeks.
    epoch : str
        ISO date of week 0's Monday.
    crs : {"wgs84", "gcj02", "bd09"}
        Coordinate system of every lon and lat in it, kept as delivered.
    title_zh, title_en : str
        Name of the county or city as shown in the frame.
    """

    kind: DataKind
    zone: str
    crs: Crs = "wgs84"
    title_zh: str = ""
    title_en: str = ""
    epoch: str = EPOCH_MONDAY.isoformat()


def write_properties(connection: Connection, properties: Properties) -> None:
    """Store the facts of a new database."""
    rows = [{"key": key, "value": str(getattr(properties, key))} for key in Properties.__dataclass_fields__]
    connection.execute(insert(DatabaseProperty), rows)


def read_properties(connection: Connection) -> Properties:
    """Return the stored facts.

    Raises
    ------
    WrongDatabaseError
        When the database holds none.
    """
    rows = connection.execute(select(DatabaseProperty.key, DatabaseProperty.value))
    found = {row.key: row.value for row in rows}
    if "kind" not in found:
        message = "the database was not initialised: run 'python manage.py init-db --commit'"
        raise WrongDatabaseError(message)
    return Properties(
        kind=DataKind(found["kind"]), zone=found["zone"], crs=cast("Crs", found["crs"]), title_zh=found["title_zh"],
        title_en=found["title_en"], epoch=found["epoch"],
    )


def check_properties(connection: Connection, zone: str) -> Properties:
    """Return the facts, or refuse a process whose zone or epoch differs.

    Raises
    ------
    WrongDatabaseError
        When days or weeks would mean something else to this process than to the database.
    """
    properties = read_properties(connection)
    if properties.zone != zone:
        message = f"the database counts days in {properties.zone}, this process in {zone}: set GOVDESK_ZONE"
        raise WrongDatabaseError(message)
    if properties.epoch != EPOCH_MONDAY.isoformat():
        message = f"the database counts weeks from {properties.epoch}, this program from {EPOCH_MONDAY}"
        raise WrongDatabaseError(message)
    return properties

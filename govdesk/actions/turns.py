"""One writer of the loop after the other."""

from sqlalchemy import Connection, select

from govdesk.storage.versions import LOOP
from govdesk.tables import DataVersion


def take_turn(connection: Connection) -> None:
    """Wait until whoever else writes to the loop is done, so that what is read from here on stays true.

    SQLite's write transactions wait for each other anyhow; on PostgreSQL the row of the loop's version is held, which
    every such action raises at its end.
    """
    connection.execute(select(DataVersion.version).where(DataVersion.subject == LOOP).with_for_update())

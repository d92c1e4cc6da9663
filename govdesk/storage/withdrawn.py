"""Which batches were undone: their incidents and steps stay in the tables, and an import meets them as new."""

from sqlalchemy import Connection, Table, exists, or_, select

from govdesk.tables import ImportBatch


def read_withdrawn(connection: Connection) -> frozenset[int]:
    """Return the numbers of all batches that were undone."""
    return frozenset(connection.scalars(select(ImportBatch.id).where(ImportBatch.withdrawn_at.is_not(None))))


def holds_rows(connection: Connection, table: Table, source: str | None, *, with_withdrawn: bool) -> bool:
    """Return whether a table holds any row of a source.

    Parameters
    ----------
    source : str or None
        None: any row at all; then `table` need not know of batches.
    with_withdrawn : bool
        Rows of undone batches count, too.
    """
    condition = select(1).select_from(table)
    if source is not None:
        condition = condition.where(table.c.source == source)
        if not with_withdrawn:
            undone = exists().where(ImportBatch.id == table.c.batch_id, ImportBatch.withdrawn_at.is_not(None))
            condition = condition.where(or_(table.c.batch_id.is_(None), ~undone))
    return connection.execute(condition.limit(1)).first() is not None

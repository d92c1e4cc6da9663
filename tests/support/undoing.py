"""What a database says, independent of the numbers its rows got: for tests that undo imports."""

from sqlalchemy import select, text

from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Base, WeeklyCount

#: Tables that keep the memory of what was done.
MEMORY = {"import_batches", "audit_events", "withdrawn_rows", "row_notes", "before_images", "data_versions", "uploads"}
#: Columns that name rows by number, or the batch.
NUMBERS = {"id", "batch_id"}


def picture(engine) -> dict[str, list]:
    """Return what counts in every table but those of `MEMORY`: undone incidents and steps left out."""
    with read_transaction(engine) as connection:
        named = {row.id: f"{row.source}/{row.source_ref}" for row in connection.execute(
            text("SELECT id, source, source_ref FROM incidents"))}
        return {name: sorted(map(repr, (_plain(row, named) for row in connection.execute(select(table)).mappings()
                                        if row.get("is_counted") != 0 and not row.get("is_withdrawn"))))
                for name, table in Base.metadata.tables.items() if name not in MEMORY}


def _plain(row, named) -> dict:
    return {key: named.get(value, value) if key in ("incident_id", "repeat_of", "merged_into") else value
            for key, value in row.items() if key not in NUMBERS}


def check_sums(engine) -> None:
    """Assert that the weekly counts are those of a fresh rebuild."""
    with write_transaction(engine) as connection:
        before = set(map(tuple, connection.execute(select(*WeeklyCount.__table__.columns))))
        rebuild(connection)
        assert before == set(map(tuple, connection.execute(select(*WeeklyCount.__table__.columns))))


def undo(engine, batch, **options):
    """Undo a batch as the command does."""
    from govdesk.actions.undo_import import undo_import

    return undo_import(engine, by=options.pop("by", SYSTEM), batch_id=batch, reason=options.pop("reason", "wrong file"),
                       commit=options.pop("commit", True), **options)


def differences(one, other) -> dict[str, tuple[list, list]]:
    """Return, by table, the rows that only one of two pictures has."""
    return {name: (sorted(set(rows) - set(other[name])), sorted(set(other[name]) - set(rows)))
            for name, rows in one.items() if rows != other[name]}

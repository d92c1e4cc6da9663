"""Alembic's entry: runs on the connection that `govdesk.storage.schema` hands over, or on the settings' URL."""

from alembic import context

from govdesk.storage.engine import get_engine, write_transaction
from govdesk.tables import Base


def run(connection):  # noqa: ANN001, ANN201 - alembic calls this file as a script
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True,
                      transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with write_transaction(get_engine()) as opened:
        run(opened)

"""Make and check the schema: alembic's migrations are the only way a table comes to be."""

from functools import cache

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, insert, inspect

from govdesk.settings import ROOT, get_settings
from govdesk.storage.audit_anchor import NAME as ANCHOR
from govdesk.storage.audit_anchor import set_aside
from govdesk.storage.engine import write_transaction
from govdesk.storage.properties import Properties, WrongDatabaseError, write_properties
from govdesk.storage.reference import write_reference
from govdesk.storage.sqlite_file import find_file, make_file
from govdesk.storage.versions import SUBJECTS
from govdesk.storage.weekly_counts import rebuild, refresh_place_weeks
from govdesk.tables import Base, DatabaseProperty, DataVersion


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def is_initialised(engine: Engine) -> bool:
    """Return whether the database holds our tables; a SQLite file that is not there is not made by asking."""
    file = find_file(engine.url)
    if file is not None and not file.exists():
        return False
    return inspect(engine).has_table(DatabaseProperty.__tablename__)


def create_database(engine: Engine, properties: Properties) -> None:
    """Create all tables and store what the database is, in one transaction.

    Raises
    ------
    WrongDatabaseError
        When it exists already.
    """
    if is_initialised(engine):
        message = "the database exists already; nothing was changed"
        raise WrongDatabaseError(message)
    make_file(engine)
    with write_transaction(engine) as connection:
        command.upgrade(_config(connection), "head")
        write_properties(connection, properties)
        connection.execute(insert(DataVersion), [{"subject": subject, "version": 1} for subject in SUBJECTS])
        write_reference(connection)
    set_aside(get_settings().var / ANCHOR)  # of the database that was here before


def upgrade_database(engine: Engine) -> None:
    """Bring an existing database to the newest schema, and what is derived with it, in one transaction.

    Raises
    ------
    NewerSchemaError
        When a newer program has been at it: nothing is changed.
    """
    with write_transaction(engine) as connection:
        refuse_newer(connection)
        command.upgrade(_config(connection), "head")
        if not refresh_place_weeks(connection):
            rebuild(connection)


class NewerSchemaError(WrongDatabaseError):
    """The database was made, or upgraded, by a newer program than this one."""


@cache
def find_newest_revision() -> str | None:
    """Return the revision of the tables that this program works with."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


@cache
def _list_revisions() -> frozenset[str]:
    return frozenset(one.revision for one in ScriptDirectory(str(ROOT / "migrations")).walk_revisions())


def refuse_newer(connection: Connection) -> None:
    """Refuse a database of a revision that this program does not know.

    Raises
    ------
    NewerSchemaError
        When it is such a one.
    """
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in _list_revisions():
        message = f"the schema is {found}, of a newer program than this one ({find_newest_revision()})"
        raise NewerSchemaError(message)


def check_schema(connection: Connection) -> None:
    """Refuse a database that is behind or ahead of this program.

    Raises
    ------
    NewerSchemaError
        When its revision is none that this program knows.
    WrongDatabaseError
        When it is an earlier one.
    """
    refuse_newer(connection)
    newest = find_newest_revision()
    found = MigrationContext.configure(connection).get_current_revision()
    if found != newest:
        message = f"the schema is {found}, this program needs {newest}: run 'python manage.py upgrade-db --commit'"
        raise WrongDatabaseError(message)


def find_drift(connection: Connection) -> list[object]:
    """Return the differences between the tables in code and in the database; empty when there are none."""
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

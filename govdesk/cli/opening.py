"""Opens the database for a command, or says in one line why it cannot."""

from pathlib import Path
from typing import NoReturn

from sqlalchemy import Engine

from govdesk.cli.reporting import NOTHING, refuse, write_report
from govdesk.ingest.notes import ImportReport, Note
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import WrongDatabaseError, check_properties
from govdesk.storage.schema import check_schema, is_initialised


def open_database(report: Path | None = None) -> Engine:
    """Return the engine of an existing database of this program's schema, zone and epoch; else stop."""
    engine = get_engine()
    if not is_initialised(engine):
        refuse("there is no database yet: run 'python manage.py init-db --commit'", report)
    try:
        with read_transaction(engine) as connection:
            check_properties(connection, get_settings().zone)
            check_schema(connection)
    except WrongDatabaseError as error:
        refuse(str(error), report)
    return engine


def refuse_file(found: Note, report: Path | None) -> NoReturn:
    """Say why a file as a whole cannot be used, in the same report as a row's error, and stop."""
    write_report(ImportReport(errors=[found]).as_json(), report)
    where = f"line {found.line}: " if found.line is not None else ""
    refuse(f"{where}{found.message()} [{found.code}]", None, NOTHING)

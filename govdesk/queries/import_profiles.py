"""Profiles made on screen, and the sources that batches so far named."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope, require
from govdesk.tables import ImportBatch, ImportProfile


@dataclass(frozen=True, slots=True)
class SavedText:
    """A saved profile as it is kept.

    Attributes
    ----------
    name, about, text : str
        Its name, what the rows are, and its TOML.
    by : str
        Account.
    at : datetime
        When it was saved (UTC).
    headers : tuple of str
        Headers of the file it was made for.
    """

    name: str
    about: str
    text: str
    by: str
    at: datetime
    headers: tuple[str, ...] = ()


@reads("import_records")
def list_saved_profiles(connection: Connection, scope: Scope) -> tuple[SavedText, ...]:
    """Return the newest of each name that is not retired, by name.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    require(scope, "import_records")
    newest = select(func.max(ImportProfile.id)).where(ImportProfile.retired_at.is_(None)).group_by(ImportProfile.name)
    statement = select(ImportProfile.__table__).where(ImportProfile.id.in_(newest)).order_by(ImportProfile.name)
    return tuple(SavedText(row.name, row.about, row.text, row.by, row.at, tuple(json.loads(row.headers)))
                 for row in connection.execute(statement))


@reads("import_records")
def list_sources(connection: Connection, scope: Scope) -> tuple[str, ...]:
    """Return the sources that batches so far named, the one used most first: an office keeps the one it has.

    Raises
    ------
    RefusedError
        When the caller may not import.
    """
    require(scope, "import_records")
    statement = select(ImportBatch.source).where(ImportBatch.source.is_not(None)).group_by(ImportBatch.source).order_by(
        func.count().desc(), ImportBatch.source)
    return tuple(str(source) for source in connection.scalars(statement))

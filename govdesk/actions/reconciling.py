"""Compares the places of a file with the register; reads only."""

from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from govdesk.actions.import_context import read_names
from govdesk.ingest.cells import Meanings
from govdesk.ingest.columns import Headers, bind_profile
from govdesk.ingest.notes import note
from govdesk.ingest.place_lists import ListColumns, read_list, read_records
from govdesk.ingest.profiles import FileSection, Profile
from govdesk.ingest.readers import FileRefusedError, open_table
from govdesk.ingest.reconciliation import Reconciliation, reconcile
from govdesk.ingest.wanted_headers import wanted_headers
from govdesk.rules.access import Scope, require
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction


def reconcile_places(engine: Engine, *, by: Scope, path: Path, level: str = "village",
                     profile: Profile | None = None, columns: ListColumns | None = None) -> Reconciliation:
    """Compare the places of a file with the register.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    path : Path
        A list of places, one a row; or, with a profile, any file of records: then each different place counts once.
    level : str
        Level of the places.
    profile : Profile, optional
        Says where the places of a file of records stand.
    columns : ListColumns, optional
        Headers of a list, where they are not found by themselves.

    Raises
    ------
    FileRefusedError
        When the file cannot be read, or has no column of codes or names.
    RefusedError
        When the caller may not see imports.
    """
    require(by, "view_imports")
    with read_transaction(engine) as connection:
        book = read_names(connection)
    if not book.periods:
        raise FileRefusedError(note("places_missing"))
    columns = columns or ListColumns()
    if profile is None:
        table = open_table(path, FileSection(), wanted=columns.wanted())
    else:
        table = open_table(path, profile.file, wanted=wanted_headers(profile))
    headers = Headers(table.headers, table.lower)
    if profile is None:
        rows = read_list(headers, table.pieces, columns)
    else:
        zone = ZoneInfo(get_settings().zone)
        rows = read_records(bind_profile(profile, headers, Meanings(zone, zone)), table.pieces)
    found = reconcile(rows, book, level, table.sheets)
    if not found.n_rows:
        raise FileRefusedError(note("file_without_rows"))
    return found

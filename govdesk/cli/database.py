"""`init-db` and `upgrade-db`."""

from typing import Annotated, cast

import typer

from govdesk.actions.weekly_counts import rebuild_weekly_counts
from govdesk.cli.reporting import Commit, Report, refuse, write_report
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Crs, Properties, WrongDatabaseError
from govdesk.storage.schema import (
    NewerSchemaError,
    create_database,
    is_initialised,
    refuse_newer,
    upgrade_database,
)
from govdesk.terms import DataKind


def init_db(
    *,
    kind: Annotated[DataKind, typer.Option(help="sample or real: the two never mix")] = DataKind.REAL,
    crs: Annotated[str, typer.Option(help="coordinate system of every lon, lat: wgs84, gcj02 or bd09")] = "wgs84",
    title: Annotated[str, typer.Option(help="name of the county or city, Chinese")] = "",
    title_en: Annotated[str, typer.Option(help="the same in English")] = "",
    commit: Commit = False,
    report: Report = None,
) -> None:
    """Create the database with all its tables."""
    engine = get_engine()
    if crs not in ("wgs84", "gcj02", "bd09"):
        refuse(f"--crs {crs}: choose wgs84, gcj02 or bd09", report, 2)
    properties = Properties(kind=kind, zone=get_settings().zone, crs=cast("Crs", crs), title_zh=title or title_en,
                            title_en=title_en or title)
    exists = is_initialised(engine)
    if exists:
        refuse("the database exists already; nothing was changed", report)
    if commit:
        try:
            create_database(engine, properties)
        except WrongDatabaseError as error:
            refuse(str(error), report)
    where = engine.url.render_as_string(hide_password=True)
    typer.echo(f"{'created' if commit else 'would create (--commit writes)'}: {kind} database, {where}")
    write_report({"created": commit, "kind": kind.value, "crs": crs, "zone": properties.zone}, report)


def upgrade_db(*, commit: Commit = False, report: Report = None) -> None:
    """Bring the database to the newest schema."""
    engine = get_engine()
    if not is_initialised(engine):
        refuse("there is no database yet: run 'python manage.py init-db --commit'", report)
    try:
        with read_transaction(engine) as connection:
            refuse_newer(connection)
        if commit:
            upgrade_database(engine)
    except NewerSchemaError as error:
        refuse(f"{error}: start that program, or restore the backup made before it", report)
    typer.echo("upgraded" if commit else "would upgrade (--commit writes)")
    write_report({"upgraded": commit}, report)


def rebuild_counts(*, commit: Commit = False, report: Report = None) -> None:
    """Make the weekly counts anew from the incidents; say how many of them were wrong."""
    engine = get_engine()
    if not is_initialised(engine):
        refuse("there is no database yet: run 'python manage.py init-db --commit'", report)
    done = rebuild_weekly_counts(engine, by=SYSTEM, commit=commit)
    said = "rebuilt" if commit else "would rebuild (--commit writes)"
    typer.echo(f"{said}: {done.n_rows:,} weekly counts, {done.n_wrong:,} differed from the incidents")
    write_report({"committed": commit, "rows": done.n_rows, "wrong": done.n_wrong}, report)

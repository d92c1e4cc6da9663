"""A consistent dump of a PostgreSQL database by PostgreSQL's own programs, and what can be said of such a dump."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from govdesk.storage.backup_archive import BackupError
from govdesk.storage.backup_sqlite import Facts
from govdesk.storage.bulk import quote
from govdesk.storage.properties import read_properties

#: Where Debian puts the programs of each version.
_INSTALLED = "/usr/lib/postgresql"
_COPY = re.compile(rb'COPY (?:"?\w+"?\.)?"?(\w+)"? .*FROM stdin;\n')
_END = b"\\.\n"


def dump_postgres(engine: Engine, target: Path) -> Facts:
    """Dump the database as it is at one instant, and say what is in it.

    Raises
    ------
    BackupError
        When ``pg_dump`` is not there, is too old for the server, or cannot write.

    Notes
    -----
    A transaction of ours holds the snapshot that ``pg_dump`` reads (``pg_export_snapshot``), so that the rows counted
    are those that are dumped. The password goes by the environment: an argument could be read by everyone.
    """
    program = _find("pg_dump")
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            facts = read_facts(connection)
            _run([program, "--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges",
                  f"--file={target}", f"--dbname={_address(engine)}"], engine)
    except SQLAlchemyError as error:
        raise BackupError(f"the database does not answer: {type(error).__name__}") from error
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return facts


def read_facts(connection: Connection) -> Facts:
    """Return what a live database is, and the rows of each table."""
    properties = read_properties(connection)
    counts = {name: int(connection.exec_driver_sql(f"SELECT COUNT(*) FROM {quote(connection, name)}").scalar_one())
              for name in sorted(inspect(connection).get_table_names())}
    schema = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    return Facts(schema=schema, kind=properties.kind.value, zone=properties.zone, counts=counts)


def look_into_postgres(file: Path) -> Facts:
    """Read a dump through, without a server, and say what it holds.

    Raises
    ------
    BackupError
        When it cannot be read, or ``pg_restore`` is not there.
    """
    counts: dict[str, int] = {}
    rows: dict[str, list[list[bytes]]] = {"alembic_version": [], "database_properties": []}
    table = ""
    command = [_find("pg_restore"), "--file=-", "--data-only", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 ours
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        assert process.stderr is not None  # noqa: S101
        for line in process.stdout:
            if table and line == _END:
                table = ""
            elif table:
                counts[table] += 1
                if table in rows:
                    rows[table].append(line.rstrip(b"\n").split(b"\t"))
            elif found := _COPY.fullmatch(line):
                table = found.group(1).decode()
                counts[table] = 0
        said = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise BackupError(f"the dump cannot be read: {_find_reason(said)}")
    properties = {row[0].decode(): row[1].decode() for row in rows["database_properties"] if len(row) == 2}
    if not rows["alembic_version"] or not {"kind", "zone"} <= set(properties):
        raise BackupError("the database in the backup was never set up")
    return Facts(schema=rows["alembic_version"][0][0].decode(), kind=properties["kind"], zone=properties["zone"],
                 counts=counts)


def check_is_empty(engine: Engine) -> None:
    """Refuse a database that holds any table.

    Raises
    ------
    BackupError
        When it does, or does not answer.
    """
    try:
        with engine.connect() as connection:
            found = inspect(connection).get_table_names()
    except SQLAlchemyError as error:
        raise BackupError(f"the database does not answer: {type(error).__name__}") from error
    if found:
        raise BackupError(f"the database is not empty (it has the table {found[0]}): restore into a new one")


def load_postgres(engine: Engine, file: Path) -> None:
    """Bring a dump into an empty database: all of it, or nothing.

    Raises
    ------
    BackupError
        When ``pg_restore`` is not there or refuses; nothing was changed then.
    """
    _run([_find("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges",
          f"--dbname={_address(engine)}", str(file)], engine)


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is not None:
        return found
    versions = sorted(Path(_INSTALLED).glob(f"*/bin/{program}"), key=lambda path: _number(path.parts[-3]))
    if not versions:
        raise BackupError(f"{program} is not installed: install the package postgresql-client of the server's version")
    return str(versions[-1])


def _number(version: str) -> float:
    with suppress(ValueError):
        return float(version)
    return 0.0


def _address(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql", password=None).render_as_string()


def _run(command: list[str], engine: Engine) -> None:
    environment = dict(os.environ)
    if engine.url.password is not None:
        environment["PGPASSWORD"] = str(engine.url.password)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace",  # noqa: S603
                          check=False)
    if done.returncode:
        raise BackupError(f"{Path(command[0]).name}: {_find_reason(done.stderr)}")


def _find_reason(said: str) -> str:
    """Return the line of a program's words that says what was wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1] if lines else "it failed without a word"
    found = next((line for line in lines if "error" in line.lower()), last)
    return found.partition("error: ")[2][:300] or found[:300]

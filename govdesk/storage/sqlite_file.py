"""The file of a SQLite database: never made by asking for it, and never another one than its name says.

SQLite makes an empty database when it is asked for one that is not there, and goes on reading and writing a file that
was moved away. Behind a server both lose data: a step would be acknowledged that no backup will ever see.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

#: What SQLite itself says of a file that it may not make.
_NOT_THERE = "unable to open database file"


class FileConnection(sqlite3.Connection):
    """A connection that knows which file it opened: number of the device and of the file."""

    opened: tuple[int, int]


def find_file(url: URL) -> Path | None:
    """Return the file of a SQLite database; None for one in memory and for another kind of database."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def make_file(engine: Engine) -> None:
    """Make the empty file of a database that is about to be created; nothing on another kind of database."""
    file = find_file(engine.url)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def open_file(file: Path, timeout: float) -> FileConnection:
    """Open a database that is there.

    Parameters
    ----------
    file : Path
        The file.
    timeout : float
        Seconds to wait for who writes.

    Raises
    ------
    sqlite3.OperationalError
        When it is not there.
    """
    while True:
        before = _name_file(file)
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=timeout,
                                     check_same_thread=False, factory=FileConnection)
        if before == _name_file(file):
            connection.opened = before
            return connection
        connection.close()  # another one came in its place meanwhile


def keep_to_file(engine: Engine, file: Path) -> None:
    """Let `engine` open its file anew when another one has come in its place, and refuse when it is gone.

    Asked at each use of a connection, which takes microseconds.
    """

    @event.listens_for(engine, "checkout")
    def look_again(connection: FileConnection, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        del record, proxy
        try:
            is_same = connection.opened == _name_file(file)
        except sqlite3.OperationalError:
            is_same = False
        if not is_same:
            raise DisconnectionError(_NOT_THERE)  # the pool opens it anew, or fails to


def _name_file(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError as error:
        raise sqlite3.OperationalError(_NOT_THERE) from error
    return found.st_dev, found.st_ino

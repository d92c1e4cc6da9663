"""Keeps each database that a test builds, and copies the file when the same one is asked for again.

Making the tiny county takes half a second of processor time; a copy takes a few milliseconds and is the same, byte for
byte. Kept for one process (a worker of the suite), in a folder that goes with it.
"""

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

#: Databases larger than this are not kept: a test that needs one needs it once.
LARGEST = 20_000_000
#: What was built with which options: the kept file, and what the builder returned.
_KEPT: dict[tuple[object, ...], tuple[Path, object]] = {}


@functools.cache
def _folder() -> Path:
    path = Path(tempfile.mkdtemp(prefix="govdesk-ready-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _settings() -> tuple[tuple[str, str], ...]:
    """Return what the environment says, but for where the database lies: a county depends on the day it is made."""
    where = ("GOVDESK_VAR", "GOVDESK_DATABASE_URL")
    return tuple(sorted(pair for pair in os.environ.items() if pair[0].startswith("GOVDESK_") and pair[0] not in where))


def built_once(build: Callable[..., object]) -> Callable[..., object]:
    """Let ``build(engine, …)`` run once for the same options; later calls get a copy of its file, and what it returned.

    Only a SQLite file that is not there yet can be copied to; anything else is built as it always was.
    """
    @functools.wraps(build)
    def ask(engine: Engine, *args: object, **options: object) -> object:
        target = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else Path()
        if target.name in ("", ":memory:") or target.exists():
            return build(engine, *args, **options)
        key = (build.__module__, build.__name__, _settings(), args, tuple(sorted(options.items())))
        if key in _KEPT:
            file, returned = _KEPT[key]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
            return returned
        returned = build(engine, *args, **options)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        if target.stat().st_size <= LARGEST:
            _KEPT[key] = Path(shutil.copy(target, _folder() / f"{len(_KEPT)}.db")), returned
        return returned

    return ask

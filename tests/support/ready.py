"""Keeps each database that a test builds, and copies the file when the same one is asked for again.

Making the tiny county takes half a second of processor time; a copy takes a few milliseconds and is the same, byte for
byte. Kept for a run, in a folder that the workers of the suite share: what one has built the others copy.
"""

import atexit
import functools
import hashlib
import os
import pickle
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
def find_folder(kind: str) -> Path:
    """Return where this run keeps what is made once: one folder for all workers, or one that goes with the process."""
    run = os.environ.get("SHARED_BY_TEST_WORKERS")
    if run is not None:
        path = Path(run) / kind
        path.mkdir(parents=True, exist_ok=True)
        return path
    path = Path(tempfile.mkdtemp(prefix=f"govdesk-{kind}-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def _find(key: tuple[object, ...]) -> tuple[Path, object] | None:
    """Return what this worker has kept, or another one has laid down, whole."""
    if key not in _KEPT:
        file = _name(key)
        if not file.exists():
            return None
        _KEPT[key] = file, pickle.loads(file.with_suffix(".returned").read_bytes())  # noqa: S301 made by this run
    return _KEPT[key]


def _keep(key: tuple[object, ...], database: Path, returned: object) -> None:
    """Lay a database down under its name when all of it is there; of two workers at once the last one's stays."""
    file, own = _name(key), f".{os.getpid()}"
    for path, write in ((file.with_suffix(".returned"), lambda to: to.write_bytes(pickle.dumps(returned))),
                        (file, lambda to: shutil.copy(database, to))):
        write(path.with_suffix(path.suffix + own))
        path.with_suffix(path.suffix + own).replace(path)
    _KEPT[key] = file, returned


def _name(key: tuple[object, ...]) -> Path:
    words = repr(key)
    if " at 0x" in words:  # an object without words of its own: the same address in another worker is another object
        words += f" of {os.getpid()}"
    return find_folder("ready") / f"{hashlib.sha256(words.encode()).hexdigest()[:24]}.db"


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
        kept = _find(key)
        if kept is not None:
            file, returned = kept
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
            return returned
        returned = build(engine, *args, **options)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        if target.stat().st_size <= LARGEST:
            _keep(key, target, returned)
        return returned

    return ask

"""A real import process is killed at random points: the database is as before, or as after, never between."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from govdesk.storage.engine import get_engine
from tests.support import tiny_county
from tests.support.forked import forker
from tests.support.importing import HEAD, INCIDENTS, incident

KILLS = 20
N_ROWS = 2_000
TABLES = ("incidents", "steps", "import_batches", "audit_events", "row_notes", "before_images", "categories")


def state(path):
    """Return what the database holds, after SQLite recovered it."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        counts = tuple(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES)
        versions = tuple(connection.execute("SELECT subject, version FROM data_versions ORDER BY subject").fetchall())
        indexes = tuple(connection.execute("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name").fetchall())
        weight = connection.execute("SELECT SUM(weight), SUM(week_known), MAX(category) FROM incidents").fetchone()
        return counts, versions, indexes, weight
    finally:
        connection.close()


@pytest.fixture
def prepared(tmp_path):
    """Return a work folder with a county of 50 incidents, a file that adds and changes rows, and its profile."""
    home = tmp_path / "first"
    home.mkdir()
    engine = get_engine(f"sqlite:///{home / 'govdesk.db'}")
    tiny_county.build(engine, n_incidents=50)
    engine.dispose()
    (tmp_path / "file.csv").write_text(
        HEAD.strip() + ",closed_at\n"
        + "".join(incident(f"K{n}", on=f"2026-01-{n % 28 + 1:02d}", at="2026-02-01").strip()
                  + (",2026-03-01\n" if n % 8 == 0 else ",\n") for n in range(N_ROWS)))
    (tmp_path / "profile.toml").write_text(INCIDENTS + '[fields.closed_at]\nfrom = "closed_at"\n')
    return tmp_path


def words(folder):
    """Return the command of the import, without ``--commit``."""
    return "import-incidents", str(folder / "file.csv"), "--profile", str(folder / "profile.toml")


def start(commands, folder, home):
    """Begin the import into a work folder; return the number of its process."""
    return commands.start(home, *words(folder), "--commit")


def wait_for_writing(number, home, size=1, limit=60.0):
    """Wait until the import has written so many bytes, or has ended; return the most that was seen."""
    end = time.monotonic() + limit
    log, most = home / "govdesk.db-wal", 0
    while time.monotonic() < end and Path(f"/proc/{number}").exists():
        with contextlib.suppress(FileNotFoundError):
            most = max(most, log.stat().st_size)
        if most >= size:
            break
        time.sleep(0.0002)
    return most


def test_killed_import_leaves_before_or_after(prepared):
    first = prepared / "first"
    before = state(first / "govdesk.db")
    whole = prepared / "whole"
    shutil.copytree(first, whole)
    rng = random.Random(20261122)
    seen, cut = [], 0
    with forker(str(whole), *words(prepared)) as commands:
        process = start(commands, prepared, whole)
        began = time.monotonic()
        wait_for_writing(process, whole)
        until_writing = time.monotonic() - began
        written = wait_for_writing(process, whole, size=1 << 40)
        assert commands.wait() == 0
        after = state(whole / "govdesk.db")
        assert after[0][0] == before[0][0] + N_ROWS
        assert after[0][2] == before[0][2] + 1
        for number in range(KILLS):
            home = prepared / f"kill{number}"
            shutil.copytree(first, home)
            process = start(commands, prepared, home)
            if number % 4:  # three of four are killed while they write: at so many bytes, or just after the last
                wait_for_writing(process, home, size=rng.uniform(0, 1.1) * written)
            else:
                time.sleep(rng.uniform(0, until_writing))
            with contextlib.suppress(ProcessLookupError):  # it may have ended before
                os.kill(process, signal.SIGKILL)
            assert commands.wait() in (0, -signal.SIGKILL)
            log = home / "govdesk.db-wal"
            is_cut = log.exists() and log.stat().st_size > 0
            found = state(home / "govdesk.db")
            assert found in (before, after), number
            cut += is_cut and found == before
            seen.append(found == after)
            shutil.rmtree(home)
    assert not all(seen), "no kill came early enough to prove anything"
    assert cut >= 2, "no kill came while the import wrote"

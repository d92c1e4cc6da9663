"""A real import process is killed at random points: the database is as before, or as after, never between."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from govdesk.settings import ROOT
from govdesk.storage.engine import get_engine
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, incident

KILLS = 20
N_ROWS = 24_000
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


def start(folder, home):
    environment = {**os.environ, "GOVDESK_VAR": str(home), "GOVDESK_LANGUAGE": "en"}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "import-incidents", str(folder / "file.csv"), "--profile",
         str(folder / "profile.toml"), "--commit"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)


def wait_for_writing(process, home, limit=60.0):
    """Wait until the import has begun to write, or has ended."""
    end = time.monotonic() + limit
    log = home / "govdesk.db-wal"
    while time.monotonic() < end and process.poll() is None:
        if log.exists() and log.stat().st_size:
            return
        time.sleep(0.002)


@pytest.mark.timeout(600)
def test_killed_import_leaves_before_or_after(prepared):
    first = prepared / "first"
    before = state(first / "govdesk.db")
    whole = prepared / "whole"
    shutil.copytree(first, whole)
    began = time.monotonic()
    done = start(prepared, whole)
    wait_for_writing(done, whole)
    until_writing = time.monotonic() - began
    assert done.wait(120) == 0
    lasted = time.monotonic() - began
    after = state(whole / "govdesk.db")
    assert after[0][0] == before[0][0] + N_ROWS
    assert after[0][2] == before[0][2] + 1
    rng = random.Random(20261122)
    seen = []
    for number in range(KILLS):
        home = prepared / f"kill{number}"
        shutil.copytree(first, home)
        process = start(prepared, home)
        if number % 4:  # three of four are killed while they write, or about to
            wait_for_writing(process, home)
            time.sleep(rng.uniform(0, 1.1) * (lasted - until_writing))
        else:
            time.sleep(rng.uniform(0, until_writing))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = state(home / "govdesk.db")
        assert found in (before, after), number
        seen.append(found == after)
        shutil.rmtree(home)
    assert not all(seen), "no kill came early enough to prove anything"

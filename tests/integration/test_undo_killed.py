"""Undoing a batch in a process that is killed at random points: the database is as before, or as after."""

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import time

from govdesk.storage.engine import get_engine
from tests.integration.test_import_killed import start, wait_for_writing, words
from tests.support import tiny_county
from tests.support.forked import forker
from tests.support.importing import HEAD, INCIDENTS, incident

#: Kills, and how many at most until one came before anything was written.
KILLS, MOST = 4, 12
N_ROWS = 1_200
PROFILE = INCIDENTS + '[fields.closed_at]\nfrom = "closed_at"\n'


def state(path):
    """Return what the database holds, after SQLite recovered it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [connection.execute(query).fetchall() for query in (
            "SELECT COUNT(*), SUM(is_counted), SUM(n_steps), SUM(week_known) FROM incidents",
            "SELECT COUNT(*), SUM(is_withdrawn) FROM steps", "SELECT COUNT(*), SUM(n) FROM weekly_counts",
            "SELECT id, withdrawn_by FROM import_batches ORDER BY id", "SELECT COUNT(*) FROM audit_events",
            "SELECT subject, version FROM data_versions ORDER BY subject")]


def rows(first, last, closed):
    """Return a file of incidents, every fourth closed."""
    return HEAD.strip() + ",closed_at\n" + "".join(
        incident(f"K{n}", on=f"2026-01-{n % 28 + 1:02d}", at="2026-02-01").strip() + (f",{closed}\n" if n % 4 == 0 else ",\n")
        for n in range(first, last))


def test_killed_undo_leaves_before_or_after(tmp_path):
    first = tmp_path / "first"
    first.mkdir()
    engine = get_engine(f"sqlite:///{first / 'govdesk.db'}")
    tiny_county.build(engine, n_incidents=50)
    engine.dispose()
    (tmp_path / "profile.toml").write_text(PROFILE)
    rng = random.Random(20261122)
    found = []
    (tmp_path / "file.csv").write_text(rows(0, 3, "2026-03-01"))
    with forker(str(first), *words(tmp_path)) as commands:
        for last, closed in ((N_ROWS // 2, "2026-03-01"), (N_ROWS, "2026-04-01")):
            (tmp_path / "file.csv").write_text(rows(0, last, closed))
            start(commands, tmp_path, first)
            assert commands.wait() == 0
        before = state(first / "govdesk.db")
        whole = tmp_path / "whole"
        shutil.copytree(first, whole)
        number = commands.start(whole, "undo-import", "2", "--commit")
        began = time.monotonic()
        wait_for_writing(number, whole)
        until_writing = time.monotonic() - began
        written = wait_for_writing(number, whole, size=1 << 40)
        assert commands.wait() == 0
        after = state(whole / "govdesk.db")
        assert after != before
        for kill in range(MOST):
            if kill >= KILLS and before in found:
                break
            home = tmp_path / f"kill{kill}"
            shutil.copytree(first, home)
            number = commands.start(home, "undo-import", "2", "--commit")
            if 0 < kill < KILLS:
                wait_for_writing(number, home, size=rng.uniform(0, 1.1) * written)
            else:  # on a busy machine the first of these may come too late: then others, ever earlier
                time.sleep(rng.uniform(0, until_writing) / (1 + kill))
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
            assert commands.wait() in (0, -signal.SIGKILL)
            found.append(state(home / "govdesk.db"))
            assert found[-1] in (before, after), kill
            shutil.rmtree(home)
    assert before in found, "no kill came early enough to prove anything"

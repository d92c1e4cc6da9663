"""The database is away, locked, read-only, full, damaged or restarted: said within five seconds, over by itself."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, event, insert, make_url
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.testclient import TestClient

from govdesk.actions.acting import acting
from govdesk.api.state import ROUTES, build_link
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage import database_watch
from govdesk.storage.database_watch import find_trouble, look, note, watching
from govdesk.storage.engine import get_engine, import_transaction, write_transaction
from govdesk.storage.trouble import TROUBLES, explain
from govdesk.tables import Step
from govdesk.words import say
from tests.support.every_row import read_every_row
from tests.support.tiny_county import NOW


@pytest.fixture(autouse=True)
def _seen_anew(monkeypatch):
    monkeypatch.setattr(database_watch, "_state", database_watch._State())


@pytest.fixture
def client():
    return TestClient(Starlette(routes=ROUTES))


def take_step(engine, name="F1"):
    with acting(engine, by=SYSTEM, action="take_step", changes=("incidents",)) as act:
        act.connection.execute(insert(Step).values(
            incident_id=1, source="faults", source_ref=name, content_hash="0", kind="answer", occurred_at=NOW,
            recorded_at=NOW, is_recorded_assumed=False, is_withdrawn=False))
        act.audit("steps", name)


def refused_as(engine):
    """Try to write; return what it is said to have failed of, and see to it that no half is left."""
    before = read_every_row(engine)
    with pytest.raises(OperationalError) as caught:
        take_step(engine)
    assert read_every_row(engine) == before
    return explain(caught.value)


#: A process that holds the write lock until its input ends.
HOLDER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
other.execute("ROLLBACK")
"""


def wait_until(is_true, limit):
    began = time.monotonic()
    while time.monotonic() - began < limit:
        if is_true():
            return time.monotonic() - began
        time.sleep(0.02)
    raise AssertionError("not in time")


def test_lock_of_another_process_is_said_within_five_seconds_and_over_by_itself(tiny_engine, client):
    command = [sys.executable, "-c", HOLDER, str(get_settings().var / "govdesk.db")]
    with (subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other, watching()):
        assert client.get("/api/state").json()["trouble"] is None
        assert other.stdout.readline() == b"locked\n"
        took = wait_until(lambda: client.get("/api/state").json()["trouble"] == "locked", 10)
        assert took + 2 < 5, "and a page asks every two seconds"
        other.stdin.close()
        wait_until(lambda: client.get("/api/state").json()["trouble"] is None, 10)


def test_import_of_this_process_is_no_trouble(tiny_engine, monkeypatch):
    monkeypatch.setattr(database_watch, "PATIENCE", 0.05)
    with import_transaction(tiny_engine):
        assert look() is None
    with write_transaction(tiny_engine):
        assert look().key == "locked"


def test_look_takes_little_of_the_time_of_others(tiny_engine):
    took = []
    for _ in range(20):
        began = time.perf_counter()
        look()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.02


def test_who_writes_while_it_is_locked_keeps_nothing_and_is_told(tiny_engine, monkeypatch):
    engine = get_engine(f"sqlite:///{get_settings().var / 'govdesk.db'}?timeout=0.1")
    with sqlite3.connect(get_settings().var / "govdesk.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=100"))
        assert refused_as(engine) == "locked"
    other.close()
    take_step(engine)


def test_file_moved_away_and_back(tiny_engine):
    assert look() is None
    file = get_settings().var / "govdesk.db"
    file.rename(file.with_name("away"))
    assert look().key == "away"
    assert not find_trouble().is_readable
    file.with_name("away").rename(file)
    assert look() is None
    take_step(tiny_engine)


def test_read_only_database_is_said_and_keeps_nothing(tiny_engine, monkeypatch):
    """Root may write whatever the mode says: the file is opened for reading only instead."""
    real = database_watch.open_file

    def open_read_only(*args):
        connection = real(*args)
        connection.execute("PRAGMA query_only=ON")
        return connection

    with tiny_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    assert refused_as(tiny_engine) == "read_only"
    monkeypatch.setattr(database_watch, "open_file", open_read_only)
    assert look().key == "read_only"
    assert find_trouble().is_readable
    monkeypatch.undo()


def test_full_database_is_said_and_keeps_nothing(tiny_engine, monkeypatch):
    with tiny_engine.connect() as connection:
        n = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={n}")
    before = read_every_row(tiny_engine)
    number, failed = 0, None
    while failed is None and number < 10_000:
        try:
            take_step(tiny_engine, f"F{number}")
            number += 1
        except OperationalError as error:
            failed = error
    assert explain(failed) == "full"
    after = read_every_row(tiny_engine)
    assert sum(after["steps"].values()) - sum(before["steps"].values()) == number, "what was acknowledged is there"
    assert sum(after["audit_events"].values()) == number


def test_full_disk_is_said_before_it_is(tiny_engine, monkeypatch):
    real = database_watch.shutil.disk_usage
    monkeypatch.setattr(database_watch.shutil, "disk_usage", lambda path: real(path)._replace(free=1_000_000))
    assert look().key == "full"
    monkeypatch.undo()


def test_disk_that_is_full_for_real(tmp_path):
    """A file system of two megabytes, where this process may mount one."""
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], check=False,
                      capture_output=True).returncode:
        pytest.skip("no right to mount")
    try:
        with sqlite3.connect(small / "a.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE a (b)")
            with pytest.raises(sqlite3.OperationalError) as caught:
                connection.execute("INSERT INTO a VALUES (zeroblob(8000000))")
            assert explain(caught.value) == "full"
        connection.close()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_damaged_file_is_said(tiny_engine):
    with tiny_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    tiny_engine.dispose()
    (get_settings().var / "govdesk.db").write_bytes(os.urandom(100_000))
    assert look().key == "damaged"


@pytest.mark.postgres
def test_postgres_restarted_is_over_by_itself(postgres_engine, monkeypatch):
    """Every connection is cut, as by a restart, and no new one is let in for a while."""
    from tests.support import tiny_county

    monkeypatch.setenv("GOVDESK_DATABASE_URL", postgres_engine.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    get_engine.cache_clear()
    engine = get_engine()
    tiny_county.build(engine, n_incidents=20)
    take_step(engine, "before")
    name = engine.url.database
    server = create_engine(make_url(os.environ["GOVDESK_TEST_POSTGRES"]).set(drivername="postgresql+psycopg"),
                           isolation_level="AUTOCOMMIT")

    def let_in(allowed):
        with server.connect() as connection:
            connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    assert look() is None
    let_in("false")
    assert look().key == "away"
    with pytest.raises(OperationalError) as caught:
        take_step(engine, "meanwhile")
    assert explain(caught.value) == "away"
    let_in("true")
    assert look() is None
    take_step(engine, "after")
    steps = {row for row in read_every_row(engine)["steps"] if "faults" in row}
    assert len(steps) == 2
    with engine.connect() as connection:
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        connection.commit()
        with pytest.raises(Exception, match="read-only") as refused:
            connection.exec_driver_sql("DELETE FROM steps")
        assert explain(refused.value) == "read_only"
        connection.invalidate()
    engine.dispose()
    server.dispose()


def test_trouble_counts_from_when_it_was_first_seen(tiny_engine, monkeypatch):
    clock = [datetime(2026, 11, 22, 2, 0, tzinfo=UTC)]
    monkeypatch.setattr(database_watch, "now", lambda: clock[0])
    note("locked")
    clock[0] += timedelta(minutes=5)
    assert note("away").since == clock[0] - timedelta(minutes=5)
    assert note(None) is None
    assert note("full").since == clock[0]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_jump_of_the_clock_is_logged_and_loses_no_order(tiny_engine, monkeypatch, caplog, jump):
    monkeypatch.delenv("GOVDESK_NOW")
    get_settings.cache_clear()
    take_step(tiny_engine, "before")
    steady = time.monotonic()
    database_watch._look_at_clock(datetime.now(UTC) - jump, steady)
    assert "jumped by" in caplog.text
    monkeypatch.setenv("GOVDESK_NOW", (datetime.now(UTC) + jump).isoformat())
    get_settings.cache_clear()
    take_step(tiny_engine, "after")
    with tiny_engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT subject_key FROM audit_events WHERE action = 'take_step' ORDER BY id")
        assert [row[0] for row in rows] == ["before", "after"]


def test_steady_clock_is_not_logged(caplog, monkeypatch):
    monkeypatch.delenv("GOVDESK_NOW")
    get_settings.cache_clear()
    database_watch._look_at_clock(datetime.now(UTC), time.monotonic())
    assert caplog.text == ""


@pytest.mark.parametrize("words", ["zh", "en"])
@pytest.mark.parametrize("key", TROUBLES)
def test_state_says_what_since_when_and_what_to_do(client, words, key):
    note(key)
    said = client.get(f"/api/state?lang={words}").json()
    assert said["title"].startswith(say(f"faults.title_{key}", words))
    assert "11-22 10:00" in said["title"]
    assert [bool(line) for line in said["lines"]] == [True, True]


def test_state_of_a_language_that_is_none_is_answered(client):
    assert client.get("/api/state?lang=<script>").json() == {"trouble": None, "lost": say("faults.server_away", "zh")}


def test_program_is_served_and_linked(client):
    assert client.get("/api/state.js").headers["content-type"].startswith("text/javascript")
    assert build_link("") == '<script defer src="/api/state.js" data-base=""></script>'
    assert build_link("/desk/") == '<script defer src="/desk/api/state.js" data-base="/desk"></script>'


def test_a_mistake_of_the_program_is_no_trouble_of_the_database():
    assert explain(ValueError("database is locked")) is None
    assert explain(ZeroDivisionError()) is None
    assert explain(OSError(2, "not there")) is None


def test_watch_without_a_database_says_nothing_and_makes_none(empty_engine):
    with watching(0.01):
        time.sleep(0.1)
    assert find_trouble() is None
    assert not (get_settings().var / "govdesk.db").exists()
    assert threading.active_count() < 50

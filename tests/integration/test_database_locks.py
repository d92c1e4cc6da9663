"""Somebody holds the database, or the tables of every click: it is said, who writes is told in the end, and it is over."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import create_engine, insert, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from starlette.requests import Request

from govdesk.actions.acting import acting
from govdesk.api import sign_in
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage import database_watch
from govdesk.storage import engine as engine_module
from govdesk.storage.database_watch import look
from govdesk.storage.engine import get_engine, import_transaction, read_transaction, write_transaction
from govdesk.storage.trouble import explain
from govdesk.tables import DataVersion, Step
from govdesk.words import say
from tests.support import tiny_county
from tests.support.tiny_county import NOW

#: Seconds that a writer waits in these tests; 30 where people work.
SHORT = 0.4


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(database_watch, "_state", database_watch._State())
    monkeypatch.setattr(database_watch, "PATIENCE", 0.2)
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", SHORT)
    monkeypatch.setattr(engine_module, "READ_BUSY_SECONDS", SHORT / 4)


def take_step(engine, name):
    with acting(engine, by=SYSTEM, action="take_step", changes=("incidents",)) as act:
        act.connection.execute(insert(Step).values(
            incident_id=1, source="locks", source_ref=name, content_hash="0", kind="answer", occurred_at=NOW,
            recorded_at=NOW, is_recorded_assumed=False, is_withdrawn=False))
        act.audit("steps", name)


def count_steps(engine):
    with read_transaction(engine) as connection:
        return connection.exec_driver_sql("SELECT COUNT(*) FROM steps WHERE source = 'locks'").scalar_one()


def try_in_vain(engine):
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught:
        take_step(engine, "in vain")
    assert explain(caught.value) == "locked"
    assert SHORT <= time.monotonic() - began < SHORT + 3


#: Holds the file in the way of its first argument until its input ends.
HOLDER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[2], isolation_level=None)
other.execute("BEGIN " + sys.argv[1])
print("held", flush=True)
sys.stdin.read()
other.execute("ROLLBACK")
"""


@pytest.mark.parametrize("mode", ["IMMEDIATE", "EXCLUSIVE"])
def test_file_held_by_another_process_is_read_and_a_write_waits_and_is_told(tiny_engine, mode):
    command = [sys.executable, "-S", "-c", HOLDER, mode, str(get_settings().var / "govdesk.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        assert count_steps(tiny_engine) == 0, "who reads does not wait"
        assert look().key == "locked"
        try_in_vain(tiny_engine)
        patient = threading.Thread(target=take_step, args=(tiny_engine, "patient"))
        patient.start()
        time.sleep(SHORT / 4)
        other.stdin.close()
        patient.join()
    assert look() is None
    take_step(tiny_engine, "after")
    assert count_steps(tiny_engine) == 2


@pytest.mark.postgres
def test_tables_held_on_postgres(postgres_engine, monkeypatch):
    """Held for everybody or for who writes; an import may wait longer than a click, and is no trouble."""
    monkeypatch.setenv("GOVDESK_DATABASE_URL", postgres_engine.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    get_engine.cache_clear()
    engine = get_engine()
    tiny_county.build(engine, n_incidents=5)
    with create_engine(postgres_engine.url, poolclass=NullPool).connect() as other:
        for table, mode in (("incidents", "EXCLUSIVE"), ("incidents", "ACCESS EXCLUSIVE"), ("steps", "EXCLUSIVE")):
            other.exec_driver_sql(f"LOCK TABLE {table} IN {mode} MODE")
            assert look().key == "locked", (table, mode)
            if mode == "ACCESS EXCLUSIVE":
                with read_transaction(engine) as reader, pytest.raises(OperationalError) as caught:
                    reader.exec_driver_sql("SELECT COUNT(*) FROM incidents")
                assert explain(caught.value) == "locked"
            if table == "steps":
                release = threading.Timer(10, other.rollback)  # not for ever, if nobody gives up
                release.start()
                try_in_vain(engine)
                release.cancel()
            other.rollback()
            assert look() is None
        other.exec_driver_sql("LOCK TABLE incidents IN EXCLUSIVE MODE")
        release = threading.Timer(2 * SHORT, other.rollback)
        release.start()
        with import_transaction(engine) as connection:
            assert look() is None
            connection.exec_driver_sql("UPDATE incidents SET severity = severity")
        release.join()
    with write_transaction(engine) as connection:  # one row that somebody changes is in nobody's way
        connection.execute(update(DataVersion).values(version=DataVersion.version))
        assert look() is None
    take_step(engine, "after")
    assert count_steps(engine) == 1
    engine.dispose()


def test_door_says_that_the_database_is_away(tiny_engine):
    route = next(one for one in sign_in.ROUTES if one.path == "/login" and "GET" in one.methods)
    scope = {"type": "http", "method": "GET", "path": "/login", "query_string": b"lang=zh", "client": ("127.0.0.1", 1),
             "headers": [(b"host", b"127.0.0.1")]}
    file = get_settings().var / "govdesk.db"

    def ask():
        return asyncio.run(route.endpoint(Request(dict(scope))))

    assert ask().status_code == 200
    file.rename(file.with_name("away"))
    answer = ask()
    file.with_name("away").rename(file)
    assert answer.status_code == 503
    assert say("sign_in.away_title", "zh") in answer.body.decode()
    assert ask().status_code == 200


def test_mistake_of_the_door_is_not_taken_for_the_database(tiny_engine):
    async def show(request):
        raise ValueError(request)

    with pytest.raises(ValueError, match="wrong"):
        asyncio.run(sign_in.tell_trouble(show)("wrong"))

"""The restore drill: written to while it is backed up, killed in the middle, restored, every row compared."""

import contextlib
import os
import random
import shutil
import signal
import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, insert, make_url
from typer.testing import CliRunner

from govdesk.actions import backup_tick
from govdesk.actions.acting import acting
from govdesk.actions.backups import make_backup
from govdesk.actions.seal_audit import check_audit, seal_events
from govdesk.cli import app
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.settings import get_settings
from govdesk.storage import backup as storage_backup
from govdesk.storage import backup_postgres
from govdesk.storage.backup import list_backups, verify_backup
from govdesk.storage.backup_archive import BackupError
from govdesk.storage.engine import get_engine
from govdesk.tables import Step
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.every_row import read_every_row
from tests.support.tiny_county import NOW

KILLS = 8
UNFINISHED = ".govdesk-unfinished-*"
runner = CliRunner()


class Writer:
    """Takes steps in a thread, one transaction each, until the block ends; `n` were acknowledged."""

    def __init__(self, engine):
        self._engine, self.n, self._ended = engine, 0, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        while self.n < 5:
            time.sleep(0.001)
        return self

    def __exit__(self, *error):
        self._ended.set()
        self._thread.join()

    def _run(self):
        while not self._ended.is_set():
            with acting(self._engine, by=SYSTEM, action="take_step", changes=("incidents",)) as act:
                act.connection.execute(insert(Step).values(
                    incident_id=1 + self.n % 900, source="drill", source_ref=f"D{self.n}", content_hash="0",
                    kind="answer", occurred_at=NOW, recorded_at=NOW, is_recorded_assumed=False, is_withdrawn=False))
                act.audit("steps", f"D{self.n}")
            self.n += 1


def restore_elsewhere(path, tmp_path, monkeypatch, url=""):
    """Restore by the command into a new work folder; return its engine."""
    monkeypatch.setenv("GOVDESK_VAR", str(tmp_path / "new"))
    monkeypatch.setenv("GOVDESK_DATABASE_URL", url)
    get_settings.cache_clear()
    get_engine.cache_clear()  # the engine of the settings is kept under no URL
    done = runner.invoke(app, ["restore", str(path), "--commit"])
    assert done.exit_code == 0, done.output
    return get_engine(get_settings().url)


def compare(live, restored, *, written):
    """Hold a restored database against the one it was made of: equal but for the audit of the restore itself."""
    ours, theirs = read_every_row(live), read_every_row(restored)
    assert ours.keys() == theirs.keys()
    assert len(ours) > 50
    different = {name for name in ours if ours[name] != theirs[name]}
    assert different == ({"audit_events"} if not written else {"audit_events", "steps", "data_versions"})
    more = theirs["audit_events"] - ours["audit_events"]
    assert [row for row in more if "restore_backup" in row] == list(more)
    assert len(more) == 1
    assert not theirs["steps"] - ours["steps"]
    new = [row for row in theirs["steps"] if "drill" in row]
    told = [row for row in theirs["audit_events"] if "take_step" in row]
    assert len(new) == len(told), "a step and its audit row are one"
    return len(new)


def drill(engine, tmp_path, monkeypatch, url=""):
    home = get_settings().var
    home.mkdir(exist_ok=True)
    (home / "secret_key").write_bytes(b"s" * 32)
    with Writer(engine) as writer:
        acknowledged = writer.n
        made = make_backup(engine, by=SYSTEM, folder=tmp_path / "kept")
        is_written_meanwhile = writer.n > acknowledged
    assert verify_backup(made.path).counts == made.manifest.counts
    restored = restore_elsewhere(made.path, tmp_path, monkeypatch, url)
    n = compare(engine, restored, written=True)
    assert acknowledged <= n < writer.n, "what was acknowledged before is in it"
    assert is_written_meanwhile
    assert (tmp_path / "new" / "secret_key").read_bytes() == b"s" * 32
    assert runner.invoke(app, ["restore", str(made.path), "--commit"]).exit_code == 3
    restored.dispose()


def test_drill_on_sqlite(tiny_engine, tmp_path, monkeypatch):
    drill(tiny_engine, tmp_path, monkeypatch)


def test_backup_at_rest_is_restored_row_by_row(tiny_engine, tmp_path, monkeypatch):
    made = make_backup(tiny_engine, by=SYSTEM, folder=tmp_path / "kept")
    before = read_every_row(tiny_engine)
    restored = restore_elsewhere(made.path, tmp_path, monkeypatch)
    after = read_every_row(restored)
    assert len(before.pop("audit_events")) == len(after.pop("audit_events")) == 1
    assert before == after


def test_seals_of_the_audit_hold_after_a_restore(tiny_engine, tmp_path, monkeypatch):
    """The anchor comes from before the copy: sealed in between, it would tell of blocks that were cut off."""
    make_backup(tiny_engine, by=SYSTEM, folder=tmp_path / "kept")
    seal_events(tiny_engine, by=SYSTEM)
    copy_sqlite = storage_backup.copy_sqlite

    def seal_before(*args):
        with acting(tiny_engine, by=SYSTEM, action="take_step") as act:
            act.audit("steps", "D")
        copy_sqlite(*args)
        seal_events(tiny_engine, by=SYSTEM)

    monkeypatch.setattr(storage_backup, "copy_sqlite", seal_before)
    made = make_backup(tiny_engine, by=SYSTEM, folder=tmp_path / "kept")
    restored = restore_elsewhere(made.path, tmp_path, monkeypatch)
    verdict = check_audit(restored, by=SYSTEM)
    assert (verdict.faults, verdict.n_blocks) == ((), 1)
    assert seal_events(restored, by=SYSTEM) == 2
    assert check_audit(restored, by=SYSTEM).faults == ()


@pytest.fixture
def pg_dump():
    try:
        backup_postgres._find("pg_dump")
    except BackupError:
        pytest.skip("pg_dump is not installed")


@pytest.mark.postgres
def test_drill_on_postgres(postgres_engine, pg_dump, tmp_path, monkeypatch):
    tiny_county.build(postgres_engine)
    server = make_url(os.environ["GOVDESK_TEST_POSTGRES"])
    admin = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"{postgres_engine.url.database}_r"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        drill(postgres_engine, tmp_path, monkeypatch, server.set(database=name).render_as_string(hide_password=False))
    finally:
        get_engine(get_settings().url).dispose()
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@pytest.mark.postgres
def test_failed_restore_leaves_an_empty_database_and_folder(postgres_engine, pg_dump, tmp_path, monkeypatch):
    monkeypatch.setenv("GOVDESK_DATABASE_URL", postgres_engine.url.render_as_string(hide_password=False))
    get_settings.cache_clear()
    get_engine.cache_clear()
    tiny_county.build(postgres_engine, n_incidents=20)
    (get_settings().var).mkdir()
    (get_settings().var / "secret_key").write_bytes(b"s" * 32)
    made = make_backup(postgres_engine, by=SYSTEM, folder=tmp_path / "kept")
    assert runner.invoke(app, ["restore", str(made.path), "--commit"]).exit_code == 3, "it is not empty"
    with postgres_engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.exec_driver_sql("CREATE VIEW steps AS SELECT 1 AS one")  # in the way of a table
    monkeypatch.setenv("GOVDESK_VAR", str(tmp_path / "new"))
    get_settings.cache_clear()
    refused = runner.invoke(app, ["restore", str(made.path), "--commit"])
    assert refused.exit_code == 3
    assert "steps" in refused.output
    assert read_every_row(postgres_engine) == {}
    assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()] == []


def test_postgres_without_its_programs_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(backup_postgres, "_INSTALLED", "/nowhere")
    with pytest.raises(BackupError, match="postgresql-client"):
        backup_postgres._find("pg_dump")


def test_killed_backup_leaves_nothing_that_looks_like_one(tiny_engine, tmp_path):
    home = get_settings().var
    (home / "photos").mkdir()
    for n in range(8):
        (home / "photos" / f"2026112200000{n}-{n:032x}.jpg").write_bytes(os.urandom(400_000))
    tiny_engine.dispose()
    get_engine.cache_clear()  # a connection of this process is none of another one's
    kept = tmp_path / "kept"
    kept.mkdir()
    wait(begin(home, kept))
    process, began = begin(home, kept), time.monotonic()
    assert wait(process) == 0
    took, rng, cut = time.monotonic() - began, random.Random(8), 0
    for _ in range(KILLS):
        for one in list_backups(kept):
            verify_backup(one.path)
            one.path.unlink()
        shutil.rmtree(kept)
        kept.mkdir()
        process = begin(home, kept)
        time.sleep(rng.uniform(0, 1.1) * took)
        os.kill(process, signal.SIGKILL)
        wait(process)
        left = list(kept.glob(UNFINISHED))
        cut += bool(left)
        assert not (left and list_backups(kept)), "either nothing, or a whole one"
    for one in list_backups(kept):
        verify_backup(one.path)
        one.path.unlink()
    assert cut >= 2, "no kill came while a backup was written"
    assert wait(begin(home, kept)) == 0
    assert [path.name for path in kept.iterdir()] == [list_backups(kept)[0].path.name], "the next one clears it away"


def begin(home, kept):
    """Fork a process that makes a backup with an engine of its own; return its number once it writes."""
    process = os.fork()
    if process == 0:
        with contextlib.suppress(BaseException):
            storage_backup.make_backup(get_engine(f"sqlite:///{home / 'govdesk.db'}"), kept)
            os._exit(0)
        os._exit(1)
    end = time.monotonic() + 60
    while time.monotonic() < end and not list(kept.glob(UNFINISHED)) and not list_backups(kept):
        time.sleep(0.0005)
    return process


def wait(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_backup_is_for_administrators_and_in_the_audit(tiny_engine, tmp_path):
    with pytest.raises(RefusedError):
        make_backup(tiny_engine, by=Scope("local_centre", Role.CENTRE), folder=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
    done = make_backup(tiny_engine, by=SYSTEM, folder=tmp_path / "kept")
    audited = read_every_row(tiny_engine)["audit_events"]
    assert [done.path.name in str(row) for row in audited] == [True]


def test_failed_backup_is_in_the_audit(tiny_engine, tmp_path):
    (tmp_path / "kept").write_text("a file where the folder should be")
    with pytest.raises(BackupError, match="cannot be written"):
        make_backup(tiny_engine, by=SYSTEM, folder=tmp_path / "kept")
    assert ["failed" in str(row) for row in read_every_row(tiny_engine)["audit_events"]] == [True]


def test_commands_say_what_they_did(tiny_engine, tmp_path):
    assert "--commit" in runner.invoke(app, ["backup"]).output
    assert not (get_settings().var / "backups").exists()
    assert "backed up" in runner.invoke(app, ["backup", "--commit"]).output
    file = str(list_backups(get_settings().var / "backups")[0].path)
    assert "incidents\t900" in runner.invoke(app, ["verify", file]).output
    again = runner.invoke(app, ["restore", file])
    assert again.exit_code == 3
    assert "empty place" in again.output
    assert runner.invoke(app, ["verify", str(tmp_path / "none.zip")]).exit_code == 3


@pytest.fixture
def ticking(tiny_engine, monkeypatch):
    """Return a function that sets the clock and looks whether a backup is due; gives how many there are."""
    monkeypatch.setattr(backup_tick, "_failure", backup_tick._Failure())

    def look(at):
        monkeypatch.setenv("GOVDESK_NOW", at.isoformat())
        get_settings.cache_clear()
        backup_tick.look_once()
        return len(list_backups(get_settings().var / "backups"))

    return look


def test_nightly_backup_once_a_night_and_kept_fourteen_days(ticking):
    night = NOW.replace(hour=18)  # 02:00 in Asia/Shanghai
    assert [ticking(night - timedelta(hours=3)), ticking(night - timedelta(minutes=1))] == [1, 1], "a missed one at once"
    assert [ticking(night + timedelta(minutes=n)) for n in (0, 1, 60, 600)] == [2, 2, 2, 2]
    assert max(ticking(night + timedelta(days=day)) for day in range(1, 18)) <= 16
    assert ticking(night + timedelta(days=18)) == 15, "of fourteen days, and tonight's"


def test_clock_that_jumped_ahead_does_not_stop_the_nightly_backup(ticking):
    night = NOW.replace(hour=18)
    assert ticking(night + timedelta(days=365)) == 1
    assert ticking(night) == 2
    assert ticking(night + timedelta(hours=1)) == 2
    assert ticking(night - timedelta(hours=1)) <= 3


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_nightly_backup_once_a_night_also_when_summer_time_begins_or_ends(monkeypatch, day):
    """In a zone that has it: the county's zone is a setting."""
    monkeypatch.setenv("GOVDESK_ZONE", "America/Chicago")
    get_settings.cache_clear()
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00") - timedelta(days=2)
    asked = [start + timedelta(minutes=20 * n) for n in range(4 * 72)]
    for hour in (0, 1, 2, 3, 23):
        due = [backup_tick.find_due(at, hour) for at in asked]
        assert due == sorted(due)
        assert all(at - timedelta(hours=26) < one <= at for one, at in zip(due, asked, strict=True))
        assert len(set(due)) == 5, "one a day"


def test_nightly_backup_that_fails_is_said_and_tried_again(ticking, monkeypatch, caplog):
    folder = get_settings().var / "backups"
    folder.write_text("in the way")
    clock = [100.0]
    monkeypatch.setattr(backup_tick, "moment", lambda: clock[0])
    assert ticking(NOW) == 0
    assert backup_tick.read_state().failed_since == NOW
    assert "nightly backup failed" in caplog.text
    folder.unlink()
    assert ticking(NOW) == 0, "not before the hour is over"
    clock[0] += backup_tick.AGAIN
    assert ticking(NOW) == 1
    assert backup_tick.read_state().failed_since is None
    monkeypatch.setenv("GOVDESK_NOW", (NOW + timedelta(days=3)).isoformat())
    get_settings.cache_clear()
    assert backup_tick.read_state().is_late


def test_backup_that_failed_of_a_database_that_was_away_is_tried_again_soon(ticking, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(backup_tick, "moment", lambda: clock[0])
    file = get_settings().var / "govdesk.db"
    file.rename(file.with_name("away"))
    monkeypatch.setattr(backup_tick, "is_initialised", lambda engine: True)  # it was, a moment ago
    assert ticking(NOW) == 0
    assert backup_tick.read_state().failed_since == NOW
    file.with_name("away").rename(file)
    clock[0] += backup_tick.SOON
    assert ticking(NOW) == 1

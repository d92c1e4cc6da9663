"""What a backup file holds, what is refused of one, and which ones are kept."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from govdesk.settings import get_settings
from govdesk.storage import backup, backup_sqlite
from govdesk.storage.backup import list_backups, list_files, make_backup, remove_old, verify_backup
from govdesk.storage.backup_archive import BackupError
from govdesk.storage.engine import get_engine
from govdesk.storage.restore import restore_backup
from tests.support.tiny_county import NOW

PHOTO = "20261122000000-" + "a" * 32 + ".jpg"


@pytest.fixture
def made(tiny_engine, tmp_path):
    """Return a backup of the tiny county with a secret, a photo and an office's own duty list."""
    var = get_settings().var
    (var / "photos").mkdir()
    (var / "photos" / PHOTO).write_bytes(b"picture")
    (var / "secret_key").write_bytes(b"s" * 32)
    (var / "duty_list.csv").write_text("category,unit\n")
    for left_out in ("uploads/20261122000000-ab", "sample/incidents.csv", "backups/old.zip", "stlouis/govdesk.db"):
        (var / left_out).parent.mkdir(exist_ok=True)
        (var / left_out).write_text("x")
    return make_backup(tiny_engine, tmp_path / "kept")[0]


def rewrite(source, target, change):
    """Write a backup anew; `change` gets its members (name → bytes) and may return further ones as pairs."""
    with zipfile.ZipFile(source) as old:
        members = {name: old.read(name) for name in old.namelist()}
    more = change(members) or []
    with zipfile.ZipFile(target, "w") as new:
        for name, content in [*members.items(), *more]:
            new.writestr(name, content)
    return target


def tell(members, **values):
    manifest = json.loads(members["manifest.json"]) | values
    members["manifest.json"] = json.dumps(manifest).encode()


def test_backup_holds_what_the_product_needs_and_nothing_else(made):
    with zipfile.ZipFile(made) as opened:
        assert sorted(opened.namelist()) == [
            "database.sqlite", "files/duty_list.csv", f"files/photos/{PHOTO}", "files/secret_key", "manifest.json"]
    manifest = verify_backup(made)
    assert manifest.counts["incidents"] == 900
    assert (manifest.kind, manifest.zone, manifest.made_at) == ("sample", "Asia/Shanghai", NOW)


def test_backup_is_readable_by_its_owner_alone_and_nothing_is_left_beside_it(made):
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
    assert [path.name for path in made.parent.iterdir()] == [made.name]


@pytest.mark.parametrize("name", ["database.sqlite", "files/secret_key"])
def test_changed_file_is_found(made, tmp_path, name):
    def change(members):
        members[name] = members[name][:-1] + b"?"

    with pytest.raises(BackupError, match="SHA-256 differs"):
        verify_backup(rewrite(made, tmp_path / "b.zip", change))


def test_backup_cut_short_is_none(made, tmp_path):
    whole = made.read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(BackupError):
            verify_backup(tmp_path / "cut.zip")


@pytest.mark.parametrize("name", [
    "../outside", "/etc/cron.d/x", "files/../../outside", "files/photos/../../x", "files/.hidden", "files/a/b", "C:\\x",
    "files/photos/..", "database.sqlite/x"])
def test_name_that_leads_outside_is_refused_and_writes_nothing(made, tmp_path, name, monkeypatch):
    def change(members):
        named = json.loads(members["manifest.json"])
        named["files"].append({"name": name, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()})
        tell(members, files=named["files"])
        return [(name, b"x")]

    hostile = rewrite(made, tmp_path / "hostile.zip", change)
    monkeypatch.setenv("GOVDESK_VAR", str(tmp_path / "new" / "var"))
    get_settings.cache_clear()
    before = {path for path in tmp_path.rglob("*") if "new" not in path.parts}
    with pytest.raises(BackupError, match="no backup of this program holds"):
        restore_here(hostile)
    assert {path for path in tmp_path.rglob("*") if "new" not in path.parts} == before
    assert not (tmp_path / "new" / "var").exists()


def restore_here(path, *, commit=True):
    return restore_backup(get_engine(get_settings().url), path, account="system", commit=commit)


@pytest.fixture
def new_place(tmp_path, monkeypatch):
    monkeypatch.setenv("GOVDESK_VAR", str(tmp_path / "new"))
    get_settings.cache_clear()
    return tmp_path / "new"


def test_link_in_a_backup_is_refused(made, tmp_path):
    def change(members):
        link = zipfile.ZipInfo("files/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        return [(link, b"/etc/passwd")]

    with pytest.raises(BackupError, match="no backup of this program"):
        verify_backup(rewrite(made, tmp_path / "b.zip", change))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_file_named_twice_is_refused(made, tmp_path):
    with pytest.raises(BackupError, match="twice"):
        verify_backup(rewrite(made, tmp_path / "b.zip", lambda members: [("files/secret_key", b"other")]))


def test_more_than_the_manifest_names_is_refused(made, tmp_path):
    with pytest.raises(BackupError, match="manifest differ"):
        verify_backup(rewrite(made, tmp_path / "b.zip", lambda members: [("files/more", b"x")]))


def test_file_that_unpacks_to_more_than_it_says_is_refused(made, tmp_path):
    """The directory of the ZIP lies about the size; what comes is counted."""
    bomb = tmp_path / "b.zip"
    with zipfile.ZipFile(made) as old:
        members = {name: old.read(name) for name in old.namelist()}
    files = json.loads(members["manifest.json"])["files"]
    tell(members, files=[*files, {"name": "files/big", "size": 10, "sha256": "0"}])
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
        new.writestr("files/big", b"\0" * 50_000_000)
        new.getinfo("files/big").file_size = 10
    with pytest.raises(BackupError, match="files/big"):
        verify_backup(bomb)


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b'{"format": 2}', b"[" * 100_000])
def test_manifest_that_is_none_is_refused(made, tmp_path, said):
    def change(members):
        members["manifest.json"] = said

    with pytest.raises(BackupError):
        verify_backup(rewrite(made, tmp_path / "b.zip", change))


def test_database_with_a_program_of_its_own_is_refused(made, tmp_path):
    def change(members):
        (tmp_path / "d.db").write_bytes(members["database.sqlite"])
        with sqlite3.connect(tmp_path / "d.db") as changed:
            changed.execute("CREATE TRIGGER t AFTER INSERT ON steps BEGIN DELETE FROM audit_events; END")
        changed.close()
        members["database.sqlite"] = content = (tmp_path / "d.db").read_bytes()
        files = json.loads(members["manifest.json"])["files"]
        files[0] |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        tell(members, files=files)

    with pytest.raises(BackupError, match="no database of this program"):
        verify_backup(rewrite(made, tmp_path / "b.zip", change))


def test_damaged_database_is_not_backed_up_as_good(tiny_engine, tmp_path):
    with tiny_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    tiny_engine.dispose()
    file = get_settings().var / "govdesk.db"
    with file.open("r+b") as written:
        written.seek(file.stat().st_size // 2)
        written.write(os.urandom(20_000))
    with pytest.raises(BackupError, match=r"damaged|malformed"):
        make_backup(tiny_engine, tmp_path / "kept")
    assert list_backups(tmp_path / "kept") == []


def test_locked_database_ends_in_a_sentence(tiny_engine, tmp_path, monkeypatch):
    monkeypatch.setattr(backup_sqlite, "BUSY_SECONDS", 0.1)
    file = get_settings().var / "govdesk.db"
    tiny_engine.dispose()
    with sqlite3.connect(file) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackupError, match="locked"):
            make_backup(tiny_engine, tmp_path / "kept")
    other.close()


def test_restore_brings_files_back_and_needs_an_empty_place(made, new_place):
    assert restore_here(made, commit=False).manifest.counts["incidents"] == 900
    assert not new_place.exists()
    restore_here(made)
    assert {path.relative_to(new_place).as_posix() for path in new_place.rglob("*")} == {
        "govdesk.db", "duty_list.csv", "secret_key", "photos", f"photos/{PHOTO}"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in new_place.rglob("*") if path.is_file())
    with pytest.raises(BackupError, match=r"govdesk\.db is there"):
        restore_here(made)


@pytest.mark.parametrize("name", ["govdesk.db-wal", "govdesk.db-shm", "govdesk.db-journal"])
def test_rest_of_another_database_is_refused(made, new_place, name):
    """SQLite would read such a log into the restored database."""
    new_place.mkdir()
    (new_place / name).write_bytes(b"x")
    with pytest.raises(BackupError, match=name):
        restore_here(made)


def test_other_secret_in_the_place_is_refused(made, new_place):
    new_place.mkdir()
    (new_place / "secret_key").write_bytes(b"t" * 32)
    with pytest.raises(BackupError, match="secret_key"):
        restore_here(made)
    assert [path.name for path in new_place.iterdir()] == ["secret_key"]


def test_restore_that_was_killed_is_begun_again(made, new_place):
    restore_here(made)
    (new_place / "govdesk.db").unlink()
    assert not [path for path in new_place.iterdir() if path.name.startswith(".")]
    (new_place / f"{backup._UNFINISHED}left").mkdir()
    (new_place / f"{backup._UNFINISHED}left" / "lock").touch()
    restore_here(made)
    assert not list(new_place.glob(".*"))


def test_restore_that_fails_leaves_nothing(made, new_place, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("govdesk.storage.restore._put", fail)
    with pytest.raises(BackupError, match="No space left"):
        restore_here(made)
    assert [path for path in new_place.rglob("*") if path.is_file()] == []


def test_restore_without_room_is_refused_before_anything_is_written(made, new_place, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1))
    with pytest.raises(BackupError, match="MB are needed"):
        restore_here(made)
    assert not new_place.exists()


def test_backup_of_a_later_program_is_refused(made, new_place, tmp_path):
    with pytest.raises(BackupError, match="later"):
        restore_here(rewrite(made, tmp_path / "b.zip", lambda members: tell(members, schema="9999")))


def test_restore_is_in_the_audit_and_ends_open_sign_ins(tiny_engine, tmp_path, monkeypatch):
    with tiny_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sign_ins (token_hash, account_code, method, address, at, seen_at, ends_at) VALUES "
            "('x', 'local_admin', 'password', '127.0.0.1', 1, 1, 9999999999)")
    made = make_backup(tiny_engine, tmp_path / "kept")[0]
    monkeypatch.setenv("GOVDESK_VAR", str(tmp_path / "new"))
    get_settings.cache_clear()
    restore_here(made)
    with sqlite3.connect(tmp_path / "new" / "govdesk.db") as restored:
        assert restored.execute("SELECT action, subject FROM audit_events").fetchall() == [("restore_backup", "backups")]
        assert restored.execute("SELECT ended_because FROM sign_ins").fetchall() == [("restored",)]
    restored.close()


def test_list_files_leaves_out_what_no_backup_needs(made):
    assert "files/govdesk.db" not in list_files(get_settings().var)


def name_made(folder, at):
    return folder / f"govdesk-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.zip"


def test_old_backups_go_and_the_newest_good_one_stays(made):
    folder, at = made.parent, NOW
    for days in (1, 13, 15, 40):
        shutil.copy(made, name_made(folder, at - timedelta(days=days)))
    made.unlink()
    assert {path.name for path in remove_old(folder, at)} == {
        name_made(folder, at - timedelta(days=days)).name for days in (15, 40)}
    name_made(folder, at - timedelta(days=1)).write_bytes(b"broken")
    assert len(remove_old(folder, at + timedelta(days=30))) == 1, "the broken one goes, the good one stays"
    assert [one.path for one in list_backups(folder)] == [name_made(folder, at - timedelta(days=13))]


def test_clock_that_jumped_ahead_takes_no_backup_with_it(tmp_path):
    """All look old by then; the one that was made by the wrong clock is the newest."""
    for days in range(1, 6):
        name_made(tmp_path, NOW - timedelta(days=days)).write_bytes(b"")
    ahead = NOW + timedelta(days=365)
    name_made(tmp_path, ahead).write_bytes(b"")
    assert remove_old(tmp_path, ahead) == []
    name_made(tmp_path, ahead + timedelta(days=1)).write_bytes(b"")
    assert len(remove_old(tmp_path, ahead + timedelta(days=1))) == 5, "two agree on the day: nothing ran for a year"


def test_only_files_of_ours_are_listed_and_removed(tmp_path):
    for name in ("govdesk-old.zip", "other.zip", "govdesk-20000101T000000Z.zip.part", "govdesk-20009901T000000Z.zip"):
        (tmp_path / name).write_bytes(b"")
    assert list_backups(tmp_path) == []
    assert remove_old(tmp_path, datetime(2030, 1, 1, tzinfo=UTC)) == []

"""Photos: taken in once, seen by those who handle, never by whom it concerns, deleted in time, nothing half."""

import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import func, insert, select, update
from typer.testing import CliRunner

from govdesk import settings
from govdesk.actions import photos
from govdesk.actions.photos import PhotoRefusedError, add_photo, remove_old_photos, remove_photo, tidy_photos
from govdesk.cli import app
from govdesk.queries.photos import list_photos, read_photo
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.photos import MOST
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.photo_files import photos_folder
from govdesk.tables import AuditEvent, ImportBatch, Incident, Photo, Unit
from govdesk.terms import PhotoKind, Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

TOWN = f"{COUNTY}001"
CENTRE = Scope("local_centre", Role.CENTRE)
ADMIN = Scope("local_admin", Role.ADMIN)
LAND = Scope("land", Role.DEPARTMENT, unit_code="U-LAND")
WATER = Scope("water", Role.DEPARTMENT, unit_code="U-WATER")
TOWNSHIP = Scope("town", Role.TOWNSHIP, TOWN, "U-GOV")
OFFICE = Scope("office", Role.TOWNSHIP, TOWN, "U-OFFICE")
KEY = "photo-form-1"


def jpeg(shade=0, size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 90)).save(out, "JPEG")
    return out.getvalue()


def prepare(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [
            {"code": code, "name": code, "kind": kind, "place_code": place, "parent_code": parent, "content_hash": "0"}
            for code, kind, place, parent in (
                ("U-WATER", "department", COUNTY, None), ("U-GOV", "township", TOWN, None),
                ("U-OFFICE", "department", TOWN, "U-GOV"))])
        connection.execute(update(Incident).where(Incident.id == 7).values(
            place_code=f"{TOWN}001", handling_unit="U-LAND", concerns_unit=None))
    return engine


@pytest.fixture
def engine(tiny_engine):
    return prepare(tiny_engine)


@pytest.fixture
def at(monkeypatch):
    """Give a function that sets the instant."""

    def set_now(after):
        monkeypatch.setenv("GOVDESK_NOW", (tiny_county.NOW + after).isoformat())
        settings.get_settings.cache_clear()

    return set_now


def _add(engine, by=CENTRE, number=7, data=None, kind=PhotoKind.REPORT):
    return add_photo(engine, by=by, incident_id=number, kind=kind, data=jpeg() if data is None else data, form_key=KEY)


def _list(engine, by=CENTRE, number=7):
    with read_transaction(engine) as connection, suppress(RefusedError):  # refused is nothing seen
        return list_photos(connection, by, number)
    return ()


def _read(engine, by, photo):
    with read_transaction(engine) as connection, suppress(RefusedError):
        return read_photo(connection, by, photo)
    return None


def _files():
    return sorted(path.name for path in photos_folder().iterdir())


def _n(engine, table=Photo):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def _keys(error):
    return [one.key for one in error.value.problems]


def _concerns(engine, unit):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit=unit))


def test_photo_is_kept_under_a_random_name_and_audited(engine):
    added = _add(engine)
    name, = _files()
    assert stat.S_IMODE((photos_folder() / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(photos_folder().stat().st_mode) == 0o700
    photo, = _list(engine)
    assert (photo.id, photo.kind, photo.by, photo.width, photo.height) == (added.photo_id, "report", "local_centre", 40, 30)
    assert photo.delete_at == NOW + timedelta(days=180)
    assert _read(engine, CENTRE, photo.id) == (photos_folder() / name).read_bytes()
    with read_transaction(engine) as connection:
        assert '"incident": 7' in connection.scalar(select(AuditEvent.detail).where(AuditEvent.action == "add_photo"))


def test_same_file_is_kept_once(engine):
    first, second = _add(engine), _add(engine)
    assert (first.photo_id, second.is_repeated) == (second.photo_id, True)
    assert _n(engine) == len(_files()) == 1


def test_two_clicks_at_once_keep_one(engine):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: _add(engine), range(6)))
    assert len({one.photo_id for one in found}) == 1
    assert [one.is_repeated for one in found].count(False) == 1
    assert _n(engine) == len(_files()) == 1


def test_no_more_than_six_also_at_once(engine):
    def try_one(shade):
        try:
            return _add(engine, data=jpeg(shade)).photo_id
        except PhotoRefusedError as error:
            return error.problems[0].key

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(try_one, range(0, 200, 20)))
    assert found.count("too_many") == 10 - MOST
    assert _n(engine) == len(_files()) == MOST


@pytest.mark.parametrize(("data", "key"), [(b"", "empty"), (b"<svg/>", "kind"), (jpeg()[:60], "broken"),
                                           (jpeg() + b"\0" * 11 * 2**20, "too_large")])
def test_file_that_is_no_photo_leaves_nothing(engine, data, key):
    with pytest.raises(PhotoRefusedError) as caught:
        _add(engine, data=data)
    assert _keys(caught) == [key]
    assert _n(engine) == 0
    assert _files() == []


@pytest.mark.parametrize("by", [CENTRE, ADMIN, LAND, TOWNSHIP], ids=lambda one: one.account)
def test_those_who_handle_see_and_add(engine, by):
    number = _add(engine, by).photo_id
    assert len(_list(engine, by)) == 1
    assert _read(engine, by, number) is not None


NOT = [WATER, Scope("other", Role.TOWNSHIP, f"{COUNTY}002", "U-GOV2"), Scope("bare", Role.DEPARTMENT),
       Scope("town", Role.TOWNSHIP), *(Scope(role.value, role) for role in (
           Role.LEADER, Role.ANALYST, Role.CLERK, Role.WALL, Role.INTAKE))]


@pytest.mark.parametrize("by", NOT, ids=lambda one: f"{one.account}-{one.role}")
def test_nobody_else_sees_or_adds(engine, by):
    number = _add(engine).photo_id
    assert _list(engine, by) == ()
    assert _read(engine, by, number) is None
    with pytest.raises((RefusedError, PhotoRefusedError)):
        _add(engine, by, data=jpeg(9))
    with pytest.raises(RefusedError):
        remove_photo(engine, by=by, photo_id=number)
    assert _n(engine) == len(_files()) == 1


@pytest.mark.parametrize(("concerned", "by"), [
    ("U-LAND", LAND), ("U-GOV", TOWNSHIP), ("U-GOV", OFFICE), ("U-GOV", Scope("x", Role.TOWNSHIP, TOWN)),
    ("U-CENTRE", Scope("x", Role.CENTRE, unit_code="U-CENTRE")), ("U-CENTRE", Scope("x", Role.ADMIN, unit_code="U-CENTRE"))])
def test_unit_concerned_and_what_is_below_it_never_sees_them(engine, concerned, by):
    number = _add(engine).photo_id
    assert _read(engine, by, number) is not None
    _concerns(engine, concerned)
    assert _list(engine, by) == ()
    assert _read(engine, by, number) is None
    with pytest.raises((RefusedError, PhotoRefusedError)):
        _add(engine, by, data=jpeg(9))
    assert _read(engine, CENTRE, number) is not None


def test_handling_unit_of_before_sees_them_no_longer(engine):
    number = _add(engine).photo_id
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(handling_unit="U-WATER"))
    assert _read(engine, LAND, number) is None
    assert _read(engine, WATER, number) is not None


def test_who_registered_it_may_add_but_not_look(engine):
    with write_transaction(engine) as connection:
        batch = connection.execute(insert(ImportBatch).values(
            about="incidents", profile="register", file_name="x", file_hash="x", by="water", at=NOW, n_read=1,
            n_inserted=1, n_updated=0, n_unchanged=0, n_rejected=0, n_masked=0)).inserted_primary_key[0]
        connection.execute(update(Incident).where(Incident.id == 7).values(batch_id=batch))
    number = _add(engine, WATER).photo_id
    assert _read(engine, WATER, number) is None
    _concerns(engine, "U-WATER")
    with pytest.raises(PhotoRefusedError):
        _add(engine, WATER, data=jpeg(9))


def test_intake_adds_to_what_came_in_through_it_only(engine):
    by = Scope("intake:tiny", Role.INTAKE)  # the source of the tiny county's incidents
    number = _add(engine, by).photo_id
    assert _read(engine, by, number) is None
    with pytest.raises(PhotoRefusedError) as caught:
        _add(engine, Scope("intake:hotline", Role.INTAKE), data=jpeg(9))
    assert _keys(caught) == ["no_incident"]


@pytest.mark.parametrize("number", [0, -1, 999_999, 2**70])
def test_incident_that_is_not_there_is_refused_like_one_not_seen(engine, number):
    with pytest.raises(PhotoRefusedError) as caught:
        _add(engine, number=number)
    assert _keys(caught) == ["no_incident"]
    assert _files() == []


def test_transaction_that_fails_leaves_no_file(engine, monkeypatch):
    def fail(*_, **__):
        message = "disk full"
        raise OSError(message)

    monkeypatch.setattr(photos, "_insert", fail)
    with pytest.raises(OSError, match="disk full"):
        _add(engine)
    assert _n(engine) == 0
    assert _files() == []


def test_file_that_cannot_be_written_leaves_no_row(engine, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        _add(engine)
    assert _n(engine) == 0
    assert _files() == []


def test_photo_is_deleted_in_time_and_its_row_says_so(engine, at):
    number = _add(engine).photo_id
    at(timedelta(days=179))
    assert remove_old_photos(engine, by=SYSTEM, commit=True).n_old == 0
    assert _read(engine, CENTRE, number) is not None
    at(timedelta(days=180))
    assert remove_old_photos(engine, by=SYSTEM, commit=False).n_old == 1
    assert len(_files()) == 1
    assert _read(engine, CENTRE, number) is None  # the day was promised, whenever the file goes
    assert remove_old_photos(engine, by=SYSTEM, commit=True).n_old == 1
    assert _files() == []
    assert _read(engine, CENTRE, number) is None
    photo, = _list(engine)
    assert photo.deleted_at == NOW + timedelta(days=180)
    assert remove_old_photos(engine, by=SYSTEM, commit=True).n_old == 0
    assert _add(engine).photo_id != number  # what is gone may be sent again


def test_file_left_over_by_a_crash_is_deleted_after_an_hour(engine, at):
    _add(engine)
    left = photos_folder() / f"{NOW:%Y%m%d%H%M%S}-{'a' * 32}.jpg"
    left.write_bytes(b"x")
    (photos_folder() / "something else").write_bytes(b"x")
    assert remove_old_photos(engine, by=SYSTEM, commit=True).n_unknown == 0  # somebody may just be writing it
    at(timedelta(hours=1))
    tidy_photos()
    assert len(_files()) == 2
    assert not left.exists()


def test_number_of_days_is_a_setting_that_holds_for_new_photos(engine, monkeypatch):
    _add(engine)
    monkeypatch.setenv("GOVDESK_PHOTO_DAYS", "30")
    settings.get_settings.cache_clear()
    _add(engine, data=jpeg(9))
    assert [one.delete_at - NOW for one in _list(engine)] == [timedelta(days=180), timedelta(days=30)]


def test_photo_that_shows_what_it_should_not_is_removed_at_once(engine):
    own, other = _add(engine, LAND).photo_id, _add(engine, data=jpeg(9)).photo_id
    with pytest.raises(RefusedError):
        remove_photo(engine, by=LAND, photo_id=other)
    remove_photo(engine, by=LAND, photo_id=own)
    remove_photo(engine, by=ADMIN, photo_id=other)
    assert _files() == []
    assert _n(engine) == 2


def test_command_does_nothing_without_commit(engine, at):
    _add(engine)
    at(timedelta(days=181))
    runner = CliRunner()
    assert "would remove (--commit removes): 1 photos" in runner.invoke(app, ["remove-photos"]).output
    assert len(_files()) == 1
    assert "removed: 1 photos" in runner.invoke(app, ["remove-photos", "--commit"]).output
    assert _files() == []


@pytest.mark.parametrize("name", ["../secret_key", "/etc/passwd", "x.jpg", ""])
def test_name_in_a_row_is_never_a_path(engine, name):
    number = _add(engine).photo_id
    with write_transaction(engine) as connection:
        connection.execute(update(Photo).values(stored_as=name))
    assert _read(engine, CENTRE, number) is None
    remove_photo(engine, by=ADMIN, photo_id=number)
    assert (settings.get_settings().var / "govdesk.db").exists()


@pytest.mark.postgres
def test_two_clicks_at_once_keep_one_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 20)
    prepare(postgres_engine)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: _add(postgres_engine), range(6)))
    assert len({one.photo_id for one in found}) == 1
    assert _n(postgres_engine) == len(_files()) == 1

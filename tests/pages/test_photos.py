"""Photos on the screens: chosen when registering, shown to those who handle, inside the page's own connection."""

import base64
import io

import pytest
from PIL import Image
from sqlalchemy import insert, select, update

from govdesk.actions import photos
from govdesk.actions.photos import add_photo
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.photo_files import photos_folder
from govdesk.storage.versions import bump
from govdesk.tables import Account, Incident, Photo
from govdesk.terms import PhotoKind
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY


def _jpeg(shade=10, size=(900, 600)):
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 90)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def engine(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [
            {"code": "land", "title": "国土", "role": "department", "unit_code": "U-LAND", "is_active": True}])
        connection.execute(update(Incident).where(Incident.id == 7).values(handling_unit="U-LAND", concerns_unit=None))
    return tiny_engine


def _add(engine, shade=10):
    return add_photo(engine, by=SYSTEM, incident_id=7, kind=PhotoKind.REPORT, data=_jpeg(shade), form_key="form-12345").photo_id


def _open(account="local_centre", **params):
    return open_page("incident", account=account, id="7", **params)


def _urls(page):
    return [image.url for element in page.get("image") for image in element.proto.imgs]


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _register(page, *files):
    _widget(page, "selectbox", "stream_").select("hazard").run()
    _widget(page, "selectbox", "category_").select("hazard_water").run()
    _widget(page, "selectbox", "channel_").select("grid_worker").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    _widget(page, "selectbox", "place_village_").select(f"{COUNTY}001001").run()
    for name, content in files:
        page.file_uploader[0].upload(name, content, "image/jpeg")
    page.run()
    _widget(page, "button", "save_").click().run()
    assert not page.exception
    return all_html(page)


def test_photos_travel_in_the_page_and_have_no_address(engine):
    _add(engine)
    page = _open()
    url, = _urls(page)
    assert url.startswith("data:image/jpeg;base64,")
    shown = Image.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1])))
    assert max(shown.size) == 640
    stored, = photos_folder().iterdir()
    assert stored.name not in "".join([all_html(page), *_urls(page)])
    _widget(page, "toggle", "photos_large_").set_value(True).run()
    large = base64.b64decode(_urls(page)[0].split(",", 1)[1])
    assert large == stored.read_bytes()


@pytest.mark.parametrize("account", ["local_leader", "local_analyst", "local_clerk"])
def test_others_see_neither_photos_nor_that_there_are_some(engine, account):
    _add(engine)
    page = _open(account)
    assert "T0000007" in all_html(page)
    assert _urls(page) == []
    assert "照片" not in all_html(page)


def test_handling_unit_sees_them_until_it_concerns_it(engine):
    _add(engine)
    assert len(_urls(_open("land"))) == 1
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit="U-LAND"))
        bump(connection, "incidents")
    page = _open("land")
    assert _urls(page) == []
    assert "没有编号为 7 的事件" in all_html(page)


def test_evidence_is_added_and_can_be_deleted(engine):
    page = _open("land", lang="en")
    assert "never persons" in all_html(page)
    page.file_uploader[0].upload("x.jpg", _jpeg(), "image/jpeg").run()
    _widget(page, "button", "photos_save_").click().run()
    assert "1 photos saved" in all_html(page)
    assert len(_urls(page)) == 1
    with read_transaction(engine) as connection:
        assert connection.execute(select(Photo.kind, Photo.by)).one() == ("evidence", "land")
    _widget(page, "button", "photo_remove_").click().run()
    assert _urls(page) == []
    assert "1 deleted" in all_html(page)
    assert list(photos_folder().iterdir()) == []


def test_photo_that_cannot_be_used_says_why(engine):
    page = _open("land")
    page.file_uploader[0].upload("x.jpg", b"<svg onload=alert(1)>", "image/jpeg").run()
    _widget(page, "button", "photos_save_").click().run()
    assert "第 1 张：不是 JPEG、PNG 或 WebP 照片" in all_html(page)


def test_incident_is_registered_with_its_photos(engine):
    page = open_page("register", account="local_centre")
    assert "不拍人" in all_html(page)
    html = _register(page, ("a.jpg", _jpeg(1)), ("b.jpg", b"no photo"))
    assert "已登记事件 R" in html
    assert "已保存 1 张照片" in html
    assert "事件已经保存，但有照片没有存上" in html
    assert "第 2 张：不是 JPEG" in html
    with read_transaction(engine) as connection:
        kind, source = connection.execute(select(Photo.kind, Incident.source).join(Incident, Incident.id == Photo.incident_id)).one()
    assert (kind, source) == ("report", "register")


def test_photo_that_fails_never_loses_the_record(engine, monkeypatch):
    def fail(*_, **__):
        message = "disk full"
        raise OSError(message)

    monkeypatch.setattr(photos, "write_photo", fail)
    html = _register(open_page("register", account="local_centre"), ("a.jpg", _jpeg()))
    assert "已登记事件 R" in html
    assert "第 1 张：没有存上" in html


def test_clerk_registers_without_photos(engine):
    assert not open_page("register", account="local_clerk").file_uploader

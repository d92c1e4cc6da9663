"""The form in a real browser: an impatient double click is one record, and what was typed survives an error."""

import io
import sqlite3

import pytest
from PIL import Image

from tests.browser.conftest import enter

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    yield context.new_page()
    context.close()


def _choose(page, key, name):
    page.locator(f"[class*='st-key-{key}'] input").first.click()
    page.get_by_role("option", name=name, exact=True).click()


def _count(database):
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT COUNT(*) FROM incidents WHERE source = 'register'").fetchone()[0]


def _settle(page):
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState !== 'running'")
    page.wait_for_timeout(400)


def test_two_clicks_are_one_record(page, own_server):
    base, database = own_server
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    enter(page.context, base, "local_centre")
    page.goto(f"{base}/register")
    page.wait_for_selector("textarea")
    for key, name in (("stream_", "矛盾纠纷"), ("category_", "邻里"), ("channel_", "来访"),
                      ("place_township_", "第1镇")):
        _choose(page, key, name)
        _settle(page)
    page.locator("textarea").fill("水渠堵了，电话 13800138000")
    page.locator("textarea").press("Control+Enter")
    _settle(page)
    picture = io.BytesIO()
    Image.new("RGB", (900, 600), (90, 120, 60)).save(picture, "JPEG")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    page.wait_for_selector("text=a.jpg")
    _settle(page)
    page.get_by_role("button", name="登记", exact=True).dblclick()
    page.wait_for_selector("text=已登记事件")
    _settle(page)
    assert _count(database) == 1
    assert "已遮盖后保存" in page.inner_text("body")
    page.get_by_role("link", name="打开这件事").click()
    page.wait_for_selector(".gd-timeline")
    assert "水渠堵了" in page.inner_text("body")
    assert "13800138000" not in page.inner_text("body")
    # The photo is shown, and no address leads to it.
    page.wait_for_function("() => [...document.images].some(one => one.naturalWidth === 640)")
    assert page.evaluate("() => [...document.images].map(one => one.src.slice(0, 15))") == ["data:image/jpeg"]
    assert [url for url in asked if url.startswith(f"{base}/media/")] == []
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT COUNT(*) FROM photos").fetchone()[0] == 1


def test_error_keeps_what_was_typed(screen):
    screen.open("/register")
    screen.wait_until_still()
    page = screen.page
    page.locator("textarea").fill("水渠堵了")
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_selector("text=没有保存")
    assert page.locator("textarea").input_value() == "水渠堵了"

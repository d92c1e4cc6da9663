"""What writes, in a real browser: an incident goes through the board, a clerk's workbook, a double click is one record.

One server for all three, in this order: each counts what it alone has written.
"""

import io
import sqlite3
import time

import pytest
from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import TimeoutError
from sqlalchemy import create_engine

from tests.browser.conftest import borrow, build_county, enter
from tests.support import tiny_county
from tests.support.app_server import serve
from tests.support.board_desk import set_up

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Address and database of a server that is written to."""
    var = tmp_path_factory.mktemp("written")
    build_county(var)
    with serve(var, now=tiny_county.NOW.isoformat()) as base:
        yield base, var / "govdesk.db"


@pytest.fixture
def page(browser, written):
    with borrow(browser, written[0]) as context:
        opened = context.new_page()
        opened.set_viewport_size({"width": 1440, "height": 900})
        yield opened


def _settle(page):
    page.wait_for_timeout(250)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState !== 'running'")
    page.wait_for_timeout(300)


def _press_twice(page, button, said, *, pause):
    """Press a button twice within `pause` milliseconds; what stands there instead of what the write says is told."""
    box = button.bounding_box()
    spot = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*spot)
    page.wait_for_timeout(pause)
    page.mouse.click(*spot)
    try:
        page.wait_for_selector(f"text={said}", timeout=60_000)
    except TimeoutError as error:
        raise AssertionError(page.inner_text("body")[-3_000:]) from error


def _choose(page, key, name):
    page.locator(f"[class*='st-key-{key}'] input").first.click()
    page.get_by_role("option", name=name, exact=True).first.click()
    _settle(page)


def _open(context, base, account, address):
    context.clear_cookies()
    enter(context, base, account)
    page = context.new_page()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{base}{address}")
    page.wait_for_selector("[class*='st-key-gd-row-'], .gd-empty", timeout=60_000)
    _settle(page)
    return page


def _send(page, key, said):
    page.locator(f".st-key-{key} button").click()
    page.wait_for_selector(f"text={said}", timeout=60_000)
    _settle(page)


def _read_kinds(database):
    with sqlite3.connect(database) as connection:
        return [kind for kind, in connection.execute(
            "SELECT kind FROM steps WHERE incident_id = 1 AND source = 'loop' ORDER BY id")]


def _wait_for(found):
    for _ in range(240):
        if found():
            return
        time.sleep(0.25)
    raise AssertionError


def test_from_dispatch_to_closing(browser, written):
    base, database = written
    engine = create_engine(f"sqlite:///{database}")
    set_up(engine)
    engine.dispose()
    with borrow(browser, base) as context:
        page = _open(context, base, "local_centre", "/dispatch_board?inbox=triage")
        page.locator(".st-key-open_1 button").click()
        _settle(page)
        _choose(page, "unit_1_dispatch", "自然资源局")
        # What a step says is said once: the run of the second press may end it before a busy browser has drawn it.
        page.locator(".st-key-send_1_dispatch button").dblclick()
        _wait_for(lambda: _read_kinds(database))
        _settle(page)
        page.close()
        page = _open(context, base, "land", "/dispatch_board?open=1")
        page.locator("body").press("Shift+S")
        page.wait_for_selector("text=签收已记录")
        _settle(page)
        page.locator(".st-key-note_1_answer textarea").fill("已修好")
        page.locator(".st-key-note_1_answer textarea").press("Control+Enter")
        _settle(page)
        _send(page, "send_1_answer", "答复已记录")
        page.close()
        page = _open(context, base, "local_centre", "/dispatch_board?inbox=in_hand&open=1")
        _choose(page, "outcome_1_close", "化解")
        _choose(page, "level_1_close", "村")
        _send(page, "send_1_close", "结案已记录")
    assert _read_kinds(database) == ["dispatch", "accept", "answer", "close"]


def make_workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["第1镇2026年第一季度矛盾纠纷排查台账"])
    sheet.append(["序号", "编号", "发生情况", None, None, "当事人", None])
    sheet.append([None, None, "村（社区）", "纠纷类型", "发生日期", "姓名", "联系电话"])
    for merged in ("A1:G1", "C2:E2", "F2:G2", "A2:A3", "B2:B3"):
        sheet.merge_cells(merged)
    for number, (village, kind, day) in enumerate([
            ("第1镇1村", "邻里纠纷", "2026.1.5"), ("第1镇2村", "婚姻家庭", "1月8日"), ("第2镇3村", "宅基地", "20260112"),
            ("没有的村", "邻里", "2026-01-09"), ("第1镇1村", "邻里", "不清楚")], start=1):
        sheet.append([number, f"T-{number}", village, kind, day, "张建国", "13800138000"])
    sheet.append(["合计", 5])
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


def test_dirty_workbook_is_imported_once(page, written):
    base, database = written
    enter(page.context, base, "local_clerk")
    page.goto(f"{base}/data_import")
    page.wait_for_selector("[data-testid=stFileUploader]")
    assert "选择文件" in page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=stFileUploaderDropzone] button p'), '::after').content")
    page.locator("input[type=file]").set_input_files(
        {"name": "一季度.xlsx", "mimeType": "application/octet-stream", "buffer": make_workbook()})
    page.wait_for_selector("text=有 2 列像是个人信息")
    _settle(page)
    assert "13800138000" not in page.inner_text("body")
    source = page.locator("[class*='st-key-import_source_new_'] input")
    source.fill("第1镇")
    source.press("Enter")
    _settle(page)
    page.goto(f"{base}/visits")  # away, and back by the list of files
    page.wait_for_selector(".gd-head")
    page.goto(f"{base}/data_import")
    page.locator("[class*='st-key-import_go_1'] button").click()
    page.wait_for_selector("[class*='st-key-import_source_new_'] input")
    source.fill("第1镇")
    source.press("Enter")
    _settle(page)
    page.locator(".st-key-import_to_columns button").click()
    page.wait_for_selector(".st-key-import_to_check")
    _settle(page)
    assert "张建国" not in page.inner_text("body")
    page.locator(".st-key-import_to_check button").click()
    page.wait_for_selector("text=导入后：新增 3 行", timeout=20_000)
    assert "没有地区“没有的村”" in page.inner_text("body")
    _settle(page)
    commit = page.locator("[class*='st-key-import_commit_1'] button")
    commit.scroll_into_view_if_needed()
    _press_twice(page, commit, "查看这个批次", pause=30)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT COUNT(*) FROM import_batches").fetchone()[0] == 1
        assert connection.execute("SELECT COUNT(*) FROM incidents WHERE source = '第1镇'").fetchone()[0] == 3
    page.get_by_role("link", name="查看这个批次").click()
    page.wait_for_selector("text=一季度.xlsx")


def _count(database):
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT COUNT(*) FROM incidents WHERE source = 'register'").fetchone()[0]


def test_two_clicks_are_one_record(page, written):
    base, database = written
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    enter(page.context, base, "local_centre")
    page.goto(f"{base}/register")
    page.wait_for_selector("textarea")
    for key, name in (("stream_", "矛盾纠纷"), ("category_", "邻里"), ("channel_", "来访"),
                      ("place_township_", "第1镇")):
        _choose(page, key, name)
    page.locator("textarea").fill("水渠堵了，电话 13800138000")
    page.locator("textarea").press("Control+Enter")
    _settle(page)
    picture = io.BytesIO()
    Image.new("RGB", (900, 600), (90, 120, 60)).save(picture, "JPEG")
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()})
    page.wait_for_selector("text=a.jpg")
    _settle(page)
    save = page.get_by_role("button", name="登记", exact=True)
    save.scroll_into_view_if_needed()
    _press_twice(page, save, "已登记事件", pause=30)  # the second while the first is being written
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
        # Nothing that these tests did, as people do it, is told as forged.
        forged = connection.execute("SELECT subject, subject_key FROM audit_events WHERE action = 'set_widget'")
        assert forged.fetchall() == []

"""A clerk brings a workbook as offices make them: title, two header rows, totals; goes away, and comes back."""

import io
import sqlite3

import pytest
from openpyxl import Workbook

from tests.browser.conftest import enter

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def page(browser, own_server):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    enter(context, own_server[0], "local_clerk")
    yield context.new_page()
    context.close()


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


def _settle(page):
    page.wait_for_timeout(250)
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState !== 'running'")
    page.wait_for_timeout(250)


def test_dirty_workbook_is_imported_once(page, own_server):
    base, database = own_server
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
    page.locator("[class*='st-key-import_commit_1'] button").dblclick()
    page.wait_for_selector("text=查看这个批次", timeout=20_000)
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT COUNT(*) FROM import_batches").fetchone()[0] == 1
        assert connection.execute("SELECT COUNT(*) FROM incidents WHERE source = '第1镇'").fetchone()[0] == 3
    page.get_by_role("link", name="查看这个批次").click()
    page.wait_for_selector("text=一季度.xlsx")

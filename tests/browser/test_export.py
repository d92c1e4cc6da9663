"""A table's workbook in a real browser: made on the click, safe to open, and saying what it is."""

import openpyxl
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _download(screen, path):
    screen.open(path)
    screen.wait_until_still()
    screen.state_purpose()
    with screen.page.expect_download(timeout=30_000) as coming:
        screen.page.get_by_role("button", name="导出 XLSX").first.click()
    return coming.value


@pytest.mark.parametrize("path", ["/?rows=52", "/village?place=990101"])
def test_table_exports_with_its_mark_and_without_formulas(screen, tmp_path, path):
    file = _download(screen, path)
    target = tmp_path / file.suggested_filename
    file.save_as(target)
    assert target.suffix == ".xlsx"
    sheet = openpyxl.load_workbook(target).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any("示例数据" in str(cell.value) for cell in cells[:12])
    assert any("导出用途：研判会商" in str(cell.value) for cell in cells[:60])
    assert all(cell.data_type != "f" for cell in cells)
    assert sheet.max_row > 7
    assert screen.outside == []
    assert screen.errors == []


def test_purpose_is_asked_before_the_first_file_and_policing_is_refused(screen):
    screen.account = "local_analyst"
    screen.open("/permissions")
    screen.wait_until_still()
    screen.page.get_by_role("button", name="导出 XLSX").first.click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_text("公安办案、执法", exact=True).click()
    dialog.locator(".st-key-purpose_confirm button:enabled").click()
    dialog.get_by_text("《个人信息保护法》第六条").wait_for(timeout=30_000)
    assert screen.page.locator("[data-testid=stDownloadButton]").count() == 0
    dialog.get_by_text("数据核对与更正", exact=True).click()
    dialog.locator(".st-key-purpose_confirm button:enabled").click()
    screen.page.locator("[data-testid=stDownloadButton]").first.wait_for(timeout=30_000)
    assert "导出用途：数据核对与更正" in screen.text()
    assert screen.errors == []

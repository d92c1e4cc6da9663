"""A table's workbook in a real browser: made on the click, safe to open, and saying what it is."""

import openpyxl
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _download(screen, path):
    screen.open(path)
    screen.wait_until_still()
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
    assert all(cell.data_type != "f" for cell in cells)
    assert sheet.max_row > 7
    assert screen.outside == []
    assert screen.errors == []

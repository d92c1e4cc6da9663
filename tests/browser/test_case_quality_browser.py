"""Case quality in a real browser: opens, switches parts, hands out a chart's files, asks nobody outside."""

import csv
import io

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _switch(screen, name):
    screen.page.get_by_role("radio", name=name, exact=True).click()
    screen.wait_until_still()


def test_parts_switch_in_place_and_the_address_follows(screen):
    screen.open("/case_quality")
    screen.wait_until_still()
    assert "办结率背后" in screen.text()
    _switch(screen, "对比")
    assert "section=compare" in screen.page.url
    assert "漏斗图" in screen.text()
    _switch(screen, "报送")
    assert "section=reporting" in screen.page.url
    assert screen.page.locator("[data-testid=stVegaLiteChart]").count() == 1
    assert screen.page.locator("[data-testid=stException]").count() == 0
    assert screen.outside == []
    assert screen.errors == []


def test_chart_comes_as_picture_and_as_figures(screen, tmp_path):
    screen.open("/case_quality?section=times")
    screen.wait_until_still()
    screen.state_purpose()
    kinds = {}
    for kind in ("png", "csv"):
        with screen.page.expect_download(timeout=60_000) as coming:
            screen.page.locator(f".st-key-{kind}_quality_closing_days button").click()
        target = tmp_path / coming.value.suggested_filename
        coming.value.save_as(target)
        kinds[kind] = target
    assert kinds["png"].name == "quality_closing_days.png"
    assert kinds["png"].read_bytes().startswith(b"\x89PNG")
    rows = list(csv.reader(io.StringIO(kinds["csv"].read_text(encoding="utf-8-sig"))))
    assert any("95 % 区间" in cell for cell in rows[0])
    assert any("示例数据" in cell for row in rows[:8] for cell in row)
    assert next(row for row in rows if len(row) == 4)[0] == "报告后天数（天）"
    assert screen.outside == []
    assert screen.errors == []

"""The page of trends in a real browser: drag over a period and all follows; a picture that says what it shows."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _open(screen):
    screen.open("/dispute_trends")
    screen.page.wait_for_selector("[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas", timeout=60_000)
    screen.wait_until_still()


def test_dragging_over_the_chart_chooses_the_period(screen):
    _open(screen)
    before = screen.page.url
    box = screen.page.locator("[data-testid=stVegaLiteChart]").first.bounding_box()
    middle = box["y"] + box["height"] / 2
    screen.page.mouse.move(box["x"] + 0.4 * box["width"], middle)
    screen.page.mouse.down()
    screen.page.mouse.move(box["x"] + 0.55 * box["width"], middle, steps=6)
    screen.page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=6)
    screen.page.mouse.up()
    screen.page.wait_for_function("before => location.href !== before", arg=before, timeout=30_000)
    screen.wait_until_still()
    assert "from=" in screen.page.url
    assert screen.outside == []
    assert screen.errors == []


def test_picture_of_a_chart_is_made_on_the_click(screen, tmp_path):
    _open(screen)
    screen.state_purpose()
    with screen.page.expect_download(timeout=60_000) as coming:
        screen.page.get_by_role("button", name="下载图片 PNG").first.click()
    target = tmp_path / "chart.png"
    coming.value.save_as(target)
    assert target.read_bytes().startswith(b"\x89PNG")
    assert target.stat().st_size > 10_000
    assert screen.outside == []

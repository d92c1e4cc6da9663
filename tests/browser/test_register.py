"""The form in a real browser: what was typed survives an error."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_error_keeps_what_was_typed(screen):
    screen.open("/register")
    screen.wait_until_still()
    page = screen.page
    page.locator("textarea").fill("水渠堵了")
    page.get_by_role("button", name="登记", exact=True).click()
    page.wait_for_selector("text=没有保存")
    assert page.locator("textarea").input_value() == "水渠堵了"

"""The search in a real browser: type, see links, follow one."""

import pytest

from tests.support import tiny_county

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _search(screen, text):
    box = screen.page.locator(".st-key-search_text input")
    box.fill(text)
    box.press("Enter")
    screen.page.wait_for_selector(".gd-hits a, [role=status]")
    screen.wait_until_still()


def test_search_leads_from_any_page_to_a_place(screen):
    screen.open("/register")
    screen.wait_until_still()
    _search(screen, "第2镇")
    screen.page.locator(".gd-hits a", has_text="第2镇").first.click()
    screen.page.wait_for_url("**/village?place=990101002*")
    screen.page.wait_for_selector(".gd-way")
    assert "第2镇" in screen.page.inner_text(".gd-way")
    assert screen.errors == []
    assert screen.outside == []


def test_search_leads_to_an_incident_by_its_number(screen):
    screen.open("/")
    screen.wait_until_still()
    _search(screen, "T0000007")
    screen.page.locator(".gd-hits a").first.click()
    screen.page.wait_for_selector(".gd-timeline")
    assert "T0000007" in screen.text()


def test_hostile_name_in_a_result_does_not_run(screen):
    screen.open("/")
    screen.wait_until_still()
    _search(screen, f"{tiny_county.COUNTY}001001")
    assert "<img src=x" in screen.page.inner_text(".gd-hits")
    assert screen.page.evaluate("window.hacked") is None
    assert screen.page.locator(".gd-hits img").count() == 0

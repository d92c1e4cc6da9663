"""The frame in a real browser."""

import pytest

from govdesk.ui.menu import ENTRIES
from tests.browser.conftest import enter

pytestmark = [pytest.mark.browser, pytest.mark.server]

PATHS = ["/" if entry.is_default else f"/{entry.name}" for entry in ENTRIES]


@pytest.mark.parametrize("path", PATHS)
def test_no_page_asks_another_host_for_anything(screen, path):
    screen.open(path)
    screen.wait_until_still()
    assert screen.outside == []
    assert screen.errors == []
    assert screen.page.locator("[data-testid=stException]").count() == 0
    # Our style is there by whatever address one comes, and wins over Streamlit's own where both say something.
    numbers, padding = screen.page.evaluate("""[
        getComputedStyle(document.documentElement).fontVariantNumeric,
        getComputedStyle(document.querySelector('[data-testid=stSidebarHeader]')).paddingTop]""")
    assert numbers == "tabular-nums"
    assert float(padding.removesuffix("px")) == pytest.approx(0.25 * 15, abs=0.5)


@pytest.mark.parametrize("path", PATHS)
def test_no_page_is_wider_than_a_phone(phone, path):
    phone.open(path)
    phone.wait_until_still()
    assert phone.page.evaluate("document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_language_is_remembered_by_page_changes_links_and_reloads(screen):
    screen.open("/incident_map")
    screen.page.get_by_role("button", name="EN", exact=True).click()
    screen.page.wait_for_selector("text=Incident map")
    screen.wait_until_still()
    screen.page.get_by_role("link", name="Village").first.click()
    screen.page.wait_for_selector("h1:has-text('Village')")
    screen.open("/incident_map")  # a fresh page load, without ?lang
    assert "Where things happen" in screen.text()
    assert screen.errors == []


def test_demonstration_leads_in_and_signing_out_empties_every_window(browser, server):
    """One click tries a role; the window beside it leaves by itself when one signs out."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"{server}/staffing")
        assert "示例数据 · 演示登录" in page.inner_text("body")
        page.locator("button[value=local_leader]").click()
        page.wait_for_selector(".gd-head")
        assert page.url.endswith("/staffing")  # where the link led
        assert "领导" in page.locator(".gd-account").inner_text()
        beside = context.new_page()
        beside.goto(f"{server}/case_quality")
        beside.wait_for_selector(".gd-head")
        page.locator(".st-key-sign_out button").click()
        for window in (page, beside):
            window.wait_for_url("**/login**", timeout=30_000)
            assert window.locator(".gd-head").count() == 0
        beside.goto(f"{server}/case_quality")
        assert beside.locator("input[type=password]").count() == 1
    finally:
        context.close()


def test_the_first_page_answers_under_its_own_name(screen):
    screen.open("/overview")
    screen.wait_until_still()
    assert "Page not found" not in screen.text()


def test_typed_unknown_page_is_answered_in_our_own_words(screen):
    enter(screen.page.context, screen.base, screen.account)
    answer = screen.page.goto(screen.base + "/%3Cimg%20src=x%20onerror=%22window.hacked=1%22%3E?a=%3Cscript%3E")
    assert answer.status == 404
    assert "没有这个页面" in screen.text()
    assert "There is no such page" in screen.text()
    assert "Page not found" not in screen.text()
    assert screen.page.evaluate("window.hacked") is None
    assert screen.page.locator("img, script").count() == 0
    assert screen.outside == []
    screen.page.get_by_role("link", name="回到总览").click()
    screen.page.wait_for_selector(".gd-head", timeout=60_000)

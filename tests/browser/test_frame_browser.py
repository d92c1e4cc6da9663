"""The frame in a real browser."""

import contextlib

import pytest

from govdesk.rules.access import Scope, allows
from govdesk.terms import Role
from govdesk.ui.menu import ENTRIES
from tests.browser.conftest import enter, watch

pytestmark = [pytest.mark.browser, pytest.mark.server]

#: Who opens a page: the first of these whom the menu offers it, so that each is seen as one who may.
READERS = {"local_centre": Role.CENTRE, "local_analyst": Role.ANALYST, "local_admin": Role.ADMIN}
#: Tells what the policy stopped, of this document.
LISTEN = """window.stopped = []; document.addEventListener('securitypolicyviolation',
    one => window.stopped.push(`${one.effectiveDirective} ${one.blockedURI}`));"""


def find_reader(entry) -> str:
    return next(code for code, role in READERS.items()
                if not entry.actions or any(allows(Scope(code, role), action) for action in entry.actions))


def find_path(entry) -> str:
    return "/" if entry.is_default else f"/{entry.name}"


@pytest.fixture(scope="module")
def windows(browser, server):
    """Give one window a reader and size, kept for all pages: Streamlit's programs are compiled once."""
    with contextlib.ExitStack() as stack:
        opened = {}

        def find(account, size):
            if (account, size) not in opened:
                window = opened[account, size] = stack.enter_context(watch(browser, server, size))
                window.account = account
                window.page.add_init_script(LISTEN)
            window = opened[account, size]
            window.outside.clear()
            window.errors.clear()
            return window

        yield find


@pytest.mark.parametrize("entry", ENTRIES, ids=find_path)
def test_page_asks_no_other_host_breaks_no_policy_and_wears_our_style(windows, entry):
    screen = windows(find_reader(entry), (1440, 900))
    screen.open(find_path(entry))
    screen.wait_until_still()
    assert screen.outside == []
    assert screen.errors == []
    assert screen.page.evaluate("window.stopped") == []
    assert screen.page.locator("[data-testid=stException]").count() == 0
    assert "当前账号是" not in screen.text()  # as a page says to whom it is not for
    # Our style is there by whatever address one comes, and wins over Streamlit's own where both say something.
    numbers, padding = screen.page.evaluate("""[
        getComputedStyle(document.documentElement).fontVariantNumeric,
        getComputedStyle(document.querySelector('[data-testid=stSidebarHeader]')).paddingTop]""")
    assert numbers == "tabular-nums"
    assert float(padding.removesuffix("px")) == pytest.approx(0.25 * 15, abs=0.5)


@pytest.mark.parametrize("entry", ENTRIES, ids=find_path)
def test_no_page_is_wider_than_a_phone(windows, entry):
    phone = windows(find_reader(entry), (390, 844))
    phone.open(find_path(entry))
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
        led = []
        page.on("request", lambda one: led.append(one.url) if one.is_navigation_request() else None)
        page.locator(".st-key-sign_out button").click()
        for window in (page, beside):
            window.wait_for_url("**/login**", timeout=30_000)
            assert window.locator(".gd-head").count() == 0
        assert led == [f"{server}/login"]  # once: a second way there would now and then cut off the first
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


def test_chart_and_its_files_keep_to_the_policy(windows):
    desk = windows("local_admin", (1440, 900))
    desk.open("/dispute_trends")
    desk.page.wait_for_selector("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg")
    desk.state_purpose()
    with desk.page.expect_download(timeout=30_000) as taken:
        desk.page.locator("[data-testid=stDownloadButton] button").first.click()
    assert taken.value.suggested_filename
    assert desk.page.evaluate("window.stopped") == []


def test_foreign_address_is_stopped_by_the_policy(windows):
    """That the listener hears is known by what it must hear."""
    desk = windows("local_admin", (1440, 900))
    desk.open("/staffing")
    desk.page.evaluate("""() => { const image = new Image(); image.src = 'https://evil.example/x.png';
        const frame = document.createElement('iframe'); frame.src = 'https://evil.example/'; document.body.append(frame);
        return fetch('https://evil.example/').catch(() => null); }""")
    desk.page.wait_for_function("window.stopped.length >= 3")
    assert {one.split()[0] for one in desk.page.evaluate("window.stopped")} >= {"img-src", "connect-src"}

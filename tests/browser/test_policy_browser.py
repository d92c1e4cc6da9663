"""The content security policy in a real browser: no page, chart or file breaks it, and nothing foreign gets through."""

import pytest

from govdesk.ui.menu import ENTRIES
from tests.browser.conftest import watch

pytestmark = pytest.mark.browser

#: Tells what the policy stopped, of this document.
LISTEN = """window.stopped = []; document.addEventListener('securitypolicyviolation',
    one => window.stopped.push(`${one.effectiveDirective} ${one.blockedURI}`));"""


@pytest.fixture(scope="module")
def desk(browser, server):
    """A window of the administrator, who sees most pages."""
    with watch(browser, server) as watched:
        watched.account = "local_admin"
        watched.page.add_init_script(LISTEN)
        yield watched


@pytest.mark.parametrize("name", ["" if entry.is_default else entry.name for entry in ENTRIES])
def test_page_keeps_to_the_policy(desk, name):
    desk.open(f"/{name}", ready=".gd-head, .gd-state")
    desk.wait_until_still(400, 5_000)
    assert desk.page.evaluate("window.stopped") == []
    assert desk.outside == []


def test_chart_and_its_files_keep_to_the_policy(desk):
    desk.account = "local_admin"
    desk.open("/dispute_trends")
    desk.page.wait_for_selector("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg")
    with desk.page.expect_download(timeout=30_000) as taken:
        desk.page.locator("[data-testid=stDownloadButton] button").first.click()
    assert taken.value.suggested_filename
    assert desk.page.evaluate("window.stopped") == []


def test_foreign_address_is_stopped_by_the_policy(desk):
    """That the listener hears is known by what it must hear."""
    desk.open("/staffing")
    desk.page.evaluate("""() => { const image = new Image(); image.src = 'https://evil.example/x.png';
        const frame = document.createElement('iframe'); frame.src = 'https://evil.example/'; document.body.append(frame);
        return fetch('https://evil.example/').catch(() => null); }""")
    desk.page.wait_for_function("window.stopped.length >= 3")
    assert {one.split()[0] for one in desk.page.evaluate("window.stopped")} >= {"img-src", "connect-src"}

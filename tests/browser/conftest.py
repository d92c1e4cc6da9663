"""A real Chromium before a real server with the tiny county; what leaves this machine is counted."""

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from govdesk import settings
from govdesk.storage.engine import get_engine
from tests.support import tiny_county
from tests.support.app_server import serve, sign_in

FLAGS = [
    "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync",
    "--disable-default-apps", "--disable-quic",
]
CHROMIUM = "/usr/bin/chromium"
LOCAL = re.compile(r"^(?:(?:https?|wss?)://(?:127\.0\.0\.1|localhost)(?::\d+)?(?:/|$)|data:|blob:)")
#: A page other than the first asks for the server under its own path once: harmless 404s of Streamlit.
PROBES = re.compile(r"/_stcore/(?:health|host-config)")
HOSTILE = "<img src=x onerror=\"window.hacked=1\">村"


@dataclass
class Watched:
    """A page, with what it asked of other hosts and what went wrong in it."""

    page: object
    base: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ws_bytes: int = 0
    account: str = "local_centre"

    def open(self, path: str, *, ready: str = ".gd-head") -> None:
        enter(self.page.context, self.base, self.account)
        self.page.goto(self.base + path, wait_until="domcontentloaded")
        self.page.wait_for_selector(ready, timeout=60_000)

    def wait_until_still(self, quiet_ms: int = 700, limit_ms: int = 30_000) -> None:
        """Wait until no script runs and no bytes have come for a while."""
        self.page.evaluate(
            """([quiet, limit]) => new Promise(done => {
                 const start = performance.now(); let last = start, before = '';
                 const look = () => {
                   const now = performance.now();
                   const busy = document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'running';
                   const state = document.body.innerText.length + '/' + performance.getEntriesByType('resource').length;
                   if (busy || state !== before) { last = now; before = state; }
                   if (now - last > quiet || now - start > limit) done(); else setTimeout(look, 80);
                 };
                 look(); })""", [quiet_ms, limit_ms])

    def state_purpose(self, name: str = "研判会商") -> None:
        """State in the sidebar what files are for, as is asked before the first one."""
        self.page.locator(".st-key-purpose_change button").first.click()
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_text(name, exact=True).click()
        dialog.locator(".st-key-purpose_confirm button:enabled").click()
        if name == "研判会商":
            dialog.wait_for(state="hidden", timeout=30_000)
            self.wait_until_still()

    def text(self) -> str:
        return self.page.inner_text("body")


def enter(context, base: str, account: str) -> None:
    """Let a window in as an account of the sample county, unless it is in already."""
    if any(cookie["name"] == "govdesk_session" for cookie in context.cookies()):
        return
    name, _, value = sign_in(base, account).partition("=")
    if value:
        context.add_cookies([{"name": name, "value": value, "url": base, "httpOnly": True, "sameSite": "Lax"}])


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if not Path(CHROMIUM).exists():
        pytest.skip("no Chromium (make test installs it)")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        _FREE.pop(opened, None)
        opened.close()


@contextlib.contextmanager
def using(var: Path):
    """Let the settings name this work folder, as a server of its own will."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDESK_VAR", str(var))
        patch.setenv("GOVDESK_NOW", tiny_county.NOW.isoformat())
        patch.delenv("GOVDESK_DATABASE_URL", raising=False)
        settings.get_settings.cache_clear()
        get_engine.cache_clear()
        yield
        get_engine().dispose()
        settings.get_settings.cache_clear()
        get_engine.cache_clear()


def build_county(var: Path, **options) -> None:
    """Make the tiny county in a folder of its own."""
    with using(var):
        tiny_county.build(get_engine(), **options)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Address of a server with the tiny county, whose first village has a hostile name."""
    var = tmp_path_factory.mktemp("served")
    build_county(var, hostile=HOSTILE)
    with serve(var, now=tiny_county.NOW.isoformat()) as base:
        yield base


#: Contexts that nobody looks into now, by browser: empty of what a test left, but for Streamlit's programs, which a
#: new context would fetch and compile anew at each test (two seconds of processor time).
_FREE: dict[object, list[object]] = {}


@contextlib.contextmanager
def borrow(browser, base: str, *, is_first: bool = False):
    """Lend a context without cookies or stored words; `is_first` makes one in which nothing has ever been opened."""
    free = [] if is_first else _FREE.setdefault(browser, [])
    context = free.pop() if free else browser.new_context(locale="zh-CN")
    try:
        yield context
    finally:
        if is_first:
            context.close()
        else:
            _empty(context, base)
            free.append(context)


def _empty(context, base: str) -> None:
    """Take out what a page may have kept: a new page of the same address finds nothing of the one before."""
    context.clear_cookies()
    left = context.pages or [context.new_page()]
    session = context.new_cdp_session(left[0])
    session.send("Storage.clearDataForOrigin", {"origin": base, "storageTypes": "cookies,local_storage,indexeddb"})
    for page in left:
        page.close()


@contextlib.contextmanager
def watch(browser, base: str, size=(1440, 900), *, is_first: bool = False):
    with borrow(browser, base, is_first=is_first) as context:
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        yield _listen(Watched(page, base))


def _listen(watched: Watched) -> Watched:
    page = watched.page
    page.on("request", lambda one: None if LOCAL.match(one.url) else watched.outside.append(one.url))
    page.on("pageerror", lambda one: watched.errors.append(str(one)[:200]))
    page.on("console", lambda one: watched.errors.append(one.text[:200])
            if one.type == "error" and not PROBES.search(str(one.location)) else None)

    def count(frame) -> None:
        watched.ws_bytes += len(frame or "")

    page.on("websocket", lambda one: one.on("framereceived", count))
    return watched


@pytest.fixture
def screen(browser, server):
    """A fresh browser window before the tiny county."""
    with watch(browser, server) as watched:
        yield watched


@pytest.fixture
def phone(browser, server):
    """A window of 390 × 844."""
    with watch(browser, server, (390, 844)) as watched:
        yield watched

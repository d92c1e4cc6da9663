"""The wall in a real browser: three sizes, a server that goes and comes back, a night without network."""

import sqlite3

import pytest

from benchmarks.support.wall_soak import watch_wall
from govdesk.ui.wall.scenes import list_names
from tests.browser.conftest import HOSTILE, build_county, enter, watch
from tests.support import tiny_county
from tests.support.app_server import free_port, serve

pytestmark = pytest.mark.browser

#: An hour after the newest record of the tiny county.
FRESH = "2026-11-18T10:00:00+08:00"
NOW = tiny_county.NOW.isoformat()
SIZES = [(1920, 1080), (3840, 2160), (1080, 1920)]
#: What a wall must keep to, of all that is drawn: inside the screen, large enough, strong enough against its ground.
FAULTS = """() => {
  const faults = [], high = innerHeight, wide = innerWidth;
  const parse = text => { const found = text.match(/[\\d.]+/g).map(Number); return found.length < 4 ? [...found, 1] : found; };
  const light = rgb => { const [r, g, b] = rgb.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = start => { for (let at = start; at; at = at.parentElement) {
    const found = parse(getComputedStyle(at).backgroundColor); if (found[3] > .99) return found; } return [255, 255, 255, 1]; };
  const root = document.querySelector('.st-key-gd-wall');
  const show = (what, at) => faults.push(`${what}: ${at.tagName}.${at.className?.baseVal ?? at.className} ${at.textContent.trim().slice(0, 24)}`);
  for (const at of root.querySelectorAll('*')) {
    const style = getComputedStyle(at), box = at.getBoundingClientRect();
    if (style.display === 'none' || style.visibility === 'hidden' || !box.width || !box.height) continue;
    const svg = at.closest('svg');
    if ((!svg || at === svg) && !at.closest('.w-run')) {  // what runs by does so behind an edge
      if (box.left < -1 || box.top < -1 || box.right > wide + 1 || box.bottom > high + 1) show('outside', at);
      const clips = style.overflowX !== 'visible' || style.overflowY !== 'visible';
      if (clips && (at.scrollWidth > at.clientWidth + .003 * high || at.scrollHeight > at.clientHeight + .003 * high)) show('cut off', at);
    }
    const words = [...at.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!words) continue;
    let size = parseFloat(style.fontSize);
    if (svg) { const matrix = at.getScreenCTM?.(); if (matrix) size *= Math.hypot(matrix.a, matrix.b); }
    if (size < .016 * high - .05) show(`small ${(size / high * 100).toFixed(2)} %`, at);
    const ink = parse(svg ? style.fill : style.color), below = ground(svg ? svg.parentElement : at);
    const [one, two] = [light(ink.slice(0, 3)), light(below.slice(0, 3))].sort((a, b) => b - a);
    const contrast = (one + .05) / (two + .05);
    if (contrast < 7) show(`weak ${contrast.toFixed(1)}`, at);
  }
  const main = document.scrollingElement;
  if (main.scrollHeight > high + 1 || main.scrollWidth > wide + 1) faults.push('the page scrolls');
  return [root.querySelector('.w-scene').dataset.scene, faults]; }"""


def open_wall(screen, query="", ready=".w-scene"):
    screen.open(f"/wall_screen?embed=true{query}", ready=ready)
    screen.page.wait_for_selector(".w-pulse", state="attached")


def test_every_scene_fits_each_size_and_is_readable(browser, wall_server):
    found = {}
    for size in SIZES:
        with watch(browser, wall_server, size) as screen:
            open_wall(screen, "&seconds=1")
            seen = {}
            while set(seen) != set(list_names()):
                screen.page.wait_for_selector(
                    ":is(" + ",".join(f'[data-scene="{name}"]' for name in list_names() if name not in seen) + ")")
                name, faults = screen.page.evaluate(FAULTS)
                seen[name] = faults
            found |= {f"{name} {size}": faults for name, faults in seen.items() if faults}
            assert screen.outside == []
            assert screen.page.locator("[data-testid=stSidebar]:visible, [data-testid=stHeader]:visible").count() == 0
    assert not found, "\n".join(f"{where}: {fault}" for where, faults in found.items() for fault in faults)


@pytest.fixture(scope="module")
def wall_server(tmp_path_factory):
    """A server whose walls look four times a second."""
    var = tmp_path_factory.mktemp("wall")
    build_county(var, hostile=HOSTILE)
    with serve(var, now=FRESH, GOVDESK_WALL_TICK="0.25") as base:
        base.var = var
        yield base


def wait_for(page, script, seconds=30):
    page.wait_for_function(script, timeout=1000 * seconds)


def inner(page):
    return page.evaluate("""() => { const frame = document.querySelector('iframe.shown');
        const pulse = frame?.contentDocument.querySelector('.w-pulse');
        return pulse ? [Number(pulse.dataset.n), frame.contentDocument.querySelector('.w-scene').textContent] : null; }""")


def test_wall_turns_renews_itself_and_does_not_grow(browser, wall_server):
    """A few seconds of `make soak`: frames come and go behind the picture, and leave nothing behind."""
    with watch(browser, wall_server, (1920, 1080), is_first=True) as screen:
        screen.open("/wall?probe=0.5&renew=0.05&seconds=1", ready="iframe.shown")
        first = screen.page.locator("iframe.shown").element_handle()
        samples = watch_wall(screen.page, wall_server, looks=45, every=1)
        screen.page.wait_for_function("old => document.querySelector('iframe.shown') !== old", arg=first, timeout=60_000)
        assert screen.page.evaluate("document.querySelectorAll('iframe').length") <= 2
        assert screen.page.is_hidden("#notice")
        assert screen.errors == []
    half = len(samples) // 2
    # Scenes differ in nodes, up to twice as many; a frame that stays behind shows in the listeners at once.
    for measure, most in (("nodes", 2.5), ("listeners", 1.1), ("heap", 1.25)):
        early, late = (min(getattr(one, measure) for one in part) for part in (samples[1:half], samples[half:]))
        assert late <= most * early, (measure, early, late)


def test_bad_day_of_a_wall(browser, tmp_path):
    """No database yet, a killed server, a night without it, its restart, a database that goes: never anything worse."""
    port = free_port()
    database = tmp_path / "govdesk.db"
    build_county(tmp_path)

    def run():
        return serve(tmp_path, now=NOW, port=port, GOVDESK_WALL_TICK="0.25")

    with watch(browser, f"http://127.0.0.1:{port}", (1920, 1080), is_first=True) as screen:
        page = screen.page
        with run():
            enter(page.context, screen.base, screen.account)
        database.rename(tmp_path / "away.db")
        with run():
            open_wall(screen, ready=".w-message")
            assert "还没有数据库" in screen.text()
            assert page.locator("[role=dialog]:visible").count() == 0
            (tmp_path / "away.db").rename(database)
            page.wait_for_selector(".w-scene", timeout=30_000)  # the page that was asked for, and not another
            screen.open("/wall?probe=0.3&pause=1", ready="iframe.shown")
            before = inner(page)[1]
        wait_for(page, "!document.getElementById('notice').hidden")
        assert page.inner_text("#notice") == "服务器自 10:00 起无应答 · 画面停在 10:00"
        page.wait_for_timeout(1500)
        assert inner(page)[1] == before
        assert "Connection" not in page.frames[-1].inner_text("body")
        assert page.frames[-1].locator("[role=dialog]:visible, [data-testid=stStatusWidget]:visible").count() == 0
        page.evaluate("skew += 15 * 3600e3")
        wait_for(page, "document.getElementById('notice').textContent.includes('画面停在 昨天 10:00')")
        old = page.locator("iframe.shown").element_handle()
        with run():
            wait_for(page, "document.getElementById('notice').hidden")
            page.wait_for_function("old => { const now = document.querySelector('iframe.shown');"
                                   "return now && now !== old; }", arg=old, timeout=40_000)
            database.rename(tmp_path / "away.db")
            wait_for(page, "document.getElementById('notice').textContent.includes('数据库自 10:00 起无应答')")
            page.frames[-1].wait_for_selector("text=数据库自 10:00 起无应答")
            assert inner(page)[1] == before
            assert not database.exists()
            (tmp_path / "away.db").rename(database)
            wait_for(page, "document.getElementById('notice').hidden")
            wait_for(page, "!document.querySelector('iframe.shown')?.contentDocument.body.textContent.includes('数据库自')")


def record_urgent(var, numbers):
    """Record incidents of the highest severity, as copies of the first one."""
    with sqlite3.connect(var / "govdesk.db") as connection:
        connection.execute("CREATE TEMP TABLE made AS SELECT * FROM incidents WHERE id = 1")
        for number in numbers:
            connection.execute("UPDATE made SET id = ?, source_ref = ?, severity = 1, closed_at = NULL, week_closed = NULL,"
                               " status = 'reported', is_counted = 1, weight = 1,"
                               " recorded_at = (SELECT max(recorded_at) FROM incidents)", (number, f"U{number}"))
            connection.execute("INSERT INTO incidents SELECT * FROM made")
        connection.execute("UPDATE data_versions SET version = version + 1 WHERE subject = 'incidents'")


def test_interruption_fits_each_size_and_is_readable(browser, wall_server):
    """The last of this file: the walls of this server are interrupted from here on."""
    record_urgent(wall_server.var, [5001])
    for size in SIZES:
        with watch(browser, wall_server, size) as screen:
            open_wall(screen, "&interrupt=600", ready='[data-scene="urgent"]')
            assert screen.page.evaluate(FAULTS) == ["urgent", []]
            if size == SIZES[-1]:
                record_urgent(wall_server.var, range(5002, 5006))
                screen.page.wait_for_selector("text=/5）")
                assert screen.page.evaluate(FAULTS) == ["urgent", []]

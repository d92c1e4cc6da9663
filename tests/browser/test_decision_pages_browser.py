"""The three decision pages in a real browser: nothing cut off, nothing asked outside, readable, hostile names stay text."""

import pytest

from govdesk.storage.engine import get_engine
from govdesk.words import say
from tests.browser.conftest import HOSTILE, using, watch
from tests.support import judged_county, risk_card, scored_county, tiny_county
from tests.support.app_server import serve

pytestmark = [pytest.mark.browser, pytest.mark.server]

CHART = "[data-testid=stVegaLiteChart]"
CANVAS = "[data-testid=stDeckGlJsonChart] canvas"
#: Each page, and what is on it last.
PAGES = {"early_warning": CANVAS, "threshold_tuning": f"{CHART} svg, {CHART} canvas", "model_card": f"{CHART} svg, {CHART} canvas"}
SIZES = ((1440, 900), (1920, 1080))
#: The sentence on use of each page.
USES = {"early_warning": "warning.use", "threshold_tuning": "warning.use", "model_card": "model_card.use"}

#: What of the main part is wider than its place: [what, by how many pixels]; a cell that ends in … is cut off too.
CUT_OFF = """() => {
  const main = document.querySelector('[data-testid=stMain]'), found = [];
  const name = one => one.tagName + '.' + one.getAttribute('class') + ' ' + one.innerText?.slice(0, 40);
  for (const one of [document.scrollingElement, main, ...main.querySelectorAll('*')]) {
    if (one instanceof SVGElement || !one.clientWidth || one.closest('canvas, .vega-embed details, [data-testid=stTooltipIcon]')) continue;
    const style = getComputedStyle(one), over = one.scrollWidth - one.clientWidth;
    const hides = ['hidden', 'clip', 'auto', 'scroll'].includes(style.overflowX);
    const unseen = one.clientWidth <= 1 || style.visibility === 'hidden' || style.clip !== 'auto';
    if (over > 1 && hides && !unseen && one.innerText?.trim()) found.push([name(one), over]);
    const box = one.getBoundingClientRect();
    if (!unseen && box.height > 1 && one.innerText?.trim() && box.right > innerWidth + 1) found.push([name(one), box.right - innerWidth]);
  }
  for (const text of main.querySelectorAll('svg.marks text')) {
    const box = text.getBoundingClientRect(), chart = text.closest('svg.marks').getBoundingClientRect();
    const over = Math.max(box.right - chart.right, chart.left - box.left);
    if (box.width && over > 3) found.push(['chart: ' + text.textContent, over]);
  }
  return found.slice(0, 8); }"""

#: Text of the main part whose contrast with what lies below it is less than 4.5 : 1 (WCAG 2.2, 1.4.3): [what, ratio].
FAINT = """() => {
  const parse = text => { const n = text.match(/[\\d.]+/g).map(Number); return [n[0], n[1], n[2], n.length > 3 ? n[3] : 1]; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                       return .2126 * r + .7152 * g + .0722 * b; };
  const below = one => { const chain = [];
    for (; one; one = one.parentElement) chain.unshift(parse(getComputedStyle(one).backgroundColor));
    return chain.reduce((under, layer) => over(layer, under), [255, 255, 255, 1]); };
  const found = {}, walk = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const one = walk.currentNode.parentElement, text = walk.currentNode.textContent.trim();
    if (!text || one.closest('svg, canvas, style, script, [disabled], [aria-disabled=true], [data-testid=stSlider] > div')) continue;
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (box.width < 2 || style.visibility === 'hidden' || style.opacity === '0') continue;
    const ground = below(one), [a, b] = [light(over(parse(style.color), ground)), light(ground)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found[one.getAttribute('class') + ': ' + text.slice(0, 24)] = Math.round(ratio * 100) / 100;
  }
  return found; }"""

#: Charts that a screen reader cannot name.
NAMELESS = """() => [...document.querySelectorAll('[data-testid=stVegaLiteChart], [data-testid=stDeckGlJsonChart]')].filter(one => {
    const named = [one, ...one.querySelectorAll('[aria-label], [alt], [aria-description]')];
    return !named.some(part => (part.getAttribute('aria-label') || part.getAttribute('alt') || '').trim().length > 3);
  }).map(one => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def decisions(tmp_path_factory):
    """Address of a server whose county has scored weeks, a backtest with all figures, and a hostile village."""
    var = tmp_path_factory.mktemp("decisions")
    with using(var):
        scored_county.build(get_engine(), hostile=HOSTILE)
        judged_county.store_backtest(get_engine(), 60, report=risk_card.make_report())
    with serve(var, now=tiny_county.NOW.isoformat()) as base:
        yield base


@pytest.fixture
def desk(browser, decisions):
    with watch(browser, decisions) as watched:  # the analyst: others may look, or not even that
        watched.account = "local_analyst"
        yield watched


def is_in_first_screen(screen, words):
    return screen.page.evaluate(
        """words => { const walk = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT);
             while (walk.nextNode()) if (walk.currentNode.textContent.includes(words)) {
               const range = document.createRange(); range.selectNodeContents(walk.currentNode);
               const box = range.getBoundingClientRect();
               if (box.width && box.top >= 0 && box.bottom <= innerHeight) return true; }
             return false; }""", words)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_readable_and_keeps_to_itself(desk, name, language):
    desk.open(f"/{name}?lang={language}&rest=all", ready=PAGES[name])
    for width, height in SIZES:
        desk.page.set_viewport_size({"width": width, "height": height})
        desk.wait_until_still()
        assert desk.page.evaluate(CUT_OFF) == []
        assert is_in_first_screen(desk, say(USES[name], language))
    assert desk.page.evaluate(FAINT) == {}
    assert desk.page.evaluate(NAMELESS) == []
    assert desk.page.locator("[data-testid=stException]").count() == 0
    assert desk.page.evaluate("window.hacked") is None
    assert desk.page.locator("img[src=x]").count() == 0
    assert desk.outside == []
    assert desk.errors == []


def test_map_is_drawn_beside_the_list_and_a_hostile_name_is_text(desk):
    desk.open("/early_warning?rest=all", ready=CANVAS)
    desk.wait_until_still(quiet_ms=1200)
    beside, listed = (desk.page.locator(one).first.bounding_box() for one in (CANVAS, ".gd-warnings"))
    assert beside["x"] >= listed["x"] + listed["width"]
    assert beside["y"] < 900
    assert len(desk.page.locator(CANVAS).first.screenshot()) > 4_000  # an empty canvas is far smaller
    assert HOSTILE[:18] in desk.page.evaluate("document.querySelector('[data-testid=stMain]').textContent")
    assert desk.page.evaluate("window.hacked") is None


def test_slider_moved_by_a_key_answers_with_the_next_number(desk):
    desk.open("/threshold_tuning?visits=4", ready=PAGES["threshold_tuning"])
    desk.wait_until_still()
    assert "每周走 4 村" in desk.text()
    handle = desk.page.locator("[data-testid=stSlider] input[type=range]").first
    handle.focus()
    handle.press("ArrowRight")
    desk.page.wait_for_function("() => document.body.innerText.includes('每周走 5 村：')", timeout=30_000)
    desk.wait_until_still()
    assert "visits=5" in desk.page.url
    assert "每周走 4 村：" not in desk.text()
    assert desk.errors == []

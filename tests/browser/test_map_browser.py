"""The map in a real browser: it draws, leads down by click, plays, and lets no hostile name run."""

import json
import urllib.parse

import pytest

from tests.browser.conftest import watch

pytestmark = [pytest.mark.browser, pytest.mark.server]

CANVAS = "[data-testid=stDeckGlJsonChart] canvas"


def open_map(screen, path="/incident_map"):
    screen.open(path, ready=CANVAS)
    screen.wait_until_still(quiet_ms=1200)


def click_canvas(screen, x: float, y: float) -> None:
    """Click at a share of the canvas; the clock stands still, for a tap must end within 250 ms."""
    box = screen.page.locator(CANVAS).first.bounding_box()
    at = box["x"] + box["width"] * x, box["y"] + box["height"] * y
    screen.page.mouse.move(*at)
    screen.page.wait_for_timeout(300)
    screen.page.evaluate("() => { const t = Date.now(); window.__now = Date.now; Date.now = () => t; }")
    screen.page.mouse.down()
    screen.page.mouse.up()
    screen.page.wait_for_timeout(900)
    screen.page.evaluate("() => { Date.now = window.__now; }")


def address(screen) -> dict[str, list[str]]:
    return urllib.parse.parse_qs(urllib.parse.urlparse(screen.page.url).query)


GONE = "() => getComputedStyle(document.querySelector('.gd-first')).visibility === 'hidden'"


def test_first_picture_lies_where_the_live_map_will_be_and_goes_when_that_is_there(browser, server):
    with watch(browser, server, is_first=True) as screen:  # nothing lies ready that would have the map there at once
        screen.open("/incident_map", ready=".gd-first img")
        screen.page.wait_for_function("() => document.querySelector('.gd-first img').naturalWidth > 0", timeout=60_000)
        screen.page.wait_for_selector(CANVAS, timeout=60_000)
        picture, chart = (screen.page.locator(name).first.bounding_box()
                          for name in (".gd-first img", "[data-testid=stDeckGlJsonChart]"))
        for side, length in (("x", "width"), ("y", "height")):
            assert chart[side] <= picture[side]
            assert picture[side] + picture[length] <= chart[side] + chart[length]
        screen.page.wait_for_function(GONE, timeout=30_000)
        assert screen.errors == []


def test_map_is_drawn_with_colours(screen):
    open_map(screen)
    screen.page.wait_for_function(GONE, timeout=30_000)  # the live map, not what lay below it
    picture = screen.page.locator(CANVAS).first.screenshot()
    assert len(picture) > 5_000  # an empty canvas is far smaller
    assert screen.page.locator(".gd-legend").is_visible()
    assert screen.outside == []
    assert screen.errors == []


def test_clicks_lead_from_county_to_township_to_village(screen):
    open_map(screen)
    click_canvas(screen, 0.5, 0.5)
    screen.page.wait_for_url("**place=990101002*", timeout=20_000)
    screen.wait_until_still(quiet_ms=1200)
    assert "第2镇" in screen.page.locator(".st-key-gd-map-panel").inner_text()
    click_canvas(screen, 0.5, 0.45)
    screen.page.wait_for_url("**place=990101002003*", timeout=20_000)
    screen.wait_until_still(quiet_ms=1200)
    assert "第2镇3村" in screen.page.locator(".st-key-gd-map-panel").inner_text()


def test_a_link_reproduces_the_view(screen):
    open_map(screen, "/incident_map?place=990101002&measure=open&weeks=26")
    panel = screen.page.locator(".st-key-gd-map-panel").inner_text()
    assert "第2镇" in panel
    assert "26 周" in panel
    assert "在办未结" in screen.page.locator(".gd-legend").inner_text()


def test_hostile_name_is_shown_and_does_not_run(screen):
    open_map(screen, "/incident_map?place=990101001")
    box = screen.page.locator(CANVAS).first.bounding_box()
    for share in (0.9, 0.8, 0.7):
        screen.page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * share)
        screen.page.wait_for_timeout(500)
        if "onerror" in screen.page.locator("[data-testid=stDeckGlJsonChart]").inner_text():
            break
    else:
        pytest.fail("the tooltip of the hostile village was not met")
    open_map(screen, "/incident_map?place=990101001001")
    assert screen.page.evaluate("window.hacked") is None
    assert screen.page.locator("img[src=x]").count() == 0


def test_filter_change_stays_small_on_the_wire(screen):
    open_map(screen)
    before = screen.ws_bytes
    screen.page.get_by_role("radio", name="52周").or_(screen.page.get_by_role("button", name="52周")).first.click()
    screen.wait_until_still(quiet_ms=1200)
    assert address(screen)["weeks"] == ["52"]
    assert 0 < screen.ws_bytes - before < 350_000


def test_playback_moves_and_stops(screen):
    open_map(screen, "/incident_map?weeks=4")
    screen.page.get_by_role("button", name="播放").click()
    screen.page.get_by_role("button", name="暂停").wait_for(timeout=20_000)
    fetched = "performance.getEntriesByType('resource').filter(r => r.name.includes('/geo/places')).length"
    first = screen.page.evaluate(fetched)
    screen.page.wait_for_function(f"{fetched} > {first}", timeout=20_000)
    screen.page.get_by_role("button", name="暂停").click()
    screen.page.get_by_role("button", name="播放").wait_for(timeout=20_000)
    assert screen.errors == []


def test_geometry_addresses_cannot_be_typed(screen):
    open_map(screen)
    link = screen.page.evaluate(
        "performance.getEntriesByType('resource').map(r => r.name).find(n => n.includes('/geo/places'))")
    status = "async url => (await fetch(url)).status"
    assert screen.page.evaluate(status, link) == 200
    assert screen.page.evaluate(status, link[:-3] + "abc") == 403
    assert json.loads(screen.page.evaluate("async url => await (await fetch(url)).text()", link))["features"]


def test_map_fits_the_window_of_a_small_laptop(browser, server):
    with watch(browser, server, (1280, 720)) as low:
        low.open("/incident_map", ready=".gd-legend")
        low.wait_until_still()
        boxes = low.page.evaluate("""() => ['[data-testid=stDeckGlJsonChart]', '.gd-legend'].map(
            one => { const box = document.querySelector(one).getBoundingClientRect(); return [box.top, box.bottom]; })""")
    (top, bottom), legend = boxes
    assert bottom <= 720
    assert top < legend[0] < legend[1] <= bottom  # the legend stands on the map, not below it

"""One incident through the board in a real browser: dispatched, accepted, answered and closed; keys and a double click."""

import sqlite3

import pytest
from sqlalchemy import create_engine

from tests.browser.conftest import enter
from tests.support.board_desk import set_up

pytestmark = [pytest.mark.browser, pytest.mark.server]


def _settle(page):
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState !== 'running'")
    page.wait_for_timeout(300)


def _choose(page, key, name):
    page.locator(f"[class*='st-key-{key}'] input").first.click()
    page.get_by_role("option", name=name, exact=True).first.click()
    _settle(page)


def _open(context, base, account, address):
    context.clear_cookies()
    enter(context, base, account)
    page = context.new_page()
    page.goto(f"{base}{address}")
    page.wait_for_selector("[class*='st-key-gd-row-'], .gd-empty", timeout=60_000)
    _settle(page)
    return page


def _send(page, key, said, *, twice=False):
    button = page.locator(f".st-key-{key} button")
    button.dblclick() if twice else button.click()
    page.wait_for_selector(f"text={said}")
    _settle(page)


def test_from_dispatch_to_closing(browser, own_server):
    base, database = own_server
    engine = create_engine(f"sqlite:///{database}")
    set_up(engine)
    engine.dispose()
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    try:
        page = _open(context, base, "local_centre", "/dispatch_board?inbox=triage")
        page.locator(".st-key-open_1 button").click()
        _settle(page)
        _choose(page, "unit_1_dispatch", "自然资源局")
        _send(page, "send_1_dispatch", "派单已记录", twice=True)
        page.close()
        page = _open(context, base, "land", "/dispatch_board?open=1")
        page.locator("body").press("Shift+S")
        page.wait_for_selector("text=签收已记录")
        _settle(page)
        page.locator(".st-key-note_1_answer textarea").fill("已修好")
        page.locator(".st-key-note_1_answer textarea").press("Control+Enter")
        _settle(page)
        _send(page, "send_1_answer", "答复已记录")
        page.close()
        page = _open(context, base, "local_centre", "/dispatch_board?inbox=in_hand&open=1")
        _choose(page, "outcome_1_close", "化解")
        _choose(page, "level_1_close", "村")
        _send(page, "send_1_close", "结案已记录")
    finally:
        context.close()
    with sqlite3.connect(database) as connection:
        kinds = [kind for kind, in connection.execute(
            "SELECT kind FROM steps WHERE incident_id = 1 AND source = 'loop' ORDER BY id")]
    assert kinds == ["dispatch", "accept", "answer", "close"]

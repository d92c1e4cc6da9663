"""Attempts on a running server, each from an address of its own: none gets in, nothing changes, each is logged.

`Target.attempt` holds all three after every attempt. What docs/attacks.md lists under other tests is not repeated here.
"""

import asyncio

import httpx
import pytest

from govdesk.storage.engine import get_engine
from tests.browser.conftest import using
from tests.support import attacked_county, tiny_county
from tests.support.app_server import connect, read_screen, run_apart, serve
from tests.support.attacked_county import ELSEWHERE, FOREIGN, MARK, NOTHING
from tests.support.attacking import Target, forge, list_widgets, send, words_of
from tests.support.intake import make_source

pytestmark = pytest.mark.server

METRICS = "attacks-are-counted-here"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a running server, a foreign incident, and the tokens of two sources."""
    var = tmp_path_factory.mktemp("attacked")
    with using(var):
        one = attacked_county.build(get_engine())
        tokens, other = make_source(get_engine(), "app"), make_source(get_engine(), "other")
        log = var / "server.log"
        with serve(var, now=tiny_county.NOW.isoformat(), log_file=log, GOVDESK_LOG_FORMAT="json",
                   GOVDESK_METRICS_TOKEN=METRICS) as base:
            yield Target(base, var, log), one, tokens, other


@pytest.fixture
def target(world):
    return world[0]


def show(target, cookie, page, query=""):
    """Return what a page shows to a cookie, over a websocket of its own."""
    async def look():
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
            return read_screen(await send(wire, page=page, query=query))

    return run_apart(look())


# Numbers in an address -----------------------------------------------------------------------------------------------

#: Account, page, query, and under which name the audit must have it.
NUMBERS = [
    ("town", "incident", "id={n}", "not_found"), ("village", "incident", "id={n}", "not_found"),
    ("centre_1", "incident", "id={n}", "not_found"),
    ("town", "dispatch_board", "open={n}", "not_found"), ("town", "calls", "incident={n}", "not_found"),
    ("town", "visits", "order={o}", "not_found"), ("village", "visits", "order={o}", "not_found"),
    ("clerk_2", "data_import", "upload={o}", "unusable_value"), ("town", "data_import", "upload={o}", "role"),
    ("town", "import_batches", "batch={o}", "role"), ("town", "duplicates", "verdict={o}", "role"),
    ("town", "audit_log", "key={o}", "role"), ("town", "accounts", "code=local_admin", "role"),
    ("town", "threshold_tuning", "visits=3", "role"), ("town", "brief", "week=2026-W46", "role"),
    ("town", "settings", "part=units", "role"), ("land", "early_warning", "town={f}", "role"),
    ("town", "early_warning", "town={f}", "unusable_value"), ("town", "data_quality", "place={f}", "not_found"),
    ("town", "case_quality", "place={f}", "not_found"), ("town", "dispute_trends", "place={f}", "not_found"),
    ("town", "incident_map", "place={f}", "not_found"), ("town", "overview", "rows=52&place={f}", "not_found"),
    ("town", "register", "kind=incident&place={f}", "not_found"), ("village", "village", "place={f}", "not_found"),
]


@pytest.mark.parametrize(("account", "page", "query", "reason"), NUMBERS, ids=str)
def test_number_of_something_elsewhere_is_answered_like_one_that_is_not_there(world, account, page, query, reason):
    target, one, _, _ = world
    with target.attempt(reason, by=account, address=(address := target.new_address())):
        cookie = target.come_in(account, address)
        screen = show(target, cookie, page, query.format(n=one, o=ELSEWHERE, f=FOREIGN))
        assert MARK not in screen
    if "{n}" in query or "{o}" in query:
        number = one if "{n}" in query else ELSEWHERE
        nothing = 987_654 if "{n}" in query else NOTHING
        other = show(target, cookie, page, query.format(n=nothing, o=NOTHING))
        assert words_of(screen).replace(str(number), "N") == words_of(other).replace(str(nothing), "N")


@pytest.mark.parametrize("number", [
    "0", "-1", "1e9", "9" * 18, "9" * 19, "9" * 400, "１", "1 OR 1=1", "../1", "%00", SCRIPT])
def test_number_that_is_none_is_no_fault(target, number):
    """Neither an error of ours nor anything of the data, on each page that takes a number."""
    async def look(cookie):
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
            return [read_screen(await send(wire, page=page, query=str(httpx.QueryParams({name: number})))) for page, name in
                    (("incident", "id"), ("visits", "order"))]

    address = target.new_address()
    with target.attempt(None, by="town", address=address):
        for screen in run_apart(look(target.come_in("town", address))):
            assert "<h1>" in screen
            assert MARK not in screen
            assert "出错" not in screen
            assert SCRIPT not in screen.replace("\\", "")


# Widgets -------------------------------------------------------------------------------------------------------------

#: Pages of a township that choose places, incidents or units, and what each is opened with.
FORMS = [("register", "kind=incident"), ("register", "kind=mediation"), ("calls", ""), ("visits", ""), ("village", ""),
         ("dispatch_board", ""), ("incident_map", ""), ("staffing", "")]


@pytest.mark.parametrize(("page", "query"), FORMS)
def test_value_that_a_widget_never_offered_opens_and_changes_nothing(world, page, query):
    """Each box of a page says another township's code, then each button that would keep it is pressed."""
    target, one, _, _ = world
    address = target.new_address()
    cookie = target.come_in("town", address)
    before = target.fingerprint()

    async def press():
        screens = []
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
            widgets = list_widgets(await send(wire, page=page, query=query))
            boxes = [widget for widget in widgets if "button" not in widget.kind or widget.kind == "button_group"]
            assert boxes
            for text in (f"{FOREIGN}001", str(one)):
                screens.append(read_screen(await send(
                    wire, page=page, query=query, states=[forge(widget, text) for widget in boxes])))
            buttons = [widget for widget in widgets if widget.kind == "button" and "language" not in widget.id
                       and "sign_out" not in widget.id]
            screens += [read_screen(await send(
                wire, page=page, query=query, states=[*(forge(box, f"{FOREIGN}001") for box in boxes), forge(one, "")]))
                for one in buttons[-4:]]
        return screens

    for screen in run_apart(press()):
        assert MARK not in screen
        assert "出错" not in screen
    assert target.fingerprint() == before

"""What a browser may say of widgets, on every page of the menu: read off the wire, so that a new widget is attacked too.

Nothing out, nothing changed, each noted (docs/attacks.md).
"""

import asyncio
from contextlib import contextmanager

import httpx
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState

from govdesk.rules.access import Scope, allows
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine
from govdesk.tables import Base
from govdesk.terms import Role
from govdesk.ui.menu import ENTRIES
from tests.browser.conftest import using
from tests.support import attacked_county, tiny_county
from tests.support.app_server import connect, read_screen, run_apart, serve
from tests.support.attacked_county import ACCOUNTS, FOREIGN, MARK
from tests.support.attacking import Target, forge, list_widgets, send
from tests.support.postgres_target import PostgresTarget

pytestmark = pytest.mark.server

PAGES = [entry.name for entry in ENTRIES]
#: Who has a part only, then those with all of it: a page is attacked by the first whom it serves.
WHO = {name: Scope(name, Role(ACCOUNTS[name][0]), ACCOUNTS[name][1]) for name in ("town", "village", "land")} | {
    name: Scope(name, role) for name, role in (
        ("local_centre", Role.CENTRE), ("local_analyst", Role.ANALYST), ("local_clerk", Role.CLERK),
        ("local_admin", Role.ADMIN))}
#: Widgets that have options or ends, so that a value can be one that was not offered.
CLOSED = {"selectbox", "multiselect", "radio", "button_group", "slider", "number_input", "date_input"}
SQL = "x' OR '1'='1'; DROP TABLE accounts; --<script>alert(1)</script>"
#: Of every page: leave the account as it is, and in this language.
LEFT_ALONE = ("sign_out", "language")


@contextmanager
def _serve(var, target, **settings):
    one = attacked_county.build(get_engine())
    target.watch()
    with serve(var, now=tiny_county.NOW.isoformat(), log_file=target.log, GOVDESK_LOG_FORMAT="json",
               **settings) as target.base:
        yield target, one


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a running server and the number of a foreign incident."""
    var = tmp_path_factory.mktemp("widgets")
    with using(var), _serve(var, Target("", var, var / "server.log")) as found:
        yield found


@pytest.fixture
def postgres_world(tmp_path, monkeypatch, postgres_engine):
    """Give the same with its data in PostgreSQL."""
    with using(tmp_path):
        url = postgres_engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("GOVDESK_DATABASE_URL", url)
        get_settings.cache_clear()
        get_engine.cache_clear()
        with _serve(tmp_path, PostgresTarget("", tmp_path, tmp_path / "server.log", address=url),
                    GOVDESK_DATABASE_URL=url) as found:
            yield found


def find_rank(account, page):
    actions = next(entry.actions for entry in ENTRIES if entry.name == page)
    return not actions or any(allows(WHO[account], action) for action in actions)


def find_account(page):
    """Return the account that attacks a page: the one with the smallest part to whom the page is shown."""
    return next(name for name in WHO if find_rank(name, page))


def forged(widgets, text):
    return [forge(one, text) for one in widgets if one.kind not in ("button", "download_button", "file_uploader")]


def is_ours(widget):
    return widget.id.rsplit("-", 1)[-1] not in LEFT_ALONE and "language" not in widget.id


async def look_around(wire, page):
    """Return the widgets of a page, and those of its parts that a row of words chooses."""
    widgets = {one.id: one for one in list_widgets(await send(wire, page=page)) if is_ours(one)}
    if page in ("settings", "register"):
        rows = [one for one in widgets.values() if one.kind == "button_group"]
        for row, word in [(one, word) for one in rows for word in one.options]:
            state = WidgetState(id=row.id)
            state.string_array_value.data.append(word)
            widgets |= {one.id: one for one in list_widgets(await send(wire, page=page, states=[state])) if is_ours(one)}
    return list(widgets.values())


def check(messages, account):
    """Hold what must be of every answer; a box may hold what was typed in it, the page may not."""
    screen = read_screen(messages)
    drawn = [one.delta.new_element for one in messages if one.WhichOneof("type") == "delta"]
    assert "<script>alert" not in "".join(str(one) for one in drawn if one.WhichOneof("type") in ("html", "markdown"))
    assert "出错" not in screen
    if WHO[account].area_code is not None:
        assert MARK not in screen


def say_what_was_never_offered(target, one, page):
    """Put codes and numbers of what lies elsewhere, what is beyond every end, and SQL into all boxes at once."""
    account, address = find_account(page), target.new_address()
    cookie = target.come_in(account, address)

    async def attack():
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(90):
            widgets = await look_around(wire, page)
            for text in (f"{FOREIGN}001", str(one), SQL):
                check(await send(wire, page=page, states=forged(widgets, text)), account)
            return widgets

    before = target.count_changes()
    widgets = run_apart(attack())
    assert target.count_changes() == before
    if any(widget.kind in CLOSED for widget in widgets):
        found = target.wait_for(lambda: [row for row in target.refusals(address) if row.get("reason") == "not_offered"])
        assert {(row["by"], row["subject"]) for row in found} == {(account, page)}
        assert FOREIGN not in str(found)


@pytest.mark.parametrize("page", PAGES)
def test_value_that_was_never_offered_shows_and_changes_nothing_and_is_noted(world, page):
    say_what_was_never_offered(*world, page)


@pytest.mark.postgres
def test_nothing_gets_in_on_postgres_either(postgres_world):
    """Forged boxes of the pages that write, and what is no number in the addresses that take one."""
    target, one = postgres_world
    for page in ("dispatch_board", "register", "calls", "visits", "settings", "accounts"):
        say_what_was_never_offered(target, one, page)
    address = target.new_address()
    with target.attempt(None, by="town", address=address):
        cookie = target.come_in("town", address)

        async def look():
            async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
                for page, name in (("incident", "id"), ("visits", "order"), ("village", "place"), ("calls", "incident")):
                    for text in (SQL, str(one), "9" * 19, "%00", "-1"):
                        query = str(httpx.QueryParams({name: text}))
                        check(await send(wire, page=page, query=query), "town")

        run_apart(look())


@pytest.mark.parametrize("page", PAGES)
def test_what_the_widest_account_can_press_does_nothing_for_others(world, page):
    """All buttons and boxes of the page, also those of rows that lie elsewhere, said by who was never shown them."""
    target, _ = world
    account, address = ("town", "land")[PAGES.index(page) % 2], target.new_address()
    wide = target.come_in(next(name for name in reversed(WHO) if find_rank(name, page)), target.new_address())
    cookie = target.come_in(account, address)

    async def attack():
        async with connect(target.base, cookie=wide) as wire, asyncio.timeout(60):
            widgets = await look_around(wire, page)
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
            own = {widget.id for widget in list_widgets(await send(wire, page=page))}
            states = [forge(widget, f"{FOREIGN}001") for widget in widgets
                      if widget.id not in own and widget.kind != "file_uploader"]
            check(await send(wire, page=page, states=states), account)
            return states

    before = target.count_changes()
    states = run_apart(attack())
    assert target.count_changes() == before
    if states:
        found = target.wait_for(lambda: [row for row in target.refusals(address) if row.get("reason") == "not_drawn"])
        assert {(row["by"], row["subject"]) for row in found} == {(account, page)}


def read_elsewhere(target):
    """Return every row of what lies in the foreign township, by what its columns of codes and numbers say."""
    found = {}
    for name, table in Base.metadata.tables.items():
        columns = [column.name for column in table.columns if column.name.endswith("code")]
        if columns and not name.startswith("audit_"):
            where = " OR ".join(f'"{column}" LIKE ?' for column in columns)
            rows = target.read(f'SELECT * FROM "{name}" WHERE {where}', *[f"{FOREIGN}%"] * len(columns))
            found[name] = sorted(map(str, rows))
    return found


@pytest.mark.parametrize("page", [name for name in PAGES if WHO[find_account(name)].role in (Role.TOWNSHIP, Role.DEPARTMENT)])
def test_each_own_button_with_foreign_values_in_all_boxes_touches_nothing_elsewhere(world, page):
    """Who has a part presses each button of a page, and of what that opens, while the boxes name what is not theirs."""
    target, one = world
    account = find_account(page)
    cookie = target.come_in(account, target.new_address())

    async def press():
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(120):
            boxes = await look_around(wire, page)
            seen = {widget.id for widget in boxes}
            for button in [widget for widget in boxes if widget.kind == "button"]:
                answer = await send(wire, page=page, states=[*forged(boxes, f"{FOREIGN}001"), forge(button, "")])
                check(answer, account)
                opened = [widget for widget in list_widgets(answer) if widget.id not in seen and is_ours(widget)]
                seen |= {widget.id for widget in opened}
                for inner in [widget for widget in opened if widget.kind == "button"][-3:]:
                    states = [*forged([*boxes, *opened], str(one)), forge(inner, "")]
                    check(await send(wire, page=page, states=states), account)

    before = read_elsewhere(target)
    run_apart(press())
    assert sum(map(len, before.values())) > 100
    assert read_elsewhere(target) == before


@pytest.mark.parametrize("is_first", [True, False], ids=["before anything was drawn", "after"])
def test_one_value_is_noted_without_what_it_said(world, is_first):
    """Said in the first message of a session and later; what the box does offer is taken and not noted."""
    target, _ = world
    address = target.new_address()
    cookie = target.come_in("local_admin", address)

    async def say(text):
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
            box = next(one for one in boxes if one.kind == "selectbox" and len(one.options) > 1)
            if not is_first:
                await send(wire, page="audit_log")
            await send(wire, page="audit_log", states=[forge(box, text or box.options[1])])

    async def look():
        async with connect(target.base, cookie=cookie) as wire:
            return list_widgets(await send(wire, page="audit_log"))

    boxes = run_apart(look())
    run_apart(say(""))
    with target.attempt("not_offered", by="local_admin", address=address):
        assert target.refusals(address) == []
        run_apart(say("tellme4711"))
    rows = target.refusals(address)
    assert [row["action"] for row in rows] == ["set_widget"]
    assert "tellme" not in str(rows)

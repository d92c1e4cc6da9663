"""Attempts on a running server, each from an address of its own: none gets in, nothing changes, each is logged.

`Target.attempt` holds all three after every attempt. What docs/attacks.md lists under other tests is not repeated here.
"""

import asyncio
import gzip
import io
import json
import re
import struct
import time
import zipfile
import zlib

import httpx
import pytest
import websockets
from streamlit.proto.WidgetStates_pb2 import WidgetState

from govdesk.storage.engine import get_engine
from tests.browser.conftest import using
from tests.support import attacked_county, tiny_county
from tests.support.app_server import connect, read_screen, run_apart, serve
from tests.support.attacked_county import ELSEWHERE, FOREIGN, MARK, NOTHING
from tests.support.attacking import PAGE, Chooser, Target, send, words_of
from tests.support.intake import BASE, POINT, jpeg, make_source

pytestmark = pytest.mark.server

#: Largest file of the server that is attacked; two of them are what one account may hold.
MOST_MB = 2
METRICS = "attacks-are-counted-here"
SQL = "x' OR '1'='1'; DROP TABLE accounts; --"
FORMULA = '=HYPERLINK("http://evil.example","x")'
#: What would begin a line of its own, steer a terminal, turn the writing round, or end a text of JSON.
INJECTED = 'a\r\n{"level":"INFO","message":"FORGED"}\u2028FORGED\x1b[2J\x07"},{"\u202e'
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a running server, a foreign incident, and the tokens of two sources."""
    var = tmp_path_factory.mktemp("attacked")
    with using(var):
        one = attacked_county.build(get_engine())
        tokens, other = make_source(get_engine(), "app"), make_source(get_engine(), "other")
        target = Target("", var, var / "server.log")
        target.watch()
        with serve(var, now=tiny_county.NOW.isoformat(), log_file=target.log, GOVDESK_LOG_FORMAT="json",
                   GOVDESK_METRICS_TOKEN=METRICS, GOVDESK_UPLOAD_MB=str(MOST_MB)) as target.base:
            yield target, one, tokens, other


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


# Widgets: all pages in test_attacks_widgets.py -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("key", ["account", "_account", "scope", "language", "_page"])
def test_widget_named_like_a_key_of_the_session_makes_nobody_somebody(target, key):
    address = target.new_address()
    with target.attempt("role", by="town", address=address):
        cookie = target.come_in("town", address)

        async def look():
            async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
                forged = WidgetState(id=f"$$ID-{'0' * 32}-{key}", string_value="local_admin")
                return read_screen(await send(wire, page="accounts", states=[forged]))

        assert 'local_admin' not in run_apart(look())


# Cookies and the door ------------------------------------------------------------------------------------------------

FORGED_COOKIES = {
    "unsigned": lambda t: 'eyJ0IjoieCIsImUiOjQwMDAwMDAwMDB9', "other secret": lambda t: t.seal({"t": "x", "e": 4e9}, secret=b"k" * 32),
    "no token": lambda t: t.seal({"e": 4_000_000_000}), "a list": lambda t: t.seal(["x"]), "a number": lambda t: t.seal(1),
    "another use": lambda t: t.seal({"t": "x", "e": 4_000_000_000}, "form-token"),
    "sql": lambda t: t.seal({"t": SQL, "e": 4_000_000_000}), "of nobody": lambda t: t.seal({"t": "x", "e": 4_000_000_000}),
    "past": lambda t: t.seal({"t": "x", "e": 1}),
}


@pytest.mark.parametrize("kind", FORGED_COOKIES)
def test_made_up_cookie_opens_no_page_and_no_websocket(target, kind):
    cookie = f"govdesk_session={FORGED_COOKIES[kind](target)}"
    with target.attempt(None) as address:
        answer = target.ask("/incident?id=1", cookie=cookie, address=address, headers=PAGE)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")
        assert MARK not in answer.text
        with pytest.raises(websockets.exceptions.InvalidStatus):
            show(target, cookie, "incident", "id=1")


def test_cookie_that_was_ended_is_not_good_again(target):
    address = target.new_address()
    cookie = target.come_in("local_leader", address)
    assert target.ask("/login/state", cookie=cookie).status_code == 204
    target.write("UPDATE sign_ins SET ended_at = at WHERE address = ?", address)
    time.sleep(2.1)  # what another process ends is seen within two seconds
    with target.attempt("ended_sign_in", address=address):
        assert target.ask("/", cookie=cookie, address=address, headers=PAGE).status_code == 303


def fill_in(target, address, path="/login", **fields):
    """Send a form of the door as a browser would, with its token."""
    page = target.ask("/login", address=address, headers=PAGE)
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    form = page.headers["set-cookie"].split(";")[0]
    return target.ask(path, method="POST", cookie=form, address=address, data={"token": token, **fields})


DOOR = [
    {"account": SQL}, {"account": "local_admin' --"}, {"account": SCRIPT}, {"account": INJECTED}, {"account": "a" * 4_000},
    {"account": "local_admin", "password": SQL}, {"account": "local_admin", "password": "x" * 4_000},
    {"account": "nobody", "role": "admin", "area_code": "", "is_active": "1", "method": "demo"},
    {"account": "system"}, {"account": "intake:app"}, {"account": ""}, {"account": "local_admin ", "next": "//evil.example"},
    {"account": "LOCAL_ADMIN", "next": INJECTED}, {"account": "局长"},
]


@pytest.mark.parametrize("fields", DOOR, ids=str)
def test_form_of_the_door_lets_nobody_in(target, fields):
    target.write("DELETE FROM sign_in_failures")  # each attempt is looked at, none only told to wait
    known = target.read("SELECT code FROM accounts WHERE code = ?", fields["account"].strip())
    with target.attempt(None, by=known[0][0] if known else "nobody") as address:
        answer = fill_in(target, address, **{"password": "wrong wrong wrong", "next": "/", **fields})
        assert answer.status_code in (400, 403)
        assert not any("govdesk_session" in one for one in answer.headers.get_list("set-cookie"))
        assert "<script" not in answer.text
        assert "evil.example" not in answer.text
        assert '"},{"' not in answer.text


def test_who_has_to_wait_is_counted_and_not_looked_at(target):
    address = target.new_address()
    for _ in range(5):
        fill_in(target, address, account="nobody_at_all", password="wrong")
    with target.attempt("waiting", address=address):
        assert fill_in(target, address, account="nobody_at_all", password="wrong").status_code == 429
    target.write("DELETE FROM sign_in_failures")


@pytest.mark.parametrize(("path", "reason"), [
    ("/login/wall?account=wall_1&key=" + "x" * 40, None), ("/login/wall?account=local_admin&key=demo", None),
    ("/login/wall?account=%00&key=%00", None), ("/api/geo/places?t=x", "nobody_in"), ("/metrics", "metrics_token"),
    ("/media/" + "0" * 56 + ".csv", "nobody_in"), ("/_stcore/upload_file/x/y", "nobody_in"),
    ("/incident/..%2f..%2fetc%2fpasswd", None), ("/incident%0d%0aSet-Cookie:x=1", None), ("/%E2%80%A8FORGED", None),
    ("/.git/config", None), ("/var/govdesk.db", None), ("/static/..;/app.py", None), ("/?place=" + "9" * 6_000, None)])
def test_address_of_the_outside_gives_nothing(target, path, reason):
    target.write("DELETE FROM sign_in_failures")
    with target.attempt(reason, by=None) as address:
        answer = target.ask(path, address=address, headers=PAGE)
        assert answer.status_code in (303, 400, 401, 403, 404)
        assert "govdesk_session" not in answer.headers.get("set-cookie", "")
        assert "x" not in answer.cookies
        assert MARK not in answer.text


# Whence ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("said", ["127.0.0.1", "10.0.0.1, 127.0.0.1", "::1", SQL, "x" * 400, ""])
def test_address_is_believed_from_this_machines_proxy_only(target, said):
    """A connection from elsewhere says whatever it likes: the audit has the address that the connection has."""
    before = len(target.refusals("127.0.0.2"))
    answer = target.wire(f"GET /api/geo/x{before} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                         f"X-Forwarded-For: {said}\r\nForwarded: for={said}\r\nX-Real-IP: 127.0.0.1\r\n\r\n".encode(),
                         source="127.0.0.2")
    assert answer.startswith(b"HTTP/1.1 401")
    assert target.wait_for(lambda: target.refusals("127.0.0.2"))
    assert [row for row in target.read("SELECT address FROM audit_events") if row[0] and len(row[0]) > 45] == []


@pytest.mark.parametrize(("said", "kept"), [
    ("203.0.113.5, {}", "{}"), ("127.0.0.1, {}", "{}"), ("garbage, {}", "{}"), ("{}, 127.0.0.1", "{}"), (SQL + ", {}", "{}")])
def test_of_several_forwarded_addresses_the_last_one_that_is_not_ours_counts(target, said, kept):
    mine = target.new_address()
    with target.attempt("nobody_in", address=kept.format(mine)):
        assert target.ask("/api/geo/y", address=said.replace("{}", mine)).status_code == 401


# The interface of other systems --------------------------------------------------------------------------------------

def post(target, address, token, path="/requests.json", **more):
    return target.ask(f"{BASE}{path}", method="POST", address=address,
                      headers={"authorization": f"Bearer {token}", **more.pop("headers", {})}, **more)


@pytest.mark.parametrize("token", ["x", SQL.replace(chr(39), ""), "x" * 5_000, "retired"])
def test_token_of_nobody_is_in_the_audit(world, token):
    target, *_ = world
    with target.attempt("intake_token") as address:
        assert post(target, address, token, data={"service_code": "request_road", **POINT}).status_code in (401, 403)


def test_source_reaches_nothing_of_others(world):
    """What another source sent, what was imported, and what only the other of its own two tokens may do."""
    target, one, tokens, other = world
    sent = post(target, target.new_address(), other.write_token, data={"service_code": "request_road", **POINT})
    number = int(sent.json()[0]["service_request_id"])
    for who, path, token in (("intake:app", f"/requests/{number}.json", tokens.read_token),
                             ("intake:app", f"/tokens/{one}.json", tokens.read_token),
                             ("intake:app", "/requests/-1.json", tokens.read_token),
                             ("intake:app", f"/requests/{one}.json", tokens.write_token)):
        with target.attempt(None, by=who) as address:
            answer = target.ask(f"{BASE}{path}", address=address, headers={"authorization": f"Bearer {token}"})
            assert answer.status_code in (403, 404)
            assert MARK not in answer.text
    for path, fields in ((f"/requests/{number}.json", {"status": "withdrawn"}), (f"/requests/{one}.json", {"description": "x"})):
        with target.attempt("intake_no_such", by="intake:app") as address:
            assert post(target, address, tokens.write_token, path, data=fields).status_code == 404
    listed = target.ask(f"{BASE}/requests.json?service_request_id={number},{one}", headers={
        "authorization": f"Bearer {tokens.read_token}"})
    assert listed.json() == []


def test_fields_that_we_decide_are_not_taken_from_outside(world):
    target, _, tokens, _ = world
    forged = {"id": 1, "status": "closed", "place_code": f"{FOREIGN}001", "handling_unit": "U-LAND", "weight": -1,
              "merged_into": 1, "batch_id": ELSEWHERE, "recorded_at": "2020-01-01T00:00:00Z", "source": "other", "by": "x",
              "__proto__": {"role": "admin"}, "constructor": "x", "outcome": "settled", "is_counted": 0}
    address = target.new_address()
    answer = post(target, address, tokens.write_token, json={
        "service_code": "request_road", **POINT, **forged, "attribute": {"place_code": FOREIGN, "weight": "-1"}})
    assert answer.status_code == 201
    assert set(forged) <= set(answer.json()[0]["dropped"])
    row = target.read("SELECT source, status, place_code, handling_unit, weight, merged_into, batch_id, outcome, is_counted, "
                      "recorded_at FROM incidents WHERE id = ?", int(answer.json()[0]["service_request_id"]))[0]
    assert (row[0], row[1], row[3:6], row[7:9]) == ("app", "reported", (None, 1, None), (None, 1))
    assert row[2].startswith("990101001")
    assert row[6] != ELSEWHERE
    assert row[9] > 1_700_000_000
    assert target.wait_for(lambda: [one for one in target.refusals(address) if one["reason"] == "own_field"])


def bomb(width, height):
    """Return a PNG of a few hundred bytes that says it has so many pixels."""
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + part(b"IDAT", zlib.compress(b"\0" * 100_000)) + part(b"IEND", b""))


@pytest.mark.parametrize(("photo", "reason"), [
    (bomb(50_000, 50_000), "photo_too_many_pixels"), (b"%PDF-1.7 " + b"x" * 500, "photo_kind"),
    (b"PK\x03\x04" + b"0" * 500, "photo_kind"), (b"<svg onload='alert(1)'/>", "photo_kind"), (jpeg()[:200], "photo_broken")])
def test_photo_that_is_none_is_refused_and_noted(world, photo, reason):
    target, _, tokens, _ = world
    address = target.new_address()
    answer = post(target, address, tokens.write_token, data={"service_code": "request_road", **POINT, "description": reason},
                  files={"media": ("../../x.jpg", photo, "image/jpeg")})
    assert answer.json()[0]["photos"] == 0
    assert target.wait_for(lambda: [one for one in target.refusals(address) if one["reason"] == reason])
    assert target.read("SELECT count(*) FROM photos WHERE id <> ?", ELSEWHERE) == [(0,)]


UNUSABLE = {
    "seven photos": ({"files": [("media", ("a.jpg", jpeg(n), "image/jpeg")) for n in range(7)]}, 400, "6"),
    "too large": ({"content": b"x" * 70_000, "headers": {"content-type": "application/json"}}, 413, "65536"),
    "far too large": ({"files": {"media": ("a.jpg", b"x" * 11_000_000, "image/jpeg")}}, 413, ""),
    "compressed": ({"content": zlib.compress(b"a" * 10**6), "headers": {
        "content-type": "application/json", "content-encoding": "deflate"}}, 415, ""),
    "deep": ({"content": b"[" * 60_000, "headers": {"content-type": "application/json"}}, 400, ""),
    "sql": ({"data": {"service_code": SQL, **POINT}}, 404, ""), "script": ({"data": {"service_code": SCRIPT, **POINT}}, 404, ""),
    "twice": ({"content": b"service_code=request_road&service_code=x", "headers": {
        "content-type": "application/x-www-form-urlencoded"}}, 400, ""),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_what_cannot_be_used_leaves_nothing_and_is_noted(world, kind):
    target, _, tokens, _ = world
    more, status, told = UNUSABLE[kind]
    if "files" in more:
        more = {**more, "data": {"service_code": "request_road", **POINT}}
    with target.attempt(None, by="intake:app") as address:
        answer = post(target, address, tokens.write_token, **{**more, "headers": dict(more.get("headers", {}))})
        assert answer.status_code == status
        assert told in answer.text.replace(",", "")


def test_texts_that_attack_are_text_on_the_page_and_in_the_table(world):
    target, _, tokens, _ = world
    text = f"{FORMULA} {SCRIPT} {SQL} {INJECTED}"
    answer = post(target, target.new_address(), tokens.write_token, json={
        "service_code": "request_road", **POINT, "description": text})
    number = int(answer.json()[0]["service_request_id"])
    screen = show(target, target.come_in("local_centre", target.new_address()), "incident", f"id={number}")
    assert "evil.example" in screen
    assert "<script" not in screen
    assert "<img" not in screen
    kept = target.read("SELECT summary FROM incidents WHERE id = ?", number)[0][0]
    assert not set(kept) & set("\x1b\x07\u202e\r")
    assert target.read("SELECT count(*) FROM accounts")[0][0] > 5


# Files ---------------------------------------------------------------------------------------------------------------

def choosing(target, account, do):
    """Do something with the file chooser of a page; return what that gives, and the address it came from."""
    cookie = target.come_in(account, address := target.new_address())

    async def run():
        async with connect(target.base, cookie=cookie) as wire, asyncio.timeout(60):
            found = do(await Chooser(target, wire, cookie, address, "data_import").open())
            return await found if asyncio.iscoroutine(found) else found

    return run_apart(run()), address


def bomb_book():
    """Return a workbook of some kilobytes whose sheet would be 120 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(120):
                sheet.write(b" " * 2**20)
    return out.getvalue()


FILES = {
    "zip bomb": (bomb_book, "a.xlsx"), "600,000 columns": (lambda: b"a," * 600_000 + b"\n" + b"1," * 400_000, "a.csv"),
    "a picture bomb": (lambda: bomb(50_000, 50_000), "a.xlsx"), "a program": (lambda: b"\x7fELF" + b"\x00" * 5_000, "a.csv"),
    "gzip bomb": (lambda: gzip.compress(b"a" * 40 * 2**20, 6), "a.csv.gz"),
}


@pytest.mark.parametrize("kind", FILES)
def test_file_that_is_no_table_is_refused_with_a_sentence_and_noted(target, kind):
    make, name = FILES[kind]
    before = {**target.count_changes(), "uploads": 0, "data_versions": 0}
    messages, address = choosing(target, "local_clerk", lambda chooser: chooser.choose(make(), name))
    assert "这个文件不能导入：" in read_screen(messages)
    assert {**target.count_changes(), "uploads": 0, "data_versions": 0} == before
    assert target.read("SELECT action FROM audit_events WHERE address = ? AND subject = 'uploads'", address) == [("import_records",)]


def test_file_that_was_taken_in_is_let_go_of(target):
    async def send_all(chooser):
        for n in range(3):  # more than an account may hold
            await chooser.choose(f"{n},".encode() * MOST_MB * 2**19, "a.csv")
            await chooser.open()

    choosing(target, "local_admin", send_all)


def test_account_holds_two_of_the_largest_files_in_choosers_and_no_more(target):
    def fill(chooser):
        answers = [chooser.put(b"x" * MOST_MB * 2**20, number=number) for number in "abc"]
        over = chooser.put(b"x" * (MOST_MB * 2**20 + 70_000))
        last = target.wire(f"PUT /_stcore/upload_file/{chooser.session}/x HTTP/1.1\r\nHost: x\r\nCookie: {chooser.cookie}\r\n"
                           f"Content-Length: {200 * 2**20 + 1}\r\n\r\n".encode())
        elsewhere = chooser.put(b"x", session="nobody's")
        chooser.remove("a")
        again = chooser.put(b"x" * MOST_MB * 2**20)
        chooser.remove("b")
        small = [chooser.put(b"x", number=f"s{n}").status_code for n in range(61)]
        return answers, over, last, elsewhere, again, small

    (answers, over, last, elsewhere, again, small), where = choosing(target, "clerk_2", fill)
    assert [one.status_code for one in answers] == [204, 204, 413]
    assert "4 MB" in answers[2].json()["error"]["zh"]
    assert (over.status_code, elsewhere.status_code, again.status_code, last[9:12]) == (413, 400, 204, b"413")
    assert "2 MB" in over.json()["error"]["zh"]
    assert small == [204] * 59 + [413] * 2
    assert target.wait_for(lambda: {"uploads_full", "upload_too_large", "upload_refused"} <= {
        row["reason"] for row in target.refusals(where)})


def test_whose_pages_take_no_file_leaves_none(target):
    session, _ = choosing(target, "local_clerk", lambda chooser: chooser.session)
    with target.attempt("role", by="local_leader") as address:
        cookie = target.come_in("local_leader", address)
        assert Chooser(target, None, cookie, address, "", session).put(b"x").status_code == 403


# Sockets -------------------------------------------------------------------------------------------------------------

def count_warnings(target):
    text = target.ask("/metrics", headers={"authorization": f"Bearer {METRICS}"}).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(
        "govdesk_log_events_total") and 'logger="uvicorn' in line)


@pytest.mark.parametrize("text", [
    b"\x16\x03\x01\x02\x00garbage\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"])
def test_what_is_no_request_is_counted_and_ends(target, text):
    before, state = count_warnings(target), target.count_changes()
    answer = target.wire(text, wait=3)
    assert answer.startswith(b"HTTP/1.1 400")
    assert count_warnings(target) == before + 1
    assert target.count_changes() == state


def test_socket_of_another_origin_or_with_garbage_is_refused_and_the_server_lives(target):
    cookie = target.come_in("town", target.new_address())

    async def knock(origin, address):
        async with websockets.connect(target.base.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"],
                                      origin=origin, additional_headers={"Cookie": cookie, "X-Forwarded-For": address}):
            return

    with target.attempt("other_origin") as address, pytest.raises(websockets.exceptions.InvalidStatus):
        run_apart(knock("https://evil.example", address))

    async def babble():
        async with connect(target.base, cookie=cookie) as wire:
            await wire.send(b"\xff" * 5_000)
            await asyncio.sleep(0.2)

    run_apart(babble())
    assert target.ask("/healthz").status_code == 200


# The trail -----------------------------------------------------------------------------------------------------------

def test_nothing_typed_forges_a_line_of_the_log_or_of_the_audit(target):
    """After all that the tests before have sent: every line of the log is one event of ours, every entry is one line."""
    typed = httpx.QueryParams({"t": INJECTED, "next": INJECTED})
    for path in (f"/api/geo/places?{typed}", f"/login?{typed}", f"/api/open311/v2/services/{typed}.json"):
        target.ask(path, address=target.new_address(), headers={"user-agent": "x\x1b[2J FORGED"})
    show(target, target.come_in("town", target.new_address()), "incident_map", str(httpx.QueryParams({"to": INJECTED})))
    time.sleep(0.5)
    lines = [line for line in target.log.read_bytes().decode().split("\n") if line]
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert events
    assert [line for line in lines if not line.startswith("{") and ("FORGED" in line or "\x1b" in line)] == []
    assert not any(one.get("message") == "FORGED" for one in events)
    odd = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")
    for row in target.read('SELECT "by", action, subject, subject_key, detail, address FROM audit_events'):
        assert not any(odd.search(str(value)) for value in row), row
    assert "wrong wrong wrong" not in str(target.read("SELECT detail FROM audit_events")) + "".join(lines)

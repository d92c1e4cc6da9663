"""The gate on a real server: strangers get the login page and nothing else, whatever they ask for and however."""

import json
import re
import sqlite3
import time

import httpx
import pytest
import websockets
from itsdangerous import URLSafeSerializer

from govdesk.actions.change_password import make_one_time_password
from govdesk.clock import real_now
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine
from tests.browser.conftest import build_county
from tests.support import tiny_county
from tests.support.app_server import connect, read_screen, run_apart, run_script, serve, sign_in

pytestmark = pytest.mark.server

PAGE = {"accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    build_county(folder)
    return folder


@pytest.fixture(scope="module")
def base(var):
    with serve(var, now=tiny_county.NOW.isoformat()) as address:
        yield address


@pytest.fixture
def stranger(base):
    with httpx.Client(base_url=base, timeout=30) as client:
        yield client


def cookie_of(base, account="local_leader"):
    sign_in.cache_clear()
    return sign_in(base, account)


def ask(base, path, cookie="", **headers):
    if cookie:
        headers["cookie"] = cookie
    return httpx.get(base + path, headers=headers, timeout=30)


@pytest.mark.parametrize("path", [
    "/", "/incident_map", "/wall_screen", "/index.html", "/favicon.png", "/manifest.json", "/static/js/index.js",
    "/_stcore/host-config", "/_stcore/stream", "/_stcore/metrics", "/_stcore/script-health-check", "/media/abc.png",
    "/component/x/index.html", "/api/geo/places?t=x", "/wall/health", "/wall/start-file", "/api/xyz", "/overview"])
def test_stranger_gets_nothing_but_the_way_to_the_door(stranger, path):
    page = stranger.get(path, headers=PAGE)
    assert page.status_code == 303
    assert page.headers["location"].startswith("/login")
    program = stranger.get(path, headers={"accept": "application/json"})
    assert program.status_code == 401
    assert program.json() == {"error": "sign in first"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/_stcore/upload_file/a/b", "/api/geo/places"])
def test_stranger_changes_nothing(stranger, method, path):
    assert stranger.request(method, path, headers=PAGE).status_code == 401


@pytest.mark.parametrize("path", [
    "/login/../incident_map", "/login/..%2f..%2fstatic/js/index.js", "//incident_map", "/login%2f..%2fincident_map",
    "/LOGIN/../", "/login/.%2e/static/", "/./incident_map", "/login\\..\\static", "/healthz/../wall_screen", "/login//"])
def test_tricks_with_the_path_lead_nowhere(base, path):
    with httpx.Client(timeout=30) as client:
        answer = client.send(client.build_request("GET", httpx.URL(base).copy_with(raw_path=path.encode())))
    assert answer.status_code in (303, 400, 401, 404), answer.text[:200]
    assert "Streamlit" not in answer.text
    assert "stApp" not in answer.text


@pytest.mark.parametrize("header", [
    "x-govdesk-sign-in", "X-Govdesk-Sign-In", "x_govdesk_sign_in", "x-gov-user", "remote-user", "x-forwarded-user"])
def test_header_that_names_somebody_opens_nothing(base, header):
    assert ask(base, "/", **{header: "1"}, **PAGE).status_code == 303


def test_forged_header_beside_a_good_cookie_is_taken_out(base):
    """A leader stays a leader, though the header names the sign-in of the administrator."""
    admin = cookie_of(base, "local_admin")
    leader = cookie_of(base)
    assert admin != leader

    async def open_page():
        async with websockets.connect(
                base.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"], origin=base, max_size=None,
                additional_headers=[("Cookie", leader), ("X-Govdesk-Sign-In", "1"), ("x_govdesk_sign_in", "1")]) as wire:
            from tests.support.app_server import ask as rerun

            return read_screen(await rerun(wire, page_name="staffing"))

    screen = run_apart(open_page())
    assert "领导" in screen
    assert "管理员" not in screen


@pytest.mark.parametrize("origin", [
    "https://evil.example", "http://127.0.0.1", "http://127.0.0.1.evil.example", "null", "http://localhost:1", None])
def test_websocket_of_another_origin_is_refused(base, origin):
    async def open_one():
        headers = {"Cookie": cookie_of(base)}
        async with websockets.connect(base.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"],
                                      origin=origin, additional_headers=headers):
            return True

    with pytest.raises(websockets.exceptions.InvalidStatus):
        run_apart(open_one())


@pytest.mark.parametrize("change", ["cut", "flip", "other secret", "old", "empty", "other use"])
def test_made_up_cookie_opens_nothing(base, var, change):
    name, _, value = cookie_of(base).partition("=")
    secret = (var / "secret_key").read_bytes()
    made = {
        "cut": value[:-3], "empty": "",
        # The first letter of the signature: the last one carries two bits that no signature has.
        "flip": f"{value[:-27]}{'a' if value[-27] != 'a' else 'b'}{value[-26:]}",
        "other secret": URLSafeSerializer(b"x" * 32, salt="sign-in").dumps({"t": "x", "e": 4_000_000_000}),
        "old": URLSafeSerializer(secret, salt="sign-in").dumps({"t": "x", "e": 1}),
        "other use": URLSafeSerializer(secret, salt="map-address").dumps({"t": "x", "e": 4_000_000_000}),
    }[change]
    assert ask(base, "/", f"{name}={made}", **PAGE).status_code == 303


def test_cookie_of_an_ended_sign_in_is_worth_nothing(base, var):
    cookie = cookie_of(base)
    assert ask(base, "/login/state", cookie).status_code == 204
    with sqlite3.connect(var / "govdesk.db") as connection:
        connection.execute("UPDATE sign_ins SET ended_at = at, ended_because = 'test'")
    time.sleep(2.2)  # what another process ends is seen within two seconds
    assert ask(base, "/login/state", cookie).status_code == 401
    assert ask(base, "/", cookie, **PAGE).status_code == 303
    with pytest.raises(websockets.exceptions.InvalidStatus):
        run_script(base, cookie=cookie)
    sign_in.cache_clear()


def test_open_window_shows_nothing_more_once_its_sign_in_ended(base, var):
    async def look():
        from tests.support.app_server import ask as rerun

        async with connect(base, cookie=cookie_of(base)) as wire:
            before = read_screen(await rerun(wire, page_name="staffing"))
            with sqlite3.connect(var / "govdesk.db") as connection:
                connection.execute("UPDATE sign_ins SET ended_at = at")
            return before, read_screen(await rerun(wire, page_name="staffing"))

    before, after = run_apart(look())
    sign_in.cache_clear()
    assert "<h1>" in before
    assert "登录已结束" in after
    assert "<h1>" not in after


def test_cookie_is_for_this_site_and_no_script(base):
    with httpx.Client(base_url=base) as client:
        token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)[1]
        answer = client.post("/login/demo", data={"token": token, "next": "/", "account": "local_leader"})
    given = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("govdesk_session="))
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert "Path=/" in given
    assert "Domain" not in given


def test_cookie_leaves_by_tls_only_where_the_office_has_it(var):
    with serve(var, now=tiny_county.NOW.isoformat(), GOVDESK_PUBLIC_URL="https://govdesk.example") as base:
        answer = httpx.get(f"{base}/login")
        given = answer.headers["set-cookie"]
        assert given.startswith("__Host-govdesk_form=")
        assert "Secure" in given


def test_what_was_refused_stands_in_the_audit(base, var):
    """Each kind of refusal once; a flood of the same is counted, and what was typed forges no line."""
    cookie = cookie_of(base)
    for _ in range(50):
        ask(base, "/media/flood", accept="application/json")
    ask(base, "/incident_map", "govdesk_session=made.up", **PAGE)
    ask(base, "/staffing/\\..", **PAGE)
    ask(base, "/case_quality", cookie, **{"x-govdesk-sign-in": "1"}, **PAGE)
    with pytest.raises(websockets.exceptions.InvalidStatus):
        run_apart(_knock(base, "https://evil.example", cookie))
    httpx.post(f"{base}/login", data={"account": "a\nb", "password": "c"})
    wanted = {"nobody_in", "made_up_cookie", "odd_path", "names_somebody", "other_origin", "form_token"}
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with sqlite3.connect(var / "govdesk.db") as connection:
            rows = [json.loads(row[0]) for row in connection.execute(
                "SELECT detail FROM audit_events WHERE is_refused AND address = '127.0.0.1'")]
        if wanted <= {row.get("reason") for row in rows}:
            break
        time.sleep(0.5)
    assert wanted <= {row.get("reason") for row in rows}
    assert sum(row.get("reason") == "nobody_in" for row in rows) < 40  # a flood is few rows
    assert not any("\n" in str(value) for row in rows for value in row.values())


async def _knock(base, origin, cookie):
    async with websockets.connect(base.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"],
                                  origin=origin, additional_headers={"Cookie": cookie}):
        return


def test_form_without_its_token_or_of_another_browser_lets_nobody_in(base):
    with httpx.Client(base_url=base) as client, httpx.Client(base_url=base) as other:
        token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)[1]
        other.get("/login")
        for sender, form in ((client, {}), (client, {"token": "x"}), (other, {"token": token}),
                             (httpx.Client(base_url=base), {"token": token})):
            for path in ("/login", "/login/demo"):
                answer = sender.post(path, data={"account": "local_leader", "password": "demo", **form})
                assert answer.status_code == 400
                assert not any("govdesk_session" in one for one in answer.headers.get_list("set-cookie"))


def test_sign_in_takes_a_token_of_its_own(base):
    """A cookie that was planted before is never made good (session fixation)."""
    planted = "govdesk_session=planted"
    with httpx.Client(base_url=base, headers={"cookie": planted}) as client:
        first = client.get("/login")
        form = first.headers["set-cookie"].split(";")[0]
        token = re.search(r'name="token" value="([^"]+)"', first.text)[1]
        answer = client.post("/login/demo", data={"token": token, "next": "/", "account": "local_leader"},
                             headers={"cookie": f"{planted}; {form}"})
    assert answer.status_code == 303
    assert not any("planted" in one for one in answer.headers.get_list("set-cookie"))
    assert ask(base, "/", planted, **PAGE).status_code == 303


@pytest.mark.parametrize("headers", [
    {"x-forwarded-for": "10.0.0.1"}, {"forwarded": "for=10.0.0.1"}, {"host": "govdesk.example"},
    {"host": "127.0.0.1.evil.example:8501"}])
def test_demonstration_exists_on_this_machine_only(base, headers):
    page = httpx.get(f"{base}/login", headers=headers)
    assert "示例数据 · 演示登录" not in page.text
    assert 'name="account"' in page.text
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    cookie = page.headers["set-cookie"].split(";")[0]
    answer = httpx.post(f"{base}/login/demo", headers={**headers, "cookie": cookie},
                        data={"token": token, "next": "/", "account": "local_admin"})
    assert answer.status_code == 404
    answer = httpx.post(f"{base}/login", headers={**headers, "cookie": cookie},
                        data={"token": token, "next": "/", "account": "local_admin", "password": "demo"})
    assert answer.status_code in (403, 429)
    assert "set-cookie" not in answer.headers or "govdesk_session" not in answer.headers["set-cookie"]


def test_link_leads_to_own_paths_only(base):
    with httpx.Client(base_url=base) as client:
        page = client.get("/login", params={"next": "//evil.example/x"})
        token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
        assert "evil" not in page.text
        answer = client.post("/login/demo", data={"token": token, "next": "https://evil.example", "account": "local_leader"})
        assert answer.headers["location"] == "/"
        page = client.get("/login", params={"again": "1", "next": "/incident_map?place=990101001"})
        token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
        answer = client.post("/login/demo", data={"token": token, "next": "/incident_map?place=990101001",
                                                  "account": "local_leader"})
        assert answer.headers["location"] == "/incident_map?place=990101001"


def test_what_is_typed_stays_text(base):
    with httpx.Client(base_url=base) as client:
        token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)[1]
        answer = client.post("/login", data={"token": token, "next": '"><script>alert(1)</script>', "password": "x",
                                             "account": '"><img src=x onerror=alert(1)>'})
    assert "<img" not in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("body", [b"x" * 9_000, b"account=a&account=b&password=c", b"\xff\xfe=1", b"a=" + b"&b=1" * 50, b""])
def test_odd_form_lets_nobody_in(base, body):
    answer = httpx.post(f"{base}/login", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 400


def test_wall_is_told_in_words_and_never_shown_a_form(stranger):
    for path in ("/wall", "/wall_screen?embed=true"):
        answer = stranger.get(path, headers=PAGE)
        assert answer.status_code == 401
        assert "本屏未登录" in answer.text
        assert "<input" not in answer.text


def test_account_of_a_wall_reaches_the_wall_and_nothing_else(base, var):
    with sqlite3.connect(var / "govdesk.db") as connection:
        connection.execute("INSERT OR IGNORE INTO accounts (code, title, role, is_active) VALUES ('wall_1', '大屏', 'wall', 1)")
    cookie = cookie_of(base, "wall_1")
    assert ask(base, "/wall", cookie, **PAGE).status_code == 200
    assert ask(base, "/wall_screen?embed=true", cookie, **PAGE).status_code == 200
    for path in ("/", "/incident_map", "/api/geo/places?t=x", "/early_warning"):
        answer = ask(base, path, cookie, **PAGE)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/wall")
    screen = read_screen(run_script(base, cookie=cookie, page_name="early_warning"))
    assert "<h1>" not in screen
    door = ask(base, "/login", cookie, **PAGE)
    assert (door.status_code, 'value="local_leader"' in door.text) == (200, True), "a wall has no menu to sign out by"


def test_wall_that_is_tried_in_the_demonstration_ends_with_the_browser(base, var):
    with sqlite3.connect(var / "govdesk.db") as connection:
        connection.execute("INSERT OR IGNORE INTO accounts (code, title, role, is_active) VALUES ('wall_1', '大屏', 'wall', 1)")
    with httpx.Client(base_url=base) as client:
        token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)[1]
        answer = client.post("/login/demo", data={"token": token, "next": "/", "account": "wall_1"})
    given = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("govdesk_session="))
    assert answer.headers["location"] == "/wall"
    assert "max-age" not in given.lower()
    assert "expires" not in given.lower()


def test_map_address_of_another_account_is_refused(base):
    """An address that was sent on, or copied from another's window, is worth nothing in this one."""
    wide, narrow = cookie_of(base, "local_centre"), cookie_of(base)
    screen = read_screen(run_script(base, cookie=wide, page_name="incident_map"))
    address = re.search(r"/api/geo/places\?t=[\w.%-]+", screen)[0]
    assert ask(base, address, wide).status_code == 200
    assert ask(base, address, narrow).status_code == 403
    assert ask(base, "/api/geo/places?t=made-up", wide).status_code == 403


def test_who_comes_in_as_another_leaves_as_the_first(base):
    cookie = cookie_of(base)
    with httpx.Client(base_url=base) as client:
        page = client.get("/login?again=1", headers={"cookie": cookie})
        token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
        form = page.headers["set-cookie"].split(";")[0]
        client.post("/login/demo", data={"token": token, "next": "/", "account": "local_clerk"},
                    headers={"cookie": f"{cookie}; {form}"})
    assert ask(base, "/login/state", cookie).status_code == 401


def test_one_time_password_shows_nothing_before_it_is_changed(base, var):
    engine = get_engine(f"sqlite:///{var / 'govdesk.db'}")
    made = make_one_time_password(engine, by=SYSTEM, account="local_analyst", now=real_now())
    engine.dispose()
    with sqlite3.connect(var / "govdesk.db") as connection:  # the attempts of the tests before make this address wait
        connection.execute("DELETE FROM sign_in_failures")
    with httpx.Client(base_url=base, timeout=30) as client:
        token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)[1]
        answer = client.post("/login", data={"token": token, "next": "/staffing", "account": "local_analyst",
                                             "password": made})
        assert (answer.status_code, answer.headers["location"]) == (303, "/staffing")
        assert client.get("/staffing", headers=PAGE).headers["location"] == "/login/password"
        assert client.get("/api/geo/places?t=x").status_code == 401
        cookie = f"govdesk_session={client.cookies['govdesk_session']}"
        with pytest.raises(websockets.exceptions.InvalidStatus):
            run_script(base, cookie=cookie)
        form = client.get("/login/password")
        assert "一次性密码" in form.text
        token = re.search(r'name="token" value="([^"]+)"', form.text)[1]
        fields = {"token": token, "current": made, "new": "a mill beside the canal", "again": "a mill beside the river"}
        assert "两次输入" in client.post("/login/password", data=fields).text
        answer = client.post("/login/password", data={**fields, "again": fields["new"]})
        assert answer.headers["location"] == "/"
        time.sleep(2.2)
        assert client.get("/staffing", headers=PAGE).status_code == 200

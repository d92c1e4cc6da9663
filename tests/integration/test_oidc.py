"""The office's identity service: a real provider on this machine, and one that lies in every way we could think of."""

import json
import re
import time
from base64 import urlsafe_b64encode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from govdesk.actions.audit_writer import WRITER
from govdesk.api import oidc, oidc_provider, sign_in
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, AuditEvent, SignIn, SignInFailure
from tests.browser.conftest import build_county
from tests.support import tiny_county
from tests.support.app_server import free_port, serve
from tests.support.identity_provider import CLIENT, SECRET, make_other, run_service

OURS = "http://testserver"


@pytest.fixture(scope="module")
def running():
    with run_service() as service:
        yield service, service.key


@pytest.fixture
def service(running):
    """Return the service as a good one again."""
    found, key = running
    fresh = type(found)(issuer=found.issuer, key=key)
    for name in vars(fresh):
        setattr(found, name, getattr(fresh, name))
    return found


@pytest.fixture
def client(service, tiny_engine, monkeypatch):
    for name, value in {"ISSUER": service.issuer, "CLIENT_ID": CLIENT, "CLIENT_SECRET": SECRET}.items():
        monkeypatch.setenv(f"GOVDESK_OIDC_{name}", value)
    monkeypatch.setenv("GOVDESK_PUBLIC_URL", OURS)
    get_settings.cache_clear()
    oidc._provider.cache_clear()
    with TestClient(Starlette(routes=[*oidc.ROUTES, *sign_in.ROUTES]), base_url=OURS, follow_redirects=False) as found:
        yield found


def begin(client, service, next_path="/incident_map"):
    """Go to the service; return what stands in the address there."""
    answer = client.get("/login/oidc", params={"next": next_path})
    assert answer.status_code == 303, answer.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    service.nonce = asked.get("nonce", "")
    return asked


def come_back(client, service, **more):
    asked = begin(client, service)
    return client.get("/login/oidc/back", params={"code": "c1", "state": asked["state"], **more})


def read_refusals(engine):
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        rows = connection.execute(select(AuditEvent.by, AuditEvent.detail).where(
            AuditEvent.is_refused, AuditEvent.action == "sign_in")).all()
    return [(by, json.loads(detail).get("reason")) for by, detail in rows]


def count_sign_ins(engine):
    with read_transaction(engine) as connection:
        return len(connection.scalars(select(SignIn.id)).all())


def test_good_answer_lets_in_and_keeps_nothing_of_the_person(client, service, tiny_engine):
    asked = begin(client, service, "/incident_map?week=3")
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
    assert asked["redirect_uri"] == f"{OURS}/login/oidc/back"
    answer = client.get("/login/oidc/back", params={"code": "c1", "state": asked["state"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/incident_map?week=3")
    assert client.get("/login/state").status_code == 204
    sent = service.asked[-1]
    assert (sent["code"], sent["redirect_uri"]) == ("c1", asked["redirect_uri"])
    assert oidc_provider.create_s256_code_challenge(sent["code_verifier"]) == asked["code_challenge"]
    assert sent["authorization"].startswith("Basic ")
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(SignIn.account_code, SignIn.method)).one()
        kept = str(connection.execute(select(AuditEvent.__table__)).all())
    assert tuple(row) == ("local_leader", "oidc")
    assert "张伟" not in kept
    assert "13800138000" not in kept
    cookies = answer.headers.get_list("set-cookie")
    session = next(line for line in cookies if line.startswith("govdesk_session="))
    assert "httponly" in session.lower()
    assert "samesite=lax" in session.lower()
    assert any(line.startswith("govdesk_oidc=") and "max-age=0" in line.lower() for line in cookies)


def _expired(service):
    service.claims = {"exp": int(time.time()) - 120, "iat": int(time.time()) - 600}


_DEEP = urlsafe_b64encode(b"[" * 60_000).decode()

LIES = {
    "alg none": lambda s: s.header.update(alg="none"),
    "signed with the client secret": lambda s: (s.header.update(alg="HS256"), setattr(s, "shared", SECRET.encode())),
    "signed with the public key": lambda s: (
        s.header.update(alg="HS256"), setattr(s, "shared", s.key.as_pem(private=False))),
    "another key": lambda s: (
        s.header.update(alg="ES256", kid="two"), setattr(s, "shown_keys", [s.key.as_dict(private=False)]),
        setattr(s, "key", make_other())),
    "a key that the token brings": lambda s: (
        s.header.update(alg="ES256", kid="two", jwk=make_other().as_dict(private=False)),
        setattr(s, "shown_keys", [s.key.as_dict(private=False)]), setattr(s, "key", make_other())),
    "another issuer": lambda s: s.claims.update(iss="https://elsewhere.example"),
    "an issuer with a slash more": lambda s: s.claims.update(iss=s.issuer + "/"),
    "for another client": lambda s: s.claims.update(aud="another"),
    "for two, given to the other": lambda s: s.claims.update(aud=[CLIENT, "another"], azp="another"),
    "for two, given to nobody": lambda s: s.claims.update(aud=[CLIENT, "another"]),
    "for nobody": lambda s: setattr(s, "left_out", ("aud",)),
    "expired": _expired,
    "without an end": lambda s: setattr(s, "left_out", ("exp",)),
    "not good yet": lambda s: s.claims.update(nbf=int(time.time()) + 600),
    "issued tomorrow": lambda s: s.claims.update(iat=int(time.time()) + 86_400, exp=int(time.time()) + 90_000),
    "another nonce": lambda s: s.claims.update(nonce="of another browser"),
    "no nonce": lambda s: setattr(s, "left_out", ("nonce",)),
    "nobody named": lambda s: setattr(s, "left_out", ("preferred_username",)),
    "a list of names": lambda s: s.claims.update(preferred_username=["local_leader"]),
    "a name with a line break": lambda s: s.claims.update(preferred_username="local_leader\nlocal_admin"),
    "no token at all": lambda s: setattr(s, "token", "not.a.token"),
    "nested without an end": lambda s: setattr(s, "token", f"{_DEEP}.{_DEEP}.x"),
    "three dots": lambda s: setattr(s, "token", "..."),
}


@pytest.mark.parametrize("lie", LIES)
def test_token_that_is_not_good_opens_nothing(client, service, tiny_engine, lie):
    LIES[lie](service)
    answer = come_back(client, service)
    assert answer.status_code == 403
    assert client.get("/login/state").status_code == 401
    assert count_sign_ins(tiny_engine) == 0
    assert read_refusals(tiny_engine) == [("nobody", "oidc_token")]


@pytest.mark.parametrize("account", ["nobody_here", "wall_1", "switched_off", "intake_1", "local_leader ", "LOCAL_LEADER"])
def test_identity_without_an_account_of_its_own_is_refused(client, service, tiny_engine, account):
    with write_transaction(tiny_engine) as connection:
        for code, role, is_active in (("wall_1", "wall", True), ("switched_off", "leader", False), ("intake_1", "intake", True)):
            connection.execute(Account.__table__.insert().values(code=code, title="岗位", role=role, is_active=is_active))
    service.claims = {"preferred_username": account}
    answer = come_back(client, service)
    assert answer.status_code == 403
    assert "没有对应账号" in answer.text
    assert count_sign_ins(tiny_engine) == 0
    assert len(read_refusals(tiny_engine)) == 1
    with read_transaction(tiny_engine) as connection:
        kept = str(connection.execute(select(AuditEvent.__table__)).all())
    assert "nobody_here" not in kept


def test_answer_of_another_browser_a_second_one_and_a_late_one_open_nothing(client, service, tiny_engine, monkeypatch):
    def attempt():
        state = begin(client, service)["state"]
        held = next(cookie.value for cookie in client.cookies.jar if cookie.name == "govdesk_oidc")
        client.cookies.clear()
        return f"/login/oidc/back?code=c1&state={state}", f"govdesk_oidc={held}"

    def ask(address, cookie=""):
        client.cookies.clear()
        return client.get(address, headers={"cookie": cookie}).status_code

    back, mine = attempt()
    assert ask(back) == 403, "no attempt was begun here"
    assert ask(f"{back}x", mine) == 403
    assert ask(f"{back}&state=other", mine) == 403
    assert ask(back, f"{mine[:-2]}xx") == 403, "a forged attempt"
    assert ask(back, attempt()[1]) == 403, "an attempt of another browser"
    assert ask(f"{back}&iss=https%3A%2F%2Felsewhere.example", mine) == 403, "mix-up (RFC 9207)"
    assert count_sign_ins(tiny_engine) == 0
    back, mine = attempt()
    assert ask(back, mine) == 303
    assert ask(back, mine) == 403, "a second time"
    back, mine = attempt()
    present = oidc.real_now
    monkeypatch.setattr(oidc, "real_now", lambda: present() + timedelta(seconds=oidc.LONGEST + 5))
    assert ask(back, mine) == 403, "too late"
    assert count_sign_ins(tiny_engine) == 1
    assert {reason for _, reason in read_refusals(tiny_engine)} == {"oidc_state"}


@pytest.mark.parametrize("next_path", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"])
def test_next_leads_to_own_pages_only(client, service, next_path):
    asked = begin(client, service, next_path)
    answer = client.get("/login/oidc/back", params={"code": "c1", "state": asked["state"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_what_the_service_writes_is_not_shown(client, service, tiny_engine):
    answer = come_back(client, service, error="access_denied", error_description="<script>alert(1)</script>张伟")
    assert answer.status_code == 403
    assert "<script" not in answer.text
    assert "张伟" not in answer.text
    assert "拒绝了登录" in answer.text
    assert read_refusals(tiny_engine) == [("nobody", "oidc_refused")]


AWAY = {
    "an error": ("/.well-known/openid-configuration", (500, b"{}")),
    "a redirect": ("/.well-known/openid-configuration", (302, b"{}")),
    "no JSON": ("/.well-known/openid-configuration", (200, b"<html>")),
    "a list": ("/.well-known/openid-configuration", (200, b"[]")),
    "far too much": ("/.well-known/openid-configuration", (200, b" " * (oidc_provider.MOST_BYTES + 1) + b"{}")),
    "deep nesting": ("/.well-known/openid-configuration", (200, b"[" * 100_000)),
}


@pytest.mark.parametrize("what", AWAY)
def test_service_without_a_usable_answer_leaves_the_own_way_in(client, service, tiny_engine, what):
    path, answer = AWAY[what]
    service.raw[path] = answer
    page = client.get("/login/oidc")
    assert page.status_code == 503
    assert "没有应答" in page.text
    assert 'name="password"' in page.text
    assert read_refusals(tiny_engine) == [("nobody", "oidc_away")]


@pytest.mark.parametrize("change", [
    {"issuer": "https://elsewhere.example"}, {"authorization_endpoint": "http://elsewhere.example/authorize"},
    {"token_endpoint": "file:///etc/passwd"}, {"jwks_uri": None}, {"token_endpoint_auth_methods_supported": "x"}])
def test_service_that_says_it_is_another_one_is_not_asked(client, service, tiny_engine, change):
    service.metadata = change
    assert client.get("/login/oidc").status_code == 503
    assert read_refusals(tiny_engine) == [("nobody", "oidc_away")]


@pytest.mark.parametrize(("path", "answer", "status"), [
    ("/token", (400, b'{"error":"invalid_grant"}'), 403), ("/token", (200, b"{}"), 403), ("/token", (500, b""), 503),
    ("/keys", (200, b'{"keys":"x"}'), 503), ("/keys", (404, b"{}"), 503)])
def test_code_that_gives_no_token_opens_nothing(client, service, tiny_engine, path, answer, status):
    service.raw[path] = answer
    assert come_back(client, service).status_code == status
    assert count_sign_ins(tiny_engine) == 0
    assert len(read_refusals(tiny_engine)) == 1


def test_slow_service_is_not_waited_for(client, service, monkeypatch):
    monkeypatch.setattr(oidc_provider, "PATIENCE", 0.2)
    service.delay = 1.0
    begun = time.monotonic()
    assert client.get("/login/oidc").status_code == 503
    assert time.monotonic() - begun < 0.9


def test_changed_keys_are_looked_up_once_more(client, service, tiny_engine, monkeypatch):
    assert come_back(client, service).status_code == 303
    service.key = type(service.key).generate_key(2048, {"kid": "new"})
    service.header = {"kid": "new"}
    assert come_back(client, service).status_code == 403, "asked a moment ago: a stranger cannot make us ask again and again"
    monkeypatch.setattr(oidc_provider, "AGAIN", 0.0)
    assert come_back(client, service).status_code == 303


def test_guesses_from_one_address_wait_longer_and_longer(client, service, tiny_engine):
    service.raw["/token"] = (400, b"{}")
    for _ in range(4):
        come_back(client, service)
    service.raw.clear()
    assert come_back(client, service).status_code == 429
    with write_transaction(tiny_engine) as connection:
        assert [key.split(":")[0] for key in connection.scalars(select(SignInFailure.key))] == ["address"]
        connection.execute(SignInFailure.__table__.delete())
    assert come_back(client, service).status_code == 303


def test_without_a_service_there_is_no_such_door(tiny_engine):
    with TestClient(Starlette(routes=[*oidc.ROUTES, *sign_in.ROUTES]), follow_redirects=False) as client:
        assert client.get("/login/oidc").status_code == 404
        assert client.get("/login/oidc/back?code=c&state=s").status_code == 404
        assert "/login/oidc" not in client.get("/login").text


@pytest.mark.parametrize(("given", "named"), [
    ({"ISSUER": "http://elsewhere.example", "CLIENT_ID": "x"}, "oidc_issuer"), ({"ISSUER": "https://id.example"}, "CLIENT_ID"),
    ({"CLIENT_SECRET": "x"}, "GOVDESK_OIDC_ISSUER"), ({"ISSUER": "https://id.example", "CLIENT_ID": "x", "SCOPE": "profile"}, "oidc_scope")])
def test_half_a_configuration_stops_the_start(monkeypatch, given, named):
    for name, value in given.items():
        monkeypatch.setenv(f"GOVDESK_OIDC_{name}", value)
    get_settings.cache_clear()
    with pytest.raises(ValueError, match=named):
        get_settings()


@pytest.mark.server
def test_real_provider_signs_in_through_the_gate_and_a_new_sign_out_ends_it(tmp_path):
    """The whole way on two real servers: the provider's own form, its keys, our gate."""
    build_county(tmp_path)
    users = [User(sub="17", claims={"preferred_username": "local_leader"}), User(sub="18", claims={"preferred_username": "x"})]
    port = free_port()
    with run_server_in_thread(user_claims=users, require_nonce=True) as provider:
        configured = {"GOVDESK_OIDC_ISSUER": f"http://localhost:{provider.server_port}", "GOVDESK_OIDC_CLIENT_ID": CLIENT,
                      "GOVDESK_OIDC_CLIENT_SECRET": SECRET, "GOVDESK_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        with serve(tmp_path, now=tiny_county.NOW.isoformat(), port=port, **configured) as base, httpx.Client(
                timeout=30, follow_redirects=False) as browser:
            form = browser.get(f"{base}/login?next=%2Fincident_map")
            link = re.search(r'href="(/login/oidc\?next=[^"]+)"', form.text)[1]
            there = browser.get(base + link).headers["location"]
            refused = browser.post(there, data={"sub": "18"}).headers["location"]
            assert browser.get(refused).status_code == 403
            there = browser.get(base + link).headers["location"]
            back = browser.post(there, data={"sub": "17"}).headers["location"]
            assert back.startswith(f"{base}/login/oidc/back?")
            answer = browser.get(back)
            assert (answer.status_code, answer.headers["location"]) == (303, "/incident_map")
            assert browser.get(f"{base}/incident_map", headers={"accept": "text/html"}).status_code == 200
            assert browser.get(back).status_code == 403, "the same answer twice"

"""Public clients of Open311 and clients that send garbage, over the wire to a real server process."""

import hashlib
import hmac
import http.server
import importlib
import io
import itertools
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import georeport
import httpx
import pytest
from sqlalchemy import func, select

from govdesk import settings
from govdesk.actions.webhooks import add_webhook
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import WebhookDelivery
from tests.support import tiny_county
from tests.support.app_server import serve
from tests.support.intake import BASE, POINT, SEA, count_rows, grown, jpeg, make_source

pytestmark = pytest.mark.server


class _Hearing(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append((self.headers, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Give a running server, its database, the tokens of a source, and a receiver of webhooks."""
    var = tmp_path_factory.mktemp("open311")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDESK_VAR", str(var))
        patch.setenv("GOVDESK_NOW", tiny_county.NOW.isoformat())
        settings.get_settings.cache_clear()
        engine = get_engine(settings.get_settings().url)
        tiny_county.build(engine, 50)
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Hearing)
        receiver.heard = []
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        secret = add_webhook(engine, by=SYSTEM, address=f"http://127.0.0.1:{receiver.server_address[1]}/told").secret
        tokens = make_source(engine)
        with serve(var, now=tiny_county.NOW.isoformat()) as base:
            yield base, engine, tokens, receiver, secret
        receiver.shutdown()
        receiver.server_close()
        engine.dispose()
    settings.get_settings.cache_clear()


@pytest.fixture
def three(monkeypatch):
    """Return the client `three`, unchanged: it is of 2014, and `itertools.ifilter` is what Python 3 lost of it."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    return importlib.import_module("three")


def test_public_client_three_sends_and_reads(world, three, monkeypatch):
    base, _, tokens, _, _ = world
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    city = three.Three(f"{base}{BASE}", api_key=tokens.write_token)
    assert city.discovery()["endpoints"][0]["url"] == f"{base}{BASE}"
    assert "request_road" in [one["service_code"] for one in city.services()]
    assert city.services("request_road")["service_code"] == "request_road"
    sent, = city.post("request_road", address="城关路 7 号", name="小明 王", phone="13800138000", email="a@b.cn",
                      description="路灯不亮", lat="27.01", long="111.03")
    assert sent["dropped"] == ["address_string", "email", "first_name", "last_name", "phone"]
    number = sent["service_request_id"]
    found, = city.request(number, api_key=tokens.read_token)
    assert (found["description"], found["status"], found["address"]) == ("路灯不亮", "open", None)
    assert number in [one["service_request_id"] for one in city.requests(api_key=tokens.read_token)]
    assert number in [one["service_request_id"] for one in city.requests(
        "request_road", start="11-01-2026", end="11-23-2026", count=5, api_key=tokens.read_token)]
    assert city.requests("hazard_fire", api_key=tokens.read_token) == []
    assert city.token(number, api_key=tokens.read_token)[0]["service_request_id"] == number
    with_photo, = city.post("hazard_road", lat="27.01", long="111.03", media=io.BytesIO(jpeg()))
    assert with_photo["photos"] == 1
    assert city.post("pigeon", lat="27.01", long="111.03")[0]["code"] == 404


def test_public_client_georeport_reads(world, monkeypatch):
    base, _, tokens, _, _ = world
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    httpx.post(f"{base}{BASE}/requests.json", data={
        "api_key": tokens.write_token, "service_code": "hazard_fire", **POINT}, trust_env=False).raise_for_status()
    # It sends no key when it reads: the token stands as the password in the address, which `requests` turns into Basic.
    city = georeport.GeoReport(f"{base}{BASE}".replace("://", f"://app:{tokens.read_token}@"))
    assert "hazard_fire" in [one["service_code"] for one in city.get_service_list()]
    assert city.get_service_definition("hazard_fire")["service_code"] == "hazard_fire"
    listed = city.get_service_requests(service_code="hazard_fire", status="open", start_date="2026-11-01T00:00:00Z",
                                       end_date="2026-11-23T00:00:00Z")
    assert len(listed) == 1
    assert city.get_service_request(listed[0]["service_request_id"]) == listed[0]
    assert city.get_service_requests(service_request_id="999999999") == []


def _settle(engine):
    """Wait until the server has told what it has to tell: it writes an audit row about it."""
    end = time.monotonic() + 12
    while time.monotonic() < end:
        with read_transaction(engine) as connection:
            if connection.scalar(select(func.count()).select_from(WebhookDelivery).where(
                    WebhookDelivery.next_at.is_not(None))) == 0:
                return
        time.sleep(0.1)


def test_server_tells_each_step_by_itself(world):
    _, engine, _, receiver, secret = world
    _settle(engine)
    headers, body = receiver.heard[0]
    told = json.loads(body)
    assert (told["kind"], told["source"], told["status"]) == ("report", "app", "reported")
    when, _, mac = headers["X-Govdesk-Signature"].partition(",v1=")
    assert mac == hmac.new(secret.encode(), when[2:].encode() + b"." + body, hashlib.sha256).hexdigest()


def _wire(base, text, *, wait=3.0):
    """Send bytes as no client would, and return what came back."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as line:
        line.sendall(text)
        parts = []
        try:
            while part := line.recv(65_536):
                parts.append(part)
                if b"\r\n\r\n" in b"".join(parts) and b"}]" in part:
                    break
        except (TimeoutError, ConnectionError):
            pass
    return b"".join(parts)


def _memory(pid):
    return int(next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                    if line.startswith("VmRSS")).split()[1]) * 1024


def test_garbage_over_the_wire_leaves_nothing_and_the_server_answers_on(world):
    base, engine, tokens, _, _ = world
    _settle(engine)
    before, memory = count_rows(engine), _memory(base.pid)
    head = (f"POST {BASE}/requests.json HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tokens.write_token}\r\n"
            "Content-Type: application/json\r\n").encode()
    # Half a request: the rest never comes.
    assert b"201" not in _wire(base, head + b"Content-Length: 500\r\n\r\n{\"service_code\": \"requ", wait=0.3)
    assert _wire(base, b"\x00\xff\x16\x03garbage\r\n\r\n", wait=0.3)[:12] in (b"HTTP/1.1 400", b"")
    for said in (b"-5", b"99999999999", b"1e3"):
        assert b"201" not in _wire(base, head + b"Content-Length: " + said + b"\r\n\r\n{}", wait=0.3)
    # Ten megabytes, with a length that is told and with one that is not.
    text = json.dumps({"service_code": "request_road", **POINT, "description": "x" * 10_000_000}).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (
        text[at:at + 100_000] for at in range(0, len(text), 100_000))) + b"0\r\n\r\n"
    for body in (b"Content-Length: %d\r\n\r\n" % len(text) + text, b"Transfer-Encoding: chunked\r\n\r\n" + chunks):
        try:
            answer = _wire(base, head + body)
        except ConnectionError:  # closed while we were still talking: as good an answer
            answer = b"413"
        assert b"413" in answer
    assert _memory(base.pid) - memory < 60_000_000
    for fields, status in (({**SEA}, 400), ({"lat": "NaN", "long": "NaN"}, 400), ({"address_id": "nowhere"}, 400)):
        answer = httpx.post(f"{base}{BASE}/requests.json", trust_env=False,
                            data={"api_key": tokens.write_token, "service_code": "request_road", **fields})
        assert answer.status_code == status
    assert httpx.post(f"{base}{BASE}/requests.json", data={"api_key": "wrong", **POINT}, trust_env=False).status_code == 403
    assert httpx.get(f"{base}{BASE}/services.xml", trust_env=False).json()[0]["code"] == 406
    assert count_rows(engine) == before
    assert httpx.get(f"{base}/login", trust_env=False).status_code == 200


def test_same_request_at_once_over_the_wire_is_one(world):
    base, engine, tokens, _, _ = world
    before = count_rows(engine)

    def send(_):
        return httpx.post(f"{base}{BASE}/requests.json", headers={"idempotency-key": "one"}, trust_env=False, timeout=30,
                          data={"api_key": tokens.write_token, "service_code": "request_road", **POINT})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert sorted(one.status_code for one in answers) == [200] * 7 + [201]
    assert len({one.json()[0]["service_request_id"] for one in answers}) == 1
    assert grown(before, count_rows(engine))["incidents"] == 1

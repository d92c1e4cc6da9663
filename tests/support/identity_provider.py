"""An identity service that does what a test tells it to: a good one, or one that lies in one respect."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "govdesk", "a secret between two servers"


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Service:
    """What it answers; a test changes one thing."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    shown_keys: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    #: What an HMAC is made with.
    shared: bytes = b""
    #: A token as it stands instead of one that is made.
    token: str | None = None
    #: Answers by path: status and body.
    raw: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    delay: float = 0
    #: Codes that were answered, and what came with them.
    asked: list[dict[str, str]] = field(default_factory=list)
    nonce: str = ""

    def read_claims(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "17", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.nonce,
                  "preferred_username": "local_leader", "name": "张伟", "phone_number": "13800138000"} | self.claims
        return {name: value for name, value in claims.items() if name not in self.left_out}

    def make_token(self) -> str:
        if self.token is not None:
            return self.token
        header = {"alg": "RS256", "kid": "one"} | self.header
        if header["alg"] in ("none", "HS256"):  # by hand: a library refuses to do this
            text = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(self.read_claims()).encode())}"
            return f"{text}.{_b64(hmac.digest(self.shared, text.encode(), 'sha256')) if self.shared else ''}"
        return jwt.encode(header, self.read_claims(), self.key, algorithms=[header["alg"]])

    def answer(self, path: str) -> tuple[int, bytes]:
        if path in self.raw:
            return self.raw[path]
        if path.startswith("/.well-known/"):
            return 200, json.dumps({
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys"} | self.metadata).encode()
        if path == "/keys":
            shown = [self.key.as_dict(private=False)] if self.shown_keys is None else self.shown_keys
            return 200, json.dumps({"keys": shown}).encode()
        return 200, json.dumps({"access_token": "x", "token_type": "Bearer", "id_token": self.make_token()}).encode()


@contextmanager
def run_service() -> Iterator[Service]:
    """Run one on this machine until the block ends."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(service.delay)
            status, body = service.answer(self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            if status == 302:
                self.send_header("location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            service.asked.append({name: values[0] for name, values in form.items()}
                                 | {"authorization": self.headers.get("authorization", "")})
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()


def make_other() -> ECKey:
    """Return a key that nobody announced."""
    return ECKey.generate_key("P-256", {"kid": "two"})

"""What other systems send, for tests: tokens, requests, and what a database held before and after."""

import io

from PIL import Image
from sqlalchemy import Engine, func, select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from govdesk.actions.intake_sources import SourceAdded, add_source
from govdesk.api import open311
from govdesk.api.rate_limit import RateLimit
from govdesk.api.routes import ROUTES
from govdesk.api.security_headers import SecurityHeaders
from govdesk.api.unknown_pages import UnknownPages
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditEvent, Base, Incident

BASE = "/api/open311/v2"
#: A point in the first village of the tiny county, and one in the South China Sea.
POINT = {"lat": "27.01", "long": "111.03"}
SEA = {"lat": "18.0", "long": "115.0"}
#: A request with all that a sender may send along, and of which only what is about the thing is kept.
TEXT = "沟渠堵塞，电话 13800138000"
WHOLE = {"service_code": "request_road", **POINT, "description": TEXT, "email": "a@b.cn", "device_id": "D-77",
         "account_id": "A-77", "first_name": "小明", "last_name": "王", "phone": "13900139000",
         "media_url": "http://x/1.jpg", "address_string": "城关路 7 号 301 室"}


def make_source(engine: Engine, code: str = "app", *, unit_code: str | None = None, per_minute: int = 6_000) -> SourceAdded:
    return add_source(engine, by=SYSTEM, code=code, title=code, may_write=True, may_read=True, unit_code=unit_code,
                      per_minute=per_minute)


def make_client(monkeypatch) -> TestClient:
    """Return a client of our routes behind our middleware, with nobody's requests counted yet."""
    monkeypatch.setattr(open311, "LIMITS", RateLimit())
    app = Starlette(routes=ROUTES, middleware=[
        Middleware(SecurityHeaders), Middleware(UnknownPages, pages=["overview"], routes=ROUTES)])
    return TestClient(app, raise_server_exceptions=False, headers={"accept-language": "en"})


def jpeg(shade: int = 0) -> bytes:
    """Return a small photo; another one for another shade."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 90)).save(out, "JPEG")
    return out.getvalue()


def count_rows(engine: Engine) -> dict[str, int]:
    """Return how many rows each table holds; of the audit those of what was done: what was refused is told apart."""
    with read_transaction(engine) as connection:
        counts = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0
                  for table in Base.metadata.sorted_tables}
        done = select(func.count()).select_from(AuditEvent).where(~AuditEvent.is_refused)
        return counts | {"audit_events": connection.scalar(done) or 0}


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Return the tables whose number of rows changed, and by how many."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def post(client, tokens, path="/requests.json", *, headers=None, **fields):
    return client.post(f"{BASE}{path}", data={"api_key": tokens.write_token, **fields}, headers=headers or {})


def read(client, tokens, path="/requests.json", **parameters):
    return client.get(f"{BASE}{path}", params=parameters, headers={"authorization": f"Bearer {tokens.read_token}"})


def row_of(engine, answer):
    with read_transaction(engine) as connection:
        number = int(answer.json()[0]["service_request_id"])
        return connection.execute(select(Incident.__table__).where(Incident.id == number)).one()

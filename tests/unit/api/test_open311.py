"""Intake for others: Open311 GeoReport v2, what is taken in, what is refused, what nobody else sees."""

import base64
import logging

import pytest
from sqlalchemy import select, update

from govdesk.api import open311, request_body
from govdesk.clock import week_of
from govdesk.storage import engine as engine_module
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent, ImportBatch, Incident, RowNote, Step, WeeklyCount
from tests.support import tiny_county
from tests.support.intake import (
    BASE,
    POINT,
    SEA,
    TEXT,
    WHOLE,
    count_rows,
    grown,
    make_client,
    make_source,
    post,
    read,
    row_of,
)

VILLAGE = f"{tiny_county.COUNTY}001001"


@pytest.fixture
def tokens(tiny_engine):
    return make_source(tiny_engine)


@pytest.fixture
def client(tiny_engine, monkeypatch):
    return make_client(monkeypatch)


def test_discovery_and_services_need_no_token(client):
    found = client.get(f"{BASE}/discovery.json").json()["endpoints"][0]
    assert found["url"].endswith(BASE)
    assert (found["type"], found["formats"]) == ("test", ["application/json"])
    services = client.get(f"{BASE}/services.json").json()
    road = next(one for one in services if one["service_code"] == "request_road")
    assert (road["service_name"], road["group"], road["type"]) == ("Road repair", "Requests", "realtime")
    assert not any(one["service_code"].startswith("unclassified") for one in services)
    zh = client.get(f"{BASE}/services.json", params={"lang": "zh"}).json()
    assert "道路维修" in [one["service_name"] for one in zh]


def test_definition_lists_what_may_be_said_and_needs_nothing(client):
    found = client.get(f"{BASE}/services/request_road.json").json()
    assert [one["code"] for one in found["attributes"]] == ["occurred_on", "n_people", "severity", "concerns_unit"]
    assert not any(one["required"] for one in found["attributes"])
    assert client.get(f"{BASE}/services/nothing.json").json() == [
        {"code": 404, "description": "service_code not found. services.json lists the codes."}]


def test_request_is_kept_like_an_imported_row_without_its_persons(client, tokens, tiny_engine):
    before = count_rows(tiny_engine)
    answer = post(client, tokens, **WHOLE)
    assert answer.status_code == 201
    said = answer.json()[0]
    assert said["dropped"] == sorted(["account_id", "address_string", "device_id", "email", "first_name", "last_name",
                                      "media_url", "phone"])
    assert said["service_notice"] == (
        "Sample database: for tests only. What is personal in the description was masked. Personal fields that were "
        f"neither read nor kept: {', '.join(said['dropped'])}.")
    assert "13900139000" not in answer.text
    row = row_of(tiny_engine, answer)
    assert (row.source, row.channel, row.stream, row.category) == ("app", "online", "request", "request_road")
    assert row.place_code.startswith(VILLAGE)
    assert (row.lon, row.lat, row.point_kind) == (111.03, 27.01, "exact")
    assert row.summary == "沟渠堵塞，电话 ***"
    assert row.week_occurred == week_of(tiny_county.UNTIL)
    grew = grown(before, count_rows(tiny_engine))
    assert grew == {"incidents": 1, "steps": 1, "import_batches": 1, "audit_events": 2,
                    "weekly_counts": grew["weekly_counts"]}
    with read_transaction(tiny_engine) as connection:
        everything = "".join(str(tuple(line)) for table in (Incident, ImportBatch, AuditEvent, RowNote)
                             for line in connection.execute(select(table.__table__)))
        by = connection.scalars(select(AuditEvent.by).where(AuditEvent.action == "send_incident")).all()
        step = connection.execute(select(Step.__table__).where(Step.incident_id == row.id)).one()
    assert set(by) == {"intake:app"}
    assert (step.kind, step.by_post) == ("report", "intake:app")
    assert row.due_at == step.due_at is not None  # the clock of triage runs
    for secret in ("a@b.cn", "D-77", "A-77", "小明", "13900139000", "13800138000", "城关路", tokens.write_token):
        assert secret not in everything, secret


def test_weekly_counts_hold_the_new_request(client, tokens, tiny_engine):
    def total():
        with read_transaction(tiny_engine) as connection:
            return sum(row.n for row in connection.execute(select(WeeklyCount.__table__)) if row.about == "occurred")

    before = total()
    assert post(client, tokens, service_code="request_road", **POINT).status_code == 201
    assert total() > before


def test_json_is_taken_as_well(client, tokens, tiny_engine):
    answer = client.post(f"{BASE}/requests.json", headers={"authorization": f"Bearer {tokens.write_token}"}, json={
        "service_code": "neighbour", "lat": 27.01, "long": 111.03, "attribute": {
            "severity": 2, "n_people": 3, "occurred_on": "2026-11-20", "concerns_unit": "U-LAND"}})
    assert answer.status_code == 201
    row = row_of(tiny_engine, answer)
    assert (row.severity, row.n_people, str(row.occurred_on), row.concerns_unit) == (2, 3, "2026-11-20", "U-LAND")


def test_home_is_snapped(client, tokens, tiny_engine):
    row = row_of(tiny_engine, post(client, tokens, service_code="neighbour", lat="27.0111", long="111.0333"))
    assert row.point_kind in ("snapped", "place")
    assert (row.lon, row.lat) != (111.0333, 27.0111)


def test_place_by_code_needs_no_point(client, tokens, tiny_engine):
    row = row_of(tiny_engine, post(client, tokens, service_code="hazard_road", address_id=VILLAGE))
    assert (row.place_code, row.lon) == (VILLAGE, None)


@pytest.mark.parametrize(("fields", "status", "words"), [
    ({**SEA}, 400, "outside the county"), ({"lat": "0", "long": "0"}, 400, "outside the county"),
    ({"lat": "27.01"}, 400, "Only one of"), ({}, 400, "place is missing"),
    ({"address_string": "城关路 7 号"}, 400, "place is missing"),
    ({"address_id": "990101999"}, 400, "no place of this code"), ({"address_id": "'; DROP TABLE--"}, 400, "no place"),
    ({"lat": "NaN", "long": "111"}, 400, "lat must be"), ({"lat": "1e1", "long": "111"}, 400, "lat must be"),
    ({"lat": "91", "long": "111"}, 400, "lat must be"), ({"lat": "２７", "long": "111"}, 400, "lat must be"),
    ({**POINT, "service_code": ""}, 400, "is missing"), ({**POINT, "service_code": "pigeon"}, 404, "not found"),
    ({**POINT, "service_code": "a' OR 1=1"}, 404, "not found"), ({**POINT, "service_code": "\x00"}, 404, "not found"),
    ({**POINT, "description": "字" * 4001}, 400, "at most 4000"),
    ({**POINT, "attribute[occurred_on]": "2027-01-01"}, 400, "must lie between"),
    ({**POINT, "attribute[occurred_on]": "gestern"}, 400, "must be a day"),
    ({**POINT, "attribute[n_people]": "many"}, 400, ""), ({**POINT, "attribute[severity]": "9"}, 400, ""),
])
def test_what_cannot_be_used_is_refused_and_leaves_nothing(client, tokens, tiny_engine, fields, status, words):
    before = count_rows(tiny_engine)
    answer = post(client, tokens, **{"service_code": "request_road", **fields})
    assert answer.status_code == status
    assert answer.json()[0]["code"] == status
    assert words in answer.json()[0]["description"]
    assert count_rows(tiny_engine) == before


@pytest.mark.parametrize("text", [
    "<img src=x onerror=alert(1)>", "'; DROP TABLE incidents; --", "=cmd|' /C calc'!A0", "a\x00b\u202ec", "${jndi:x}",
    "王小明", "{{7*7}}", "\r\nSet-Cookie: x=1"])
def test_hostile_description_is_text_and_nothing_else(client, tokens, tiny_engine, text):
    before = count_rows(tiny_engine)
    answer = post(client, tokens, service_code="request_road", **POINT, description=text)
    grew = grown(before, count_rows(tiny_engine))
    if answer.status_code == 400:  # a text that is nothing but a name
        assert grew == {}
        return
    assert answer.status_code == 201
    assert grew["incidents"] == 1
    kept = row_of(tiny_engine, answer).summary or ""
    assert "\x00" not in kept
    assert "\u202e" not in kept


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"", "application/json", 400), (b"[]", "application/json", 400), (b"[1]", "application/json", 400),
    (b"{", "application/json", 400), (b'"x"', "application/json", 400), (b'{"a":1,"a":2}', "application/json", 400),
    (b"[" * 30_000, "application/json", 400), (b'{"a":' * 8_000 + b"1" + b"}" * 8_000, "application/json", 400),
    (b'{"lat": NaN}', "application/json", 400), (b'{"lat": ' + b"9" * 5_000 + b"}", "application/json", 400),
    (b"\xff\xfe", "application/json", 400), (b"description=%ff", "application/x-www-form-urlencoded", 400),
    (b"a=1&a=2", "application/x-www-form-urlencoded", 400), (b"nonsense", "application/x-www-form-urlencoded", 400),
    (b"&".join(b"f%d=1" % n for n in range(101)), "application/x-www-form-urlencoded", 400),
    (b"<xml/>", "text/xml", 415), (b"{}", "", 415), (b"{}", "application/json; charset=gbk", 415),
    (b"--x", "multipart/form-data; boundary=x", 400), (b"--x", "multipart/form-data", 400),
    (b"", "multipart/form-data; boundary=x", 400), (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
                                                    "multipart/form-data; boundary=x", 400),
])
def test_garbage_is_refused_in_the_words_of_the_standard(client, tiny_engine, body, kind, status):
    before = count_rows(tiny_engine)
    answer = client.post(f"{BASE}/requests.json", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert set(answer.json()[0]) == {"code", "description"}
    assert count_rows(tiny_engine) == before


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True])
def test_lists_in_place_of_text_are_refused(client, tokens, value):
    answer = client.post(f"{BASE}/requests.json", json={
        "api_key": tokens.write_token, "service_code": "request_road", **POINT, "description": value})
    assert (answer.status_code, "description must be text" in answer.text) == (400, True)


def test_ten_megabytes_are_refused(client, tokens, tiny_engine):
    def pieces():
        for _ in range(1_000):
            yield b"x" * 10_000

    before = count_rows(tiny_engine)
    long = client.post(f"{BASE}/requests.json", data={"api_key": tokens.write_token, "description": "字" * 3_500_000})
    assert (long.status_code, long.json()[0]["code"]) == (413, 413)
    unsaid = client.post(f"{BASE}/requests.json", content=pieces(), headers={"content-type": "application/json"})
    assert unsaid.status_code == 413
    assert count_rows(tiny_engine) == before


def test_nobody_comes_in_without_the_right_token(client, tokens, tiny_engine):
    before = count_rows(tiny_engine)
    fields = {"service_code": "request_road", **POINT}
    assert client.post(f"{BASE}/requests.json", data=fields).status_code == 401
    for token in ("x", tokens.read_token, tokens.write_token[:-1], "x" * 5_000):
        assert client.post(f"{BASE}/requests.json", data={**fields, "api_key": token}).status_code == 403
    assert client.get(f"{BASE}/requests.json").status_code == 401
    assert client.get(f"{BASE}/requests.json", headers={"authorization": "Bearer nobody"}).status_code == 403
    assert client.get(f"{BASE}/requests.json", headers={"authorization": "Basic !!"}).status_code == 403
    assert client.get(f"{BASE}/requests.json", params={"api_key": tokens.write_token}).status_code == 403
    assert count_rows(tiny_engine) == before


def test_token_may_come_as_a_password(client, tokens):
    word = base64.b64encode(f"app:{tokens.read_token}".encode()).decode()
    assert client.get(f"{BASE}/requests.json", headers={"authorization": f"Basic {word}"}).status_code == 200


def test_tokens_are_kept_as_hashes_only(tokens, tiny_engine):
    with read_transaction(tiny_engine) as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM intake_sources").one())
        audit = str(connection.execute(select(AuditEvent.__table__)).all())
    assert tokens.write_token not in kept + audit
    assert tokens.read_token not in kept + audit


def test_wrong_tokens_are_answered_rarely_and_right_ones_still(client, tokens, monkeypatch):
    monkeypatch.setattr(open311, "FAILED_PER_MINUTE", 3)
    answers = [client.get(f"{BASE}/requests.json", headers={"authorization": "Bearer no"}) for _ in range(5)]
    assert [one.status_code for one in answers] == [403, 403, 403, 429, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert read(client, tokens).status_code == 200


@pytest.mark.parametrize("path", ["/requests.json", "/requests/1.json"])
def test_token_of_a_header_is_looked_at_before_the_body_and_bodies_without_one_are_counted(client, monkeypatch, path):
    # Too long a body: who is not known is told so before anybody looks at its length.
    headers = {"content-type": "application/json", "authorization": "Bearer nobody"}
    assert client.post(f"{BASE}{path}", content=b"x" * 200_000, headers=headers).status_code == 403
    monkeypatch.setattr(open311, "OPEN_PER_MINUTE", 2)
    answers = [client.post(f"{BASE}{path}", data={"description": "x"}).status_code for _ in range(4)]
    assert answers == [401, 401, 429, 429]


def test_source_is_held_to_its_rate(client, tiny_engine):
    slow = make_source(tiny_engine, "slow", per_minute=2)
    answers = [read(client, slow) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "retry-after" in answers[-1].headers


def test_same_request_twice_is_one_incident(client, tokens, tiny_engine):
    first = post(client, tokens, **WHOLE)
    before = count_rows(tiny_engine)
    second = post(client, tokens, **{**WHOLE, "phone": "13700137000"})
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()[0]["service_request_id"] == first.json()[0]["service_request_id"]
    assert second.json()[0]["repeated"] is True
    assert count_rows(tiny_engine) == before
    assert post(client, tokens, **{**WHOLE, "description": "另一件"}).status_code == 201


def _at(monkeypatch, instant):
    from govdesk.settings import get_settings

    monkeypatch.setenv("GOVDESK_NOW", instant)
    get_settings.cache_clear()


def test_same_words_are_another_request_after_the_window(client, tokens, monkeypatch):
    _at(monkeypatch, "2026-11-22T02:50:00+00:00")
    first = post(client, tokens, **WHOLE)
    _at(monkeypatch, "2026-11-22T03:49:00+00:00")  # another hour of the clock, within an hour of the first
    assert post(client, tokens, **WHOLE).json()[0]["repeated"] is True
    _at(monkeypatch, "2026-11-22T03:51:00+00:00")
    later = post(client, tokens, **WHOLE)
    assert later.status_code == 201
    assert later.json()[0]["service_request_id"] != first.json()[0]["service_request_id"]


def test_key_of_the_sender_holds_for_ever_and_for_one_content(client, tokens, tiny_engine, monkeypatch):
    key = {"idempotency-key": "order-4711"}
    first = post(client, tokens, headers=key, **WHOLE)
    _at(monkeypatch, "2026-12-22T02:00:00+00:00")
    again = post(client, tokens, headers=key, **WHOLE)
    assert again.json()[0]["service_request_id"] == first.json()[0]["service_request_id"]
    before = count_rows(tiny_engine)
    other = post(client, tokens, headers=key, **{**WHOLE, "description": "另一件事"})
    assert (other.status_code, other.json()[0]["code"]) == (409, 409)
    assert count_rows(tiny_engine) == before
    assert post(client, tokens, headers={"idempotency-key": "x" * 300}, **WHOLE).status_code == 400


def test_reader_sees_its_own_requests_and_nobody_elses(client, tokens, tiny_engine):
    other = make_source(tiny_engine, "other")
    mine = post(client, tokens, **WHOLE).json()[0]["service_request_id"]
    theirs = post(client, other, service_code="request_road", **POINT, description="别人的").json()[0]["service_request_id"]
    listed = read(client, tokens)
    assert [one["service_request_id"] for one in listed.json()] == [mine]
    assert "别人的" not in listed.text
    assert read(client, tokens, f"/requests/{mine}.json").json()[0]["description"] == "沟渠堵塞，电话 ***"
    for number in (theirs, "7", "0", "9" * 18, "9" * 30, "x", "%27"):
        assert read(client, tokens, f"/requests/{number}.json").status_code == 404
    assert read(client, tokens, service_request_id=f"{mine},{theirs},7,x").json()[0]["service_request_id"] == mine
    assert read(client, tokens, service_request_id="7").json() == []
    assert read(client, tokens, f"/tokens/{mine}.json").json() == [{"service_request_id": mine, "token": mine}]


def test_what_concerns_its_unit_is_hidden_from_a_source(client, tiny_engine):
    land = make_source(tiny_engine, "land", unit_code="U-LAND")
    plain = post(client, land, service_code="request_road", **POINT, description="甲").json()[0]["service_request_id"]
    about = post(client, land, service_code="request_road", **POINT, description="乙",
                 **{"attribute[concerns_unit]": "U-LAND"}).json()[0]["service_request_id"]
    assert [one["service_request_id"] for one in read(client, land).json()] == [plain]
    assert read(client, land, f"/requests/{about}.json").status_code == 404
    assert read(client, land, service_request_id=about).json() == []


def test_list_is_chosen_by_service_status_days_and_page(client, tokens, tiny_engine):
    numbers = [post(client, tokens, service_code=code, **POINT, description=str(n)).json()[0]["service_request_id"]
               for n, code in enumerate(["request_road", "hazard_fire", "request_road"])]
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == int(numbers[0])).values(
            status="closed", outcome="settled", closed_at=tiny_county.NOW, week_closed=2967))

    def listed(**parameters):
        return [one["service_request_id"] for one in read(client, tokens, **parameters).json()]

    assert listed() == numbers[::-1]
    assert listed(service_code="request_road") == [numbers[2], numbers[0]]
    assert listed(status="closed") == [numbers[0]]
    assert listed(status="open,closed") == numbers[::-1]
    assert listed(page_size="2") == numbers[:0:-1]
    assert listed(page_size="2", page="2") == [numbers[0]]
    assert listed(start_date="2026-11-22T02:00:01Z") == []
    assert listed(start_date="2026-11-22T10:00:00+08:00", end_date="2026-11-22T10:00:00+08:00") == numbers[::-1]
    closed = read(client, tokens, status="closed").json()[0]
    assert (closed["status"], closed["status_notes"]) == ("closed", "Closed · Settled")
    assert closed["requested_datetime"] == "2026-11-22T02:00:00Z"


@pytest.mark.parametrize("parameters", [
    {"status": "burnt"}, {"page": "0"}, {"page_size": "1001"}, {"page": "x"}, {"start_date": "yesterday"},
    {"start_date": "2026-11-22"}, {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"},
    {"start_date": "2026-11-02T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"}, {"start_date": "0001-01-01T00:00:00+14:00"},
    {"service_request_id": ",".join(["1"] * 300)}])
def test_list_says_what_it_cannot_understand(client, tokens, parameters):
    assert read(client, tokens, **parameters).status_code == 400
    assert read(client, tokens, service_code="pigeon").status_code == 404


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/services.xml", 406), ("POST", "/requests.xml", 406), ("DELETE", "/requests.json", 405),
    ("PUT", "/requests/7.json", 405), ("GET", "/nothing", 404), ("GET", "/../secrets", 404), ("GET", "/", 404)])
def test_what_is_not_offered_is_said_in_json(client, method, path, status):
    answer = client.request(method, f"{BASE}{path}")
    assert answer.status_code == status
    if not path.startswith("/.."):
        assert answer.json()[0]["code"] == status


def test_answers_carry_our_headers_and_are_kept_by_nobody(client):
    answer = client.get(f"{BASE}/services.json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_fault_gives_a_reference_and_logs_nothing_that_was_sent(client, tokens, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError(TEXT)

    monkeypatch.setattr(open311, "send_incident", fail)
    with caplog.at_level(logging.DEBUG):
        answer = post(client, tokens, **WHOLE)
    assert (answer.status_code, answer.json()[0]["code"]) == (500, 500)
    assert "Reference" in answer.text
    assert "RuntimeError" in caplog.text
    assert "13800138000" not in caplog.text
    assert tokens.write_token not in caplog.text


def test_busy_database_is_said_and_pages_do_not_wait(client, tokens, tiny_engine, monkeypatch):
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 0.05)
    with write_transaction(tiny_engine):  # an import that takes long
        answer = post(client, tokens, **WHOLE)
        assert client.get(f"{BASE}/services.json").status_code == 200
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert post(client, tokens, **WHOLE).status_code == 201


def test_slow_body_is_given_up(tiny_engine, monkeypatch):
    import asyncio

    from starlette.requests import Request

    from govdesk.rules.service_request import RequestRefusedError

    monkeypatch.setattr(request_body, "PATIENCE", 0.05)

    async def receive():
        await asyncio.sleep(5)

    request = Request({"type": "http", "headers": [(b"content-type", b"application/json")], "method": "POST"}, receive)
    with pytest.raises(RequestRefusedError) as caught:
        asyncio.run(request_body.read_fields(request))
    assert caught.value.refusals[0].status == 408


def test_half_a_request_is_given_up(tiny_engine):
    import asyncio

    from starlette.requests import Request

    from govdesk.rules.service_request import RequestRefusedError

    messages = [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]

    async def receive():
        return messages.pop(0)

    request = Request({"type": "http", "headers": [(b"content-type", b"application/json")], "method": "POST"}, receive)
    with pytest.raises(RequestRefusedError) as caught:
        asyncio.run(request_body.read_fields(request))
    assert [(one.status, one.key) for one in caught.value.refusals] == [(400, "body_broken")]

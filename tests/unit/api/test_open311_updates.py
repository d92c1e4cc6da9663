"""What comes with a request (photos) and after it (a note, a withdrawal), from who sent it."""

import pytest
from sqlalchemy import insert, select

from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Photo, Step
from tests.support import tiny_county
from tests.support.intake import (
    BASE,
    POINT,
    WHOLE,
    count_rows,
    grown,
    jpeg,
    make_client,
    make_source,
    post,
    read,
    row_of,
)


@pytest.fixture
def tokens(tiny_engine):
    return make_source(tiny_engine)


@pytest.fixture
def client(tiny_engine, monkeypatch):
    return make_client(monkeypatch)


def _photo(client, tokens, *files, early=False, **fields):
    token = {"headers": {"authorization": f"Bearer {tokens.write_token}"}} if early else {}
    return client.post(f"{BASE}/requests.json", files=[("media", ("x.jpg", data, "image/jpeg")) for data in files],
                       data={**({} if early else {"api_key": tokens.write_token}), "service_code": "request_road",
                             **POINT, **fields}, **token)


@pytest.mark.parametrize("early", [True, False])
def test_photos_come_with_a_request_without_what_a_camera_writes(client, tokens, tiny_engine, early):
    answer = _photo(client, tokens, jpeg(1), jpeg(2), early=early, phone="1")
    said = answer.json()[0]
    assert (answer.status_code, said["photos"], said["dropped"]) == (201, 2, ["phone"])
    with read_transaction(tiny_engine) as connection:
        rows = connection.execute(select(Photo.__table__)).all()
    assert {(row.incident_id, row.kind, row.by) for row in rows} == {
        (int(said["service_request_id"]), "report", "intake:app")}
    again = _photo(client, tokens, jpeg(1), early=early, phone="1").json()[0]
    assert (again["service_request_id"], again["repeated"]) == (said["service_request_id"], True)
    assert count_rows(tiny_engine)["photos"] == 2
    assert read(client, tokens).json()[0]["media_url"] is None


def test_photo_that_cannot_be_used_takes_nothing_with_it(client, tokens, tiny_engine):
    answer = _photo(client, tokens, b"<svg onload=alert(1)>")
    assert (answer.status_code, answer.json()[0]["photos"]) == (201, 0)
    assert "A photo was not kept: no JPEG" in answer.json()[0]["service_notice"]
    assert count_rows(tiny_engine)["photos"] == 0


def test_photos_without_bounds_are_refused(client, tokens, tiny_engine):
    before = count_rows(tiny_engine)
    assert _photo(client, tokens, b"x" * (11 * 2**20), early=True).status_code == 413

    def pieces():
        yield b'--x\r\nContent-Disposition: form-data; name="media"; filename="a.jpg"\r\n\r\n'
        for _ in range(1_100):
            yield b"x" * 10_000

    unsaid = client.post(f"{BASE}/requests.json", content=pieces(), headers={
        "content-type": "multipart/form-data; boundary=x", "authorization": f"Bearer {tokens.write_token}"})
    assert unsaid.status_code == 413
    assert _photo(client, tokens, *[jpeg(n) for n in range(7)]).status_code == 400
    assert _photo(client, tokens, jpeg(1), description="x" * 70_000).status_code == 400
    bad = client.post(f"{BASE}/requests.json", files={"media": ("x.jpg", jpeg(1))}, headers={"authorization": "Bearer no"})
    assert bad.status_code == 403
    assert count_rows(tiny_engine) == before


def change(client, tokens, number, *, key=None, **fields):
    return post(client, tokens, f"/requests/{number}.json", headers={"idempotency-key": key} if key else None, **fields)


def test_further_note_is_a_masked_step_and_moves_nothing(client, tokens, tiny_engine):
    number = post(client, tokens, **WHOLE).json()[0]["service_request_id"]
    before = row_of(tiny_engine, read(client, tokens, f"/requests/{number}.json"))
    answer = change(client, tokens, number, description="又堵了，找 13800138000", phone="1")
    assert answer.status_code == 200
    assert "13800138000" not in answer.text
    assert answer.json()[0]["dropped"] == ["phone"]
    after = row_of(tiny_engine, answer)
    with read_transaction(tiny_engine) as connection:
        notes = connection.scalars(select(Step.note).where(Step.incident_id == int(number)).order_by(Step.id)).all()
    assert notes == [None, "又堵了，找 ***"]
    assert (after.status, after.due_at, after.summary) == (before.status, before.due_at, before.summary)
    rows = count_rows(tiny_engine)
    assert change(client, tokens, number, description="又堵了，找 13800138000").json()[0]["repeated"] is True
    assert grown(rows, count_rows(tiny_engine)) == {"audit_events": 1}


def test_request_is_withdrawn_by_its_sender_until_it_is_accepted(client, tokens, tiny_engine):
    one, two = (post(client, tokens, service_code="request_road", **POINT, description=text).json()[0]["service_request_id"]
                for text in ("甲", "乙"))
    assert change(client, tokens, one, status="withdrawn", description="误报").status_code == 200
    row = row_of(tiny_engine, read(client, tokens, f"/requests/{one}.json"))
    assert (row.status, row.outcome, row.is_counted) == ("closed", "withdrawn", 1)
    again = change(client, tokens, one, status="withdrawn")
    assert (again.status_code, again.json()[0]["repeated"]) == (200, True)
    assert change(client, tokens, one, description="还在").status_code == 409
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Step).values(
            incident_id=int(two), source="loop", source_ref="t", content_hash="0", kind="accept",
            occurred_at=tiny_county.NOW, recorded_at=tiny_county.NOW, is_withdrawn=False, is_recorded_assumed=False))
    late = change(client, tokens, two, status="withdrawn")
    assert (late.status_code, "no longer be withdrawn" in late.text) == (409, True)


def test_nobody_changes_what_another_sent(client, tokens, tiny_engine):
    other = make_source(tiny_engine, "other")
    number = post(client, tokens, **WHOLE).json()[0]["service_request_id"]
    before = count_rows(tiny_engine)
    for wanted in (number, "7", "0", "x"):
        assert change(client, other, wanted, status="withdrawn").status_code == 404
    assert client.post(f"{BASE}/requests/{number}.json", data={
        "api_key": tokens.read_token, "status": "withdrawn"}).status_code == 403
    for fields in ({"service_code": "hazard_fire"}, {"lat": "27"}, {"status": "closed"}, {"phone": "1"}):
        assert change(client, tokens, number, **fields).status_code == 400
    assert count_rows(tiny_engine) == before

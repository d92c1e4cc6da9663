"""Each step is told to whoever asked: at least once, signed, without texts; nobody waits for the receiver."""

import asyncio
import hmac
import json
import threading
import time
from datetime import timedelta
from hashlib import sha256

import httpx
import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from govdesk.actions import deliver_webhooks as sender
from govdesk.actions import tidy_deliveries as tidy
from govdesk.actions.acting import acting
from govdesk.actions.append_step import NewStep, append_step
from govdesk.actions.deliver_webhooks import deliver_webhooks
from govdesk.actions.webhooks import add_webhook, retire_webhook
from govdesk.cli import app
from govdesk.queries.webhooks import list_webhooks
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.webhook_signing import MOST_TRIES, find_address_fault, find_wait, sign_body
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent, Incident, Webhook, WebhookDelivery
from govdesk.terms import Role, StepKind
from tests.support import tiny_county
from tests.support.intake import make_source

ADDRESS = "https://example.org/hook?word=geheim"


class Receiver:
    """A receiver that remembers what it was told and answers as it is told to."""

    def __init__(self, *statuses: int, wait: float = 0.0):
        self.heard: list[httpx.Request] = []
        self._statuses, self._wait = list(statuses), wait
        self.transport = httpx.MockTransport(self._answer)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(request)
        await asyncio.sleep(self._wait)
        status = self._statuses.pop(0) if self._statuses else 204
        if status < 100:
            raise httpx.ConnectError("no")
        return httpx.Response(status, headers={"location": "http://127.0.0.1/secret"})

    @property
    def numbers(self) -> list[str]:
        return [one.headers["x-govdesk-delivery"] for one in self.heard]


def take_step(engine, incident=7, n=1, *, note="王小明 13800138000"):
    with acting(engine, by=SYSTEM, action="urge_overdue") as act:
        for number in range(n):
            append_step(act, incident, NewStep(StepKind.URGE, f"t-{incident}-{number}-{id(act)}", "P-1", note=note))


def hook(engine, **options):
    return add_webhook(engine, by=SYSTEM, address=options.pop("address", ADDRESS), **options)


def deliveries(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(WebhookDelivery.__table__).order_by(WebhookDelivery.id)).all()


def later(monkeypatch, **by):
    at = get_settings().now + timedelta(**by)
    monkeypatch.setenv("GOVDESK_NOW", at.isoformat())
    get_settings.cache_clear()


def test_step_is_told_once_signed_and_without_texts(tiny_engine):
    secret = hook(tiny_engine).secret
    take_step(tiny_engine)
    receiver = Receiver()
    assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport).n_delivered == 1
    assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport).n_delivered == 0
    heard, = receiver.heard
    told = json.loads(heard.content)
    assert set(told) == {"incident", "service_request_id", "source", "source_ref", "category", "stream", "place", "step",
                         "kind", "occurred_at", "status", "handling_unit"}
    assert (told["incident"], told["kind"], told["occurred_at"]) == (7, "urge", "2026-11-22T02:00:00Z")
    assert len(told["place"]) == len(tiny_county.COUNTY) + 3  # the township, never the village
    assert "138" not in heard.content.decode()
    when, _, mac = heard.headers["x-govdesk-signature"].partition(",v1=")
    assert mac == hmac.new(secret.encode(), when[2:].encode() + b"." + heard.content, sha256).hexdigest()
    assert heard.headers["x-govdesk-delivery"] == str(deliveries(tiny_engine)[0].id)


def test_step_that_was_not_kept_is_never_told(tiny_engine):
    hook(tiny_engine)
    with pytest.raises(ZeroDivisionError), acting(tiny_engine, by=SYSTEM, action="urge_overdue") as act:  # noqa: PT012
        append_step(act, 7, NewStep(StepKind.URGE, "t", "P-1"))
        raise ZeroDivisionError
    assert deliveries(tiny_engine) == []


def test_who_is_not_meant_is_not_told(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit="U-LAND"))
    all_of_it, land, other = (hook(tiny_engine).webhook_id, hook(tiny_engine, unit_code="U-LAND").webhook_id,
                              hook(tiny_engine, source="tiny").webhook_id)
    retire_webhook(tiny_engine, by=SYSTEM, webhook_id=other)
    take_step(tiny_engine, 7)
    take_step(tiny_engine, 8)
    told = [(row.webhook_id, json.loads(row.body)["incident"]) for row in deliveries(tiny_engine)]
    assert told == [(all_of_it, 7), (all_of_it, 8), (land, 8)]
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Webhook).where(Webhook.id == all_of_it).values(source="another"))
    take_step(tiny_engine, 9)
    assert [row.webhook_id for row in deliveries(tiny_engine)][3:] == [land]


def test_webhook_of_a_source_hears_nothing_about_the_unit_of_that_source(tiny_engine):
    make_source(tiny_engine, "tiny", unit_code="U-LAND")
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit="U-LAND"))
    hook(tiny_engine, source="tiny")
    take_step(tiny_engine, 7)
    take_step(tiny_engine, 8)
    assert [json.loads(row.body)["incident"] for row in deliveries(tiny_engine)] == [8]


@pytest.mark.parametrize("is_of_source", [True, False])
def test_what_turns_out_to_concern_the_unit_while_it_waits_is_not_told(tiny_engine, is_of_source):
    make_source(tiny_engine, "tiny", unit_code="U-LAND")
    hook(tiny_engine, **({"source": "tiny"} if is_of_source else {"unit_code": "U-LAND"}))
    take_step(tiny_engine, 7)
    take_step(tiny_engine, 8)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 7).values(concerns_unit="U-LAND"))
    receiver = Receiver()
    assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport).n_delivered == 1
    assert [json.loads(one.content)["incident"] for one in receiver.heard] == [8]
    assert [row.failure for row in deliveries(tiny_engine)] == [tidy.WITHHELD, None]


def test_deliveries_told_or_given_up_are_removed_after_their_time_and_what_waits_is_kept(tiny_engine, monkeypatch):
    hook(tiny_engine)
    take_step(tiny_engine, n=2)
    deliver_webhooks(tiny_engine, by=SYSTEM, transport=Receiver(204, 410).transport)
    waiting = hook(tiny_engine).webhook_id
    take_step(tiny_engine, 8)
    deliver_webhooks(tiny_engine, by=SYSTEM, transport=Receiver(500, 500).transport)
    later(monkeypatch, days=tidy.KEEP_DAYS)
    assert tidy.remove_old_deliveries(tiny_engine, by=SYSTEM) == 0
    later(monkeypatch, seconds=1)
    assert tidy.remove_old_deliveries(tiny_engine, by=SYSTEM, commit=False) == 2
    assert len(deliveries(tiny_engine)) == 4
    assert tidy.remove_old_deliveries(tiny_engine, by=SYSTEM) == 2
    assert {row.next_at is None for row in deliveries(tiny_engine)} == {False}
    assert waiting in {row.webhook_id for row in deliveries(tiny_engine)}
    with pytest.raises(RefusedError):
        tidy.remove_old_deliveries(tiny_engine, by=Scope("x", Role.LEADER))


def test_server_removes_old_deliveries_by_itself(tiny_engine, monkeypatch):
    hook(tiny_engine)
    take_step(tiny_engine)
    deliver_webhooks(tiny_engine, by=SYSTEM, transport=Receiver().transport)
    later(monkeypatch, days=tidy.KEEP_DAYS + 1)
    monkeypatch.setattr(sender, "PAUSE", 0.01)
    with sender.delivering():
        end = time.monotonic() + 5
        while deliveries(tiny_engine) and time.monotonic() < end:
            time.sleep(0.02)
    assert deliveries(tiny_engine) == []


def test_failure_is_tried_again_later_and_later(tiny_engine, monkeypatch):
    hook(tiny_engine)
    take_step(tiny_engine)
    receiver = Receiver(500, 0, 302, 200)
    waits = []
    for _ in range(4):
        done = deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport)
        row, = deliveries(tiny_engine)
        if done.n_again:
            waits.append((row.next_at - get_settings().now).total_seconds())
            assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport).n_delivered == 0  # not yet
            later(monkeypatch, seconds=waits[-1])
    assert waits == [60, 300, 900]
    assert (row.delivered_at, row.next_at, row.failure, row.n_tries) == (get_settings().now, None, None, 4)
    assert len(set(receiver.numbers)) == 1
    assert all(str(one.url).startswith("https://example.org/") for one in receiver.heard)  # no redirect was followed


def test_what_nobody_takes_is_given_up_and_said(tiny_engine, monkeypatch, caplog):
    hook(tiny_engine)
    take_step(tiny_engine)
    receiver = Receiver(*[503] * 50)
    for _ in range(MOST_TRIES + 3):
        deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport)
        later(monkeypatch, days=2)
    row, = deliveries(tiny_engine)
    assert (len(receiver.heard), row.next_at, row.delivered_at) == (MOST_TRIES, None, None)
    assert row.failure == f"given up after {MOST_TRIES}: HTTP 503"
    assert "given up" in caplog.text
    assert "geheim" not in caplog.text
    with read_transaction(tiny_engine) as connection:
        facts, = list_webhooks(connection)
    assert (facts.n_delivered, facts.n_waiting, facts.n_given_up) == (0, 0, 1)


def test_receiver_that_is_gone_is_given_up_at_once(tiny_engine):
    hook(tiny_engine)
    take_step(tiny_engine)
    assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=Receiver(410).transport).n_given_up == 1


def test_slow_receiver_holds_up_nobody_else(tiny_engine, monkeypatch):
    monkeypatch.setattr(sender, "PATIENCE", 0.2)
    hook(tiny_engine)
    take_step(tiny_engine, n=30)
    done = deliver_webhooks(tiny_engine, by=SYSTEM, transport=Receiver(wait=5).transport)
    assert done.n_again == 5  # asked side by side; the rest waits with them
    assert [row.failure for row in deliveries(tiny_engine)].count("timeout") == 5
    assert all(row.next_at > tiny_county.NOW for row in deliveries(tiny_engine))


def test_receiver_that_fails_is_left_alone_and_holds_up_nobody_else(tiny_engine):
    dead = hook(tiny_engine, address="https://dead.example.org/")
    take_step(tiny_engine, n=60)
    hook(tiny_engine)
    take_step(tiny_engine, incident=8, n=3)
    asked = []

    def respond(request):
        asked.append(request.url.host)
        if request.url.host.startswith("dead"):
            raise httpx.ConnectError("no")
        return httpx.Response(204)

    done = deliver_webhooks(tiny_engine, by=SYSTEM, transport=httpx.MockTransport(respond))
    assert (done.n_delivered, done.n_again) == (3, 5)
    assert asked.count("dead.example.org") == 5
    waiting = [row for row in deliveries(tiny_engine) if row.webhook_id == dead.webhook_id]
    assert len(waiting) == 63
    assert all(row.next_at > tiny_county.NOW for row in waiting)
    assert sum(row.n_tries for row in waiting) == 5


def _deliver_from_two_sides(engine):
    hook(engine)
    take_step(engine, n=45)
    receiver, start, done = Receiver(wait=0.01), threading.Barrier(3), []

    def work():
        start.wait()
        done.append(deliver_webhooks(engine, by=SYSTEM, transport=receiver.transport).n_delivered)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 45
    assert sorted(receiver.numbers) == sorted({str(row.id) for row in deliveries(engine)})


def test_several_senders_at_once_double_nothing(tiny_engine):
    _deliver_from_two_sides(tiny_engine)


@pytest.mark.postgres
def test_several_senders_at_once_double_nothing_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 50)
    _deliver_from_two_sides(postgres_engine)


def test_sender_that_was_killed_loses_nothing(tiny_engine, monkeypatch):
    hook(tiny_engine)
    take_step(tiny_engine)
    assert len(sender._take(tiny_engine)) == 1  # taken, and then the process was killed
    receiver = Receiver()
    assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport).n_delivered == 0
    later(monkeypatch, seconds=sender.LEASE)
    assert deliver_webhooks(tiny_engine, by=SYSTEM, transport=receiver.transport).n_delivered == 1


def test_secret_and_address_stay_out_of_the_audit(tiny_engine):
    secret = hook(tiny_engine).secret
    with read_transaction(tiny_engine) as connection:
        audit = str(connection.execute(select(AuditEvent.__table__)).all())
    assert secret not in audit
    assert "geheim" not in audit


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_tells_others(tiny_engine, role):
    with pytest.raises(RefusedError):
        add_webhook(tiny_engine, by=Scope("x", role), address=ADDRESS)
    with pytest.raises(RefusedError):
        deliver_webhooks(tiny_engine, by=Scope("x", role))


@pytest.mark.parametrize("address", [
    "file:///etc/passwd", "ftp://x/y", "gopher://x", "http://", "//x", "x", "http://a b/", "http://a:b@c/", "http://x/#y",
    "http://[::1", "http://x:99999/", "http://x/\r\nHost: y", "http://例子/", "http://x/" + "a" * 300])
def test_address_of_another_kind_is_refused(address):
    assert find_address_fault(address) is not None


def test_waits_grow_and_end():
    waits = [find_wait(n) for n in range(1, MOST_TRIES + 1)]
    assert waits[:-1] == sorted(waits[:-1])
    assert waits[-1] is None
    assert sign_body("k", 1, "a") != sign_body("k", 2, "a") != sign_body("k", 2, "b")


def test_commands_add_list_deliver_and_retire(tiny_engine):
    def run(*arguments):
        return CliRunner().invoke(app, list(arguments))

    assert run("list-webhooks").output.startswith("no webhooks")
    assert "whsec_" not in run("add-webhook", ADDRESS).output
    assert run("add-webhook", "ftp://x", "--commit").exit_code == 2
    assert run("add-webhook", ADDRESS, "--unit", "U-NONE", "--commit").exit_code == 2
    assert run("add-webhook", ADDRESS, "--source", "nobody", "--commit").exit_code == 2
    assert "whsec_" in run("add-webhook", "http://127.0.0.1:9/", "--source", "tiny", "--commit").output  # nobody listens there
    take_step(tiny_engine)
    assert run("deliver-webhooks").output.startswith("1 deliveries are due")
    assert run("deliver-webhooks", "--commit").output == "told: 0, to be tried again: 1, given up: 0\n"
    assert "1\tactive\t0 told, 1 waiting, 0 given up\ttiny" in run("list-webhooks").output
    assert run("remove-deliveries").output == "would remove (--commit removes): 0 deliveries older than 90 days\n"
    assert run("remove-deliveries", "--days", "0").exit_code == 2
    assert "1 waiting deliveries dropped" in run("retire-webhook", "1", "--commit").output
    assert run("retire-webhook", "1", "--commit").exit_code == 2
    assert [row.next_at for row in deliveries(tiny_engine)] == [None]

"""Sends what is to be told to other systems: each at least once, tried again with longer and longer waits, given up.

Who sends takes a row first, by moving its next try a little ahead: two senders never hold the same row, and a row of
one that was killed is taken again. What is received twice is known by its number in ``X-Govdesk-Delivery``.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import Connection, Engine, func, select, update

from govdesk.actions.acting import acting
from govdesk.actions.tidy_deliveries import remove_old_deliveries, withhold
from govdesk.clock import moment, now
from govdesk.rules.access import SYSTEM, Scope, require
from govdesk.rules.webhook_signing import find_wait, sign_body
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.ticking import ticking
from govdesk.tables import Webhook, WebhookDelivery

log = logging.getLogger("govdesk.webhooks")
# It would write every address into the log; an address may hold a word that only its owner knows.
logging.getLogger("httpx").setLevel(logging.WARNING)

_ACTION = "manage_intake"
#: Seconds that one address has to answer, from the first byte to the last.
PATIENCE = 10.0
#: Seconds for which a row that was taken is nobody else's; longer than `PATIENCE`.
LEASE = 60
#: Rows taken at once, and of them for one address; they are sent side by side. An address that failed is left alone
#: until its next try, with all that waits for it: one that hangs holds up the others for `PATIENCE` seconds a try.
_AT_ONCE, _FOR_ONE = 20, 5
#: Seconds between two looks of the server at what is to be sent.
PAUSE = 2.0
#: Seconds between two looks of the server at what need not be kept any longer.
TIDY_PAUSE = 86_400.0
#: The receiver says that it will never take this again.
_GONE = 410


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one run did: told, to be tried again, given up."""

    n_delivered: int = 0
    n_again: int = 0
    n_given_up: int = 0


@dataclass(frozen=True, slots=True)
class _Taken:
    number: int
    webhook_id: int
    address: str
    secret: str
    body: str
    n_tries: int


def count_due(connection: Connection) -> int:
    """Return how many deliveries wait for their turn now."""
    return connection.scalar(select(func.count()).select_from(WebhookDelivery).where(
        WebhookDelivery.next_at <= now())) or 0


def deliver_webhooks(
    engine: Engine, *, by: Scope, transport: httpx.AsyncBaseTransport | None = None
) -> Delivered:
    """Send everything that is due, in rounds; return what became of it.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    transport : httpx.AsyncBaseTransport, optional
        How it is sent; default: the network, without proxies and passwords of the environment.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    total = Delivered()
    while withhold(engine, by=by):
        pass
    while taken := _take(engine):
        failures = asyncio.run(_send_all(taken, transport))
        done = _note(engine, by, taken, failures)
        total = Delivered(total.n_delivered + done.n_delivered, total.n_again + done.n_again,
                          total.n_given_up + done.n_given_up)
    return total


def _take(engine: Engine) -> list[_Taken]:
    """Take some rows that are due: whoever moves the next try of a row has it."""
    order = (WebhookDelivery.next_at, WebhookDelivery.id)
    turn = func.row_number().over(partition_by=WebhookDelivery.webhook_id, order_by=order)
    first = (select(WebhookDelivery.id, turn.label("turn")).join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
             .where(WebhookDelivery.next_at <= now(), Webhook.is_active).subquery())
    columns = (WebhookDelivery.id, WebhookDelivery.webhook_id, WebhookDelivery.next_at, WebhookDelivery.n_tries,
               WebhookDelivery.body, Webhook.address, Webhook.secret)
    with read_transaction(engine) as connection:
        due = connection.execute(
            select(*columns).join(first, first.c.id == WebhookDelivery.id)
            .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
            .where(first.c.turn <= _FOR_ONE).order_by(first.c.turn, *order).limit(_AT_ONCE)).all()
    if not due:
        return []
    taken = []
    with write_transaction(engine) as connection:
        for row in due:
            mine = connection.execute(
                update(WebhookDelivery).where(
                    WebhookDelivery.id == row.id, WebhookDelivery.next_at == row.next_at,
                    WebhookDelivery.n_tries == row.n_tries)
                .values(next_at=now() + timedelta(seconds=LEASE), n_tries=row.n_tries + 1))
            if mine.rowcount == 1:
                taken.append(_Taken(row.id, row.webhook_id, row.address, row.secret, row.body, row.n_tries + 1))
    return taken


async def _send_all(taken: Sequence[_Taken], transport: httpx.AsyncBaseTransport | None) -> list[str | None]:
    async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False,
                                 transport=transport) as client:
        return list(await asyncio.gather(*(_send(client, one) for one in taken)))


async def _send(client: httpx.AsyncClient, one: _Taken) -> str | None:
    """Send one message; return why it failed, or None. Nothing of the answer but its status is read."""
    headers = {
        "content-type": "application/json; charset=utf-8", "user-agent": "govdesk",
        "x-govdesk-delivery": str(one.number),
        "x-govdesk-signature": sign_body(one.secret, int(now().timestamp()), one.body),
    }
    try:
        async with asyncio.timeout(PATIENCE), client.stream(
                "POST", one.address, content=one.body.encode(), headers=headers) as found:
            return None if found.is_success else f"HTTP {found.status_code}"
    except TimeoutError:
        return "timeout"
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return type(error).__name__


def _note(engine: Engine, by: Scope, taken: Sequence[_Taken], failures: Sequence[str | None]) -> Delivered:
    """Write down what became of the rows that were taken."""
    n_delivered = n_again = n_given_up = 0
    with acting(engine, by=by, action=_ACTION) as act:
        for one, failure in zip(taken, failures, strict=True):
            wait = None if failure == f"HTTP {_GONE}" else find_wait(one.n_tries)
            if failure is None:
                n_delivered += 1
                values: dict[str, object] = {"next_at": None, "delivered_at": now(), "failure": None}
            elif wait is not None:
                n_again += 1
                values = {"next_at": now() + timedelta(seconds=wait), "failure": failure}
                _leave_alone(act.connection, one.webhook_id, wait)
            else:
                n_given_up += 1
                values = {"next_at": None, "failure": f"given up after {one.n_tries}: {failure}"}
                log.warning("webhook delivery %s was given up after %s tries: %s", one.number, one.n_tries, failure)
            act.connection.execute(update(WebhookDelivery).where(
                WebhookDelivery.id == one.number, WebhookDelivery.n_tries == one.n_tries).values(**values))
        act.audit("webhook_deliveries", None, delivered=n_delivered, again=n_again, given_up=n_given_up)
    return Delivered(n_delivered, n_again, n_given_up)


def _leave_alone(connection: Connection, webhook_id: int, wait: int) -> None:
    """Put off what else is due for an address that has just failed; no try is counted for it."""
    connection.execute(update(WebhookDelivery).where(
        WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.next_at <= now(),
    ).values(next_at=now() + timedelta(seconds=wait)))


@contextmanager
def delivering() -> Iterator[None]:
    """Send what is due in a thread of its own until the block ends; a fault is logged and tried again later."""
    tidy_at = moment()

    def look_once() -> None:
        nonlocal tidy_at
        with read_transaction(get_engine()) as connection:
            is_due = count_due(connection) > 0
        if is_due:
            deliver_webhooks(get_engine(), by=SYSTEM)
        if moment() >= tidy_at:
            remove_old_deliveries(get_engine(), by=SYSTEM)
            tidy_at = moment() + TIDY_PAUSE

    with ticking(look_once, name="webhooks", seconds=PAUSE, patience=PATIENCE + 1):
        yield

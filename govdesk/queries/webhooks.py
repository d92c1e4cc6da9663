"""The addresses that are told each step, and how far each has been told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from govdesk.tables import Webhook, WebhookDelivery


@dataclass(frozen=True, slots=True)
class WebhookFacts:
    """One webhook with what became of its deliveries; never its secret."""

    id: int
    address: str
    source: str | None
    unit_code: str | None
    is_active: bool
    at: datetime
    n_delivered: int
    n_waiting: int
    n_given_up: int


def list_webhooks(connection: Connection) -> list[WebhookFacts]:
    """Return all webhooks, also retired ones, the oldest first."""
    one = WebhookDelivery
    told = one.delivered_at.is_not(None)
    waits = one.next_at.is_not(None)
    sums = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
            for condition in (told, waits, one.id.is_not(None) & ~told & ~waits)]
    facts = (Webhook.id, Webhook.address, Webhook.source, Webhook.unit_code, Webhook.is_active, Webhook.at)
    rows = connection.execute(
        select(*facts, *sums).select_from(Webhook).outerjoin(one, one.webhook_id == Webhook.id)
        .group_by(*facts).order_by(Webhook.id))
    return [WebhookFacts(*row[:6], *(int(number) for number in row[6:])) for row in rows]

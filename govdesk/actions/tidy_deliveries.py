"""What must not be told any more, and what need not be kept any longer, of the deliveries to other systems."""

import logging
from datetime import timedelta

from sqlalchemy import Engine, delete, or_, select, update

from govdesk.actions.acting import acting
from govdesk.clock import now
from govdesk.rules.access import Scope, require
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, IntakeSource, Step, Webhook, WebhookDelivery

log = logging.getLogger("govdesk.webhooks")

_ACTION = "manage_intake"
#: Days that a delivery is kept after its step, once told, given up or withheld: a receiver may still ask.
KEEP_DAYS = 90
#: Why a delivery was not sent: at its turn the incident was recorded as being about the unit that listens.
WITHHELD = "withheld: concerns the unit"
#: Rows removed in one transaction: nobody waits longer for the database than for these.
_AT_ONCE = 2_000


def withhold(engine: Engine, *, by: Scope) -> int:
    """Drop what waits and concerns, as recorded now, the unit of its webhook or of its source; return how many.

    A delivery may wait for a day. What was queued before it was known whom it concerns is not told afterwards.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    about = (
        select(WebhookDelivery.id).join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .outerjoin(IntakeSource, IntakeSource.code == Webhook.source)
        .join(Step, Step.id == WebhookDelivery.step_id).join(Incident, Incident.id == Step.incident_id)
        .where(WebhookDelivery.next_at <= now(),
               or_(Incident.concerns_unit == Webhook.unit_code, Incident.concerns_unit == IntakeSource.unit_code)))
    with read_transaction(engine) as connection:
        found = list(connection.scalars(about.limit(_AT_ONCE)))
    if found:
        with write_transaction(engine) as connection:
            connection.execute(update(WebhookDelivery).where(WebhookDelivery.id.in_(found)).values(
                next_at=None, failure=WITHHELD))
    return len(found)


def remove_old_deliveries(engine: Engine, *, by: Scope, days: int = KEEP_DAYS, commit: bool = True) -> int:
    """Remove deliveries that wait for nothing and whose step is older than some days; return how many.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    days : int
        Days since the step was recorded.
    commit : bool
        Remove. Otherwise only count.

    Raises
    ------
    ValueError
        When `days` is less than one.
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    if days < 1:
        message = "days: 1 or more"
        raise ValueError(message)
    old = (select(WebhookDelivery.id).join(Step, Step.id == WebhookDelivery.step_id)
           .where(WebhookDelivery.next_at.is_(None), Step.recorded_at < now() - timedelta(days=days)))
    with read_transaction(engine) as connection:
        found = list(connection.scalars(old))
    for at in range(0, len(found) if commit else 0, _AT_ONCE):
        part = found[at:at + _AT_ONCE]
        with acting(engine, by=by, action=_ACTION) as act:
            act.connection.execute(delete(WebhookDelivery).where(
                WebhookDelivery.id.in_(part), WebhookDelivery.next_at.is_(None)))
            act.audit("webhook_deliveries", None, removed=len(part), days=days)
    return len(found)

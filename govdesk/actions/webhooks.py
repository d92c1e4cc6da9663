"""Which other systems are told each step, and what they are told: written beside the step, sent later.

The rows are written in the transaction of the step itself: a step that was not kept is never told, one that was kept is
never forgotten, and no step waits for another system. `actions.deliver_webhooks` sends them.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from govdesk.actions.acting import acting
from govdesk.clock import now, today
from govdesk.rules.access import Scope, require
from govdesk.rules.webhook_signing import find_address_fault
from govdesk.storage.engine import read_transaction
from govdesk.storage.units_off import is_off
from govdesk.tables import Incident, IntakeSource, PlaceAncestor, Step, Unit, Webhook, WebhookDelivery
from govdesk.terms import Level

_ACTION = "manage_intake"


class WebhookRefusedError(ValueError):
    """Nothing was written; `args[0]` says why."""


@dataclass(frozen=True, slots=True)
class WebhookAdded:
    """A new webhook and the key of its signatures, to be shown once."""

    webhook_id: int
    secret: str


def queue_deliveries(connection: Connection, step_id: int) -> int:
    """Write what is to be told about a step, in the transaction of the step; return to how many addresses.

    Told: keys, codes and instants. Never told: notes, summaries, points, places below the township, posts; and to the
    unit of a webhook, or of the source whose incidents it is told, nothing about an incident that concerns it.
    """
    hooks = connection.execute(
        select(Webhook.id, Webhook.source, Webhook.unit_code, IntakeSource.unit_code.label("unit_of_source"))
        .outerjoin(IntakeSource, IntakeSource.code == Webhook.source).where(Webhook.is_active)).all()
    if not hooks:
        return 0
    facts = _read_facts(connection, step_id)
    body = json.dumps(_describe(facts), ensure_ascii=False, sort_keys=True)
    rows = [
        {"webhook_id": hook.id, "step_id": step_id, "body": body, "n_tries": 0, "next_at": now()}
        for hook in hooks
        if hook.source in (None, facts.source)
        and (facts.concerns_unit is None or facts.concerns_unit not in (hook.unit_code, hook.unit_of_source))
    ]
    if rows:
        connection.execute(insert(WebhookDelivery), rows)
    return len(rows)


def _read_facts(connection: Connection, step_id: int) -> Any:
    township = (
        select(PlaceAncestor.ancestor_code).where(
            PlaceAncestor.code == Incident.place_code, PlaceAncestor.ancestor_level == Level.TOWNSHIP.value,
            PlaceAncestor.week_from <= Incident.week_occurred, Incident.week_occurred < PlaceAncestor.week_to)
        .limit(1).correlate(Incident).scalar_subquery())
    return connection.execute(
        select(Step.id, Step.kind, Step.occurred_at, Incident.id.label("incident"), Incident.source,
               Incident.source_ref, Incident.category, Incident.stream, Incident.status, Incident.handling_unit,
               Incident.concerns_unit, township.label("township"))
        .join(Incident, Incident.id == Step.incident_id).where(Step.id == step_id)).one()


def _describe(facts: Any) -> dict[str, object]:
    at: datetime = facts.occurred_at
    return {
        "incident": facts.incident, "service_request_id": str(facts.incident), "source": facts.source,
        "source_ref": facts.source_ref, "category": facts.category, "stream": facts.stream, "place": facts.township,
        "step": facts.id, "kind": facts.kind, "occurred_at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "status": facts.status, "handling_unit": facts.handling_unit,
    }


def add_webhook(
    engine: Engine, *, by: Scope, address: str, source: str | None = None, unit_code: str | None = None,
    commit: bool = True,
) -> WebhookAdded | None:
    """Tell an address each step from now on; None without `commit`.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    address : str
        Typed by an administrator: it may lie in the county's own network.
    source : str, optional
        Only incidents of this source.
    unit_code : str, optional
        What concerns this unit is not told.
    commit : bool
        Write. Otherwise only check.

    Raises
    ------
    WebhookRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    fault = find_address_fault(address)
    with read_transaction(engine) as connection:
        fault = fault or _find_unknown(connection, source, unit_code)
    if fault is not None:
        raise WebhookRefusedError(fault)
    if not commit:
        return None
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    with acting(engine, by=by, action=_ACTION) as act:
        key = act.connection.execute(insert(Webhook).values(
            address=address, secret=secret, source=source, unit_code=unit_code, is_active=True, by=by.account,
            at=now())).inserted_primary_key
        assert key is not None  # noqa: S101 - one row was inserted
        # The address may hold a word that only its owner knows: the audit names the row.
        act.audit("webhooks", key[0], added=True, source=source, unit=unit_code)
    return WebhookAdded(int(key[0]), secret)


def _find_unknown(connection: Connection, source: str | None, unit_code: str | None) -> str | None:
    if unit_code is not None and connection.scalar(select(Unit.code).where(Unit.code == unit_code)) is None:
        return f"there is no unit {unit_code}"
    if is_off(connection, unit_code, today()):
        return f"the unit {unit_code} is switched off"
    if source is None:
        return None
    is_intake = connection.scalar(select(IntakeSource.code).where(IntakeSource.code == source)) is not None
    has_rows = connection.scalar(select(Incident.id).where(Incident.source == source).limit(1)) is not None
    return None if is_intake or has_rows else f"there is no source {source}"


def retire_webhook(engine: Engine, *, by: Scope, webhook_id: int, commit: bool = True) -> int:
    """Tell an address nothing more; return how many deliveries that waited are dropped.

    Raises
    ------
    WebhookRefusedError
        When there is no such active webhook.
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    waiting = WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.next_at.is_not(None)
    with read_transaction(engine) as connection:
        active = connection.scalar(select(Webhook.is_active).where(Webhook.id == webhook_id))
        n = connection.scalar(select(func.count()).select_from(WebhookDelivery).where(*waiting)) or 0
    if not active:
        message = f"there is no active webhook {webhook_id}"
        raise WebhookRefusedError(message)
    if commit:
        with acting(engine, by=by, action=_ACTION) as act:
            act.connection.execute(update(Webhook).where(Webhook.id == webhook_id).values(is_active=False))
            act.connection.execute(update(WebhookDelivery).where(*waiting).values(next_at=None, failure="retired"))
            act.audit("webhooks", webhook_id, retired=True, dropped=n)
    return n

"""What counts as an escalation 激化 now, and whether what a screen shows was made by it."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.rules.escalation_parts import EscalationParts
from govdesk.storage.escalation_definition import read_definition
from govdesk.storage.escalation_parts import read_parts_in_force
from govdesk.tables import RiskBacktest, RiskClassifier, RiskRun, ThresholdAdoption


@reads("view_warnings", "view_model_card")
def read_parts_now(connection: Connection, scope: Scope, stamp: int = 0) -> EscalationParts:
    """Return the parts in force; `stamp` says which state of their file is asked for.

    Raises
    ------
    EscalationConfigError
        When the file cannot be used; the message names it.
    """
    del scope, stamp  # a definition is the county's, the same for all
    return read_parts_in_force(connection)


@dataclass(frozen=True, slots=True)
class Made:
    """The newest of what is made of escalations; `is_old`: by a definition that no longer holds.

    `what` is ``classifiers``, ``scores``, ``backtest`` or ``adoption`` (the figures kept with the adopted thresholds).
    """

    what: str
    as_of: date | None
    at: datetime | None
    is_old: bool


@reads("view_warnings", "view_model_card", "view_thresholds", "view_brief", "change_settings")
def list_made(connection: Connection, scope: Scope) -> tuple[Made, ...]:
    """Return the newest classifiers, scores, backtest and adoption; without a date what was never made."""
    del scope  # when something was made is no secret to who reads it
    definition = read_definition(connection)
    found = []
    for what, table in (("classifiers", RiskClassifier), ("scores", RiskRun), ("backtest", RiskBacktest)):
        row = connection.execute(select(table.as_of, table.at, table.data_version).order_by(
            table.id.desc()).limit(1)).first()
        found.append(Made(what, None, None, is_old=False) if row is None else Made(
            what, row.as_of, row.at, is_old=definition is not None and definition.is_older(row.data_version)))
    adopted = connection.execute(select(ThresholdAdoption.at, ThresholdAdoption.backtest).order_by(
        ThresholdAdoption.id.desc()).limit(1)).first()
    version = json.loads(adopted.backtest or "{}").get("data_version") if adopted else None
    found.append(Made("adoption", None, adopted.at if adopted else None,
                      is_old=definition is not None and definition.is_older(version)))
    return tuple(found)

"""Which groups of candidate features an office has decided for, which of them are in use, and their features.

A decision takes effect with the next backtest: that judges all the groups of a label together, beside the classifier
without them, and only where they pass the rule of `models.admission` together are they used. So no score is shown whose
backtest was of another classifier.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from govdesk.queries.candidate_facts import read_candidate_facts
from govdesk.queries.permission import reads
from govdesk.queries.risk_backtests import read_newest_report
from govdesk.queries.risk_panel import RiskPanel
from govdesk.rules.access import SYSTEM, Scope
from govdesk.tables import Account, GroupAdoption
from models.candidate_features import CandidateFacts, build_candidates
from models.features import FeatureBlock
from models.labels import LABELS

#: By label, the groups of candidate features.
Groups = Mapping[str, tuple[str, ...]]


class MissingGroupError(ValueError):
    """There are no facts for a group that is in use; `args[0]` says which and what to do."""


@dataclass(frozen=True, slots=True)
class GroupDecision:
    """One decision: for a label, which groups are to enter its score; `trial` holds the figures of that moment."""

    id: int
    at: datetime
    post: str
    label: str
    groups: tuple[str, ...]
    reason: str
    trial: dict[str, Any]


@reads("view_model_card")
def list_group_decisions(connection: Connection, scope: Scope, label: str) -> list[GroupDecision]:
    """Return the decisions on a label, the newest first; they hold in the whole database, whoever asks."""
    del scope
    table = GroupAdoption
    rows = connection.execute(
        select(table.id, table.at, func.coalesce(Account.title, table.by), table.label, table.group_codes, table.reason,
               table.trial)
        .outerjoin(Account, Account.code == table.by).where(table.label == label).order_by(table.id.desc()))
    return [GroupDecision(number, at, post, label, tuple(json.loads(groups)), reason, json.loads(trial))
            for number, at, post, label, groups, reason, trial in rows]


def read_decided_groups(connection: Connection) -> Groups:
    """Return the groups of the newest decision on each label; empty where nothing was decided."""
    table = GroupAdoption
    newest = select(func.max(table.id)).group_by(table.label)
    rows = connection.execute(select(table.label, table.group_codes).where(table.id.in_(newest.scalar_subquery())))
    found = {row.label: tuple(json.loads(row.group_codes)) for row in rows}
    return {label: found.get(label, ()) for label in LABELS}


def read_groups_in_use(connection: Connection) -> Groups:
    """Return the groups that the newest backtest judged and let in."""
    report = read_newest_report(connection) or {}
    return {label: groups_in_report(report, label) for label in LABELS}


def groups_in_report(report: Mapping[str, Any], label: str) -> tuple[str, ...]:
    """Return the groups in the classifier of a label that a report tells of."""
    return tuple(report.get("labels", {}).get(label, {}).get("groups", ()))


def read_group_features(
    connection: Connection, panel: RiskPanel, groups: Groups
) -> dict[str, list[FeatureBlock]]:
    """Return the features of the groups of each label, at all positions of the panel.

    Raises
    ------
    MissingGroupError
        There are no facts for one of the groups any more.
    """
    wanted = {group for chosen in groups.values() for group in chosen}
    if not wanted:
        return {label: [] for label in groups}
    blocks = build_candidates(read_group_facts(connection, panel))
    missing = sorted(wanted - set(blocks))
    if missing:
        message = f"no facts for {', '.join(missing)}, which the score uses: run the backtest again, it decides anew"
        raise MissingGroupError(message)
    return {label: pick_blocks(blocks, chosen) for label, chosen in groups.items()}


def read_group_facts(connection: Connection, panel: RiskPanel) -> CandidateFacts:
    """Return what the features of all groups are made from."""
    return read_candidate_facts(connection, SYSTEM, panel.places, panel.roles)


def pick_blocks(blocks: Mapping[str, FeatureBlock], groups: Sequence[str]) -> list[FeatureBlock]:
    """Return the features of some groups, in the order of the groups."""
    return [blocks[group] for group in groups]

"""Decides which groups of candidate features are to enter the score of a label; the office decides, not the trial.

Only groups that passed their trial in the newest backtest can be chosen. Records are only ever added; the next backtest
judges what was chosen, all together, and only then is it used (`queries.candidate_groups`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from govdesk.actions.acting import acting
from govdesk.actions.adopting import AdoptionRefusedError, check_reason, mask_reason, require_whole, wait_for_turn
from govdesk.clock import now
from govdesk.queries.risk_backtests import read_newest_report
from govdesk.rules.access import Scope
from govdesk.rules.record_checks import Problem, problem
from govdesk.tables import Account, GroupAdoption
from models.admission import MOST_FEATURES, Verdict
from models.candidate_features import CANDIDATE_GROUPS
from models.features import FEATURE_NAMES
from models.labels import LABELS

ACTION = "adopt_groups"
#: Verdicts of a trial with which a group may be chosen; for which of those that pass there is room, the office decides.
PASSED = (Verdict.ENTERS, Verdict.NO_ROOM)


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """A decision on the same label that was written after the one the caller saw, before the caller's own."""

    id: int
    post: str
    at: datetime
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupsAdopted:
    """What was written: its number, whether numbers of persons were masked in the reason, and who was first."""

    id: int
    is_masked: bool
    firsts: tuple[FirstDecision, ...]


def adopt_groups(
    engine: Engine, *, by: Scope, label: str, groups: Sequence[str], reason: str, seen_id: int | None,
) -> GroupsAdopted:
    """Write one decision; it takes effect with the next backtest.

    Parameters
    ----------
    by : Scope
        The caller; an analyst of the whole database.
    label : str
        ``elevated``, ``onset`` or ``surge``.
    groups : sequence of str
        Codes of `models.candidate_features.CANDIDATE_GROUPS`; none: the default score.
    reason : str
        Required; numbers of persons are masked before it is kept.
    seen_id : int or None
        The newest decision on this label that the caller saw. Where another was written since, both are kept and
        `GroupsAdopted.firsts` says by whom.

    Raises
    ------
    AdoptionRefusedError
        When a group did not pass its trial in the newest backtest, there are more than 15 features, or the reason is to
        be corrected.
    RefusedError
        When the caller may not do this.
    """
    require_whole(by)
    chosen = tuple(group for group in CANDIDATE_GROUPS if group in set(groups))
    with acting(engine, by=by, action=ACTION, changes=("risk",)) as act:
        trials = _read_trials(act.connection, label)
        problems = [*_check(label, set(groups), trials), *check_reason(reason)]
        if problems:
            raise AdoptionRefusedError(problems)
        wait_for_turn(act.connection)
        firsts = _list_since(act.connection, label, seen_id)
        kept, is_masked = mask_reason(reason)
        done = act.connection.execute(insert(GroupAdoption).values(
            at=now(), by=by.account, label=label, group_codes=json.dumps(chosen), reason=kept, replaces_id=seen_id,
            trial=json.dumps({group: trials[group] for group in chosen}, sort_keys=True, allow_nan=False)))
        key = done.inserted_primary_key
        assert key is not None  # noqa: S101 - one row was inserted
        act.audit("group_adoptions", int(key[0]), label=label, groups=list(chosen), replaces=seen_id,
                  firsts=[one.id for one in firsts])
    return GroupsAdopted(int(key[0]), is_masked, firsts)


def _read_trials(connection: Connection, label: str) -> Mapping[str, Mapping[str, Any]]:
    report = read_newest_report(connection) or {}
    return {trial["group"]: trial for trial in report.get("ablation", {}).get(label, [])}


def _check(label: str, groups: set[str], trials: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    if label not in LABELS:
        return [problem("unknown", "label")]
    if groups and not trials:
        return [problem("not_tried", "groups")]
    refused = [group for group in groups if trials.get(group, {}).get("verdict") not in PASSED]
    if refused:
        return [problem("not_let_in", "groups", n=len(refused))]
    n_features = len(FEATURE_NAMES) + sum(len(CANDIDATE_GROUPS[group]) for group in groups)
    return [problem("too_many", "groups", n=n_features, most=MOST_FEATURES)] if n_features > MOST_FEATURES else []


def _list_since(connection: Connection, label: str, seen_id: int | None) -> tuple[FirstDecision, ...]:
    table = GroupAdoption
    rows = connection.execute(
        select(table.id, func.coalesce(Account.title, table.by), table.at, table.group_codes)
        .outerjoin(Account, Account.code == table.by)
        .where(table.label == label, table.id > (seen_id or 0)).order_by(table.id))
    return tuple(FirstDecision(number, post, at, tuple(json.loads(codes))) for number, post, at, codes in rows)

"""Adopts thresholds: visits a week, split of the lists, band edges and capacity in one record, with a reason.

Records are only ever added. Two that adopt at once both keep theirs; the one who comes second is told who was first.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from govdesk.actions.acting import Act, acting
from govdesk.actions.adopting import AdoptionRefusedError, check_reason, mask_reason, require_whole, wait_for_turn
from govdesk.clock import now
from govdesk.queries.adopted_thresholds import DEFAULT, Edges, Thresholds, read_adoption_before
from govdesk.rules.access import Scope
from govdesk.rules.record_checks import Problem, problem
from govdesk.storage.visit_capacity import capacity_of, read_set_capacity
from govdesk.tables import Account, ThresholdAdoption

ACTION = "adopt_thresholds"
#: More visits a week than there are villages in the largest provinces is a slip of the hand.
MOST_VISITS = 50_000


@dataclass(frozen=True, slots=True)
class First:
    """A record that was written after the one the caller saw, before the caller's own."""

    id: int
    post: str
    at: datetime
    visits_per_week: int


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was written: its number, whether numbers of persons were masked in the reason, and who was first."""

    id: int
    is_masked: bool
    firsts: tuple[First, ...]


def adopt_thresholds(
    engine: Engine, *, by: Scope, visits_per_week: int, share_quiet: float, band_edges: Edges,
    capacity_per_week: int | None, reason: str, backtest: Mapping[str, Any], seen_id: int | None,
) -> Adopted:
    """Write one adoption; it is in force from now on.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; an analyst of the whole database, for the setting holds in all of it.
    visits_per_week : int
        K, at least 1.
    share_quiet : float
        Share of K for "quiet until now", 0–1.
    band_edges : (float, float, float)
        Lowest probability of red, orange, yellow; falling, within 0–1.
    capacity_per_week : int or None
        Visits a week the office can make.
    reason : str
        Required; at most `LONGEST_SUMMARY` characters, numbers of persons are masked before it is kept.
    backtest : mapping
        The backtest's figures of this moment for this setting, kept as they are; empty where nothing was judged.
    seen_id : int or None
        The record in force that the caller saw. Where another was adopted since, both are kept and `Adopted.firsts`
        says by whom.

    Raises
    ------
    AdoptionRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    wanted = Thresholds(None, visits_per_week, share_quiet, band_edges, capacity_per_week)
    require_whole(by)
    problems = [*_check(wanted), *check_reason(reason)]
    if problems:
        raise AdoptionRefusedError(problems)
    with acting(engine, by=by, action=ACTION, changes=("risk",)) as act:
        return _write(act, by, wanted, reason, backtest, seen_id, {})


def undo_adoption(
    engine: Engine, *, by: Scope, undoes_id: int, reason: str, backtest: Mapping[str, Any]
) -> Adopted:
    """Write a new record with the values that held before one was adopted; nothing is taken away.

    Parameters
    ----------
    undoes_id : int
        The record to be undone, which the caller saw in force.
    reason, backtest
        As for `adopt_thresholds`.

    Raises
    ------
    AdoptionRefusedError
        When there is no such record, or the reason is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require_whole(by)
    problems = check_reason(reason)
    if problems:
        raise AdoptionRefusedError(problems)
    with acting(engine, by=by, action=ACTION, changes=("risk",)) as act:
        if act.connection.scalar(select(ThresholdAdoption.id).where(ThresholdAdoption.id == undoes_id)) is None:
            raise AdoptionRefusedError([problem("unknown", "undoes")])
        earlier = read_adoption_before(act.connection, undoes_id) or DEFAULT
        # What an administrator has said of the capacity since is no part of what is undone.
        change = read_set_capacity(act.connection, undoes_id)
        if change is not None:
            earlier = replace(earlier, capacity_per_week=capacity_of(change))
        return _write(act, by, earlier, reason, backtest, undoes_id, {"undoes": undoes_id, "restores": earlier.id})


def _check(wanted: Thresholds) -> list[Problem]:
    problems = []
    for name, value in (("visits", wanted.visits_per_week), ("capacity", wanted.capacity_per_week)):
        if value is not None and not 1 <= value <= MOST_VISITS:
            problems.append(problem("range", name, least=1, most=MOST_VISITS))
    if not 0 <= wanted.share_quiet <= 1:
        problems.append(problem("range", "share", least=0, most=1))
    edges = wanted.band_edges
    if not all(0 < edge < 1 for edge in edges) or any(high <= low for high, low in pairwise(edges)):
        problems.append(problem("edges", "edges"))
    return problems


def _write(
    act: Act, by: Scope, wanted: Thresholds, reason: str, backtest: Mapping[str, Any], seen_id: int | None,
    about: dict[str, Any],
) -> Adopted:
    wait_for_turn(act.connection)
    firsts = _list_since(act.connection, seen_id)
    kept, is_masked = mask_reason(reason)
    done = act.connection.execute(insert(ThresholdAdoption).values(
        at=now(), by=by.account, visits_per_week=wanted.visits_per_week, share_quiet=wanted.share_quiet,
        band_edges=json.dumps(wanted.band_edges), capacity_per_week=wanted.capacity_per_week, reason=kept,
        backtest=json.dumps(dict(backtest), sort_keys=True, allow_nan=False), replaces_id=seen_id))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    act.audit("threshold_adoptions", key[0], visits=wanted.visits_per_week, share_quiet=wanted.share_quiet,
              band_edges=wanted.band_edges, capacity=wanted.capacity_per_week, replaces=seen_id,
              firsts=[one.id for one in firsts], **about)
    return Adopted(int(key[0]), is_masked, firsts)


def _list_since(connection: Connection, seen_id: int | None) -> tuple[First, ...]:
    adoption = ThresholdAdoption
    rows = connection.execute(
        select(adoption.id, func.coalesce(Account.title, adoption.by), adoption.at, adoption.visits_per_week)
        .outerjoin(Account, Account.code == adoption.by).where(adoption.id > (seen_id or 0)).order_by(adoption.id))
    return tuple(First(*row) for row in rows)

"""Scoring runs as they were stored: the run in force, its scores, its list of the week."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select

from govdesk.queries.area_scores import limit_scores
from govdesk.queries.comparing import may_see_county
from govdesk.queries.frames import COUNT, DAY, FLAG, MAYBE_COUNT, NUMBER, TEXT, make_column, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import not_about, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, RiskListing, RiskRun, RiskScore

_TYPES = {"place_code": TEXT, "probability": NUMBER, "low": NUMBER, "high": NUMBER, "rank": MAYBE_COUNT,
          "baseline_rank": MAYBE_COUNT, "usual_level": NUMBER, "in_scope": FLAG, "contributions": "object",
          "features": "object", "reasons": "object"}


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One scoring of all villages at one as-of date for one label.

    Attributes
    ----------
    as_of : date
        A Monday; nothing known on or after it was used.
    ranked_by : str
        ``classifier``, or ``eb52`` where the baseline ranks.
    min_count : int or None
        The label's count; None where each village has its own (surge).
    classifier : str or None
        The classifier as JSON (`models.escalation.Classifier`); None where none could be fitted.
    adoption_id : int or None
        The thresholds by which its list was made; None: the default ones.
    """

    id: int
    as_of: date
    label: str
    horizon_weeks: int
    ranked_by: str
    min_count: int | None
    base_rate: float | None
    data_version: int
    by: str
    at: datetime
    classifier: str | None
    classifier_id: int | None
    adoption_id: int | None


@reads("view_warning_counts")
def read_run(connection: Connection, scope: Scope, label: str, on: date) -> StoredRun | None:
    """Return the newest run of a label whose as-of date is not after `on`, or None."""
    del scope  # a run is of the whole database; its scores are not
    run = connection.execute(
        _runs().where(RiskRun.label == label, RiskRun.as_of <= on)
        .order_by(RiskRun.as_of.desc(), RiskRun.id.desc()).limit(1)).first()
    return None if run is None else _to_run(run)


@reads("view_warnings")
def read_runs(
    connection: Connection, scope: Scope, label: str, n: int, until: date | None = None
) -> list[StoredRun]:
    """Return the newest run of each of the newest `n` as-of dates of a label, newest first; none after `until`."""
    del scope
    when = [RiskRun.as_of <= until] if until is not None else []
    newest = (select(func.max(RiskRun.id)).where(RiskRun.label == label, *when).group_by(RiskRun.as_of)
              .order_by(RiskRun.as_of.desc()).limit(n))
    rows = connection.execute(
        _runs().where(RiskRun.id.in_(newest.scalar_subquery())).order_by(RiskRun.as_of.desc()))
    return [_to_run(row) for row in rows]


def _runs() -> Any:
    return select(RiskRun.id, RiskRun.as_of, RiskRun.label, RiskRun.horizon_weeks, RiskRun.ranked_by,
                  RiskRun.min_count, RiskRun.base_rate, RiskRun.data_version, RiskRun.by, RiskRun.at,
                  RiskRun.classifier, RiskRun.classifier_id, RiskRun.adoption_id)


def _to_run(row: Any) -> StoredRun:
    content = row._mapping
    return StoredRun(**{**content, "classifier": content["classifier"] or None})


@reads("view_warnings")
def read_scores(
    connection: Connection, scope: Scope, run_id: int, columns: Sequence[str] = tuple(_TYPES),
    codes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the scores of a run that the caller may see, by place code.

    Parameters
    ----------
    columns : sequence of str
        Of those below; unpacking features, contributions and reasons costs most of the time.
    codes : sequence of str, optional
        Only these places.

    Returns
    -------
    DataFrame
        ``place_code``; ``probability``, ``low``, ``high`` (float64, 0–1; NaN: too few records to tell); ``rank``,
        ``baseline_rank`` (Int64, of the whole database); ``usual_level`` (float64: expected probability at the place's
        own rate of 52 weeks); ``in_scope`` (bool, of the label); ``contributions`` (dict feature → log-odds, and
        ``base``; they sum to the score), ``features`` (dict feature → value), ``reasons`` (list; without the records
        that are about the caller's own unit, see `_withhold`). For an account with an area less may be told, and the
        ranks are then those among its own places: `queries.area_scores`.
    """
    statement: Any = select(*(getattr(RiskScore, name) for name in columns)).where(
        RiskScore.run_id == run_id, within_area(scope, RiskScore.place_code))
    if codes is not None:
        statement = statement.where(RiskScore.place_code.in_(codes))
    rows = read_frame(connection, statement.order_by(RiskScore.place_code), {name: _TYPES[name] for name in columns})
    for name in set(columns) & {"contributions", "features", "reasons"}:
        rows[name] = make_column([json.loads(text) for text in rows[name]], "object")
    if "reasons" in columns and scope.unit_code is not None:
        about_us = set(connection.scalars(select(Incident.id).where(~not_about(scope, Incident.concerns_unit))))
        rows["reasons"] = make_column([_withhold(reasons, about_us) for reasons in rows["reasons"]], "object")
    return limit_scores(connection, scope, run_id, rows)


def _withhold(reasons: list[dict[str, Any]], about_us: set[int]) -> list[dict[str, Any]]:
    """Take the records about the caller's own unit out of the reasons; the reason then has ``is_withheld``."""
    found = []
    for reason in reasons:
        facts = reason.get("facts", ())
        kept = [fact for fact in facts if fact["incident"] not in about_us]
        found.append(reason if len(kept) == len(facts) else {**reason, "facts": kept, "is_withheld": True})
    return found


@reads("view_warning_counts")
def read_listings(connection: Connection, scope: Scope, run_id: int) -> pd.DataFrame:
    """Return the list of the week of a run of *elevated*: the villages the caller may see, in their order.

    Returns
    -------
    DataFrame
        ``place_code``, ``list`` (``usual`` or ``quiet``), ``position`` (int64, from 1 within each list; among the
        caller's own villages where fewer than three townships lie outside), ``as_of``.
    """
    rows = read_frame(
        connection, select(RiskListing.place_code, RiskListing.list, RiskListing.position, RiskListing.as_of)
        .where(RiskListing.run_id == run_id, within_area(scope, RiskListing.place_code))
        .order_by(RiskListing.list.desc(), RiskListing.position),
        {"place_code": TEXT, "list": TEXT, "position": COUNT, "as_of": DAY})
    if rows.empty or may_see_county(connection, scope, rows["as_of"].iloc[0].date()):
        return rows
    return rows.assign(position=(rows.groupby("list").cumcount() + 1).astype(COUNT))

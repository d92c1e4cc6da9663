"""Writes a scoring: runs, scores and the list of the week."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, insert

from govdesk.clock import now
from govdesk.rules.access import Scope
from govdesk.storage.bulk import insert_rows
from govdesk.tables import RiskListing, RiskRun, RiskScore
from models.escalation import Classifier

_COLUMNS = ("place_code", "probability", "low", "high", "rank", "baseline_rank", "usual_level", "in_scope", "features",
            "contributions", "reasons")


@dataclass(frozen=True, slots=True)
class ScoredLabel:
    """One label's scoring, stored or about to be.

    Attributes
    ----------
    classifier : Classifier
        What ranked: a fitted classifier, or the baseline as one (`ranked_by` ``eb52``).
    classifier_id : int or None
        None for the baseline.
    rows : DataFrame
        As `queries.risk_runs.read_scores` gives it.
    """

    label: str
    classifier: Classifier
    classifier_id: int | None
    ranked_by: str
    rows: pd.DataFrame
    run_id: int | None = None


def store_run(
    connection: Connection, scored: ScoredLabel, *, by: Scope, as_of: date, data_version: int, adoption_id: int | None
) -> int:
    """Insert a run and its scores; return its id."""
    done = connection.execute(insert(RiskRun).values(
        as_of=as_of, label=scored.label, horizon_weeks=scored.classifier.horizon,
        classifier=scored.classifier.to_json(), classifier_id=scored.classifier_id, ranked_by=scored.ranked_by,
        min_count=scored.classifier.min_count, adoption_id=adoption_id, data_version=data_version,
        base_rate=scored.classifier.base_rate, by=by.account, at=now()))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - for the type checker: one row was inserted
    run_id = int(key[0])
    insert_rows(connection, _table(RiskScore), ["run_id", *_COLUMNS], _to_tuples(run_id, scored.rows))
    return run_id


def _to_tuples(run_id: int, rows: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    for row in zip(*(rows[name].tolist() for name in _COLUMNS), strict=True):  # plain Python, as the drivers take it
        code, *numbers, features, contributions, reasons = row
        told = (None if pd.isna(number) else number for number in numbers[:-1])
        texts = (json.dumps(value, ensure_ascii=False, default=str) for value in (features, contributions, reasons))
        yield (run_id, code, *told, bool(numbers[-1]), *texts)


def store_listings(
    connection: Connection, listed: pd.DataFrame, *, run_id: int, as_of: date, adoption_id: int | None
) -> None:
    """Insert the list of a week (rows of `models.weekly_scores.list_week`)."""
    rows = ((run_id, as_of.isoformat(), code, name, int(position), adoption_id)
            for code, name, position in zip(listed["place_code"], listed["list"], listed["position"], strict=True))
    insert_rows(connection, _table(RiskListing),
                ["run_id", "as_of", "place_code", "list", "position", "adoption_id"], rows)


def _table(mapped: Any) -> Table:
    table = mapped.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: a mapped class has a Table
    return table

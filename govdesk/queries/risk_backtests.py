"""Stored backtests: figures of all labels, and the weekly predictions they were made of."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from govdesk.queries.comparing import may_see_county
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.storage.escalation_definition import read_definition
from govdesk.tables import Place, RiskBacktest
from govdesk.terms import Level


@dataclass(frozen=True, slots=True)
class StoredBacktest:
    """A backtest of all labels with what was known before `as_of`.

    Attributes
    ----------
    from_week, to_week : int
        Test window in weeks since the epoch Monday, [from_week, to_week).
    report : dict
        ``labels``, ``placebo``, ``ablation``, ``horizons``, ``notes``, …: docs/schemas/backtest-report.json.
    predictions : DataFrame
        A row per week, place and label: ``as_of`` (week), ``place_code``, ``label``, ``in_scope``, ``outcome`` (NaN:
        not known), ``min_count``, ``classifier``, ``eb52``, ``eb52_recalibrated``, ``last_52_weeks``,
        ``last_4_weeks``, ``points``, ``quiet``, ``records_52`` (records of any kind in 52 weeks). Only places that the
        caller may see; the figures are those of all places.
    """

    id: int
    as_of: date
    level: str
    from_week: int
    to_week: int
    horizon_weeks: int
    data_version: int
    at: datetime
    by: str
    report: dict[str, Any]
    predictions: pd.DataFrame


@reads("view_model_card", "view_thresholds")
def read_newest_backtest(
    connection: Connection, scope: Scope, level: str = Level.VILLAGE
) -> StoredBacktest | None:
    """Return the backtest that was stored last for a level, or None.

    Its report is of all places: none for an account outside of whose area fewer than three townships lie.
    """
    row = connection.execute(
        select(RiskBacktest.id, RiskBacktest.as_of, RiskBacktest.level, RiskBacktest.from_week, RiskBacktest.to_week,
               RiskBacktest.horizon_weeks, RiskBacktest.data_version, RiskBacktest.at, RiskBacktest.by,
               RiskBacktest.report, RiskBacktest.predictions)
        .where(RiskBacktest.level == level).order_by(RiskBacktest.id.desc()).limit(1)).first()
    if row is None or not may_see_county(connection, scope, row.as_of):
        return None
    content = dict(row._mapping)
    predictions = unpack_predictions(content["predictions"])
    if scope.area_code is not None:
        seen = set(connection.scalars(select(Place.code).where(within_area(scope, Place.code))))
        predictions = predictions[predictions["place_code"].isin(seen)].reset_index(drop=True)
    return StoredBacktest(**content | {"report": json.loads(content["report"]), "predictions": predictions})


def read_newest_report(connection: Connection, level: str = Level.VILLAGE) -> dict[str, Any] | None:
    """Return the figures of the backtest that was stored last for a level, or None.

    Nothing is decided by figures of an older definition of an escalation: there are none then.
    """
    text = connection.scalar(select(RiskBacktest.report).where(RiskBacktest.level == level)
                             .order_by(RiskBacktest.id.desc()).limit(1))
    report: dict[str, Any] | None = None if text is None else json.loads(text)
    definition = read_definition(connection)
    if report is not None and definition is not None and definition.is_older(report.get("data_version")):
        return None
    return report


def pack_predictions(predictions: pd.DataFrame) -> bytes:
    """Return rows of predictions as parquet (zstd)."""
    file = BytesIO()
    predictions.to_parquet(file, compression="zstd", index=False)
    return file.getvalue()


def unpack_predictions(content: bytes) -> pd.DataFrame:
    """Return the rows of `pack_predictions`."""
    return pd.read_parquet(BytesIO(content))

"""The tiny county with escalations and a stored backtest written by hand: for tests of the tuning page."""

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Engine, insert, select

from govdesk.clock import day_start, monday_of, week_of
from govdesk.queries.risk_backtests import pack_predictions
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump, read_data_version
from govdesk.tables import Incident, RiskBacktest
from tests.support import escalating_county, tiny_county
from tests.support.ready import built_once

COUNTY = tiny_county.COUNTY
CODES = [f"{COUNTY}{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4)]
AS_OF: date = escalating_county.AS_OF
END = week_of(AS_OF)
#: Too few records to tell.
THIN = CODES[-1]


@built_once
def build(engine: Engine, weeks: int = 60, *, hostile: str | None = None) -> None:
    """Make the county and store a backtest of the last `weeks` weeks."""
    if hostile is None:
        escalating_county.build(engine, n_incidents=900, every=4)
    else:
        tiny_county.build(engine, 900, hostile=hostile)
        with write_transaction(engine) as connection:
            escalating_county.add_events(connection, [
                (number, AS_OF - timedelta(days=7 * (number % 50) + 30), 2) for number in range(1, 200)])
    store_backtest(engine, weeks)


def build_large(engine: Engine) -> None:
    """Make a county of 364 villages with 8,000 escalations and a backtest of 156 weeks: for the benchmark."""
    tiny_county.build(engine, 48_000, townships=26, villages=14, weeks=260)
    with write_transaction(engine) as connection:
        rows = connection.execute(select(Incident.id, Incident.occurred_on).where(Incident.id % 6 == 0)).all()
        escalating_county.add_events(connection, [(row.id, row.occurred_on, row.id % 10) for row in rows])
    codes = [f"{COUNTY}{t:03d}{v:03d}" for t in range(1, 27) for v in range(1, 15)]
    store_backtest(engine, 156, codes=codes)


def make_predictions(weeks: int, seed: int = 2, codes: list[str] | None = None) -> pd.DataFrame:
    """Return rows as a backtest stores them: drawn scores without a tie."""
    rng, codes = np.random.default_rng(seed), codes or CODES
    frames = []
    for label in ("elevated", "onset"):
        week = np.repeat(np.arange(END - weeks, END), len(codes))
        n = len(week)
        frames.append(pd.DataFrame({
            "as_of": week, "place_code": np.tile(np.array(codes, dtype=object), weeks), "label": label,
            "in_scope": (rng.random(n) < 0.6) | (label != "onset"),
            "outcome": np.where(week + 4 <= END, (rng.random(n) < 0.3).astype(float), np.nan), "min_count": 1.0,
            "classifier": rng.random(n) / 2, "eb52": rng.random(n), "eb52_recalibrated": rng.random(n),
            "last_52_weeks": rng.integers(0, 9, n).astype(float), "last_4_weeks": rng.integers(0, 3, n).astype(float),
            "points": rng.integers(0, 9, n).astype(float), "quiet": False}))
    rows = pd.concat(frames, ignore_index=True)
    return rows.assign(records_52=np.where(rows["place_code"] == codes[-1], 3.0, 20.0))


def store_backtest(engine: Engine, weeks: int, seed: int = 2, codes: list[str] | None = None,
                   report: dict | None = None) -> int:
    """Store a backtest of made-up scores; return its number."""
    with read_transaction(engine) as connection:
        version = read_data_version(connection)
    with write_transaction(engine) as connection:
        done = connection.execute(insert(RiskBacktest).values(
            as_of=AS_OF, level="village", from_week=END - weeks, to_week=END, horizon_weeks=4, data_version=version,
            report=json.dumps(report or {}), predictions=pack_predictions(make_predictions(weeks, seed, codes)), by="system",
            at=day_start(monday_of(END)) + timedelta(hours=2)))
        bump(connection, "risk")
    return int(done.inserted_primary_key[0])

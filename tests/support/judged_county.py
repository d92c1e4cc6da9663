"""The tiny county with escalations and a stored backtest written by hand: for tests of the tuning page."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Engine, insert

from govdesk.clock import day_start, monday_of, week_of
from govdesk.queries.risk_backtests import pack_predictions
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump, read_data_version
from govdesk.tables import RiskBacktest
from tests.support import escalating_county, tiny_county

COUNTY = tiny_county.COUNTY
CODES = [f"{COUNTY}{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4)]
AS_OF: date = escalating_county.AS_OF
END = week_of(AS_OF)
#: Too few records to tell.
THIN = CODES[-1]


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


def make_predictions(weeks: int, seed: int = 2) -> pd.DataFrame:
    """Return rows as a backtest stores them: drawn scores without a tie."""
    rng = np.random.default_rng(seed)
    rows = []
    for label in ("elevated", "onset"):
        for week in range(END - weeks, END):
            for code in CODES:
                known = week + 4 <= END
                rows.append({
                    "as_of": week, "place_code": code, "label": label, "in_scope": label != "onset" or rng.random() < 0.6,
                    "outcome": float(rng.random() < 0.3) if known else np.nan, "min_count": 1.0,
                    "classifier": rng.random() / 2, "eb52": rng.random(), "eb52_recalibrated": rng.random(),
                    "last_52_weeks": float(rng.integers(0, 9)), "last_4_weeks": float(rng.integers(0, 3)),
                    "points": float(rng.integers(0, 9)), "quiet": False, "records_52": 3.0 if code == THIN else 20.0})
    return pd.DataFrame(rows)


def store_backtest(engine: Engine, weeks: int, seed: int = 2) -> int:
    """Store a backtest of made-up scores; return its number."""
    with read_transaction(engine) as connection:
        version = read_data_version(connection)
    with write_transaction(engine) as connection:
        done = connection.execute(insert(RiskBacktest).values(
            as_of=AS_OF, level="village", from_week=END - weeks, to_week=END, horizon_weeks=4, data_version=version,
            report="{}", predictions=pack_predictions(make_predictions(weeks, seed)), by="system",
            at=day_start(monday_of(END)) + timedelta(hours=2)))
        bump(connection, "risk")
    return int(done.inserted_primary_key[0])

"""The tiny county with escalations, and scorings written straight into the tables: for tests of the early warning."""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Engine, insert, select

from govdesk.clock import day_start
from govdesk.queries.risk_reasons import build_reasons
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import (
    EscalationEvent,
    Incident,
    RiskListing,
    RiskRun,
    RiskScore,
    ThresholdAdoption,
)
from models.escalation import Classifier
from models.features import FEATURE_NAMES
from tests.support import tiny_county
from tests.support.ready import built_once

COUNTY = tiny_county.COUNTY
CODES = [f"{COUNTY}{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4)]
#: Day of the newest scoring: the Monday before the tiny county's now.
AS_OF = date(2026, 11, 16)
#: Too few records to tell.
THIN = CODES[-1]


def add_events(engine: Engine, every: int = 6, seed: int = 5) -> None:
    """Let every so many-th incident escalate, some of them known weeks later."""
    rng = np.random.default_rng(seed)
    with write_transaction(engine) as connection:
        rows = connection.execute(select(Incident.id, Incident.occurred_on).where(Incident.id % every == 0)).all()
        connection.execute(insert(EscalationEvent), [
            {"incident_id": row.id, "part": ("violence", "county_level", "police_handover")[row.id // every % 3],
             "occurred_on": row.occurred_on, "rule_version": "t",
             "recorded_at": day_start(row.occurred_on) + timedelta(days=int(rng.integers(0, 40)))} for row in rows])
        bump(connection, "incidents")


def classify(label: str, weight: float = 0.6) -> Classifier:
    """Return a classifier that was never fitted: equal weights on the village's own history."""
    n = len(FEATURE_NAMES)
    return Classifier(
        label=label, horizon=4, features=FEATURE_NAMES, centre=(0.0,) * n, scale=(1.0,) * n,
        coefficients=(weight, 0.3, 0.1, 0.05, 0.0, 0.2, 0.1, *(0.02,) * 4), intercept=-0.4, penalty=1.0,
        train_from_week=2800, train_to_week=2950, n_rows=1800, base_rate=0.12, min_count=1, versions={})


def adopt(engine: Engine, visits: int = 6, share_quiet: float = 0.5, edges: tuple[float, ...] = (0.3, 0.2, 0.1),
          at: datetime = datetime(2026, 11, 1, tzinfo=UTC)) -> int:
    """Adopt a setting; return its number."""
    with write_transaction(engine) as connection:
        done = connection.execute(insert(ThresholdAdoption).values(
            at=at, by="local_analyst", visits_per_week=visits, share_quiet=share_quiet,
            band_edges=json.dumps(edges), reason="t", backtest="{}"))
        bump(connection, "risk")
    return int(done.inserted_primary_key[0])


def score(engine: Engine, as_of: date = AS_OF, *, seed: int = 1, visits: int = 6, ranked_by: str = "classifier",
          adoption_id: int | None = None, weight: float = 0.6, thin: tuple[str, ...] = (THIN,)) -> int:
    """Write one scoring of all labels and its list of the week; return the number of the run of *elevated*."""
    rng = np.random.default_rng(seed)
    with write_transaction(engine) as connection:
        runs: dict[str, int] = {}
        taken: list[str] = []
        for label in ("elevated", "onset"):
            fitted = classify(label, weight)
            runs[label] = int(connection.execute(insert(RiskRun).values(
                as_of=as_of, label=label, horizon_weeks=4, classifier=fitted.to_json(), ranked_by=ranked_by,
                min_count=1, adoption_id=adoption_id, data_version=1, base_rate=0.12, by="system",
                at=day_start(as_of) + timedelta(hours=1))).inserted_primary_key[0])
            values = rng.normal(-1.2, 0.8, (len(CODES), len(FEATURE_NAMES)))
            values[:, 4:] = values[0, 4:]  # county and season are the same for all
            in_scope = (label == "elevated") | (rng.random(len(CODES)) < 0.9)
            told = np.array([code not in thin for code in CODES]) & in_scope
            p = np.where(told, fitted.probabilities(values), np.nan)
            rows = pd.DataFrame({"place_code": CODES, "probability": p,
                                 "in_scope": told | np.array([code in thin for code in CODES])})
            reasons = build_reasons(connection, SYSTEM, as_of, rows)
            ranks = rows["probability"].rank(ascending=False, method="first")
            connection.execute(insert(RiskScore), [
                {"run_id": runs[label], "place_code": code, **{
                    name: None if np.isnan(p[i]) else float(p[i] * factor)
                    for name, factor in (("probability", 1), ("low", 0.7), ("high", 1.2))},
                 "rank": None if np.isnan(p[i]) else int(ranks[i]), "baseline_rank": None if np.isnan(p[i]) else i + 1,
                 "usual_level": 0.1 + i / 100, "in_scope": bool(rows["in_scope"][i]),
                 "features": json.dumps(dict(zip(FEATURE_NAMES, values[i].tolist(), strict=True))),
                 "contributions": json.dumps({"base": fitted.intercept} | dict(
                     zip(FEATURE_NAMES, fitted.contributions(values[i]).tolist(), strict=True))),
                 "reasons": json.dumps(reasons[i])} for i, code in enumerate(CODES)])
            order = rows.dropna(subset="probability").sort_values("probability", ascending=False)["place_code"]
            kind, n = ("usual", visits - visits // 2) if label == "elevated" else ("quiet", visits // 2)
            listed = [code for code in order if code not in taken][:n]
            connection.execute(insert(RiskListing), [
                {"run_id": runs["elevated"], "as_of": as_of, "place_code": code, "list": kind, "position": number,
                 "adoption_id": adoption_id} for number, code in enumerate(listed, 1)])
            taken += listed
        bump(connection, "risk")
    return runs["elevated"]


@built_once
def build(engine: Engine, *, weeks: int = 2, **kwargs: object) -> None:
    """Create the county with escalations and the scorings of the last weeks, the newest on `AS_OF`."""
    if not kwargs.pop("is_built", False):
        tiny_county.build(engine, hostile=kwargs.pop("hostile", None))
        add_events(engine)
    for back in range(weeks - 1, -1, -1):
        score(engine, AS_OF - timedelta(weeks=back), seed=10 - back, **kwargs)



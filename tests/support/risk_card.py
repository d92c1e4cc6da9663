"""A small county with a stored backtest, scoring runs with lists, escalations and visits: for the model card."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pandas as pd
from sqlalchemy import insert, select

from govdesk.clock import week_of
from govdesk.queries.risk_backtests import pack_predictions
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import (
    EscalationEvent,
    Incident,
    RiskBacktest,
    RiskClassifier,
    RiskListing,
    RiskRun,
    RiskScore,
    Visit,
)
from models.backtest import run_backtest
from models.labels import LABELS
from models.panel import build_panel
from tests.support import tiny_county
from tests.support.ready import built_once
from tests.support.tiny_county import COUNTY

CODES = tuple(f"{COUNTY}{t + 1:03d}{v + 1:03d}" for t in range(3) for v in range(8))
HORIZON = 4
FIRST, WEEKS, TEST_WEEKS = 2735, 224, 116
AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
PLACEBOS = [round(0.001 * i, 3) for i in range(20)]  # 0 … 0.019


def village(number):
    """Return the code of the village of that number, from 0."""
    return CODES[number]


@cache
def backtests():
    """Return a real backtest of each label on invented events of these villages; made once."""
    rng = np.random.default_rng(5)
    rate = rng.gamma(1.2, 0.06, len(CODES))
    counts = rng.poisson(rate[:, None], (len(CODES), WEEKS))
    place, week = np.nonzero(counts)
    facts = pd.DataFrame({"place": [CODES[i] for i in place], "week_occurred": week + FIRST,
                          "week_known": week + FIRST, "weight": counts[place, week]})
    panel = build_panel(facts, places=CODES, first_week=FIRST, end_week=FIRST + WEEKS)
    return {label: run_backtest(panel, label, test_from_week=FIRST + WEEKS - TEST_WEEKS, resamples=40)
            for label in LABELS}


def figure(value, low=None, high=None):
    """Return a figure as a report holds it."""
    return {"value": value, "low": low, "high": high}


def make_report(*, gain=None, placebos=PLACEBOS, auc=None, dates=None):
    """Return a report; `gain` (value, low, high) and `auc` replace what was found for *elevated*."""
    labels = json.loads(json.dumps({label: done.report for label, done in backtests().items()}, default=float))
    elevated = labels["elevated"]
    if gain is not None:
        elevated["differences"]["classifier"]["auc"] = figure(*gain)
    if auc is not None:
        elevated["scores"]["classifier"]["auc"] = figure(auc, auc - 0.01, auc + 0.01)
        elevated["scores"]["classifier"]["brier_skill"] = figure(0.03, 0.01, 0.05)
    if dates is not None:
        elevated["dates"] = dates
    trial = {"group": "petitions", "features": ["petitions_last_13"], "delta_auc": 0.001, "delta_auc_low": -0.004,
             "brier_skill": 0.0, "verdict": "may_harm"}
    return {
        "labels": labels, "placebo": {
            label: {"gains": list(placebos), "n_seeds": len(placebos), "on": "2026-11-20"} for label in LABELS},
        "ablation": {"elevated": [trial, {**trial, "group": "works", "delta_auc_low": 0.0, "verdict": "enters"}]},
        "horizons": {str(weeks): {"elevated": {"base_rate": 0.1, "dates": 28, "min_count": 1, "auc": figure(0.8),
                                               "capture_at_10": figure(0.31), "brier_skill": figure(0.02),
                                               "slope": figure(1.02), "delta_auc": figure(0.01)}} for weeks in (2, 4, 8)},
        "notes": [],
    }


@built_once
def build_county(engine, **kwargs):
    """Create the county: 3 townships with 8 villages each."""
    tiny_county.build(engine, 400, townships=3, villages=8, **kwargs)


def add_backtest(engine, report=None):
    """Store a backtest; its predictions are the real ones."""
    done = backtests()
    rows = pd.concat([one.predictions for one in done.values()], ignore_index=True).assign(records_52=9)
    with write_transaction(engine) as connection:
        connection.execute(insert(RiskBacktest).values(
            as_of=date(2026, 11, 16), level="village", from_week=FIRST + WEEKS - TEST_WEEKS, to_week=FIRST + WEEKS,
            horizon_weeks=HORIZON, data_version=1, report=json.dumps(report or make_report(), ensure_ascii=False),
            predictions=pack_predictions(rows), by="system", at=AT))
        bump(connection, "risk")


def add_run(connection, as_of, listed, *, label="elevated", ranked_by="classifier", hidden=()):
    """Store a run: villages ranked in their order, the first ones listed; those `hidden` have no probability."""
    classifier = backtests()[label].classifiers[-1]
    content = classifier.to_json()
    number = connection.execute(insert(RiskClassifier).values(
        as_of=as_of, label=label, horizon_weeks=HORIZON, content=content, n_rows=classifier.n_rows,
        base_rate=classifier.base_rate, data_version=1, by="system", at=AT)).inserted_primary_key[0]
    run = connection.execute(insert(RiskRun).values(
        as_of=as_of, label=label, horizon_weeks=HORIZON, classifier=content, classifier_id=number,
        ranked_by=ranked_by, min_count=1, data_version=1, base_rate=0.1, by="system", at=AT)).inserted_primary_key[0]
    told = [code for code in CODES if code not in hidden]
    connection.execute(insert(RiskScore), [{
        "run_id": run, "place_code": code, "probability": None if code in hidden else 0.5 - 0.02 * told.index(code),
        "low": None, "high": None, "rank": None if code in hidden else told.index(code) + 1, "in_scope": True,
        "features": "{}", "contributions": "{}", "reasons": "[]"} for code in CODES])
    if listed:
        connection.execute(insert(RiskListing), [{
            "run_id": run, "as_of": as_of, "place_code": code, "list": "usual", "position": at + 1}
            for at, code in enumerate(listed)])
    bump(connection, "risk")
    return run


def add_event(connection, code, on, part="violence"):
    """Store an escalation of a village on a day, known a day later; each on an incident of its own."""
    used = set(connection.scalars(select(EscalationEvent.incident_id)))
    rows = connection.scalars(select(Incident.id).where(Incident.place_code.like(f"{code}-%")).order_by(Incident.id))
    incident = next(one for one in rows if one not in used)
    at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC) + timedelta(days=1)
    connection.execute(insert(EscalationEvent).values(
        incident_id=incident, part=part, occurred_on=on, recorded_at=at, rule_version="x"))


def add_visit(connection, code, on, reason, found):
    """Store a visit."""
    connection.execute(insert(Visit).values(
        source="test", source_ref=f"{code}{on}{reason}", content_hash="0", recorded_at=AT, place_code=code,
        reason=reason, visited_on=on, found=found, by_post="P1"))


def add_live(engine):
    """Store five weekly lists of two villages, the first two over; events that were named, missed, and never listed.

    Mondays 2026-10-12, 10-19 (over by 11-16), 10-26, 11-02, 11-09. Villages 0 and 1 are on every list; 2 has no
    probability. Events: village 0 on 10-20 (named), 3 on 11-03 (missed, rank 3), 2 on 11-10 (missed, no score).
    Village 1 is visited for the first alert.
    """
    mondays = [date(2026, 10, 12) + timedelta(weeks=back) for back in range(5)]
    with write_transaction(engine) as connection:
        for monday in mondays:
            add_run(connection, monday, (village(0), village(1)), hidden=(village(2),))
        add_event(connection, village(0), date(2026, 10, 20))
        add_event(connection, village(3), date(2026, 11, 3))
        add_event(connection, village(2), date(2026, 11, 10))
        add_visit(connection, village(1), date(2026, 10, 14), "alert", "nothing_found")
        add_visit(connection, village(5), date(2026, 10, 15), "sample", "found")
        bump(connection, "incidents")
    return [week_of(monday) for monday in mondays]


def known_to():
    """Return the first week that is not over in these tests."""
    return week_of(date(2026, 11, 16))

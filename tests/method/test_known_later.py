"""What is recorded on or after the as-of date changes no fact, no feature and no score: through the product's queries.

A small county is written as it was known on the as-of Monday; then everything that was recorded later is added (news of
old weeks, corrections, closings, referrals and re-openings typed in late, hand-overs, works, and the columns of the
incidents that say how things stand today), and the escalations are derived again.
"""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import delete, func, insert, select, update

from govdesk.actions.find_escalations import find_escalations
from govdesk.clock import day_start, local_day, monday_of, week_of
from govdesk.queries.candidate_facts import read_candidate_facts
from govdesk.queries.risk_panel import read_risk_panel
from govdesk.rules.access import SYSTEM
from govdesk.rules.escalation_parts import EscalationParts
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import EscalationEvent, Incident, Mediation, Step, WorksProject
from models.backtest import COLUMNS, run_backtest
from models.candidate_features import build_candidates
from models.features import build_features
from models.weekly_scores import fit_label, score_label
from tests.support import tiny_county

NOW_WEEK = week_of(tiny_county.UNTIL)
AS_OF = NOW_WEEK - 16
INSTANT = day_start(monday_of(AS_OF))
BASE = {"source": "late", "content_hash": "0", "is_recorded_assumed": False, "is_withdrawn": False}


def step(number, incident, kind, happened, recorded, **more):
    return BASE | {"source_ref": f"L{number}", "incident_id": incident, "kind": kind, "occurred_at": happened,
                   "recorded_at": recorded, "level": None, "unit_code": None} | more


def mediation(number, incident, started_on, recorded):
    return {"source": "late", "source_ref": number, "content_hash": "0", "incident_id": incident,
            "channel": "police_handover", "method": "visiting", "level": "village", "started_on": started_on,
            "recorded_at": recorded, "performance_due_on": None, "performed_on": None}


def known_then(connection):
    """Take away what was recorded on or after the as-of date; give some disputes a history that escalates."""
    connection.execute(delete(Step).where(Step.recorded_at >= INSTANT))
    connection.execute(delete(Step).where(Step.incident_id.in_(select(Incident.id).where(Incident.recorded_at >= INSTANT))))
    late = connection.execute(select(Incident.__table__).where(Incident.recorded_at >= INSTANT)).mappings().all()
    connection.execute(delete(Incident).where(Incident.recorded_at >= INSTANT))
    connection.execute(delete(WorksProject))
    connection.execute(update(Incident).where(Incident.closed_at >= INSTANT).values(closed_at=None, week_closed=None, status="accepted"))
    disputes = connection.execute(select(Incident.id, Incident.reported_at).where(Incident.stream == "dispute").order_by(Incident.id)).all()
    steps = []
    for number, (incident, at) in enumerate(disputes):
        days = [at + timedelta(days=day) for day in (3, 5, 7, 9, 12)]
        if number % 3 == 0:
            steps.append(step(f"{number}c", incident, "refer_up", days[2], days[3], level="county"))
        if number % 5 == 0:
            steps += [step(f"{number}o{i}", incident, kind, days[i], days[i]) for i, kind in enumerate(
                ("close", "reopen", "close", "reopen"))]
    connection.execute(insert(Step), [one for one in steps if one["recorded_at"] < INSTANT])
    connection.execute(insert(Mediation), [
        mediation(f"k{incident}", incident, (at + timedelta(days=8)).date(), at + timedelta(days=9))
        for incident, at in disputes[1::4] if at + timedelta(days=9) < INSTANT])
    return late


def add_what_came_later(connection, late):
    """Write what was recorded on or after the as-of date, most of it about weeks before."""
    rng = np.random.default_rng(8)
    connection.execute(insert(Incident), [dict(row) for row in late])
    most = connection.scalar(select(func.max(Incident.id))) or 0
    old = connection.execute(select(Incident.__table__).where(Incident.recorded_at < INSTANT)).mappings().all()
    records = INSTANT + timedelta(days=3)
    news = [dict(row) | {"id": most + 1 + number, "source": "late", "source_ref": f"N{number}", "recorded_at": records,
                         "week_known": week_of(local_day(records)), "weight": -1 if number % 4 == 0 else 1,
                         "repeat_of": row["id"] if number % 3 == 0 else None}
            for number, row in enumerate(old) if number % 2 == 0]
    connection.execute(insert(Incident), news)
    steps, mediations = [], []
    for number, row in enumerate(one for one in old if one["stream"] == "dispute"):
        at = row["reported_at"] + timedelta(hours=int(rng.integers(1, 90)))
        steps.append(step(f"x{number}", row["id"], "refer_up", at, records + timedelta(days=number % 40), level="county"))
        steps += [step(f"y{number}{i}", row["id"], kind, at + timedelta(hours=i), records) for i, kind in enumerate(
            ("close", "reopen", "close", "reopen", "close"))]
        mediations.append(mediation(f"m{number}", row["id"], at.date(), records))
    connection.execute(insert(Step), steps)
    connection.execute(insert(Mediation), mediations)
    connection.execute(insert(WorksProject), [{
        "source": "late", "source_ref": f"W{number}", "content_hash": "0", "recorded_at": records, "name": f"W{number}",
        "kind": "road", "place_code": f"{tiny_county.COUNTY}{1 + number % 3:03d}", "unit_code": None, "ended_on": None,
        "started_on": monday_of(AS_OF - 3 * number)} for number in range(1, 12)])
    connection.execute(update(Incident).where(Incident.source == "tiny").values(
        closed_at=Incident.reported_at, week_closed=Incident.week_occurred, severity=1, resolution_level="county",
        n_reopened=2, outcome="settled", status="closed", first_answered_at=Incident.reported_at))


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """The county as known on the as-of date, and what became of it; both read the same way."""
    patch = pytest.MonkeyPatch()
    patch.setenv("GOVDESK_VAR", str(tmp_path_factory.mktemp("var")))
    patch.setenv("GOVDESK_NOW", tiny_county.NOW.isoformat())
    from govdesk import settings
    from govdesk.storage.engine import get_engine

    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    engine = get_engine()
    tiny_county.build(engine, n_incidents=3000)
    with write_transaction(engine) as connection:
        late = known_then(connection)
    before = look(engine)
    with write_transaction(engine) as connection:
        add_what_came_later(connection, late)
    after = look(engine)
    patch.undo()
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    return before, after


def look(engine):
    """Derive the escalations, and read everything a score is made from, as of the date and as of today."""
    find_escalations(engine, by=SYSTEM, parts=EscalationParts(), commit=True)
    seen = {}
    with read_transaction(engine) as connection:
        seen["events"] = connection.scalar(select(func.count()).select_from(EscalationEvent))
        for name, week in (("then", AS_OF), ("today", NOW_WEEK)):
            panel = read_risk_panel(connection, SYSTEM, monday_of(week))
            seen[name] = panel
            seen[f"{name}_facts"] = read_candidate_facts(connection, SYSTEM, panel.places, panel.roles)
    return seen


def positions(panel):
    return np.arange(52, AS_OF - panel.first_week + 1, 3)


def test_there_is_something_to_be_misled_by(county):
    before, after = county
    assert after["events"] > 1.5 * before["events"]
    own, other = (one["then"].events for one in county)
    assert own.weight.sum() > 150
    at = np.array([AS_OF + 10 - before["today"].first_week])
    values = [build_features(one["today"].events, np.ones((12, one["today"].events.n_weeks + 1)), 4, at).values for one in county]
    assert not np.allclose(*values)
    assert own.first_week == other.first_week


def test_no_fact_of_the_panel_changes(county):
    for role, panel in county[0]["then"].roles.items():
        other = county[1]["then"].roles[role]
        told = [pd.DataFrame({"p": one.place, "o": one.occurred, "k": one.known, "w": one.weight}).groupby(["p", "o", "k"])["w"].sum()
                for one in (panel, other)]
        pd.testing.assert_series_equal(*told, obj=role)


@pytest.mark.parametrize("when", ["then", "today"])
def test_no_feature_changes(county, when):
    """`today`: the panel of today, at as-of weeks up to the date, as a backtest reads it."""
    values = []
    for one in county:
        events = one[when].events
        values.append(build_features(events, np.ones((12, events.n_weeks + 1)), 4, positions(events)).values)
    np.testing.assert_allclose(*values, rtol=1e-9)


@pytest.mark.parametrize("when", ["then", "today"])
def test_no_candidate_feature_changes(county, when):
    before, after = (build_candidates(one[f"{when}_facts"], positions(one[when].events)) for one in county)
    assert {"petitions", "complaints", "conflicts", "backlog", "neighbours"} <= set(before)
    for group, block in before.items():
        np.testing.assert_allclose(after[group].values, block.values, err_msg=group, atol=1e-12)
    for group in set(after) - set(before):  # nothing of it was known then
        assert not after[group].values.any()
    assert before["backlog"].values.any()


@pytest.mark.parametrize("label", ["elevated", "onset", "surge"])
def test_no_score_of_a_backtest_changes(county, label):
    before, after = (run_backtest(one["today"].events, label, test_from_week=AS_OF - 12, roles=one["today"].roles, resamples=0).predictions
                     for one in county)
    known = before["as_of"] <= AS_OF
    assert known.any()
    for column in (*COLUMNS, "min_count", "in_scope"):
        np.testing.assert_allclose(before.loc[known, column].astype(float), after.loc[known, column].astype(float), rtol=1e-7)


@pytest.mark.parametrize("label", ["elevated", "onset", "surge"])
def test_no_weekly_score_changes(county, label):
    told = []
    for one in county:
        fitted = fit_label(one["then"].events, label)
        classifier = fitted.classifier or fitted.baseline
        told.append((classifier.to_json(), score_label(
            one["then"].events, classifier, one["then"].everything.counts(52)[:, -1]).rows))
    assert told[0][0] == told[1][0]
    pd.testing.assert_frame_equal(told[0][1], told[1][1])

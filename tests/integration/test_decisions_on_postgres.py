"""What early warning, threshold tuning and model card do and ask is answered by PostgreSQL exactly as by SQLite.

One county goes through the same actions in both engines; then every query is asked for the whole county and for a
township, and compared value by value: numbers, types, order.
"""

from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sqlalchemy import select

from govdesk import settings
from govdesk.actions.adopt_groups import adopt_groups
from govdesk.actions.adopt_thresholds import adopt_thresholds, undo_adoption
from govdesk.actions.backtesting import BacktestRequest, backtest_labels
from govdesk.actions.object_to_score import ObjectionRefusedError, answer_objection, object_to_score
from govdesk.actions.record_visit import record_visit
from govdesk.actions.scoring import score_villages
from govdesk.actions.training import train_classifiers
from govdesk.clock import week_of
from govdesk.queries import (
    adopted_thresholds,
    candidate_facts,
    candidate_groups,
    card_drift,
    card_figures,
    live_misses,
    live_results,
    objections,
    risk_backtests,
    risk_caught,
    risk_changes,
    risk_known,
    risk_list,
    risk_owners,
    risk_panel,
    risk_reasons,
    risk_runs,
    silence,
    silence_explanations,
    silence_hints,
    threshold_backtest,
    village_spans,
    visits,
)
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import AuditEvent
from govdesk.terms import Level, Role
from tests.support import escalating_county
from tests.support.escalating_county import AS_OF
from tests.support.more_townships import add_townships
from tests.support.tiny_county import COUNTY, NOW, UNTIL

pytestmark = pytest.mark.postgres

CODES = tuple(f"{COUNTY}{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4))
WEEK = week_of(AS_OF)
TOWNSHIP = Scope("local_township", Role.TOWNSHIP, f"{COUNTY}001")
ANALYST, CENTRE = Scope("local_analyst", Role.ANALYST), Scope("local_centre", Role.CENTRE)
SCOPES = {"county": SYSTEM, "township": replace(SYSTEM, account="narrow", area_code=TOWNSHIP.area_code)}


def act(engine):
    """Go through a quarter's decisions; return what the actions said."""
    escalating_county.build(engine)
    add_townships(engine)  # three others: an area is told what the county has
    said = []
    for weeks in (12, 6):  # further apart than a listed village rests
        said.append(score_villages(engine, by=SYSTEM, as_of=AS_OF - timedelta(weeks=weeks), commit=True))
    said.append(backtest_labels(engine, by=SYSTEM, commit=True, asked=BacktestRequest(
        first=AS_OF - timedelta(weeks=40), n_placebos=1)))
    adopted = adopt_thresholds(
        engine, by=ANALYST, visits_per_week=4, share_quiet=0.25, band_edges=(0.4, 0.3, 0.2), capacity_per_week=5,
        reason="秋收后人手增加，电话 13800138000", backtest={"caught": 3}, seen_id=None)
    said += [adopted, adopt_thresholds(
        engine, by=ANALYST, visits_per_week=6, share_quiet=0.5, band_edges=(0.5, 0.3, 0.1), capacity_per_week=None,
        reason="再试", backtest={}, seen_id=None)]
    said.append(undo_adoption(engine, by=ANALYST, undoes_id=said[-1].id, reason="撤回", backtest={}))
    said.append(adopt_groups(engine, by=ANALYST, label="elevated", groups=(), reason="不加入", seen_id=None))
    said.append(train_classifiers(engine, by=SYSTEM, as_of=AS_OF, commit=True))
    said.append(score_villages(engine, by=SYSTEM, as_of=AS_OF, commit=True))
    said.append(score_villages(engine, by=SYSTEM, as_of=AS_OF, commit=True))  # the same again is no new one
    kept = object_to_score(engine, by=TOWNSHIP, place_code=CODES[0], text="两件是同一件，问 13800138000")
    said += [kept, object_to_score(engine, by=TOWNSHIP, place_code=CODES[0], text="两件是同一件，问 13800138000")]
    said.append(answer_objection(engine, by=ANALYST, objection_id=kept.objection_id, answer="已合并"))
    with pytest.raises(ObjectionRefusedError) as refused:
        answer_objection(engine, by=ANALYST, objection_id=kept.objection_id, answer="改口")
    said.append([problem.key for problem in refused.value.problems])
    for number, (code, reason, found, days) in enumerate([
            (CODES[0], "alert", "found", 20), (CODES[0], "own", "nothing_found", 3), (CODES[5], "sample", "nothing_found", 30),
            (CODES[0], "own", "nothing_found", 3)]):
        said.append(record_visit(engine, by=CENTRE, place_code=code, reason=reason, found=found, note="水渠有争执",
                                 visited_on=UNTIL - timedelta(days=days), form_key=f"form-{min(number, 2)}-key"))
    return said


def newest_run(c, label="elevated"):
    return risk_runs.read_run(c, SYSTEM, label, AS_OF).id


def newest_adoption(c):
    return adopted_thresholds.list_adoptions(c)[0].thresholds.id


def misses(c, s):
    live = live_results.read_live_results(c, s, WEEK, "lot")
    left = tuple((row.place_code, int(row.week), 1) for row in live.events.itertuples())
    return live, live_misses.list_misses(c, s, WEEK, left)


def candidates(c, s):
    panel = risk_panel.read_risk_panel(c, s, AS_OF)
    return panel, candidate_facts.read_candidate_facts(c, s, panel.places, panel.roles)


#: Every query of the three pages: name → what to ask on a connection, in a scope.
ASKED = {
    "week_list": lambda c, s: risk_list.read_week_list(c, s, AS_OF),
    "scored_days": risk_list.list_scored_days,
    "thresholds_of_run": lambda c, s: [risk_list.find_thresholds(c, one) for one in (None, newest_adoption(c))],
    "reasons": lambda c, s: risk_list.read_reasons(c, s, newest_run(c)),
    "list_in_force": lambda c, s: risk_list.list_in_force(c, s, UNTIL),
    "runs": lambda c, s: [risk_runs.read_runs(c, s, label, 3) for label in ("elevated", "onset")],
    "scores": lambda c, s: [risk_runs.read_scores(c, s, newest_run(c, label)) for label in ("elevated", "onset")],
    "scores_of_some": lambda c, s: risk_runs.read_scores(c, s, newest_run(c), ("place_code", "rank"), CODES[:3]),
    "listings": lambda c, s: risk_runs.read_listings(c, s, newest_run(c)),
    "backtest": lambda c, s: (risk_backtests.read_newest_backtest(c, s), risk_backtests.read_newest_report(c)),
    "caught": lambda c, s: risk_caught.read_caught(c, s, 4, 0.25),
    "changes": lambda c, s: [risk_changes.read_changes(c, s, label, AS_OF) for label in ("elevated", "onset")],
    "known": lambda c, s: risk_known.list_known(c, s, CODES, AS_OF, NOW),
    "new_events": lambda c, s: risk_known.list_new_events(c, s, AS_OF - timedelta(weeks=20), until=UNTIL),
    "owners": lambda c, s: risk_owners.read_owners(c, s, AS_OF),
    "panel": candidates,
    "mergers": lambda c, s: (risk_panel.read_mergers(c, AS_OF), risk_panel.read_last_as_of(c, UNTIL)),
    "facts": lambda c, s: risk_reasons.read_facts(c, s, AS_OF),
    "records": lambda c, s: (risk_reasons.count_records(c, s, AS_OF), risk_reasons.find_records(c, [1, 2, 899, None])),
    "thresholds": lambda c, s: (
        adopted_thresholds.read_thresholds_in_force(c, UNTIL), adopted_thresholds.list_adoptions(c),
        adopted_thresholds.read_adoption_before(c, newest_adoption(c))),
    "groups": lambda c, s: (candidate_groups.list_group_decisions(c, s, "elevated"),
                            candidate_groups.read_decided_groups(c), candidate_groups.read_groups_in_use(c)),
    "live": misses,
    "card": card_figures.read_card_figures,
    "drift": lambda c, s: [(card_drift.read_drift(c, s, label, AS_OF), card_drift.read_fitted(c, s, label, AS_OF))
                           for label in ("elevated", "onset")],
    "backlog": candidate_facts.read_backlog,
    "works": candidate_facts.read_works_exposure,
    "repeats": candidate_facts.read_repeats,
    "silent": lambda c, s: silence.list_silent(c, s, WEEK),
    "explanations": lambda c, s: silence_explanations.read_explanations(
        c, s, CODES[:4], WEEK - 26, WEEK, Level.VILLAGE, NOW),
    "hints": lambda c, s: silence_hints.read_silence_hints(c, s, WEEK),
    "tuning": lambda c, s: (threshold_backtest.find_newest_backtest(c, s), threshold_backtest.read_threshold_backtest(c, s)),
    "objections": objections.list_objections,
    "visits": lambda c, s: visits.list_visits(c, s, UNTIL - timedelta(days=90), UNTIL + timedelta(days=1), UNTIL),
    "contacts": visits.last_contacts,
    "lot": lambda c, s: visits.read_lot(c, s, UNTIL, "lot"),
    "spans": lambda c, s: (village_spans.find_successors(c, AS_OF), village_spans.read_spans(c, AS_OF, CODES[:2])),
    "audit": lambda c, s: c.execute(select(
        AuditEvent.at, AuditEvent.by, AuditEvent.action, AuditEvent.subject_key).order_by(AuditEvent.id)).all(),
}
#: How long something took is not an answer.
TIMES = {"seconds", "processor_seconds"}
#: Nothing of the kind is in the county: an empty answer is right, and has to be the same.
MAY_BE_EMPTY = {"repeats", "silent", "owners"}


def check_same(one, other, where=""):
    """Fail at the first value, type, length or order that differs."""
    assert type(one) is type(other), where
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, obj=where)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other, obj=where)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other, err_msg=where)
    elif sparse.issparse(one):
        assert (one != other).nnz == 0, where
    elif is_dataclass(one):
        for field in fields(one):
            check_same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for key in one.keys() - TIMES:
            check_same(one[key], other[key], f"{where}[{key!r}]")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), where
        for number, pair in enumerate(zip(one, other, strict=True)):
            check_same(*pair, f"{where}[{number}]")
    else:
        assert one == other or (one != one and other != other), f"{where}: {one!r} {other!r}"  # NaN is NaN


def is_something(answer):
    """Return whether an answer holds anything at all."""
    if isinstance(answer, list | tuple):
        return any(map(is_something, answer))
    return answer is not None and (not hasattr(answer, "__len__") or len(answer) > 0)


@contextmanager
def _county_now(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDESK_VAR", str(folder))
        patch.setenv("GOVDESK_NOW", NOW.isoformat())
        settings.get_settings.cache_clear()
        yield
        settings.get_settings.cache_clear()


def _ask(query, connection, scope):
    """Return an answer, or that it is refused: what makes the score is for those who see the whole county."""
    try:
        return query(connection, SCOPES[scope])
    except RefusedError as error:
        assert scope != "county"
        return str(error)


@pytest.fixture(scope="module")
def answers(tmp_path_factory, module_postgres_engine):
    """What both engines answered: by scope and name, and under "said" by the actions."""
    folder, found = tmp_path_factory.mktemp("decisions"), []
    with _county_now(folder):
        for engine in (get_engine(f"sqlite:///{folder / 'govdesk.db'}"), module_postgres_engine):
            given = {"said": act(engine)}
            with read_transaction(engine) as connection:
                given |= {(scope, name): _ask(ask, connection, scope) for scope in SCOPES for name, ask in ASKED.items()}
            found.append(given)
    return found


def test_actions_say_the_same(answers):
    check_same(answers[0]["said"], answers[1]["said"], "said")


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", ASKED)
def test_query_is_answered_the_same(answers, name, scope):
    one, other = (given[scope, name] for given in answers)
    check_same(one, other, name)
    assert is_something(one) or name in MAY_BE_EMPTY or scope != "county"

"""Parts of an escalation set on screen: held to the rules of the file, and two definitions are never mixed."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.change_setting import Reason, SettingRefusedError
from govdesk.actions.escalation_changes import derive_events, set_part, take_back_part, try_definition
from govdesk.actions.find_escalations import find_escalations
from govdesk.actions.scoring import _choose_rankers
from govdesk.clock import floor_monday, now
from govdesk.queries.escalation_definition import list_made
from govdesk.queries.escalation_settings import read_escalation_settings
from govdesk.queries.risk_backtests import read_newest_report
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.escalation_parts import PARTS, EscalationParts
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.escalation_parts import read_parts_in_force
from govdesk.storage.versions import read_data_version
from govdesk.tables import (
    AuditEvent,
    EscalationEvent,
    Incident,
    RiskBacktest,
    RiskClassifier,
    RiskRun,
    ThresholdAdoption,
)
from govdesk.terms import Role
from models.escalation import Classifier
from models.labels import LABELS
from tests.support import tiny_county
from tests.support.ready import built_once

ADMIN = Scope("local_admin", Role.ADMIN)
WHY = Reason("县综治委会议")
FIGHTS = {"is_on": True, "categories": ["order_fight"]}
THEFTS = {"is_on": True, "categories": ["order_theft"]}
CLASSIFIER = Classifier("LABEL", 4, (), (), (), (), -2.0, 1.0, 1, 2, 9, 0.1, 1, {}).to_json()
MONDAY = floor_monday(tiny_county.UNTIL)


@built_once
def _build(engine):
    tiny_county.build(engine)
    find_escalations(engine, by=SYSTEM, parts=EscalationParts(), commit=True)


@pytest.fixture
def county(empty_engine):
    _build(empty_engine)
    return empty_engine


def _in_force(engine):
    with read_transaction(engine) as connection:
        return read_parts_in_force(connection)


def _problems(act, *args, **kwargs):
    with pytest.raises(SettingRefusedError) as caught:
        act(*args, **kwargs)
    return [(one.key, one.field) for one in caught.value.problems]


def _events(engine):
    event = EscalationEvent
    with read_transaction(engine) as connection:
        return {row[0]: row[1:] for row in connection.execute(
            select(event.rule_version, func.count()).group_by(event.rule_version))}


def test_part_set_on_screen_holds_is_audited_and_taken_back(county):
    before = _in_force(county)
    done = set_part(county, by=ADMIN, part="violence", values=FIGHTS, reason=WHY)
    assert _in_force(county).violence.categories == ("order_fight",)
    assert _in_force(county).version != before.version
    with read_transaction(county) as connection:
        detail = json.loads(connection.scalar(select(AuditEvent.detail).where(AuditEvent.action == "change_settings")))
        shown = read_escalation_settings(connection, ADMIN)
    assert (detail["before"]["categories"], detail["after"]["categories"]) == (
        ["order_fight", "order_injury"], ["order_fight"])
    assert (set(shown.changes), shown.by["violence"], shown.is_derived) == ({"violence"}, "admin", False)
    assert shown.in_file == before
    take_back_part(county, by=ADMIN, part="violence", reason=Reason("恢复", done.change_id))
    assert _in_force(county) == before


def test_screen_goes_before_the_file_of_the_office_part_by_part(county):
    own = get_settings().var / "escalation_parts.toml"
    own.write_text('[violence]\ncategories = ["order_injury"]\n[county_level]\nalert_days = 7\n')
    set_part(county, by=ADMIN, part="violence", values=FIGHTS, reason=WHY)
    assert (_in_force(county).violence.categories, _in_force(county).county_level.alert_days) == (("order_fight",), 7)
    own.write_text("[violance]\n")
    assert _problems(set_part, county, by=ADMIN, part="stream", values={"is_on": False}, reason=WHY) == [
        ("refused", "part")]
    with read_transaction(county) as connection:
        assert "violance" in read_escalation_settings(connection, ADMIN).fault


@pytest.mark.parametrize(("part", "values", "problem"), [
    ("violance", FIGHTS, ("unknown", "part")), ("violence", {"categories": []}, ("missing", "categories")),
    ("violence", {"categories": ["order_figt"]}, ("unknown", "categories")),
    ("reopened_twice", {"times": 0}, ("refused", "part")), ("reopened_twice", {"time": 2}, ("refused", "part")),
    ("county_level", {"levels": ["capital"]}, ("refused", "part")),
    ("violence", {"is_on": True, "categories": ["order_fight", "order_injury"]}, ("no_change", "part"))])
def test_what_means_nothing_is_refused(county, part, values, problem):
    assert problem in _problems(set_part, county, by=ADMIN, part=part, values=values, reason=WHY)
    assert _in_force(county) == EscalationParts()


def test_one_part_stays_on_and_somebody_elses_word_is_not_overwritten_unseen(county):
    for part in PARTS:
        if getattr(EscalationParts(), part).is_on and part != "violence":
            set_part(county, by=ADMIN, part=part, values={"is_on": False}, reason=WHY)
    assert _problems(set_part, county, by=ADMIN, part="violence", values={"is_on": False}, reason=WHY) == [
        ("last_part", "is_on")]
    set_part(county, by=Scope("admin_2", Role.ADMIN), part="violence", values=FIGHTS, reason=WHY)
    assert _problems(set_part, county, by=ADMIN, part="violence", values=THEFTS, reason=WHY) == [("meanwhile", "row")]
    with pytest.raises(RefusedError):
        set_part(county, by=Scope("local_clerk", Role.CLERK), part="violence", values=THEFTS, reason=WHY)


def test_trial_writes_nothing_and_deriving_puts_every_event_under_the_new_definition(county):
    before, old = _events(county), _in_force(county).version
    assert set(before) == {old}
    tried = try_definition(county, by=ADMIN, part="violence", values=FIGHTS)
    assert _events(county) == before
    set_part(county, by=ADMIN, part="violence", values=FIGHTS, reason=WHY)
    assert _events(county) == before  # what holds and what was derived are told apart, not mixed
    done = derive_events(county, by=ADMIN)
    assert done.parts == tried.parts
    assert done.parts["violence"].n_events > 0
    assert _events(county) == {_in_force(county).version: (sum(one.n_events for one in done.parts.values()),)}
    with read_transaction(county) as connection:
        assert read_escalation_settings(connection, ADMIN).is_derived


def _make(engine):
    """Store a classifier, a score, a backtest and an adoption as if made of the data of this moment."""
    with write_transaction(engine) as connection:
        version = read_data_version(connection)
        shared = {"as_of": MONDAY - timedelta(weeks=1), "horizon_weeks": 4, "data_version": version, "by": "t", "at": now()}
        for label in LABELS:
            connection.execute(insert(RiskClassifier).values(
                label=label, content=CLASSIFIER.replace("LABEL", label), n_rows=9, base_rate=0.1, **shared))
        connection.execute(insert(RiskRun).values(label="elevated", classifier="", base_rate=0.1, **shared))
        connection.execute(insert(RiskBacktest).values(
            level="village", from_week=1, to_week=2, predictions=b"", report=json.dumps({"data_version": version}), **shared))
        connection.execute(insert(ThresholdAdoption).values(
            at=now(), by="t", visits_per_week=18, share_quiet=0.3, band_edges="[]", reason="t",
            backtest=json.dumps({"data_version": version})))


def _state(engine):
    with read_transaction(engine) as connection:
        rankers = _choose_rankers(connection, MONDAY, 4)
        return ([one.what for one in list_made(connection, ADMIN) if one.is_old],
                read_newest_report(connection) is not None, {one.trained is not None for one in rankers.values()})


def test_what_was_made_by_the_old_definition_is_named_and_never_used_beside_the_new_one(county):
    _make(county)
    assert _state(county) == ([], True, {True})
    set_part(county, by=ADMIN, part="violence", values=FIGHTS, reason=WHY)
    assert _state(county) == ([], True, {True})  # the events are still those it was made of
    derive_events(county, by=ADMIN)
    assert _state(county) == (["classifiers", "scores", "backtest", "adoption"], False, {False})
    _make(county)
    assert _state(county) == ([], True, {True})
    derive_events(county, by=ADMIN)  # a second time: nothing is written, nothing grows old
    assert _state(county) == ([], True, {True})
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(
            stream="public_order", category="order_fight", is_counted=1, weight=1))
    assert derive_events(county, by=ADMIN).parts["violence"].n_new == 1
    assert _state(county) == ([], True, {True})  # more events, but what counts is the same

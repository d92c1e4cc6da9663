"""The flow is checked at start, and only lets through what it allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.case_flow import (
    Actor,
    FlowConfigError,
    Standing,
    Taken,
    Taker,
    find_obstacle,
    list_allowed,
    read_flow,
)
from govdesk.rules.step_cache import find_next_status
from govdesk.settings import ROOT
from govdesk.terms import Status, StepKind

TEXT = (ROOT / "data" / "reference" / "case_flow.toml").read_text(encoding="utf-8")
FIVE = (ROOT / "data" / "reference" / "case_flow_five.toml").read_text(encoding="utf-8")
SEVEN = read_flow(TEXT)
CENTRE = Taker(frozenset({Actor.CENTRE}), "centre-desk")
HANDLER = Taker(frozenset({Actor.HANDLER}), "water-desk")


def standing(status, **more):
    values = {"handling_unit": "U", "concerns_unit": None, "is_live": True, "n_steps": 1, "reported_at": 0} | more
    return Standing(status=Status(status), **values)


def test_delivered_flows_have_seven_and_five_nodes():
    assert [node.zh for node in SEVEN.node] == ["收集", "上报", "分流", "处置", "反馈", "结案", "回访"]
    assert [node.zh for node in read_flow(FIVE).node] == ["收集", "上报", "分流", "反馈", "结案"]


@pytest.mark.parametrize(("old", "new", "reason"), [
    ('statuses = ["answered"]', "statuses = []", "status answered: stands in 0 nodes"),
    ('statuses = ["answered"]', 'statuses = ["answered", "reported"]', "status reported: stands in 2 nodes"),
    ('statuses = ["answered"]', 'statuses = ["answered", "paused"]', "status paused"),
    ('answered = "close"\n', "", "stages: one clock for each open status"),
    ('kind = "return"', 'kind = "accept"', "step accept: stands there twice"),
    ('kind = "return"', 'kind = "throw_away"', "step.3.kind"),
    ('needs = ["unit"]', 'needs = ["unitt"]', "step.1.needs.0"),
    ('kind = "resume"', 'kind = "report"', "status paused: no way leads from it to closing"),
    ('kind = "reopen"', 'kind = "report"', "could never be opened again"),
    ('kind = "dispatch"', 'kind = "report"', "nobody can be sent an incident"),
    ('code = "report"', 'code = "triage"', "node triage: stands there twice"),
    ('name = "seven"', "name = seven", "line 3"),
    ("other_post = true", "other_post = true\nwho = 1", "who: Extra inputs"),
])
def test_wrong_configuration_is_refused_with_its_place_and_reason(old, new, reason):
    assert old in TEXT
    with pytest.raises(FlowConfigError, match=reason.replace("[", r"\[")):
        read_flow(TEXT.replace(old, new, 1))


@given(st.sampled_from(list(StepKind)), st.sampled_from(list(Status)), st.sampled_from(list(Status)))
def test_only_closing_closes_and_only_reopening_opens(kind, status, before):
    following = find_next_status(kind, status, before if before is not Status.CLOSED else Status.REPORTED)
    if following is Status.CLOSED and status is not Status.CLOSED:
        assert kind is StepKind.CLOSE
    if status is Status.CLOSED and following is not Status.CLOSED:
        assert kind is StepKind.REOPEN


@pytest.mark.parametrize(("status", "taker", "kind", "obstacle"), [
    ("reported", CENTRE, "dispatch", None),
    ("reported", HANDLER, "dispatch", "not_yours"),
    ("dispatched", HANDLER, "accept", None),
    ("accepted", HANDLER, "accept", "not_now"),
    ("closed", CENTRE, "accept", "not_now"),
    ("accepted", CENTRE, "report", "unknown_step"),
    ("paused", CENTRE, "close", "not_now"),
    ("accepted", CENTRE, "extend", "nothing_asked"),
])
def test_obstacles(status, taker, kind, obstacle):
    assert find_obstacle(SEVEN, standing(status), taker, StepKind(kind)) == obstacle


def test_merged_incident_takes_no_step():
    assert list_allowed(SEVEN, standing("reported", is_live=False), CENTRE) == ()


def test_extension_is_decided_by_another_post():
    asked = Taken(7, "ask_extend", "centre-desk", 50)
    assert find_obstacle(SEVEN, standing("accepted", asked=asked), CENTRE, StepKind.EXTEND) == "same_post"
    other = Taker(CENTRE.actors, "centre-deputy")
    assert find_obstacle(SEVEN, standing("accepted", asked=asked), other, StepKind.EXTEND) is None


def test_extension_is_asked_for_once():
    asked = Taken(7, "ask_extend", "water-desk", 50)
    assert find_obstacle(SEVEN, standing("accepted", asked=asked), HANDLER, StepKind.ASK_EXTEND) == "not_now"


def test_a_closing_is_revisited_by_another_post():
    closed = Taken(7, "close", "centre-desk", 50)
    assert find_obstacle(SEVEN, standing("closed", closed=closed), CENTRE, StepKind.REVISIT) == "same_post"


def test_five_nodes_know_no_acceptance():
    flow = read_flow(FIVE)
    assert StepKind.ACCEPT not in list_allowed(flow, standing("dispatched"), HANDLER)
    assert StepKind.CLOSE in list_allowed(flow, standing("dispatched"), HANDLER)

"""What a form must fulfil."""

from datetime import date, timedelta

import pytest

from govdesk.rules.record_checks import check_record

TODAY = date(2026, 11, 22)
INCIDENT = {"place_code": "p", "stream": "dispute", "category": "neighbour", "occurred_on": TODAY, "channel": "visit"}
MEDIATION = {"incident_number": 1, "channel": "people", "method": "sitting", "level": "village", "started_on": TODAY}


def _keys(about, values):
    return [(one.key, one.field) for one in check_record(about, values, TODAY)]


def test_complete_forms_have_nothing_to_correct():
    assert _keys("incidents", INCIDENT) == []
    assert _keys("mediations", MEDIATION) == []
    assert _keys("nil_returns", {"place_code": "p", "period_from": TODAY, "period_to": TODAY}) == []
    assert _keys("works", {"place_code": "p", "name": "n", "kind": "road", "started_on": TODAY}) == []


@pytest.mark.parametrize("name", list(INCIDENT))
def test_each_needed_field_is_named(name):
    assert _keys("incidents", INCIDENT | {name: None}) == [("missing", name)]


def test_day_in_the_future_is_refused_but_a_promise_is_not():
    tomorrow = TODAY + timedelta(days=1)
    assert _keys("incidents", INCIDENT | {"occurred_on": tomorrow}) == [("future", "occurred_on")]
    assert _keys("mediations", MEDIATION | {"performance_due_on": tomorrow}) == []
    assert _keys("works", {"place_code": "p", "name": "n", "kind": "road", "started_on": tomorrow}) == []


def test_period_that_is_not_over_cannot_be_nil():
    found = _keys("nil_returns", {"place_code": "p", "period_from": TODAY, "period_to": TODAY + timedelta(days=3)})
    assert found == [("future", "period_to")]


def test_ancient_day_is_a_slip():
    assert _keys("incidents", INCIDENT | {"occurred_on": date(1900, 1, 1)}) == [("too_early", "occurred_on")]


def test_end_before_beginning_is_refused():
    values = MEDIATION | {"ended_on": TODAY - timedelta(days=1), "is_settled": True}
    assert _keys("mediations", values) == [("order", "ended_on")]


def test_mediation_has_a_result_when_and_only_when_it_ended():
    assert _keys("mediations", MEDIATION | {"ended_on": TODAY}) == [("settled_open", "is_settled")]
    assert _keys("mediations", MEDIATION | {"is_settled": False}) == [("open_ended", "is_settled")]


def test_long_summary_is_refused_with_both_lengths():
    found = check_record("incidents", INCIDENT | {"summary": "长" * 201}, TODAY)
    assert [one.key for one in found] == ["too_long"]
    assert dict(found[0].values) == {"most": "200", "n": "201"}

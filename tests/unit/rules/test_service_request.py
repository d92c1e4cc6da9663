"""Whatever another system says, it is understood or refused; nothing personal is read."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.api.request_body import parse_fields
from govdesk.rules.intake_tokens import CODE, hash_token, is_token_of
from govdesk.rules.service_request import (
    MOST_DAYS,
    PERSONAL,
    RequestFilter,
    RequestRefusedError,
    Wanted,
    read_change,
    read_filter,
    read_request,
)

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
names = st.one_of(st.sampled_from(["service_code", "lat", "long", "address_id", "description", "attribute", "email",
                                   "attribute[severity]", "attribute[occurred_on]", "status", "api_key"]), st.text(max_size=12))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("27.01"), st.just("request_road")),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6)
fields = st.dictionaries(names, values, max_size=10)


def outcome_of(work, *arguments):
    """Return what came of it, and what was refused."""
    try:
        return work(*arguments), ()
    except RequestRefusedError as error:
        return None, error.refusals


@given(fields)
def test_any_fields_are_a_request_or_a_refusal(given_fields):
    found, refusals = outcome_of(read_request, given_fields)
    assert all(400 <= one.status < 500 for one in refusals)
    if found is not None:
        assert isinstance(found, Wanted)
        assert (found.lon is None) == (found.lat is None)
        assert found.lon is not None or found.place_code is not None
        assert all(isinstance(value, str) for value in found.attributes.values())


@given(fields)
def test_any_fields_are_a_change_or_a_refusal(given_fields):
    found, refusals = outcome_of(read_change, given_fields)
    assert all(one.status == 400 for one in refusals)
    assert found is None or found.note or found.withdraws


@given(st.binary(max_size=300), st.sampled_from(["application/json", "application/x-www-form-urlencoded"]))
def test_any_bytes_are_fields_or_a_refusal(body, kind):
    found, refusals = outcome_of(parse_fields, kind, body)
    assert isinstance(found, dict) or refusals[0].status == 400


@given(fields)
def test_what_json_says_is_what_is_read(given_fields):
    found, refusals = outcome_of(parse_fields, "application/json", json.dumps(given_fields).encode())
    if found is None:
        assert refusals[0].key in ("body_empty", "not_a_finite_number", "body_unreadable")
    else:
        assert set(found) == set(given_fields)


@given(st.dictionaries(st.sampled_from(["service_request_id", "service_code", "start_date", "end_date", "status", "page",
                                        "page_size"]), st.one_of(st.text(max_size=30), st.just("open"), st.just("3"),
                                                                 st.just("2026-11-01T00:00:00Z"))))
def test_any_parameters_are_a_filter_or_a_refusal(query):
    found, refusals = outcome_of(read_filter, query, NOW)
    if found is None:
        assert refusals
        return
    assert isinstance(found, RequestFilter)
    assert found.start is not None
    assert found.end is None or timedelta(0) <= found.end - found.start <= timedelta(days=MOST_DAYS)
    assert 1 <= found.page_size <= 1_000


@pytest.mark.parametrize("query", [{"end_date": "0001-01-01T00:00:00Z"}, {"start_date": "9999-12-31T23:59:59Z"}])
def test_ends_of_time_are_refused(query):
    found, refusals = outcome_of(read_filter, query, NOW)
    assert found is None
    assert [one.status for one in refusals] == [400]


def test_no_parameters_are_the_last_ninety_days():
    assert read_filter({}, NOW) == RequestFilter(start=NOW - timedelta(days=90))


@pytest.mark.parametrize("name", PERSONAL)
def test_personal_field_changes_nothing_but_the_list_of_what_was_dropped(name):
    plain = {"service_code": "request_road", "lat": "27", "long": "111"}
    found = read_request({**plain, name: "王小明"})
    assert found.content == read_request(plain).content
    assert found.dropped == (name,)
    assert "王小明" not in repr(found)


@pytest.mark.parametrize("sent", [
    {"service_code": "request_road"}, {"lat": "27"}, {"address_id": "x", "description": "a"},
    {"attribute[severity]": "1", "description": "a"}, {"attribute": {"severity": 1}, "status": "withdrawn"}])
def test_update_may_change_nothing_else(sent):
    with pytest.raises(RequestRefusedError) as caught:
        read_change(sent)
    assert caught.value.refusals[0].key == "update_other"


def test_update_is_a_note_or_a_withdrawal():
    assert read_change({"description": " 又漏水了 ", "phone": "1"}).note == "又漏水了"
    assert read_change({"status": "withdrawn"}).withdraws
    for sent in ({"status": "closed"}, {"status": ["withdrawn"]}, {"phone": "1"}, {"description": ""}):
        with pytest.raises(RequestRefusedError):
            read_change(sent)


def test_token_is_compared_by_its_hash():
    assert is_token_of(hash_token("a"), hash_token("a"))
    assert not is_token_of(hash_token("a"), hash_token("b"))
    assert not is_token_of("0" * 64, None)


@pytest.mark.parametrize(("code", "is_code"), [
    ("city-app", True), ("a", False), ("App", False), ("a b", False), ("9a", False), ("a" * 31, False), ("a\n", False)])
def test_code_of_a_source(code, is_code):
    assert bool(CODE.fullmatch(code)) is is_code

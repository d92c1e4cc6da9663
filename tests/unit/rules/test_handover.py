"""Frozen facts of a handover: kept as they were, without what concerns the reader's unit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.handover import LISTS, HandoverFacts, Listed, Named, hide_units, read_facts, write_facts

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
units = st.sampled_from([None, "LAND", "WATER"])
texts = st.text(max_size=6)
rows = st.builds(Named, st.sampled_from(["incident", "call"]), st.integers(1, 30), texts, st.none() | texts, texts, texts,
                 st.none() | st.integers(0, 2_000_000_000), units)


@st.composite
def listed(draw, name):
    named = draw(st.lists(rows, max_size=5))
    counts = {}
    for row in named:
        counts[row.about] = counts.get(row.about, 0) + 1
    counts[draw(units)] = counts.get(None, 0) + draw(st.integers(0, 9)) + len(named)
    return Listed(name, tuple(counts.items()), tuple(named))


facts_of = st.builds(
    HandoverFacts, st.just(NOW - timedelta(hours=12)), st.just(NOW), st.none() | st.just(NOW - timedelta(hours=40)),
    st.lists(st.tuples(st.sampled_from(["dispute", "hazard"]), units, st.integers(1, 9)), max_size=4).map(tuple),
    st.tuples(*(listed(name) for name in LISTS[:3])))


@given(facts_of)
def test_facts_are_read_as_they_were_written(facts):
    assert read_facts(write_facts(facts)) == facts


@given(facts_of, st.sampled_from(["LAND", "WATER"]), st.sets(st.tuples(st.sampled_from(["incident", "call"]), st.integers(1, 30)), max_size=4))
def test_nothing_of_the_unit_is_left_and_nothing_else_goes(facts, unit, hidden):
    seen = hide_units(facts, {unit}, hidden)
    for before, after in zip(facts.lists, seen.lists, strict=True):
        gone = [row for row in before.rows if row.about == unit or (row.subject, row.id) in hidden]
        assert [row for row in before.rows if row not in gone] == list(after.rows)
        ours = dict(before.counts).get(unit, 0)
        others = sum(row.about != unit for row in gone)
        assert after.n == before.n - ours - others
    assert all(one[1] != unit for one in seen.streams)
    assert hide_units(facts, ()) == facts


def test_old_data_and_missing_lists_are_said():
    facts = HandoverFacts(NOW, NOW, NOW - timedelta(hours=37), (("dispute", None, 2), ("dispute", "LAND", 1)), ())
    assert facts.is_stale
    assert not HandoverFacts(NOW, NOW, None, (), ()).is_stale
    assert facts.find("calls").n == 0
    assert facts.count_streams() == {"dispute": 3}


def test_facts_of_a_later_version_are_refused():
    text = write_facts(HandoverFacts(NOW, NOW, None, (), ())).replace('"version": 1', '"version": 2')
    with pytest.raises(ValueError, match="version 2"):
        read_facts(text)

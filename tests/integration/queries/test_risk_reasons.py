"""Reasons read from records: only what was known before the day, counted as the score counts, honouring the scope."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import week_of
from govdesk.queries.panel_facts import read_panel_facts
from govdesk.queries.risk_reasons import build_reasons, read_facts
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import EscalationEvent, Incident, PlaceChange
from govdesk.terms import Role
from models.panel import build_panel
from tests.support import tiny_county

AS_OF = date(2026, 11, 16)
COUNTY = tiny_county.COUNTY


@pytest.fixture
def engine(tiny_engine):
    """The tiny county with events at random days, some known later, some of one incident, one corrected."""
    rng = np.random.default_rng(5)
    with write_transaction(tiny_engine) as connection:
        rows = connection.execute(select(Incident.id, Incident.occurred_on, Incident.recorded_at)
                                  .where(Incident.id % 6 == 0)).all()
        events = []
        for row in rows:
            for part in ("violence", "county_level", "group_petition")[: 1 + row.id // 6 % 3]:
                on = row.occurred_on + timedelta(days=int(rng.integers(0, 60)))
                recorded = datetime(on.year, on.month, on.day, 5, tzinfo=UTC) + timedelta(days=int(rng.integers(0, 300)))
                events.append({"incident_id": row.id, "part": part, "occurred_on": on, "recorded_at": recorded,
                               "rule_version": "t"})
        connection.execute(insert(EscalationEvent), events)
        connection.execute(update(Incident).where(Incident.id == rows[0].id).values(weight=-1))
    return tiny_engine


def _reasons(engine, scope=SYSTEM, codes=None, as_of=AS_OF, probability=0.1, **columns):
    codes = codes or [f"{COUNTY}{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4)]
    scores = pd.DataFrame({"place_code": codes, "probability": probability, **columns})
    with read_transaction(engine) as connection:
        return dict(zip(codes, build_reasons(connection, scope, as_of, scores), strict=True))


def test_counts_are_those_the_score_is_made_of(engine):
    with read_transaction(engine) as connection:
        facts = read_panel_facts(connection, SYSTEM)
        codes = sorted(read_facts(connection, SYSTEM, AS_OF))
    events = facts[facts["role"] == "escalation"].rename(columns={"place_code": "place"})
    first = int(facts["week_occurred"].min())
    panel = build_panel(events, places=codes, first_week=first, end_week=week_of(AS_OF))
    reasons = _reasons(engine, codes=codes)
    counts = {weeks: dict(zip(codes, panel.counts(weeks)[:, -1], strict=True)) for weeks in (26, 156)}
    assert sum(counts[26].values()) > 5
    for code in codes:
        told = {one["kind"]: one for one in reasons[code]}
        assert told.get("recent", {"n": 0})["n"] == counts[26][code]
        assert told["long"]["n"] == counts[156][code]


def test_a_village_that_took_another_in_is_told_by_the_records_of_both(engine):
    one, other = f"{COUNTY}001001", f"{COUNTY}001002"
    before = _reasons(engine)
    long = {code: next(reason["n"] for reason in before[code] if reason["kind"] == "long") for code in (one, other)}
    assert all(long.values())
    with write_transaction(engine) as connection:
        connection.execute(insert(PlaceChange).values(
            from_code=other, to_code=one, on=date(2026, 11, 9), kind="merge", share=1.0))
    after = _reasons(engine)[one]
    assert next(reason["n"] for reason in after if reason["kind"] == "long") == sum(long.values())


def test_what_is_recorded_later_changes_no_reason(engine):
    before = _reasons(engine)
    with write_transaction(engine) as connection:
        late = datetime(2026, 11, 16, 3, tzinfo=UTC)  # a Monday morning in the county
        taken = set(connection.scalars(select(EscalationEvent.incident_id)))
        ids = [one for one in connection.scalars(select(Incident.id)) if one not in taken][:40]
        connection.execute(insert(EscalationEvent), [
            {"incident_id": one, "part": "violence", "occurred_on": date(2026, 11, 10), "recorded_at": late,
             "rule_version": "t"} for one in ids])
    assert _reasons(engine) == before
    assert _reasons(engine, as_of=date(2026, 11, 23)) != before


def test_no_two_villages_share_their_reasons(engine):
    texts = [str([one for one in reasons if one["kind"] != "long"]) for reasons in _reasons(engine).values()]
    assert len(set(texts)) == 12


def test_too_few_and_no_event_are_told_by_the_newest_record(tiny_engine):
    kinds = {code: reasons[0]["kind"] for code, reasons in _reasons(tiny_engine).items()}
    assert set(kinds.values()) == {"none"}
    thin = _reasons(tiny_engine, probability=None)[f"{COUNTY}001001"]
    assert [one["kind"] for one in thin] == ["thin"]
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(Incident.source_ref, Incident.place_code, Incident.week_known)
                                 .where(Incident.id == thin[0]["facts"][0]["incident"])).one()
    assert row.place_code.startswith(f"{COUNTY}001001")
    assert row.week_known < week_of(AS_OF)
    assert row.source_ref == thin[0]["facts"][0]["ref"]


def test_a_village_out_of_scope_of_the_label_is_not_taken_for_one_with_too_few_records(engine):
    kinds = {reasons[0]["kind"] for reasons in _reasons(engine, probability=None, in_scope=False).values()}
    assert "thin" not in kinds
    assert {reasons[0]["kind"] for reasons in _reasons(engine, probability=None, in_scope=True).values()} == {"thin"}


def test_who_has_an_area_reads_no_facts_of_the_county(engine):
    """The score is made of all villages by who may see them all."""
    with read_transaction(engine) as connection:
        assert read_facts(connection, SYSTEM, AS_OF)
        for role in Role:
            with pytest.raises(RefusedError):
                read_facts(connection, Scope("t", role, area_code=f"{COUNTY}001"), AS_OF)

"""The list in force: order, bands, rest, what changed since last week, what is known and not in the score."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update

from govdesk.clock import day_start, week_of
from govdesk.queries.risk_changes import read_changes
from govdesk.queries.risk_known import list_known
from govdesk.queries.risk_list import list_in_force, read_week_list
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import EscalationEvent, Incident, Mediation, PlaceAncestor, RiskListing
from govdesk.terms import Role
from tests.support import scored_county, tiny_county
from tests.support.more_townships import add_townships
from tests.support.scored_county import AS_OF, CODES, COUNTY, THIN

TODAY = tiny_county.UNTIL
TOWN = Scope("t", Role.TOWNSHIP, area_code=f"{COUNTY}001")


def _read(engine, scope=SYSTEM, on=TODAY):
    with read_transaction(engine) as connection:
        return read_week_list(connection, scope, on)


def _known(engine, scope=SYSTEM, codes=tuple(CODES), now=tiny_county.NOW):
    with read_transaction(engine) as connection:
        return list_known(connection, scope, codes, AS_OF, now)


def test_nothing_scored_is_no_list(tiny_engine):
    assert _read(tiny_engine) is None
    with read_transaction(tiny_engine) as connection:
        assert list_in_force(connection, SYSTEM, TODAY) == []
        assert read_changes(connection, SYSTEM, "elevated", TODAY) is None


def test_list_stands_first_each_village_once_with_the_score_it_is_listed_by(empty_engine):
    scored_county.build(empty_engine)
    week = _read(empty_engine)
    rows = week.rows
    assert sorted(rows["place_code"]) == CODES
    assert rows["list"].tolist()[:6] == ["usual"] * 3 + ["quiet"] * 3
    assert rows["position"].tolist()[:6] == [1, 2, 3, 1, 2, 3]
    assert rows["label"].tolist()[3:6] == ["onset"] * 3
    assert rows["place_code"].iloc[-1] == THIN
    assert not isinstance(rows["band"].iloc[-1], str)
    told = rows.head(6)
    sums = [sum(parts.values()) for parts in told["contributions"]]
    assert np.allclose(1 / (1 + np.exp(-np.array(sums))), told["probability"])
    assert set(rows["parent"]) == {"第1镇", "第2镇", "第3镇"}
    assert (week.n_listed, week.made_with.id) == (6, None)
    with read_transaction(empty_engine) as connection:
        assert list_in_force(connection, SYSTEM, TODAY) == sorted(rows["place_code"][:6])
        assert list_in_force(connection, SYSTEM, AS_OF - timedelta(weeks=9)) == []


def test_a_township_sees_its_own_villages_at_the_countys_positions(empty_engine):
    scored_county.build(empty_engine)
    add_townships(empty_engine)
    ours, all_rows = _read(empty_engine, TOWN), _read(empty_engine).rows
    assert set(ours.rows["place_code"]) == set(CODES[:4])
    merged = ours.rows.merge(all_rows, on="place_code", suffixes=("", "_county"))
    assert merged["position"].equals(merged["position_county"])
    assert ours.n_listed == 6


def test_a_village_is_new_if_no_list_of_five_weeks_named_it(empty_engine):
    scored_county.build(empty_engine, weeks=8)
    with read_transaction(empty_engine) as connection:
        listings = connection.execute(select(RiskListing.place_code, RiskListing.as_of)).all()
    for back in (0, 2, 7):
        on = AS_OF - timedelta(weeks=back)
        found = _read(empty_engine, on=on)
        now = {one.place_code for one in listings if one.as_of == on}
        seen = {one.place_code for one in listings if on - timedelta(weeks=5) <= one.as_of < on}
        wanted = now - seen if back < 7 else set()
        assert set(found.rows["place_code"][found.rows["is_new"]]) == wanted
        assert found.n_before == min(5, 7 - back)


def test_a_village_rests_after_a_listing_until_a_new_escalation_is_known(empty_engine):
    scored_county.build(empty_engine, weeks=3)
    rows = _read(empty_engine).rows.set_index("place_code")
    with write_transaction(empty_engine) as connection:
        connection.execute(delete(EscalationEvent).where(
            EscalationEvent.recorded_at >= day_start(AS_OF - timedelta(weeks=5))))
    with read_transaction(empty_engine) as connection:
        before = connection.execute(select(RiskListing.place_code, RiskListing.as_of)
                                    .where(RiskListing.as_of < AS_OF)).all()
    rows = _read(empty_engine).rows.set_index("place_code")
    resting = rows[rows["rests_since"].notna()]
    unlisted = {row.place_code for row in before if rows.loc[row.place_code, "position"] is None
                or rows["list"].isna()[row.place_code]}
    assert unlisted
    assert set(resting.index) == unlisted
    code = sorted(unlisted)[0]
    latest = max(row.as_of for row in before if row.place_code == code)
    assert rows.loc[code, "rests_since"].date() == latest
    with write_transaction(empty_engine) as connection:
        taken = set(connection.scalars(select(EscalationEvent.incident_id)))
        incident = next(one for one in connection.scalars(select(Incident.id).where(
            Incident.place_code.like(f"{code}-%"))) if one not in taken)
        connection.execute(insert(EscalationEvent).values(
            incident_id=incident, part="violence", occurred_on=latest + timedelta(days=1), rule_version="t",
            recorded_at=day_start(latest + timedelta(days=1))))
    assert _read(empty_engine).rows.set_index("place_code")["rests_since"].isna()[code]


def test_changes_sum_to_the_difference_and_bands_moved_by_edges_are_told_apart(empty_engine):
    scored_county.build(empty_engine, weeks=1)
    scored_county.score(empty_engine, AS_OF + timedelta(weeks=1), seed=10,
                        adoption_id=scored_county.adopt(empty_engine, edges=(0.9, 0.8, 0.001)))
    with read_transaction(empty_engine) as connection:
        changes = read_changes(connection, SYSTEM, "elevated", TODAY + timedelta(days=2))
    assert changes.since == AS_OF
    rows = changes.rows.drop(index=THIN)
    assert np.allclose(rows["before"] + rows["data"] + rows["classifier"] + rows["place"], rows["after"])
    # The same features and the same classifier: only the edges moved a band.
    assert np.allclose(rows[["data", "classifier", "place"]], 0)
    assert (rows["by_score"] == 0).all()
    assert (rows["by_edges"] == rows["band_after"] - rows["band_before"]).all()
    assert (rows["by_edges"] != 0).any()
    assert changes.rows.loc[THIN, ["data", "after"]].isna().all()


def test_new_records_and_a_new_classifier_are_parts_of_their_own(empty_engine):
    scored_county.build(empty_engine, weeks=1)
    scored_county.score(empty_engine, AS_OF + timedelta(weeks=1), seed=77, weight=0.9)
    add_townships(empty_engine)
    with read_transaction(empty_engine) as connection:
        rows = read_changes(connection, TOWN, "elevated", TODAY + timedelta(days=2)).rows
    assert set(rows.index) == set(CODES[:4])
    assert (rows["data"].abs() > 1e-6).all()
    assert (rows["classifier"].abs() > 1e-6).all()
    assert np.allclose(rows["place"], 0)
    lines = [name for name in rows if name.startswith("data_")]
    assert {f"data_{line}" for line in ("recent", "year", "long", "common")} == set(lines)
    assert np.allclose(rows[lines].sum(axis=1), rows["data"])


def test_a_changed_border_is_a_part_of_its_own(empty_engine):
    scored_county.build(empty_engine, weeks=1)
    scored_county.score(empty_engine, AS_OF + timedelta(weeks=1), seed=10)
    moved = f"{CODES[0]}-02"
    with write_transaction(empty_engine) as connection:
        connection.execute(update(PlaceAncestor).where(
            PlaceAncestor.code == moved, PlaceAncestor.ancestor_level == "village").values(week_to=week_of(AS_OF) + 1))
        connection.execute(insert(PlaceAncestor).values(
            code=moved, ancestor_code=CODES[1], ancestor_level="village", depth=1, week_from=week_of(AS_OF) + 1,
            week_to=10**6))
    with read_transaction(empty_engine) as connection:
        rows = read_changes(connection, SYSTEM, "elevated", TODAY + timedelta(days=2)).rows.drop(index=THIN)
    # The stored values do not come from the records here, so that both parts are large; what counts is that they sum.
    moved = rows.index.isin(CODES[:2])
    assert (rows["place"][moved].abs() > 1e-6).all()
    assert np.allclose(rows["place"][~moved], 0)
    assert np.allclose(rows["before"] + rows["data"] + rows["classifier"] + rows["place"], rows["after"])


def test_known_items_are_dated_open_and_of_the_village_asked_for(empty_engine):
    scored_county.build(empty_engine, weeks=1)
    items = _known(empty_engine)
    assert {item.kind for item in items} >= {"dispute", "petition", "works"}
    assert all(item.on <= TODAY + timedelta(days=28) for item in items)
    with read_transaction(empty_engine) as connection:
        rows = {row.id: row for row in connection.execute(select(
            Incident.id, Incident.place_code, Incident.closed_at, Incident.source_ref, Incident.stream))}
    for item in items:
        if item.kind == "dispute":
            row = rows[item.incident]
            assert row.closed_at is None or row.closed_at > tiny_county.NOW
            assert row.place_code.startswith(item.place_code)
            assert row.source_ref == item.ref
    assert _known(empty_engine, codes=()) == []
    assert {item.place_code for item in _known(empty_engine, TOWN)} <= set(CODES[:4])


@pytest.mark.parametrize(("recorded_at", "kinds"), [
    (datetime(2026, 11, 12, tzinfo=UTC), set()), (datetime(2026, 11, 19, tzinfo=UTC), {"agreement_overdue", "event"})])
def test_an_agreement_the_score_counts_as_broken_is_not_said_twice(empty_engine, recorded_at, kinds):
    tiny_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        row = connection.execute(select(Incident.id, Incident.place_code).where(
            Incident.stream == "dispute", Incident.place_code.like(f"{CODES[1]}%"))).first()
        connection.execute(insert(Mediation).values(
            incident_id=row.id, source="t", source_ref="M1", content_hash="0", channel="people", method="sitting",
            level="village", started_on=date(2026, 9, 1), performance_due_on=date(2026, 11, 10),
            recorded_at=datetime(2026, 9, 2, tzinfo=UTC)))
        connection.execute(insert(EscalationEvent).values(
            incident_id=row.id, part="agreement_broken", occurred_on=date(2026, 11, 11), recorded_at=recorded_at,
            rule_version="t"))
    found = {item.kind for item in _known(empty_engine, codes=(CODES[1],))}
    assert found & {"agreement_overdue", "event"} == kinds

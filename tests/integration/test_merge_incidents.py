"""Merging, keeping apart and taking back: what is refused, who was first, and counts that never drift."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from govdesk.actions.merge_incidents import MergeRefusedError, keep_apart, merge_incidents, undo_verdict
from govdesk.queries.duplicate_verdicts import find_merger, list_taken_in, list_verdicts
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.freshness import read_freshness
from govdesk.queries.incidents import count_incidents, list_steps
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.versions import read_versions
from govdesk.tables import Account, AuditEvent, DuplicateVerdict, ImportBatch, Incident, WeeklyCount
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import NOW
from tests.support.weekly_sums import check_weekly_counts

CENTRE = Scope("local_centre", Role.CENTRE)
CLERK = Scope("local_clerk", Role.CLERK)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request):
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, n_incidents=300)
    return engine


def set_(engine, number, **values):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == number).values(**values))


def of_stream(engine, stream="dispute"):
    with read_transaction(engine) as connection:
        return list(connection.scalars(select(Incident.id).where(Incident.stream == stream).order_by(Incident.id)))


def merge(engine, one, other, by=CENTRE, reason="同一件事"):
    return merge_incidents(engine, by=by, incident_id=one, into_id=other, reason=reason)


def read(engine, query, *args, scope=SYSTEM):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def refused(act, *args, **kwargs):
    with pytest.raises(MergeRefusedError) as error:
        act(*args, **kwargs)
    return error.value.problems[0]


def state(engine):
    """Return everything that counting reads, without the judgements."""
    with read_transaction(engine) as connection:
        return (connection.execute(select(Incident.__table__).order_by(Incident.id)).all(),
                connection.execute(select(WeeklyCount.__table__).order_by(*WeeklyCount.__table__.primary_key)).all())


def test_merged_incident_counts_no_more_and_keeps_its_steps(county):
    one, other = of_stream(county)[:2]
    before = read(county, read_freshness).n_incidents
    steps = len(read(county, list_steps, one))
    with read_transaction(county) as connection:
        versions = read_versions(connection)
    done = merge(county, one, other, reason="同一件事，电话 13800138000")
    assert done.is_masked
    assert read(county, read_freshness).n_incidents == before - 1
    assert len(read(county, list_steps, one)) == steps > 0
    check_weekly_counts(county)
    merger = read(county, find_merger, one).iloc[0]
    assert (merger["into_id"], merger["post"]) == (other, "centre")
    assert "13800138000" not in merger["reason"]
    taken = read(county, list_taken_in, other)
    assert taken[["id", "verdict_id"]].values.tolist() == [[one, done.verdict_id]]
    with read_transaction(county) as connection:
        assert read_versions(connection)["incidents"] == versions["incidents"] + 1
        audit = connection.execute(select(AuditEvent).where(AuditEvent.action == "merge_incidents")).scalars().all()
        detail = connection.scalar(select(AuditEvent.detail).where(AuditEvent.action == "merge_incidents"))
    assert len(audit) == 1
    assert json.loads(detail) == {"verdict": "merged", "incident": one, "other": other}


def test_taking_back_restores_everything(county):
    one, other = of_stream(county)[:2]
    before = state(county)
    verdict = merge(county, one, other).verdict_id
    assert state(county) != before
    undo_verdict(county, by=CLERK, verdict_id=verdict)
    assert state(county) == before
    row = read(county, list_verdicts).iloc[0]
    assert (row["id"], row["verdict"], row["undone_post"]) == (verdict, "merged", "clerk")
    assert refused(undo_verdict, county, by=CENTRE, verdict_id=verdict).key == "undone"
    merge(county, one, other)  # and it may be merged again


def test_chain_of_mergers_is_followed_and_undone_in_any_order(county):
    a, b, c = of_stream(county)[:3]
    before = state(county)
    first, second = merge(county, a, b), merge(county, b, c)
    assert read(county, list_taken_in, c)["id"].tolist() != []
    assert set(read(county, list_taken_in, c)["id"]) == {a, b}
    undo_verdict(county, by=CENTRE, verdict_id=first.verdict_id)
    assert set(read(county, list_taken_in, c)["id"]) == {b}
    check_weekly_counts(county)
    undo_verdict(county, by=CENTRE, verdict_id=second.verdict_id)
    assert state(county) == before


def test_what_is_refused(county):
    a, b, c, d = of_stream(county)[:4]
    other_stream = of_stream(county, "hazard")[0]
    assert refused(merge, county, a, a).key == "itself"
    assert refused(merge, county, a, 999_999).key == "not_found"
    assert refused(merge, county, a, -1).key == "not_found"
    assert refused(merge, county, a, other_stream, reason=" ").key == "reason_needed"
    assert refused(merge, county, a, b, reason="x" * 201).key == "too_long"
    merge(county, a, b)
    again = refused(merge, county, a, c, by=CLERK)
    assert (again.key, dict(again.values)["into"], dict(again.values)["by"]) == ("merged", str(b), "centre")
    assert refused(merge, county, c, a).key == "merged"
    assert refused(merge, county, b, a).key == "merged"
    set_(county, c, is_counted=0)
    assert refused(merge, county, d, c).key == "withdrawn"
    set_(county, c, is_counted=1, weight=-1)
    assert refused(merge, county, d, c).key == "correction"
    set_(county, c, weight=1, repeat_of=d)
    assert refused(merge, county, c, d).key == refused(merge, county, d, c).key == "declared_repeat"
    assert merge(county, b, other_stream, reason="同一件事").verdict_id > 0


def test_pair_kept_apart_is_not_merged_until_taken_back(county):
    a, b = of_stream(county)[:2]
    before = state(county)
    verdict = keep_apart(county, by=CENTRE, incident_id=b, other_id=a).verdict_id
    assert state(county) == before
    told = refused(merge, county, a, b, by=CLERK)
    assert (told.key, dict(told.values)["by"]) == ("judged", "centre")
    assert refused(keep_apart, county, by=CLERK, incident_id=a, other_id=b).key == "judged"
    undo_verdict(county, by=CENTRE, verdict_id=verdict)
    merge(county, a, b)
    assert read(county, list_verdicts)["verdict"].tolist() == ["merged", "different"]


def test_refused_roles_and_areas_write_nothing(county):
    a, b = of_stream(county)[:2]
    set_(county, b, concerns_unit="U-LAND")
    for role in (Role.LEADER, Role.TOWNSHIP, Role.DEPARTMENT, Role.ANALYST, Role.WALL):
        with pytest.raises(RefusedError):
            merge(county, a, b, by=Scope("x", role))
        with pytest.raises(RefusedError):
            keep_apart(county, by=Scope("x", role), incident_id=a, other_id=b)
        with pytest.raises(RefusedError):
            undo_verdict(county, by=Scope("x", role), verdict_id=1)
    assert refused(merge, county, a, b, by=Scope("c", Role.CLERK, unit_code="U-LAND")).key == "not_found"
    assert refused(merge, county, a, b, by=Scope("c", Role.CLERK, "nowhere")).key == "not_found"
    verdict = merge(county, a, b).verdict_id
    blind = Scope("c", Role.CLERK, unit_code="U-LAND")
    assert refused(undo_verdict, county, by=blind, verdict_id=verdict).key == "no_verdict"
    assert refused(undo_verdict, county, by=CENTRE, verdict_id=999).key == "no_verdict"
    assert read(county, list_verdicts, scope=blind).empty
    with read_transaction(county) as connection:
        assert connection.scalar(select(func.count()).select_from(DuplicateVerdict)) == 1


def test_incident_of_a_withdrawn_batch_goes_on_counting_nothing(county):
    a, b = of_stream(county)[:2]
    verdict = merge(county, a, b).verdict_id
    with write_transaction(county) as connection:
        batch = connection.execute(insert(ImportBatch).values(
            about="incidents", profile="p", file_name="f", file_hash="0", by="x", at=NOW, n_read=1, n_inserted=1,
            n_updated=0, n_unchanged=0, n_rejected=0, withdrawn_at=NOW, withdrawn_by="x")).inserted_primary_key[0]
        connection.execute(update(Incident).where(Incident.id == a).values(batch_id=batch))
    undo_verdict(county, by=CENTRE, verdict_id=verdict)
    with read_transaction(county) as connection:
        assert connection.execute(select(Incident.is_counted, Incident.merged_into).where(
            Incident.id == a)).one() == (0, None)
    check_weekly_counts(county)


def test_of_two_at_once_one_wins_and_the_other_is_told_by_whom(county):
    a, b = of_stream(county)[:2]

    def attempt(who, one, other):
        try:
            return merge(county, one, other, by=Scope(who, Role.CENTRE))
        except MergeRefusedError as error:
            return error.problems[0]

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, ("ann", "bob"), (a, b), (b, a)))
    won = [number for number, one in enumerate(results) if not hasattr(one, "key")]
    assert len(won) == 1
    lost = results[1 - won[0]]
    assert lost.key == "merged"
    assert dict(lost.values)["by"] == ("ann", "bob")[won[0]]
    check_weekly_counts(county)


def totals(engine):
    with read_transaction(engine) as connection:
        week = connection.scalar(select(func.max(Incident.week_occurred)))
        everything = IncidentFilter(week - 200, week + 1)
        return (count_incidents(connection, SYSTEM, everything, as_of=NOW), read_freshness(connection, SYSTEM).n_incidents,
                int(connection.scalar(select(func.sum(Incident.weight)).where(Incident.is_counted == 1))))


@pytest.mark.timeout(120)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**20))
def test_counts_equal_a_recount_through_any_course_and_the_start_after_all_is_taken_back(tiny_engine, seed):
    rng = random.Random(seed)
    before, total = state(tiny_engine), totals(tiny_engine)
    with read_transaction(tiny_engine) as connection:
        ids = rng.sample(list(connection.scalars(select(Incident.id))), 8)
    standing, merged = [], {}
    for _ in range(10):
        if standing and rng.random() < 0.3:
            verdict = standing.pop(rng.randrange(len(standing)))
            undo_verdict(tiny_engine, by=CENTRE, verdict_id=verdict)
            merged.pop(verdict, None)
        else:
            one, other = rng.sample(ids, 2)
            try:
                verdict = merge(tiny_engine, one, other).verdict_id
            except MergeRefusedError:
                assert one in merged.values() or other in merged.values()
                continue
            standing.append(verdict)
            merged[verdict] = one
        assert totals(tiny_engine) == tuple(n - len(merged) for n in total)
    check_weekly_counts(tiny_engine)
    rng.shuffle(standing)
    for verdict in standing:
        undo_verdict(tiny_engine, by=CENTRE, verdict_id=verdict)
    assert state(tiny_engine) == before
    assert totals(tiny_engine) == total


def test_late_merger_of_days_apart_is_allowed(tiny_engine):
    a, b = of_stream(tiny_engine)[:2]
    set_(tiny_engine, a, occurred_on=tiny_county.UNTIL - timedelta(days=40))
    assert merge(tiny_engine, a, b).verdict_id == 1


def test_names_are_titles_of_posts(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="w1", title="值班二组", role="centre", is_active=True))
    a, b = of_stream(tiny_engine)[:2]
    merge(tiny_engine, a, b, by=Scope("w1", Role.CENTRE))
    assert read(tiny_engine, find_merger, a)["post"].tolist() == ["值班二组"]
    assert dict(refused(merge, tiny_engine, a, b).values)["by"] == "值班二组"

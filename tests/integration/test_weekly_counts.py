"""The weekly counts stay exactly what the incidents say, whatever happens to these."""

import json
import random
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from typer.testing import CliRunner

from govdesk.actions.registering import register_record
from govdesk.actions.weekly_counts import rebuild_weekly_counts
from govdesk.cli import app
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.weekly_counts import recounting, refresh_place_weeks
from govdesk.tables import AuditEvent, Incident, Place, PlaceAncestor, PlaceWeek, WeeklyCount
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.importing import HEAD, incident, run
from tests.support.weekly_sums import check_weekly_counts

VILLAGE = f"{tiny_county.COUNTY}001001"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request):
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, n_incidents=300)
    return engine


def change(connection, rng: random.Random, ids: list[int]) -> None:
    """Do to incidents what imports, corrections, merges, un-merges and withdrawals do."""
    what = rng.choice(["merge", "unmerge", "withdraw", "move", "close", "reopen", "rename", "late", "insert"])
    here = Incident.id.in_(ids)
    values = {
        "merge": {"is_counted": 0, "merged_into": 1}, "unmerge": {"is_counted": 1, "merged_into": None},
        "withdraw": {"is_counted": 0}, "move": {"place_code": rng.choice([VILLAGE, tiny_county.COUNTY, f"{VILLAGE}-02"])},
        "close": {"closed_at": tiny_county.NOW, "week_closed": 2900 + rng.randrange(50)},
        "reopen": {"closed_at": None, "week_closed": None},
        "rename": {"category": "family", "stream": "dispute", "channel": rng.choice([None, "hotline"])},
        "late": {"week_known": 2960 + rng.randrange(9), "week_occurred": 2900 + rng.randrange(60)},
    }
    if what != "insert":
        connection.execute(update(Incident).where(here), values[what])
        return
    row = dict(connection.execute(select(Incident.__table__).where(Incident.id == ids[0])).mappings().one())
    number = connection.scalar(select(func.max(Incident.id))) + 1
    connection.execute(insert(Incident), row | {
        "id": number, "source_ref": f"X{number}", "weight": rng.choice([1, -1]), "is_counted": 1})
    ids.append(number)


@pytest.mark.timeout(120)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**20))
def test_sums_follow_every_change(tiny_engine, seed):
    rng = random.Random(seed)
    with write_transaction(tiny_engine) as connection:
        known = list(connection.scalars(select(Incident.id)))
        for _ in range(4):
            ids = rng.sample(known, rng.randrange(1, 30))
            with recounting(connection, ids):
                change(connection, rng, ids)
    assert check_weekly_counts(tiny_engine) > 100


def test_sums_follow_on_each_engine(county):
    rng = random.Random(5)
    assert check_weekly_counts(county) > 100
    for _ in range(8):
        with write_transaction(county) as connection:
            ids = rng.sample(list(connection.scalars(select(Incident.id))), 20)
            with recounting(connection, ids):
                change(connection, rng, ids)
    check_weekly_counts(county)


def test_import_update_and_correction_are_counted(county, tmp_path):
    run(county, tmp_path, HEAD + incident() + incident("A2", stream="dispute", category="neighbour"))
    check_weekly_counts(county)
    report = run(county, tmp_path, HEAD + incident(on="2026-02-09") + incident("A3"))
    assert (report.updated, report.inserted) == (1, 1)
    check_weekly_counts(county)


def test_registered_incident_is_counted(tiny_engine):
    before = check_weekly_counts(tiny_engine)
    values = {"place_code": VILLAGE, "stream": "dispute", "category": "neighbour", "occurred_on": date(2026, 11, 20),
              "channel": "visit", "summary": None, "n_people": 2, "severity": 3}
    register_record(tiny_engine, by=SYSTEM, about="incidents", values=values, form_key="20261122-abcdefgh")
    assert check_weekly_counts(tiny_engine) >= before


def test_many_new_rows_are_counted(tiny_engine, monkeypatch, tmp_path):
    monkeypatch.setattr("govdesk.storage.weekly_counts.REBUILD_FROM", 3)
    run(tiny_engine, tmp_path, HEAD + "".join(incident(f"M{n}") for n in range(5)))
    check_weekly_counts(tiny_engine)


def test_a_new_kind_of_village_moves_its_sums(county):
    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.code == VILLAGE), {"kind": "mountain"})
        assert refresh_place_weeks(connection)
        assert not refresh_place_weeks(connection)
        kinds = set(connection.scalars(select(PlaceWeek.kind).where(PlaceWeek.code == f"{VILLAGE}-01a")))
    assert kinds == {"mountain"}
    check_weekly_counts(county)


def test_district_of_a_tree_without_townships_is_the_village(county):
    with write_transaction(county) as connection:
        connection.execute(delete(PlaceAncestor).where(PlaceAncestor.ancestor_level == "township"))
        assert refresh_place_weeks(connection)
    check_weekly_counts(county)
    with read_transaction(county) as connection:
        assert VILLAGE in set(connection.scalars(select(WeeklyCount.place_code)))


def test_rebuild_finds_what_is_wrong(tiny_engine, tmp_path):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(WeeklyCount).where(WeeklyCount.part == "channel"), {"n": 77})
        connection.execute(delete(WeeklyCount).where(WeeklyCount.part == "all"))
    path = tmp_path / "report.json"
    dry = CliRunner().invoke(app, ["rebuild-counts", "--report", str(path)])
    assert dry.exit_code == 0
    wrong = json.loads(path.read_text())["wrong"]
    assert wrong > 0
    with pytest.raises(AssertionError):
        check_weekly_counts(tiny_engine)
    assert rebuild_weekly_counts(tiny_engine, by=SYSTEM, commit=True).n_wrong == wrong
    check_weekly_counts(tiny_engine)
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(AuditEvent).where(
            AuditEvent.action == "rebuild_counts")) == 1


def test_rebuild_refused_for_a_leader(tiny_engine):
    with pytest.raises(RefusedError):
        rebuild_weekly_counts(tiny_engine, by=Scope("local_leader", Role.LEADER), commit=True)

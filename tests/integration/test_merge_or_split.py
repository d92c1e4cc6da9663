"""Villages merged and split on screen: one transaction, the past keeps its places, nothing is left without one."""

import json
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.actions.change_setting import Reason, SettingRefusedError
from govdesk.actions.merge_or_split import Regrouping, Successor, look_ahead, regroup
from govdesk.clock import week_of
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.later_records import NOT_RECORDS, list_later
from govdesk.storage.versions import read_versions
from govdesk.tables import (
    Account,
    AuditEvent,
    BeforeImage,
    Call,
    Capacity,
    Incident,
    NilReturn,
    Place,
    PlaceAncestor,
    PlaceChange,
    PlaceShape,
    RiskObjection,
    SettingChange,
    SourceChange,
    Visit,
    VisitOrder,
    WorksProject,
)
from govdesk.tables.base import Base
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY

ADMIN = Scope("local_admin", Role.ADMIN)
TOWN = f"{COUNTY}001"
A, B, C, D = (f"{TOWN}00{n}" for n in (1, 2, 8, 9))
ON = date(2026, 11, 16)
MERGE = Regrouping("merge", (A, B), (Successor(C, "新合村"),), ON)
SPLIT = Regrouping("split", (A,), (Successor(C, "东村", 0.6), Successor(D, "西村", 0.4)), ON,
                   ())


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=200)
    return engine


def _version(engine):
    with read_transaction(engine) as connection:
        return read_versions(connection)["places"]


def _regroup(engine, wanted, by=ADMIN, was=None, text="县政府批复"):
    return regroup(engine, by=by, wanted=wanted, reason=Reason(text, _version(engine) if was is None else was))


def _problems(engine, wanted, **options):
    with pytest.raises(SettingRefusedError) as caught:
        _regroup(engine, wanted, **options)
    return [one.key for one in caught.value.problems]


def _all(engine, statement):
    with read_transaction(engine) as connection:
        return connection.execute(statement).all()


def _grids(engine, code):
    return sorted(row.code for row in _all(engine, select(Place.code).where(
        Place.parent_code == code, Place.valid_to.is_(None))))


def _villages(engine, grids, week):
    """Return the villages that grids lie in in a week, by the dated tree."""
    up = PlaceAncestor
    return {row[0] for row in _all(engine, select(up.ancestor_code).where(
        up.code.in_(grids), up.ancestor_level == "village", up.week_from <= week, up.week_to > week))}


def _sums(engine):
    """Return incidents by village and week, as the dated tree places them; everything that counts is in it once."""
    place, up = Incident.place_code, PlaceAncestor
    return {tuple(row[:2]): int(row[2]) for row in _all(engine, select(
        up.ancestor_code, Incident.week_occurred, func.sum(Incident.weight)).join(up, (up.code == place) & (
            up.ancestor_level == "village") & (up.week_from <= Incident.week_occurred)
            & (up.week_to > Incident.week_occurred)).where(Incident.is_counted == 1).group_by(
                up.ancestor_code, Incident.week_occurred))}


def test_merged_villages_end_and_their_grids_and_records_go_on_in_the_new_one(county):
    before, grids = _sums(county), _grids(county, A) + _grids(county, B)
    assert grids
    ahead = look_ahead(county, by=ADMIN, wanted=MERGE)
    assert (ahead.problems, ahead.n_children) == ((), len(grids))
    done = _regroup(county, MERGE)
    rows = {row.code: row for row in _all(county, select(Place.code, Place.valid_from, Place.valid_to, Place.name,
                                                         Place.parent_code).where(Place.code.in_([A, B, C])))}
    assert (rows[A].valid_to, rows[B].valid_to) == (ON, ON)
    assert (rows[C].valid_from, rows[C].valid_to, rows[C].name, rows[C].parent_code) == (ON, None, "新合村", TOWN)
    assert _grids(county, C) == sorted(grids)
    assert {tuple(row) for row in _all(county, select(
        PlaceChange.from_code, PlaceChange.to_code, PlaceChange.kind, PlaceChange.share).where(PlaceChange.on == ON))} == {
        (A, C, "merge", 1.0), (B, C, "merge", 1.0)}
    assert _villages(county, grids, week_of(ON)) == {C}
    assert _villages(county, grids, week_of(ON) - 1) == {A, B}
    after = _sums(county)
    assert sum(after.values()) == sum(before.values())  # nothing lost, nothing twice
    assert {key: n for key, n in after.items() if key[1] < week_of(ON)} == {
        key: n for key, n in before.items() if key[1] < week_of(ON)}  # the past keeps its places
    change, = _all(county, select(SettingChange.subject, SettingChange.value).where(SettingChange.id == done.change_id))
    assert json.loads(change.value)["successors"][0]["code"] == C
    assert {row[0] for row in _all(county, select(AuditEvent.subject).where(AuditEvent.action == "change_settings"))} == {
        "place_changes", "setting_changes"}
    assert _all(county, select(PlaceShape.kind).where(PlaceShape.code == C)) != []
    assert {row[0] for row in _all(county, select(BeforeImage.table_name))} == {"places"}


def _children(engine):
    return tuple((code, C if number == 0 else D) for number, code in enumerate(_grids(engine, A)))


def _split(engine, **changed):
    values = {"kind": "split", "from_codes": (A,), "successors": SPLIT.successors, "on": ON,
              "children": _children(engine), **changed}
    return Regrouping(**values)


def test_split_village_gives_each_grid_and_each_share_to_one_successor(county):
    before = sum(_sums(county).values())
    children = _children(county)
    _regroup(county, _split(county))
    assert (_grids(county, C), _grids(county, D)) == (
        [code for code, to in children if to == C], sorted(code for code, to in children if to == D))
    assert sum(_sums(county).values()) == before
    shares = {row.to_code: row.share for row in _all(county, select(PlaceChange.to_code, PlaceChange.share).where(
        PlaceChange.from_code == A, PlaceChange.on == ON))}
    assert shares == {C: 0.6, D: 0.4}
    assert _all(county, select(Place.population).where(Place.code == C))[0][0] is None  # not known is not made up


@pytest.mark.parametrize(("changed", "key"), [
    ({"successors": (Successor(C, "东村", 0.6), Successor(D, "西村", 0.5))}, "shares"),
    ({"successors": (Successor(C, "东村", 1.0), Successor(D, "西村", 0.0))}, "shares"),
    ({"successors": (Successor(C, "东村", 0.6), Successor(C, "西村", 0.4))}, "taken"),
    ({"successors": (Successor(C, "张建国", 0.6), Successor(D, "西村", 0.4))}, "personal"),
    ({"successors": (Successor("C 1", "东村", 0.6), Successor(D, "西村", 0.4))}, "place_code"),
    ({"successors": (Successor("430101", "东村", 0.6), Successor(D, "西村", 0.4)), "children": "430101"}, "refused"),
    ({"successors": (Successor(C, "东村", 1.0),)}, "missing"),
    ({"successors": (Successor(C, "东村", 0.6), Successor(f"{COUNTY}002001", "", 0.4))}, "place_parents"),
    ({"children": ()}, "child_open"), ({"on": date(1980, 1, 1)}, "place_day"), ({"on": date(2028, 1, 1)}, "place_day"),
    ({"from_codes": (f"{COUNTY}001",)}, "place_level"), ({"from_codes": ("990101009999",)}, "place_not_then"),
    ({"kind": "merge"}, "place_number"), ({"kind": "move"}, "unknown"),
    ({"kind": "merge", "from_codes": (A, f"{COUNTY}002001"), "successors": (Successor(C, "合村"),)}, "place_parents")])
def test_what_cannot_be_is_refused_and_nothing_is_written(tiny_engine, changed, key):
    before = _all(tiny_engine, select(Place.__table__))
    if changed.get("children"):
        changed = {**changed, "children": tuple((code, changed["children"]) for code in _grids(tiny_engine, A))}
    wanted = _split(tiny_engine, **changed)
    assert key in _problems(tiny_engine, wanted)
    assert key in [one.key for one in look_ahead(tiny_engine, by=ADMIN, wanted=wanted).problems]
    assert _all(tiny_engine, select(Place.__table__)) == before


def test_village_with_records_from_the_day_on_ends_later(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(
            place_code=A, is_counted=1, weight=1, occurred_on=ON + timedelta(days=2), week_occurred=week_of(ON)))
    assert _problems(tiny_engine, MERGE) == ["place_incidents"]
    later = Regrouping("merge", (A, B), MERGE.successors, ON + timedelta(days=3))  # it keeps the week in which it ends
    assert look_ahead(tiny_engine, by=ADMIN, wanted=later).problems == ()


LATER = ON + timedelta(days=1)
NOON = datetime(2026, 11, 17, 4, tzinfo=UTC)
SOURCED = {"source": "s", "source_ref": "1", "content_hash": "h", "recorded_at": NOON}
ROWS = {
    Visit: {**SOURCED, "reason": "own", "visited_on": LATER, "found": "nothing_found"},
    VisitOrder: {"week": week_of(ON) - 1, "reason": "alert", "owner_unit": "u", "due_on": LATER, "ordered_by": "p",
                 "ordered_at": NOON - timedelta(days=3)},
    WorksProject: {**SOURCED, "name": "路", "kind": "road", "started_on": LATER},
    NilReturn: {**SOURCED, "period_from": LATER, "period_to": LATER + timedelta(days=7)},
    SourceChange: {**SOURCED, "on": LATER, "kind": "other"},
    Capacity: {**SOURCED, "kind": "mediator", "n": 2, "counted_on": LATER},
    Call: {"source_ref": "c", "category": "other", "severity": 3, "called_at": NOON, "by_post": "p"},
    RiskObjection: {"at": NOON, "by": "v", "text": "数不对"},
}


@pytest.mark.parametrize("table", ROWS, ids=lambda table: table.__tablename__)
def test_later_record_of_any_kind_holds_a_village_that_ends(tiny_engine, table):
    elsewhere, kept = f"{COUNTY}002001", Regrouping("merge", (A, B), (Successor(A),), ON)
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(table).values(place_code=elsewhere, **ROWS[table]))
    assert look_ahead(tiny_engine, by=ADMIN, wanted=MERGE).problems == ()
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(table).values(place_code=A))
    said, = look_ahead(tiny_engine, by=ADMIN, wanted=MERGE).problems
    assert (said.key, dict(said.values)["n"]) == (f"place_{table.__tablename__}", "1")
    assert _problems(tiny_engine, MERGE) == [said.key]
    assert look_ahead(tiny_engine, by=ADMIN, wanted=kept).problems == ()  # A goes on, and its records with it
    after = Regrouping("merge", (A, B), MERGE.successors, ON + timedelta(days=3))
    assert look_ahead(tiny_engine, by=ADMIN, wanted=after).problems == ()  # it keeps the week in which it ends


def test_each_table_with_a_place_is_looked_at_or_named_as_no_record():
    having = {table.name for table in Base.metadata.tables.values() if "place_code" in table.c}
    assert having == set(list_later(0)) | NOT_RECORDS
    words = tomllib.loads((Path(__file__).parents[2] / "locales/zh/settings.toml").read_text(encoding="utf-8"))
    assert {f"error_place_{table}" for table in list_later(0)} <= set(words)


def test_second_of_two_is_told_and_a_village_ends_once(tiny_engine):
    was = _version(tiny_engine)
    _regroup(tiny_engine, MERGE)
    assert _problems(tiny_engine, _split(tiny_engine), was=was)[0] == "places_meanwhile"
    assert "place_not_then" in _problems(tiny_engine, Regrouping("merge", (A, B), (Successor(D, "又村"),), ON + timedelta(days=7)))
    with pytest.raises(RefusedError):
        _regroup(tiny_engine, MERGE, by=Scope("local_clerk", Role.CLERK))


def test_accounts_whose_area_ends_are_named(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="v", title="一村", role="township", area_code=A, is_active=True))
    assert look_ahead(tiny_engine, by=ADMIN, wanted=MERGE).accounts == ("一村",)
    into = Regrouping("merge", (A, B), (Successor(A),), ON)
    assert look_ahead(tiny_engine, by=ADMIN, wanted=into).accounts == ()  # A goes on
    _regroup(tiny_engine, into)
    assert _all(tiny_engine, select(Place.valid_to).where(Place.code == A)) == [(None,)]
    assert set(_all(tiny_engine, select(PlaceChange.from_code).where(PlaceChange.on == ON))) == {(B,)}

"""The scene of the loop: what is late and who has it, by hand; where incidents stand; calls; small cells; whose eyes."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.queries.longest_late import list_longest_late
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Call, CallStep, Incident, Unit
from govdesk.terms import Role
from govdesk.ui.wall import loop_scene
from tests.support import tiny_county
from tests.support.wall_views import WALL, make_view, tile_of, words_of

COUNTY, NOW = tiny_county.COUNTY, tiny_county.NOW


def change(engine, condition, **values):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(condition).values(**values))
        bump(connection, "incidents")


def late_by_hand(engine):
    with read_transaction(engine) as connection:
        rows = connection.execute(select(Incident).where(
            Incident.status.not_in(("closed", "paused")), Incident.is_counted == 1, Incident.due_at < NOW)).all()
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def build(engine, name, words="zh", scope=WALL, at=None):
    return words_of(tile_of(loop_scene.build(make_view(engine, words, scope, at)), name).body)


def test_late_incidents_are_counted_and_the_longest_are_named_first(tiny_engine):
    rows = late_by_hand(tiny_engine)
    assert len(rows) > 20
    change(tiny_engine, Incident.id == rows[0].id, status="paused")  # its clock does not run
    change(tiny_engine, Incident.id == rows[1].id, is_counted=0)
    change(tiny_engine, Incident.id == rows[2].id, weight=-1)  # nobody has to do anything about a correction
    left = late_by_hand(tiny_engine)
    with read_transaction(tiny_engine) as connection:
        found = list_longest_late(connection, WALL, NOW, 5)
    assert found["id"].tolist() == [row.id for row in left if row.weight == 1][:5]
    assert build(tiny_engine, "overdue").startswith(f"{len(left) - 2} 件")
    first = build(tiny_engine, "rows")
    days = (NOW - rows[3].due_at).days
    assert first.startswith(f"{days:,} 天 第")
    assert "自然资源局" in first


def test_clock_goes_on_without_a_record(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        due = connection.scalar(select(Incident.due_at).where(
            Incident.status != "closed", Incident.due_at > NOW).order_by(Incident.due_at))
    before, after = (int(build(tiny_engine, "overdue", at=at).split()[0]) for at in (
        due - timedelta(minutes=1), due + timedelta(minutes=6)))
    assert after > before


@pytest.mark.parametrize("words", ["zh", "en"])
def test_stages_are_counted_by_where_incidents_stand(tiny_engine, words):
    with read_transaction(tiny_engine) as connection:
        ids = list(connection.scalars(select(Incident.id).where(Incident.status == "accepted").limit(6)))
    for part, status in ((ids[:3], "reported"), (ids[3:5], "dispatched"), (ids[5:], "paused")):
        change(tiny_engine, Incident.id.in_(part), status=status)
    shown = build(tiny_engine, "stages", words)
    parts = ("待分流 3", "待签收 2", "暂停 1") if words == "zh" else ("To triage 3", "To accept 2", "Paused 1")
    assert all(part in shown for part in parts)


def test_category_is_told_only_where_it_is_common(tiny_engine):
    row = late_by_hand(tiny_engine)[0]
    change(tiny_engine, Incident.id > 0, week_occurred=Incident.id)  # each in a week of its own
    shown = build(tiny_engine, "rows")
    assert " · " not in shown
    change(tiny_engine, Incident.id > 0, week_occurred=2900, place_code=row.place_code)
    assert " · " in build(tiny_engine, "rows")


def test_nothing_late_and_no_deadline_are_two_things(tiny_engine):
    change(tiny_engine, Incident.id > 0, due_at=NOW + timedelta(days=9))
    assert build(tiny_engine, "overdue").startswith("0 件")
    assert build(tiny_engine, "rows") == "— 没有超期的事项"
    change(tiny_engine, Incident.id > 0, due_at=None)
    assert build(tiny_engine, "overdue") == "— 在办的都没有办理时限"
    assert "无时限" in build(tiny_engine, "stages")


def place_call(engine, hop="summon", due=10, **values):
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [{"code": "U-WATER", "name": "水利局", "kind": "department", "content_hash": "0"}])
        connection.execute(insert(Call), [{
            "id": 1, "source_ref": "c", "place_code": f"{COUNTY}002001", "category": "hazard_fire", "severity": 1,
            "note": "张三家", "called_at": NOW - timedelta(minutes=50), "by_post": "p", **values}])
        connection.execute(insert(CallStep), [{
            "call_id": 1, "unit_code": "U-WATER", "hop": hop, "is_lead": True, "at": NOW - timedelta(minutes=50),
            "due_at": NOW + timedelta(minutes=due), "by_post": "p"}])
        bump(connection, "loop")


def test_calls_say_who_owes_what_and_how_late_and_nothing_of_what_it_is_about(tiny_engine):
    assert build(tiny_engine, "calls") == "— 没有等待回应的呼叫"
    place_call(tiny_engine, due=-40)
    shown = build(tiny_engine, "calls")
    assert shown == "第2镇 水利局 待签到 超时 40 分钟"
    assert build(tiny_engine, "calls", at=NOW - timedelta(minutes=45)) == "第2镇 水利局 待签到 09:20 前"


def test_area_and_the_unit_concerned_see_their_own(tiny_engine):
    place_call(tiny_engine, concerns_unit="U-LAND")
    own = Scope("w", Role.WALL, f"{COUNTY}001", None)
    assert "没有" in build(tiny_engine, "calls", scope=own)
    assert "没有" in build(tiny_engine, "calls", scope=Scope("w", Role.WALL, None, "U-LAND"))
    shown = build(tiny_engine, "rows", scope=own)
    assert "第1镇" in shown
    assert "第2镇" not in shown
    change(tiny_engine, Incident.id > 0, concerns_unit="U-LAND")
    about_us = make_view(tiny_engine, scope=Scope("w", Role.WALL, None, "U-LAND"))
    tiles = loop_scene.build(about_us).tiles
    assert "件" not in words_of(tile_of(loop_scene.build(about_us), "overdue").body)
    assert tiles[-1].name == "newest"


@pytest.mark.parametrize(("words", "said"), [("zh", "超不超期按 10:00 算"), ("en", "by the clock at 10:00")])
def test_what_is_overdue_says_by_which_clock(tiny_engine, words, said):
    # The stamp of the tile is that of its records: a deadline passes without one.
    assert said in build(tiny_engine, "overdue", words, at=NOW + timedelta(minutes=3))

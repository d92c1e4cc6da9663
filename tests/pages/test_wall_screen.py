"""The page of the wall: full, empty, refused, paused, pinned, interrupted, without a database; and the desk's part."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, select, update
from streamlit.testing.v1 import AppTest

from govdesk.actions.calls import place_call, take_hop
from govdesk.actions.wall_pin import pin_scene
from govdesk.rules.access import Scope
from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.versions import bump
from govdesk.tables import Account, Incident, WallPin
from govdesk.terms import CallHop, DataKind, Role
from govdesk.ui.markup import tag
from govdesk.ui.wall import scenes
from govdesk.ui.wall.scene import Scene, Tile
from tests.support import scored_county, tiny_county
from tests.support.screens import all_html, all_text, open_page

#: An hour after the newest record of the tiny county.
FRESH = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
CENTRE = Scope("local_centre", Role.CENTRE)


def make_scene(name, build=None):
    def plain(view):
        return Scene(name, f"屏{name}", (Tile("t", "块", tag("p", f"内容{name}"), "main", view.as_of),), "w-one")
    return SimpleNamespace(NAME=name, build=build or plain)


def set_now(monkeypatch, instant):
    monkeypatch.setenv("GOVDESK_NOW", instant.isoformat())
    get_settings.cache_clear()


@pytest.fixture
def two_scenes(monkeypatch):
    """Two scenes of their own, and a hand on the clock that turns them."""
    monkeypatch.setattr(scenes, "SCENES", (make_scene("open"), make_scene("trends")))
    set_now(monkeypatch, FRESH)
    moment = SimpleNamespace(now=0.0)
    monkeypatch.setattr("govdesk.clock.moment", lambda: moment.now)
    return moment


def open_wall(account=None, **params):
    page = AppTest.from_file(str(ROOT / "pages" / "wall_screen.py"), default_timeout=60)
    page.context["is_embedded"] = True
    if account is not None:
        page.session_state["account"] = account
    for key, value in params.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def test_every_registered_scene_is_drawn_without_a_fault(tiny_engine):
    for name in scenes.list_names():
        html = all_html(open_wall(scenes=name, pause="1"))
        assert f'data-scene="{name}"' in html
        assert "不能显示" not in html
        assert 'data-state="good"' in html


def test_every_registered_scene_speaks_both_languages(tiny_engine):
    for name in scenes.list_names():
        page = open_wall(scenes=name, pause="1", lang="en")
        assert f'data-scene="{name}"' in all_html(page)


def test_scenes_turn_with_the_clock(tiny_engine, two_scenes):
    page = open_wall()
    assert "内容open" in all_html(page)
    two_scenes.now = 21
    page.run()
    assert "内容trends" in all_html(page)
    assert "内容open" not in all_html(page)


def test_address_gives_order_seconds_and_pause(tiny_engine, two_scenes):
    two_scenes.now = 7
    assert "内容trends" in all_html(open_wall(scenes="trends,open", seconds="10"))
    assert "内容open" in all_html(open_wall(scenes="trends,open", seconds="5"))
    assert "内容trends" in all_html(open_wall(scenes="trends,open", seconds="5", pause="1"))


def test_unusable_address_is_said_on_top_and_the_wall_goes_on(tiny_engine, two_scenes):
    html = all_text(open_wall(scenes="<b>", seconds="x"))
    assert "scenes=<b>, seconds=x" in html
    assert "内容open" in html


def test_pinned_scene_is_on_every_wall_until_its_end(tiny_engine, two_scenes, monkeypatch):
    page = open_wall(scenes="open")
    pin_scene(tiny_engine, by=CENTRE, scene="trends", minutes=30)
    page.run()
    assert "内容trends" in all_html(page)
    assert "固定显示至 10:30" in all_html(page)
    set_now(monkeypatch, FRESH + timedelta(minutes=30))
    page.run()
    assert "内容open" in all_html(page)


def test_pin_of_a_scene_that_is_not_there_is_left_out(tiny_engine, two_scenes):
    pin_scene(tiny_engine, by=CENTRE, scene="from_a_newer_program")
    assert "内容open" in all_html(open_wall())


def record_urgent(engine, number=1001, recorded_at=FRESH):
    with write_transaction(engine) as connection:
        connection.execute(insert(Incident), [{
            "id": number, "source": "t", "source_ref": f"U{number}", "content_hash": "0", "stream": "hazard",
            "category": "hazard_fire", "weight": 1, "severity": 1, "place_code": f"{tiny_county.COUNTY}001001-02",
            "occurred_on": tiny_county.UNTIL, "reported_at": tiny_county.NOW, "recorded_at": recorded_at,
            "is_recorded_assumed": False, "week_occurred": 2967, "week_known": 2967, "is_counted": 1,
            "status": "reported", "n_reopened": 0, "n_steps": 0, "summary": "张三"}])
        bump(connection, "incidents")


def test_highest_severity_interrupts_for_its_time_and_then_the_turn_goes_on(tiny_engine, two_scenes):
    page = open_wall(interrupt="30")
    record_urgent(tiny_engine)
    two_scenes.now = 5
    page.run()
    html = all_html(page)
    assert "第1镇" in html
    assert "隐患" in html
    assert "张三" not in html
    assert "hazard_fire" not in html
    two_scenes.now = 34
    page.run()
    assert "第1镇" in all_html(page)
    two_scenes.now = 36
    page.run()
    assert "内容trends" in all_html(page)


def test_interruption_ends_when_it_is_accepted_and_is_a_red_line_when_nobody_does(tiny_engine, two_scenes):
    page = open_wall()
    record_urgent(tiny_engine)
    record_urgent(tiny_engine, 1002)
    page.run()
    assert "（1/2）" in all_html(page)
    two_scenes.now = 1000  # unaccepted for a quarter of an hour
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1001).values(status="accepted"))
        bump(connection, "incidents")
    page.run()
    assert 'data-scene="urgent"' in all_html(page)
    assert "（1/" not in all_html(page)
    two_scenes.now = 1800
    page.run()
    assert "内容open" in all_html(page)
    assert "最高等级未签收 1 件" in all_html(page)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1002).values(status="answered"))
        bump(connection, "incidents")
    page.run()
    assert "w-alert" not in all_html(page)


def test_call_interrupts_until_its_unit_has_reported_in(tiny_engine, two_scenes, monkeypatch):
    page = open_wall()
    done = place_call(tiny_engine, by=CENTRE, place_code=f"{tiny_county.COUNTY}002001", category="hazard_fire", severity=1,
                      units=["U-LAND"], lead="U-LAND", note="李四家", form_key="form-0001")
    page.run()
    html = all_html(page)
    for words in ("乡呼县应", "第2镇", "尚未签到", "自然资源局"):
        assert words in html
    assert "李四" not in html
    assert "内容open" in all_html(open_wall(interrupt="0"))
    set_now(monkeypatch, FRESH + timedelta(minutes=30))
    page.run()
    assert "内容open" in all_html(page)
    assert "呼叫未签到 1 次" in all_html(page)
    take_hop(tiny_engine, by=Scope("land", Role.DEPARTMENT, None, "U-LAND"), call_id=done.call_id, unit_code="U-LAND",
             hop=CallHop.REPORT_IN)
    page.run()
    assert "w-alert" not in all_html(page)


def test_frame_opened_after_an_arrival_is_interrupted_too(tiny_engine, two_scenes):
    open_wall()
    record_urgent(tiny_engine)
    two_scenes.now = 5
    open_wall()
    two_scenes.now = 20
    assert "第1镇" in all_html(open_wall())
    assert "第1镇" not in all_html(open_wall(interrupt="0"))


def test_incident_that_an_import_brings_hours_later_interrupts_and_history_does_not(tiny_engine, two_scenes):
    page = open_wall()
    record_urgent(tiny_engine, 1001, FRESH - timedelta(hours=25))
    page.run()
    assert "第1镇" not in all_html(page)
    record_urgent(tiny_engine, 1002, FRESH - timedelta(hours=3))
    page.run()
    assert "第1镇" in all_html(page)


def test_look_does_not_live_on_what_the_frame_knew_at_the_start(tiny_engine, two_scenes):
    """The frame reads the versions of the data once for a run of the page; a wall is never run again."""
    page = open_wall()
    page.session_state["_data_versions"] = (get_settings().url, (("accounts", 1), ("incidents", 1), ("places", 1)))
    record_urgent(tiny_engine)
    page.run()
    assert "第1镇" in all_html(page)


def test_scene_that_raises_is_a_calm_sentence_and_the_others_go_on(tiny_engine, two_scenes, monkeypatch, caplog):
    monkeypatch.setattr(scenes, "SCENES", (make_scene("open", lambda view: 1 / 0), make_scene("trends")))
    page = open_wall()
    html = all_html(page)
    assert "这一屏自 10:00 起不能显示" in html
    assert "ZeroDivisionError" not in html
    page.run()
    assert len([one for one in caplog.records if "wall scene" in one.message]) == 1  # not once for each look
    two_scenes.now = 21
    page.run()
    assert "内容trends" in all_html(page)


def test_database_that_goes_away_leaves_the_picture_and_comes_back(tiny_engine, two_scenes, tmp_path):
    page = open_wall()
    database = get_settings().var / "govdesk.db"
    database.rename(tmp_path / "away.db")
    two_scenes.now = 21
    page.run()
    html = all_html(page)
    assert "数据库自 10:00 起无应答 · 画面停在 10:00" in html
    assert "内容open" in html
    assert 'data-state="kept"' in html
    (tmp_path / "away.db").rename(database)
    page.run()
    assert "内容trends" in all_html(page)
    assert 'data-state="good"' in all_html(page)


def test_picture_of_yesterday_is_never_today_s(tiny_engine, two_scenes, tmp_path, monkeypatch):
    page = open_wall()
    (get_settings().var / "govdesk.db").rename(tmp_path / "away.db")
    set_now(monkeypatch, FRESH + timedelta(hours=14, minutes=5))
    page.run()
    assert "画面停在 昨天 10:00" in all_html(page)


def test_wall_without_a_database_says_so_and_makes_none():
    frame = AppTest.from_file(str(ROOT / "govdesk" / "ui" / "main.py"), default_timeout=60)
    frame.context["is_embedded"] = True
    frame.run()
    assert "还没有数据库" in all_text(frame)
    assert 'data-state="bad"' in all_html(frame)
    assert not frame.exception
    assert not (get_settings().var / "govdesk.db").exists()


def test_empty_county_says_what_will_fill_the_wall(empty_engine, two_scenes):
    create_database(empty_engine, Properties(kind=DataKind.REAL, zone="Asia/Shanghai", title_zh="空县"))
    html = all_html(open_wall())
    assert "还没有数据" in html
    assert "示例数据" not in html


def test_late_data_is_said_on_top(tiny_engine, two_scenes, monkeypatch):
    assert "没有更新" not in all_html(open_wall())
    set_now(monkeypatch, tiny_county.NOW)
    assert "数据自 11月18日 09:00 起没有更新" in all_html(open_wall())


@pytest.mark.parametrize("role", ["township", "department"])
def test_wall_of_a_role_it_is_not_meant_for_is_a_calm_sentence(tiny_engine, two_scenes, role):
    _add_account(tiny_engine, role)
    html = all_html(open_wall("x"))
    assert "不能查看大屏" in html
    assert "内容" not in html
    assert "当前账号的岗位不在其中" in all_text(open_page("wall_screen", account="x"))


def test_wall_without_an_active_account_is_a_refusal(tiny_engine, two_scenes):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Account).values(is_active=False))
        bump(connection, "accounts")
    assert "不能查看大屏" in all_html(open_wall())


def _add_account(engine, role):
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [{"code": "x", "title": "x", "role": role, "is_active": True}])
        bump(connection, "accounts")


def test_desk_pins_and_takes_off(tiny_engine, two_scenes):
    page = open_page("wall_screen")
    assert "现在没有固定的画面" in all_text(page)
    page.selectbox(key="wall_pin_scene").select("trends")
    page.button(key="wall_pin_do").click().run()
    assert "所有大屏固定显示“趋势”：local_centre，10:00 起，至 10:30" in all_text(page)
    page.button(key="wall_unpin_do").click().run()
    assert "现在没有固定的画面" in all_text(page)
    assert "local_centre 取消固定" in all_text(page)
    with read_transaction(tiny_engine) as connection:
        assert list(connection.scalars(select(WallPin.scene).order_by(WallPin.id))) == ["trends", None]


def test_failed_pin_says_that_nothing_changed(tiny_engine, two_scenes, monkeypatch):
    monkeypatch.setattr("govdesk.ui.wall.control.pin_scene", lambda *_, **__: 1 / 0)
    page = open_page("wall_screen")
    page.button(key="wall_pin_do").click().run()
    assert "没有保存成功" in all_text(page)
    assert not page.exception


def test_leader_sees_the_pin_and_has_no_button(tiny_engine, two_scenes):
    pin_scene(tiny_engine, by=CENTRE, scene="open")
    page = open_page("wall_screen", account="local_leader", lang="en")
    assert "All walls show" in all_text(page)
    assert not [one for one in page.button if one.key == "wall_pin_do"]


def test_address_of_a_wall_follows_the_choices(tiny_engine, two_scenes):
    page = open_page("wall_screen")
    page.multiselect(key="wall_scenes").set_value(["trends"])
    page.number_input(key="wall_seconds").set_value(30)
    page.checkbox(key="wall_pause").check().run()
    assert "/wall?scenes=trends&seconds=30&pause=1&lang=zh" in all_text(page)
    assert "/wall/start-file?scenes=trends&seconds=30&pause=1&lang=zh" in all_text(page)


def test_wall_of_an_area_has_its_name_and_speaks_of_no_other_township(empty_engine, monkeypatch):
    scored_county.build(empty_engine)
    set_now(monkeypatch, tiny_county.NOW)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Account).values(
            code="part", title="part", role="centre", area_code=f"{tiny_county.COUNTY}001", is_active=True))
    html = all_html(open_wall("part", scenes="warning", pause="1"))
    assert "第1镇 · " in html
    assert "测试县" not in html
    assert "只列本账号范围内的乡镇" in html
    assert "没有列出的乡镇本周没有村" not in html

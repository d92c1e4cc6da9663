"""The picture as markup: stamps, what greys, what is said on top, and hostile words."""

from datetime import UTC, datetime, timedelta

import pytest

from govdesk.queries.wall_pins import Pin
from govdesk.rules.access import Scope
from govdesk.terms import DataKind, Role
from govdesk.ui.markup import tag
from govdesk.ui.wall import own_scenes
from govdesk.ui.wall.frame import Heading, build_head, build_stage, write_clock
from govdesk.ui.wall.frame_css import build_wall_style
from govdesk.ui.wall.interruption import Alarms, WaitingCall
from govdesk.ui.wall.scene import Scene, Tile, WallView

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"


def heading(**changes):
    return Heading(**{"county": "测试县", "kind": DataKind.SAMPLE, "names": [("a", "甲"), ("b", "乙")], "shown": "b",
                      "title": "乙", "as_of": NOW - timedelta(hours=1), **changes})


def stage(**changes):
    tile = Tile(**{"name": "one", "title": "标题", "body": tag("b", 14), "area": "main", "as_of": NOW, **changes})
    return build_stage(Scene("s", "屏", (tile,), "w-one"), NOW, "zh")


def test_head_names_county_scene_mark_clock_and_dates():
    head = build_head(heading(), NOW, "zh")
    for words in ("测试县 · 乙", "示例数据", "11月22日 周日 10:00", "数据截至 09:00"):
        assert words in head
    assert '<li class="w-name" aria-current="true">乙</li>' in head
    assert '<li class="w-name">甲</li>' in head


def test_real_data_has_no_mark():
    assert "示例数据" not in build_head(heading(kind=DataKind.REAL), NOW, "zh")


def test_notice_takes_the_second_line_and_leaves_the_mark():
    head = build_head(heading(), NOW, "zh", "数据库没有应答")
    assert "数据库没有应答" in head
    assert "w-names" not in head
    assert "示例数据" in head


@pytest.mark.parametrize(("pin", "is_paused", "words"), [
    (Pin("b", "x", NOW, None), False, "固定显示"),
    (Pin("b", "x", NOW, NOW + timedelta(minutes=30)), True, "固定显示至 10:30"), (None, True, "不轮换"),
])
def test_head_says_why_it_does_not_turn(pin, is_paused, words):
    assert f'<span class="w-state">{words}</span>' in build_head(heading(pin=pin, is_paused=is_paused), NOW, "zh")


def test_tile_says_what_it_is_of():
    assert "截至 10:00" in stage()
    assert "w-late" not in stage(stale_after=timedelta(hours=1))


def test_late_tile_greys_and_says_where_it_stopped():
    late = stage(as_of=NOW - timedelta(hours=20), stale_after=timedelta(hours=6))
    assert "w-late" in late
    assert "停在 昨天 14:00" in late


def test_tile_of_no_known_time_is_late_where_time_matters():
    assert "时间不明" in stage(as_of=None, stale_after=timedelta(hours=6))
    assert "w-stamp" not in stage(as_of=None)


def test_words_of_others_are_escaped_everywhere():
    found = build_head(heading(county=HOSTILE, title=HOSTILE, names=[("a", HOSTILE)]), NOW, "zh", HOSTILE) + stage(
        title=HOSTILE, note=HOSTILE, name="x", area='a;b" onload="x')
    assert "<img" not in found
    assert 'onload="x' not in found


def test_clock_speaks_both_languages():
    assert write_clock(NOW, "en") == "Sun 22/11 10:00"


def test_calls_take_turns_and_say_who_calls_whom_and_which_of_how_many():
    view = WallView(Scope("w", Role.WALL), "zh", NOW, NOW.date(), DataKind.REAL, NOW)
    calls = tuple(WaitingCall(number, HOSTILE, NOW, (HOSTILE, "水利局", "住建局", "公安局")) for number in (1, 2, 3))
    body = build_stage(own_scenes.build_alarm(view, Alarms(calls), 25.0), NOW, "zh")
    assert "（3/3）" in body
    assert "水利局、住建局等 4 个" in body
    assert "10:00" in body
    assert "<img" not in body
    assert "（" not in build_stage(own_scenes.build_alarm(view, Alarms(calls[:1]), 25.0), NOW, "zh").split("w-tile-body")[0]


def test_what_nobody_accepted_in_its_time_is_a_red_line():
    assert own_scenes.write_alert(Alarms((), 2, 1), "zh") == "最高等级未签收 2 件 · 呼叫未签到 1 次"
    assert own_scenes.write_alert(Alarms(), "zh") == ""
    head = build_head(heading(alert=HOSTILE), NOW, "zh")
    assert 'class="w-alert"' in head
    assert "<img" not in head
    assert "w-alert" not in build_head(heading(), NOW, "zh")


def test_style_asks_for_nothing_from_outside():
    assert "http" not in build_wall_style()
    assert "@import" not in build_wall_style()

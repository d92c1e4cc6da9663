"""What a wall may say and what not: categories, villages, probabilities; drawings and names that fit."""

import re
from base64 import b64decode
from dataclasses import replace
from itertools import combinations

import pytest
from sqlalchemy import update

from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Incident
from govdesk.terms import Role
from govdesk.ui.wall import quality_scene, trends_scene, warning_scene
from govdesk.ui.wall.county_outline import LETTER, TALL, WIDE, read_outline
from govdesk.ui.wall.line_picture import draw_line, find_end
from govdesk.ui.wall.newest import build_newest
from govdesk.words import read_words
from tests.support import scored_county, tiny_county
from tests.support.tiny_county import COUNTY, UNTIL
from tests.support.wall_views import WALL, make_view, tile_of, words_of

ZH = read_words("zh")


@pytest.fixture
def listed(empty_engine):
    scored_county.build(empty_engine)
    return empty_engine


def test_strip_tells_a_category_only_where_it_points_at_nobody(tiny_engine):
    view = make_view(tiny_engine)
    assert "·" not in words_of(build_newest(view).body)
    with write_transaction(tiny_engine) as connection:
        newest = connection.execute(
            Incident.__table__.select().order_by(Incident.recorded_at.desc(), Incident.id.desc()).limit(1)).one()
        same = {"place_code": newest.place_code, "week_occurred": newest.week_occurred, "stream": "dispute",
                "category": "family"}
        connection.execute(update(Incident).where(Incident.id.in_([newest.id, 1, 2])).values(same))
        bump(connection, "incidents")
    shown = words_of(build_newest(make_view(tiny_engine)).body)
    assert "矛盾纠纷 · 婚姻家庭" in shown


def test_strip_holds_everything_twice_so_that_it_runs_without_a_seam(tiny_engine):
    body = build_newest(make_view(tiny_engine)).body
    parts = re.findall(r'<div class="w-run-part"[^>]*>(.*?)</div>', body)
    assert len(parts) == 2
    assert parts[0] == parts[1]
    assert parts[0].count("w-run-item") == 12


def test_list_is_told_by_township_with_its_use_and_its_baseline(listed):
    scene = warning_scene.build(make_view(listed))
    shown = {tile.name: words_of(tile.body) for tile in scene.tiles}
    assert shown["use"] == ZH["wall_scenes.use"]
    assert shown["listed"].startswith("6 个村")
    assert ZH["wall_scenes.no_visits"] in shown["listed"]
    assert "第1镇" in shown["townships"]
    assert "eb52" in shown["worth"]
    assert ZH["wall_scenes.no_backtest"] in shown["worth"]
    everything = " ".join(shown.values())
    assert "%" not in everything  # no probability
    assert not re.search(r"第\d镇\d村", everything)
    assert sum(map(int, re.findall(r"(\d) 村", shown["townships"]))) == 6
    assert tile_of(scene, "townships").body.count('"w-box"') == 6


def test_without_a_list_the_scene_says_so(tiny_engine):
    scene = warning_scene.build(make_view(tiny_engine, scope=Scope("x", Role.WALL)))
    assert words_of(tile_of(scene, "townships").body) == f"— {ZH['wall_scenes.no_run']}"
    assert words_of(tile_of(scene, "use").body) == ZH["wall_scenes.use"]


def test_without_the_right_there_is_no_scene(tiny_engine):
    view = make_view(tiny_engine)
    with pytest.raises(RefusedError):
        warning_scene.build(replace(view, scope=Scope("x", Role.DEPARTMENT)))


def test_list_of_a_week_that_is_over_is_late(listed):
    late = make_view(listed)
    tile = tile_of(warning_scene.build(late), "listed")
    assert tile.as_of + tile.stale_after > late.now
    assert (tile.as_of + tile.stale_after).date() == scored_county.AS_OF.replace(day=23)


def test_township_with_few_closings_shows_counts(empty_engine):
    tiny_county.build(empty_engine, 80, weeks=40)
    body = tile_of(quality_scene.build(make_view(empty_engine)), "table").body
    assert "%" not in words_of(body)
    assert re.search(r"\d/\d", words_of(body))


def test_findings_of_small_numbers_say_that_nothing_can_be_told(empty_engine):
    tiny_county.build(empty_engine, 30, weeks=12)
    shown = words_of(tile_of(trends_scene.build(make_view(empty_engine)), "findings").body)
    assert ZH["wall_scenes.findings_rule"] in shown
    assert "周" in shown


def test_stream_without_records_has_no_line_and_no_zero(empty_engine):
    tiny_county.build(empty_engine, 200, weeks=60)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Incident).where(Incident.stream == "petition").values(is_counted=0))
        from govdesk.storage.weekly_counts import rebuild

        rebuild(connection)
        bump(connection, "incidents")
    tile = tile_of(trends_scene.build(make_view(empty_engine)), "line-petition")
    assert words_of(tile.body) == f"— {ZH['wall_scenes.no_stream']}"


def test_line_breaks_where_nothing_is_known_and_ends_at_the_newest_value():
    svg = draw_line([1.0, None, 3.0, 4.0], [None, None, None, None], 4.0)
    assert svg.count("<polyline") == 1
    assert find_end([1.0, None, 3.0, 4.0], 4.0) == (97.0, 8.0)
    assert find_end([None], 1.0) is None
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")


def test_names_on_the_map_keep_off_each_other_in_both_sizes(empty_engine):
    tiny_county.build(empty_engine, 0, townships=9, villages=6)
    with read_transaction(empty_engine) as connection:
        outline = read_outline(connection, WALL, UNTIL)
    assert len(outline.places) == 54
    assert all(path.startswith("M") and path.endswith("Z") for _, path in outline.places)
    ratio = outline.width / outline.height
    for names, room in ((outline.names, WIDE), ([one for one in outline.names if not one.is_wide], TALL)):
        assert names
        across = min(room[0], room[1] * ratio)
        for one, other in combinations(names, 2):
            apart_x = abs(one.x - other.x) / 100 * across >= LETTER * (len(one.text) + len(other.text)) / 2
            apart_y = abs(one.y - other.y) / 100 * across / ratio >= 1.2 * LETTER
            assert apart_x or apart_y


def test_map_is_an_image_that_loads_nothing_and_its_legend_adds_up(tiny_engine):
    from govdesk.ui.wall.situation_scene import build

    body = tile_of(build(make_view(tiny_engine)), "map").body
    svg = b64decode(re.search(r"base64,([^\"]+)", body)[1]).decode()
    assert "href" not in svg
    assert svg.count("Z") >= 12
    of, some = map(int, re.search(r"(\d+) 个村中 (\d+) 个有", words_of(body)).groups())
    assert of == 12
    assert 0 < some <= 12


def test_scope_of_a_township_shows_its_own_numbers_only(tiny_engine):
    from govdesk.ui.wall.situation_scene import build

    all_, own = (build(make_view(tiny_engine, scope=scope)) for scope in (
        WALL, Scope("w", Role.WALL, f"{COUNTY}002")))
    first = [int(re.match(r"[\d,]+", words_of(tile_of(scene, "stock").body))[0]) for scene in (all_, own)]
    assert 0 < first[1] < first[0]
    assert "第1镇" not in words_of(" ".join(tile.body for tile in own.tiles))




def test_findings_are_shown_whole_or_not_at_all():
    assert trends_scene.count_fitting(["a" * 500, "b"], 100) == 1
    assert trends_scene.count_fitting(["a" * 30, "b" * 30, "c" * 30], 100) == 2
    assert trends_scene.count_fitting(["a"], 100) == 1

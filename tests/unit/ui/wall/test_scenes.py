"""Every scene in every case: both languages, no data, one incident, hostile names, no shapes; nobody is named."""

import re

import pytest
from sqlalchemy import delete, func, insert, select, update

from govdesk import settings
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.versions import bump
from govdesk.tables import Incident, Place, PlaceShape, Step
from govdesk.terms import DataKind
from govdesk.ui.wall import scenes, urgent_scene
from govdesk.ui.wall.scene_css import CSS
from govdesk.words import read_words
from tests.support import scored_county, tiny_county
from tests.support.wall_views import make_view, tile_of, words_of

HOSTILE = '<img src=x onerror="window.hacked=1">镇'
NAMES = scenes.list_names()


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A county with scorings, read by every test of this module and changed by none."""
    patch = pytest.MonkeyPatch()
    patch.setenv("GOVDESK_DATABASE_URL", f"sqlite:///{tmp_path_factory.mktemp('wall')}/county.db")
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    url = settings.get_settings().url
    scored_county.build(get_engine())
    patch.undo()
    return url


@pytest.fixture
def engine(county, monkeypatch):
    monkeypatch.setenv("GOVDESK_DATABASE_URL", county)
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    return get_engine()


@pytest.mark.parametrize("words", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_scene_has_tiles_whose_areas_its_grid_knows_lying_and_standing(engine, name, words):
    scene = scenes.find(name).build(make_view(engine, words))
    assert scene.name == name
    standing = CSS[CSS.index("@media (orientation: portrait)"):]
    for sheet in (CSS[:CSS.index("@media (orientation: portrait)")], standing):
        grid = re.search(rf"\.{scene.layout} {{ grid-template:(.*?)}}", sheet, re.DOTALL)
        areas = set(" ".join(re.findall(r'"([^"]*)"', grid[1])).split())
        assert {tile.area for tile in scene.tiles} == areas
    for tile in scene.tiles:
        assert tile.title
        assert tile.body
        assert "None" not in words_of(tile.body)
        assert "nan" not in words_of(tile.body).lower().split()


@pytest.mark.parametrize("name", NAMES)
def test_scene_of_a_county_without_any_data_is_calm(empty_engine, name):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai", title_zh="空", title_en="Empty"))
    scene = scenes.find(name).build(make_view(empty_engine))
    shown = " ".join(words_of(tile.body) for tile in scene.tiles)
    assert "—" in shown
    assert not re.search(r"(?<![\d-])0 件|0 %", shown)  # missing is never zero


@pytest.mark.parametrize("name", NAMES)
def test_scene_of_a_single_incident_gives_counts_and_no_rates(empty_engine, name):
    tiny_county.build(empty_engine, n_incidents=1)
    scene = scenes.find(name).build(make_view(empty_engine))
    shown = " ".join(words_of(tile.body) for tile in scene.tiles)
    assert "%" not in shown


def test_hostile_names_are_written_and_never_run(empty_engine):
    scored_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.level == "township").values(name=HOSTILE))
        bump(connection, "places")
    view = make_view(empty_engine)
    built = [scenes.find(name).build(view) for name in NAMES]
    built.append(urgent_scene.build(view, _Numbered(1)))
    for scene in built:
        for tile in scene.tiles:
            assert "<img src=x" not in tile.body
            assert "onerror=" not in re.sub(r"&quot;|&lt;[^&]*&gt;", "", tile.body) or "&lt;img" in tile.body
    assert "&lt;img" in tile_of(built[0], "map").body


def test_county_without_shapes_says_so_in_place_of_the_map(empty_engine):
    tiny_county.build(empty_engine, n_incidents=40)
    with write_transaction(empty_engine) as connection:
        connection.execute(delete(PlaceShape))
    tile = tile_of(scenes.find("situation").build(make_view(empty_engine)), "map")
    assert words_of(tile.body) == f"— {read_words('zh')['wall_scenes.no_shapes']}"


def test_what_no_source_records_is_a_dash_with_its_reason(empty_engine):
    tiny_county.build(empty_engine, n_incidents=60)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Incident).values(closed_at=None, week_closed=None, due_at=None, n_reopened=0))
        bump(connection, "incidents")
    scene = scenes.find("situation").build(make_view(empty_engine))
    words = read_words("zh")
    for name, reason in (("stock", "no_closings"), ("late", "no_closings"), ("back", "no_reopenings"),
                         ("visits", "no_run")):
        assert words_of(tile_of(scene, name).body) == f"— {words[f'wall_scenes.{reason}']}"
    assert tile_of(scene, "map").title == words["wall_scenes.map_count"].format(weeks=13)


def test_no_scene_names_a_village(engine):
    with read_transaction(engine) as connection:
        villages = connection.scalars(select(Place.name).where(Place.level.in_(("village", "grid")))).all()
    view = make_view(engine)
    for name in NAMES:
        shown = " ".join(words_of(tile.body) for tile in scenes.find(name).build(view).tiles)
        assert not [village for village in villages if village in shown]


class _Numbered:
    def __init__(self, number):
        self.id = number


def test_interruption_says_where_what_since_when_and_who_has_it(engine):
    view = make_view(engine)
    with read_transaction(engine) as connection:
        row = connection.execute(select(Incident.id, Incident.reported_at).order_by(Incident.reported_at.desc())).first()
    scene = urgent_scene.build(view, _Numbered(row.id))
    shown = words_of(scene.tiles[0].body)
    assert re.search(r"第\d镇", shown)
    assert "自然资源局" in shown
    assert "小时" in shown or "天前" in shown
    assert words_of(urgent_scene.build(view, _Numbered(10**9)).tiles[0].body).startswith("—")


def test_reopened_counts_steps_of_the_last_week(empty_engine):
    tiny_county.build(empty_engine, n_incidents=40)
    view = make_view(empty_engine)
    with write_transaction(empty_engine) as connection:
        one = connection.scalar(select(func.min(Incident.id)).where(Incident.closed_at.is_not(None)))
        connection.execute(update(Incident).where(Incident.id == one).values(n_reopened=1))
        connection.execute(insert(Step).values(
            incident_id=one, source="t", source_ref="r", content_hash="0", kind="reopen", occurred_at=view.as_of,
            recorded_at=view.as_of, is_recorded_assumed=False, is_withdrawn=False))
        bump(connection, "incidents")
    shown = words_of(tile_of(scenes.find("situation").build(view), "back").body)
    assert shown.startswith("1 件")

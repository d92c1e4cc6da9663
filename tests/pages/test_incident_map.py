"""The incident map: full, empty, refused, a place that does not exist, and the address that reproduces a view."""

import json

import pytest
from sqlalchemy import delete, insert, update

from govdesk import palette
from govdesk.clock import week_of
from govdesk.storage.engine import write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.versions import bump
from govdesk.tables import Account, Incident, Place, PlaceShape, Step
from govdesk.terms import DataKind
from tests.support import tiny_county
from tests.support.screens import all_html, all_text, open_page


def deck(page):
    return json.loads(page.get("deck_gl_json_chart")[0].proto.json)


def tooltip(page):
    return json.loads(page.get("deck_gl_json_chart")[0].proto.tooltip)


def layers(page):
    return {layer["id"]: layer for layer in deck(page)["layers"]}


def test_full_map_shows_villages_legend_and_figures(tiny_engine):
    page = open_page("incident_map")
    assert "places-0" in layers(page)
    text = all_text(page)
    assert "测试县" in text
    assert "最近事件" in text
    assert "件" in text


def test_legend_names_real_numbers(tiny_engine):
    page = open_page("incident_map", weeks="52")
    legend = next(one for one in all_html(page).split("<div") if "gd-legend-classes" in one)
    assert palette.CLASSES[0] in legend
    assert palette.CLASSES[-1] in legend
    assert any(char.isdigit() for char in legend)


def test_deck_refers_to_no_other_host(tiny_engine):
    for params in ({}, {"place": "990101001001"}, {"layer": "cells"}):
        page = open_page("incident_map", **params)
        spec = json.dumps(deck(page))
        assert "http" not in spec
        assert "mapbox" not in spec.lower()
        assert "cartocdn" not in spec
        assert all(layer["data"].startswith("/api/geo/") for layer in deck(page)["layers"])


def test_geometry_is_never_inside_the_page(tiny_engine):
    assert len(json.dumps(deck(open_page("incident_map")))) < 8_000


def test_every_layer_has_an_id_of_its_own(tiny_engine):
    ids = [layer["id"] for layer in deck(open_page("incident_map", place="990101001001"))["layers"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("place", "has_points"), [
    ("990101", False), ("990101001", False), ("990101001001", True), ("990101001002-01", True)])
def test_points_are_shown_from_the_village_down(tiny_engine, place, has_points):
    assert ("points-0" in layers(open_page("incident_map", place=place))) is has_points


def test_way_down_stands_in_selectboxes(tiny_engine):
    page = open_page("incident_map", place="990101001002-01")
    assert [page.selectbox(key=f"map_way_{depth}").value for depth in range(3)] == [
        "990101001", "990101001002", "990101001002-01"]


def test_choosing_a_township_writes_the_address(tiny_engine):
    page = open_page("incident_map")
    page.selectbox(key="map_way_0").set_value("990101002").run()
    assert page.query_params["place"] == "990101002"
    page.selectbox(key="map_way_0").set_value("").run()
    assert "place" not in page.query_params


def test_address_reproduces_the_view(tiny_engine):
    wanted = {"place": "990101002", "measure": "open", "weeks": "26", "to": "2026-W40", "streams": "dispute,petition",
              "categories": "neighbour", "layer": "areas"}
    page = open_page("incident_map", **wanted)
    assert page.selectbox(key="map_measure").value == "open"
    assert page.multiselect(key="map_streams").value == ["dispute", "petition"]
    assert page.multiselect(key="map_categories").value == ["neighbour"]
    assert "2026-10-04" in all_text(page)
    assert "link" not in all_text(page).lower() or "识别" not in all_text(page)


@pytest.mark.parametrize("params", [
    {"measure": "x"}, {"weeks": "7"}, {"to": "2026-W99"}, {"to": "1999-W01"}, {"to": "9999999-W01"},
    {"streams": "a,b"}, {"layer": "'"}, {"categories": "<img src=x onerror=alert(1)>"}, {"level": "grid"},
    {"place": "<script>"}, {"place": "x" * 500}, {"weeks": "\x00"}])
def test_junk_in_the_address_is_left_out_with_a_notice(tiny_engine, params):
    page = open_page("incident_map", **params)
    assert "无法识别" in all_text(page)
    assert "<script>" not in all_html(page)
    assert "<img src=x" not in all_html(page)
    assert page.get("deck_gl_json_chart")


def test_place_that_does_not_exist_is_said(tiny_engine):
    page = open_page("incident_map", place="990199")
    assert "没有找到地区 990199" in all_text(page)
    assert page.get("deck_gl_json_chart")


def test_account_sees_its_own_township_only(tiny_engine):
    _add_account(tiny_engine, "990101001")
    page = open_page("incident_map", account="t1")
    assert page.selectbox(key="map_way_0").label == "村"
    other = open_page("incident_map", account="t1", place="990101002")
    assert "不在当前账号范围内" in all_text(other)
    assert "第2镇" not in all_text(other)


def test_account_whose_area_is_gone_is_refused(tiny_engine):
    _add_account(tiny_engine, "990999")
    page = open_page("incident_map", account="t1")
    assert "当前账号不能查看" in all_text(page)
    assert not page.get("deck_gl_json_chart")


def test_without_places_it_says_what_to_run(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    page = open_page("incident_map")
    assert "import-places" in all_text(page)
    assert not page.get("deck_gl_json_chart")


def test_without_incidents_places_can_be_browsed_and_nothing_is_zero(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(delete(Step))
        connection.execute(delete(Incident))
        bump(connection, "incidents")
    page = open_page("incident_map", place="990101001")
    text = all_text(page)
    assert page.get("deck_gl_json_chart")
    assert "还没有事件记录" in text
    assert "无记录" in text
    assert "0 件" not in text


def test_small_counts_are_no_rate(tiny_engine):
    text = all_text(open_page("incident_map", measure="per_1000", weeks="4"))
    assert "不足 10 件，不计率" in text


def test_schematic_shapes_are_called_so(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(PlaceShape).values(kind="tile"))
        bump(connection, "places")
    assert "示意" in all_text(open_page("incident_map"))


def test_missing_population_is_no_figure(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).values(population=None))
        bump(connection, "places")
    text = all_text(open_page("incident_map", measure="per_1000", weeks="52"))
    assert "无人口数" in text


def test_map_approval_number_is_shown(tiny_engine, monkeypatch):
    from govdesk.settings import get_settings

    monkeypatch.setenv("GOVDESK_MAP_APPROVAL_NUMBER", "GS(2026)0000")
    get_settings.cache_clear()
    assert "审图号：GS(2026)0000" in all_text(open_page("incident_map"))


def test_playback_steps_through_the_weeks_and_stops(tiny_engine):
    page = open_page("incident_map", weeks="4")
    page.button(key="map_play").click().run()
    first = layers(page)["places-0"]["data"]
    page.run()
    assert layers(page)["places-0"]["data"] != first
    page.button(key="map_pause").click().run()
    assert page.button(key="map_play")
    assert "to" in page.query_params


def test_comparison_outside_the_recorded_period_is_not_made(tiny_engine):
    assert "不比" in all_text(open_page("incident_map", weeks="all"))


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "x" * 5000,
                                  "\u202egnp.exe", "a\x00b", "\"'{name}"])
def test_hostile_names_do_no_harm(empty_engine, name):
    tiny_county.build(empty_engine, hostile=name.replace("\x00", " ")[:100] if len(name) < 200 else name[:100])
    page = open_page("incident_map", place="990101001001")
    assert "<img" not in all_html(page).replace('<img src="data:image/svg', "").replace('<img src="/api/geo/picture?t=', "")


def test_english_has_no_chinese_but_names(tiny_engine):
    text = all_text(open_page("incident_map", lang="en", measure="overdue"))
    assert "Open and overdue" in text
    assert "超期" not in text


def _add_account(engine, area):
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [{"code": "t1", "title": "t1", "role": "township", "area_code": area,
                                              "is_active": True}])
        bump(connection, "accounts")


def test_what_the_sources_never_record_is_not_zero(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).values(closed_at=None, week_closed=None, petition_kind=None))
        bump(connection, "incidents")
    text = all_text(open_page("incident_map", measure="open"))
    assert "没有登记结案" in text
    assert "没有登记重复" in text
    assert "未登记结案" in text


def test_change_of_places_within_the_played_weeks_is_said(tiny_engine):
    text = all_text(open_page("incident_map", place="990101001001", weeks="4"))
    assert "这些周内有地区变动（2026-03-02 3 个）" in text
    assert "这些周内有地区变动" not in all_text(open_page("incident_map", place="990101002001", weeks="4"))
    assert "这些周内有地区变动" not in all_text(open_page("incident_map", weeks="4"))  # villages, none of them changed


def test_frame_in_which_places_changed_is_marked(tiny_engine):
    page = open_page("incident_map", place="990101001001", weeks="4")
    week = week_of(tiny_county.SPLIT_ON)
    page.button(key="map_play").click().run()
    page.session_state["_map_frame"] = 52 - (week_of(tiny_county.UNTIL) - week)
    page.run()
    assert "个地区变动" in page.get("progress")[0].proto.text
    page.run()
    assert "个地区变动" not in page.get("progress")[0].proto.text


def test_tiles_beside_the_outline_are_lifted_above_the_legend(tiny_engine):
    """Of the same county, the view leaves more room below when some shapes are drawings (docs: tiles, lower left)."""
    measured = deck(open_page("incident_map"))["initialViewState"]
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(PlaceShape).where(PlaceShape.code.startswith("990101003001")).values(kind="tile"))
        bump(connection, "places")
    drawn = deck(open_page("incident_map"))["initialViewState"]
    assert (drawn["zoom"], drawn["latitude"]) != (measured["zoom"], measured["latitude"])
    assert drawn["latitude"] < measured["latitude"]  # the view's middle lies lower, so its shapes stand higher

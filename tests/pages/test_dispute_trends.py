"""The page of trends: full, empty, of one township, with junk in the address, hostile names, without closings."""

from datetime import date

import pytest
from sqlalchemy import delete, insert, update

from govdesk.clock import week_label, week_of
from govdesk.rules.indicators import INDICATORS, TREND_INDICATORS
from govdesk.settings import ROOT
from govdesk.storage.engine import write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Account, Incident, Place, PlaceAncestor, SourceChange, Step
from govdesk.terms import DataKind
from govdesk.ui.markup import clean_text
from govdesk.ui.trend_state import SECTIONS
from govdesk.words import read_words, say
from tests.support import tiny_county
from tests.support.screens import all_html, all_text, open_page
from tests.support.tiny_county import COUNTY, NOW

HOSTILE = "<img src=x onerror=alert(1)>"
LAST = week_of(tiny_county.UNTIL)


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, 4000, weeks=200)
    return empty_engine


def charts(page):
    return [str(element.proto.spec) for element in page.get("vega_lite_chart")]


def test_full_page_has_finding_charts_cards_and_all_places(county):
    page = open_page("dispute_trends")
    text = all_text(page)
    assert "gd-trend-headline" in text
    assert "较上年同期" in text
    assert text.count('class="gd-figure"') == 4
    assert text.count('class="gd-multiple"') == 3
    for part in ("同比", "环比", "第1镇", "示例数据", "春节"):
        assert part in text
    assert len(charts(page)) == 2
    assert all("description" in spec for spec in charts(page))
    names = {button.proto.label for button in page.get("download_button")}
    assert names == {"下载图片 PNG", "下载 CSV", "下载 XLSX"}


def test_page_speaks_english(county):
    text = all_text(open_page("dispute_trends", lang="en", grain="month"))
    assert "in the same weeks a year earlier" in text
    assert "Last whole month 2026-10" in text


@pytest.mark.parametrize("section", SECTIONS)
def test_every_part_opens(county, section):
    assert "gd-trend-headline" in all_text(open_page("dispute_trends", section=section))


@pytest.mark.parametrize("asked", [{"grain": "month"}, {"grain": "quarter", "stream": "all"}, {"grain": "year"},
                                   {"view": "years"}, {"view": "years", "grain": "month"}, {"view": "whole"},
                                   {"kind": "mountain"}, {"channel": "grid_worker"}, {"category": "family"},
                                   {"category": "family", "channel": "grid_worker", "section": "cells"},
                                   {"place": f"{COUNTY}002"}, {"from": "2026-W10", "to": "2026-W10"}])
def test_every_choice_of_the_address_is_shown(county, asked):
    page = open_page("dispute_trends", **asked)
    assert "gd-trend-headline" in all_text(page)
    assert "gd-warn" not in all_html(page)


@pytest.mark.parametrize("asked", [{"category": "nope"}, {"category": HOSTILE}, {"stream": "x"}, {"place": "990101999"},
                                   {"place": HOSTILE}, {"kind": "moon"}, {"channel": "'"}, {"grain": "day"},
                                   {"from": "2026-W99"}, {"from": "1900-W01"}, {"to": "x"}, {"view": "0"}, {"section": "x"},
                                   {"from": "2026-W40", "to": "2026-W30"}, {"category": "petition_land"}])
def test_junk_in_the_address_is_left_out_with_a_notice(county, asked):
    html = all_html(open_page("dispute_trends", **asked))
    assert "gd-warn" in html
    assert "gd-trend-headline" in html
    assert "<img src=x" not in html


def test_one_month_of_few_cases_is_counts_without_a_rate(empty_engine):
    tiny_county.build(empty_engine, 300, weeks=200)
    text = all_text(open_page("dispute_trends", **{"from": "2026-W40", "to": "2026-W43"}))
    assert "过少" in text
    assert "不能判断变化" in text


def test_empty_database_says_what_to_do(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai", title_zh="县", title_en="C"))
    assert "import-incidents" in all_text(open_page("dispute_trends"))


def test_township_account_sees_its_own_numbers_only(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Account), [{
            "code": "town", "title": "第2镇", "role": "township", "area_code": f"{COUNTY}002", "unit_code": None,
            "is_active": True, "created_at": NOW}])
    page = open_page("dispute_trends", account="town", section="cells")
    text = all_text(page)
    assert "gd-trend-headline" in text
    assert "第2镇" in text
    assert "第1镇" not in text
    whole = open_page("dispute_trends", section="cells")
    assert "第1镇" in all_text(whole)


def test_hostile_names_are_text(empty_engine):
    tiny_county.build(empty_engine, 2000, weeks=200)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.level == "township").values(name=HOSTILE))
        connection.execute(insert(SourceChange), [{
            "source": "t", "source_ref": "1", "content_hash": "0", "recorded_at": NOW, "on": date(2025, 3, 3),
            "kind": "new_app", "place_code": f"{COUNTY}001", "stream": None, "channel": None, "unit_code": None,
            "note": HOSTILE}])
    for section in ("places", "cells"):
        html = all_html(open_page("dispute_trends", section=section, view="whole"))
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


def test_source_change_stands_on_the_charts_of_whom_it_concerns(county):
    with write_transaction(county) as connection:
        connection.execute(insert(SourceChange), [{
            "source": "t", "source_ref": "1", "content_hash": "0", "recorded_at": NOW, "on": date(2025, 3, 3),
            "kind": "new_app", "place_code": f"{COUNTY}001", "stream": None, "channel": None, "unit_code": None,
            "note": None}])
    drawn = charts(open_page("dispute_trends", view="whole"))
    assert "2025-03-03" in drawn[0]
    assert str(week_of(date(2025, 3, 3))) in drawn[1]
    assert "2025-03-03" not in charts(open_page("dispute_trends", view="whole", place=f"{COUNTY}003"))[0]


def test_every_indicator_is_explained_from_the_registry(county):
    html = all_html(open_page("dispute_trends", section="works"))
    for one in TREND_INDICATORS:
        for part in ("", "_formula", "_denominator", "_window", "_source"):
            assert clean_text(say(f"trend_indicator.{one.key}{part}", "zh"), 400) in html


def test_words_of_indicators_are_those_registered_and_no_others():
    parts = ("", "_formula", "_denominator", "_window", "_source")
    named = {f"{one.key}{part}" for one in TREND_INDICATORS for part in parts}
    named |= {f"head_{part}" for part in ("name", "formula", "denominator", "window", "source")}
    for language in ("zh", "en"):
        keys = [key for key in read_words(language) if key.startswith("trend_indicator.")]
        assert {key.removeprefix("trend_indicator.") for key in keys} == named
    assert not {one.key for one in TREND_INDICATORS} & {one.key for one in INDICATORS}


def test_comparison_across_a_change_of_recording_says_so_and_marks_no_rise(county):
    with write_transaction(county) as connection:
        connection.execute(insert(SourceChange), [{
            "source": "t", "source_ref": "1", "content_hash": "0", "recorded_at": NOW, "on": date(2026, 3, 2),
            "kind": "new_app", "place_code": f"{COUNTY}001", "stream": None, "channel": None, "unit_code": None,
            "note": None}])
    crossed = say("trends.crossed", "zh", changes="").partition("（")[0]
    html = all_html(open_page("dispute_trends", section="cells"))
    assert html.count(" ‡</th>") == 1
    assert crossed in html
    places = all_html(open_page("dispute_trends"))
    assert say("trends.places_crossed", "zh") in places
    assert say("trends.crossed_mark", "zh", changes="")[:12] in places
    elsewhere = all_html(open_page("dispute_trends", section="cells", place=f"{COUNTY}002"))
    assert "‡" not in elsewhere
    assert crossed not in elsewhere


def test_data_without_closings_and_townships_says_what_it_has_not(county):
    with write_transaction(county) as connection:
        connection.execute(delete(PlaceAncestor).where(PlaceAncestor.ancestor_level == "township"))
        connection.execute(update(Place).where(Place.level == "village").values(parent_code=COUNTY))
        connection.execute(delete(PlaceAncestor).where(PlaceAncestor.code.in_(
            [f"{COUNTY}00{number}" for number in (1, 2, 3)])))
        connection.execute(delete(Place).where(Place.level == "township"))
        connection.execute(update(Incident).values(closed_at=None, week_closed=None))
        connection.execute(delete(Step).where(Step.kind == "close"))
        from govdesk.storage.weekly_counts import refresh_place_weeks

        refresh_place_weeks(connection)
        rebuild(connection)
    page = open_page("dispute_trends")
    text = all_text(page)
    assert "没有结案记录" in text
    assert len(charts(page)) == 1
    assert text.count('class="gd-multiple"') == 12
    assert "第1镇1村" in text


def test_place_is_chosen_by_a_link_that_keeps_the_rest(county):
    html = all_html(open_page("dispute_trends", grain="month", **{"from": "2026-W01"}))
    assert f"/dispute_trends?grain=month&amp;from=2026-W01&amp;place={COUNTY}001" in html


def test_weeks_typed_into_the_boxes_go_into_the_address(county):
    page = open_page("dispute_trends")
    page.selectbox(key="trend_from").set_value("2026-W10").run()
    assert page.query_params["from"] == "2026-W10"
    assert not page.exception
    assert "2026-03-02 至" in all_text(page)
    assert page.selectbox(key="trend_to").value == week_label(LAST)


def test_open_by_channel_is_counted_when_asked_for(county):
    page = open_page("dispute_trends", channel="grid_worker")
    assert len(charts(page)) == 1
    page.button(key="trend_count_stock").click().run()
    assert not page.exception
    assert len(charts(page)) == 2


def test_page_is_in_the_menu():
    assert '"dispute_trends"' in (ROOT / "govdesk" / "ui" / "menu.py").read_text(encoding="utf-8")

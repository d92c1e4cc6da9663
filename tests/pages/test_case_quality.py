"""Case quality: full, empty, one's own area only, a source without closings, hostile names; what is shown is defined."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from govdesk.rules.indicators import BY_KEY, INDICATORS, SECTIONS, list_of_section
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, Incident, Place, Unit
from govdesk.ui import quality_words
from tests.support import quality_county, tiny_county
from tests.support.screens import all_html, all_text, open_page

COUNTY = tiny_county.COUNTY
#: Modules of the page that name indicators.
MODULES = ("finding", "times_part", "habits_part", "returns_part", "blocks_part", "compare_part", "ledgers_part",
           "capacity_part")
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def county(empty_engine):
    quality_county.build(empty_engine, 400)
    return empty_engine


def test_page_opens_with_a_finding_that_names_what_is_open(county):
    text = all_text(open_page("case_quality"))
    for part in ("办结率背后", "已办结", "件未办结", "其中一半已超过", "尚未化解", "又被退回重办", "在办最久的十件"):
        assert part in text
    assert 'href="/incident?id=' in text


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_part_explains_its_indicators(county, section, lang):
    text = all_text(open_page("case_quality", section=section, lang=lang))
    for one in list_of_section(section):
        for part in ("", "_formula", "_denominator", "_window", "_source"):
            from govdesk.words import say
            assert say(f"indicator.{one.key}{part}", lang) in text


def test_what_is_shown_is_registered_and_the_other_way_round(county, monkeypatch):
    seen = set()
    original = quality_words.name_of

    def name_of(key):
        seen.add(key)
        return original(key)

    for module in MODULES:
        monkeypatch.setattr(f"govdesk.ui.quality_{module}.name_of", name_of)
    for section in SECTIONS:
        open_page("case_quality", section=section)
    assert seen == set(BY_KEY)
    text = all_text(open_page("case_quality", section="old"))
    assert "信访积案" in text
    assert "其中一半已超过" in text


@pytest.mark.parametrize("section", SECTIONS)
def test_how_this_is_counted_holds_all_that_is_shown_with_a_part(county, section, monkeypatch):
    seen, original = set(), quality_words.name_of
    for module in MODULES:
        monkeypatch.setattr(f"govdesk.ui.quality_{module}.name_of", lambda key: seen.add(key) or original(key))
    open_page("case_quality", section=section)
    assert {"closed_share", "open_now", "open_age", "closing_days"} <= seen
    assert seen <= {one.key for one in list_of_section(section)}


def test_every_module_of_the_page_that_names_an_indicator_is_looked_at():
    folder = Path(quality_words.__file__).parent
    named = {path.stem.removeprefix("quality_") for path in folder.glob("quality_*.py")
             if "name_of(" in path.read_text(encoding="utf-8")} - {"words"}
    assert named == set(MODULES)


def test_kind_of_village_narrows_every_part(county):
    page = open_page("case_quality", kind="mountain", period="all")
    everything = all_text(open_page("case_quality", period="all"))
    assert "山区" in all_text(page)
    assert page.query_params["kind"] == "mountain"
    share = re.compile(r"([\d,]+)/([\d,]+) 本期报告的事件")
    part, whole = (int(share.search(text).group(2).replace(",", "")) for text in (all_text(page), everything))
    assert 0 < part < whole
    for section in ("compare", "reporting", "mediation"):
        assert not open_page("case_quality", kind="mountain", section=section).exception


def test_registered_words_are_complete_and_nothing_else_is_defined():
    from govdesk.words import read_words
    words = {key.removeprefix("indicator.") for key in read_words("zh") if key.startswith("indicator.")}
    parts = ("", "_formula", "_denominator", "_window", "_source")
    assert words == {f"{one.key}{part}" for one in INDICATORS for part in parts}
    assert len({one.key for one in INDICATORS}) == len(INDICATORS)


@pytest.mark.parametrize("params", [
    {"period": "13"}, {"period": "all"}, {"stream": "petition"}, {"stream": "dispute", "section": "petitions"},
    {"place": f"{COUNTY}002", "unit": "U-LAND", "channel": "hotline"}, {"category": "neighbour", "section": "returns"},
    {"section": "compare", "by": "month", "measure": "reopened_share"}, {"section": "compare", "by": "unit"},
    {"section": "reporting", "district": f"{COUNTY}003"}, {"category": "family", "unit": "U-CENTRE", "period": "13"},
])
def test_every_choice_is_in_the_address(county, params):
    page = open_page("case_quality", **params)
    assert {name: page.query_params[name] for name in params} == params


def test_junk_in_the_address_is_left_out_with_a_notice(county):
    text = all_text(open_page("case_quality", period="7", stream="x", place=HOSTILE, section="zz"))
    assert "period=7" in text
    assert "<img src=x" not in all_html(open_page("case_quality", place=HOSTILE))


def test_database_without_incidents_says_what_to_do(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    assert "import-incidents" in all_text(open_page("case_quality"))


def test_township_sees_only_its_own(county):
    with write_transaction(county) as connection:
        connection.execute(insert(Account), [
            {"code": "t2", "title": "t2", "role": "township", "area_code": f"{COUNTY}002", "is_active": True}])
        names = dict(connection.execute(Place.__table__.select().with_only_columns(Place.code, Place.name)).all())
    for section in SECTIONS:
        text = all_text(open_page("case_quality", account="t2", section=section))
        assert names[f"{COUNTY}001"] not in text.replace("第1镇政府", "")
    assert names[f"{COUNTY}002"] in all_text(open_page("case_quality", account="t2", section="compare"))
    assert f"place={COUNTY}001" in all_text(open_page("case_quality", account="t2", place=f"{COUNTY}001"))


def test_source_without_closings_says_so_and_shows_no_zero(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).values(
            closed_at=None, week_closed=None, outcome=None, first_answered_at=None, handling_unit=None, due_at=None,
            petition_kind=None, n_reopened=0, status="reported"))
    text = all_text(open_page("case_quality"))
    assert "没有记录任何办结" in text
    assert "0 %" not in text.split("这样计算")[0]
    assert "各乡镇报送" in text
    for section in ("times", "habits", "returns", "mediation", "petitions", "compare", "old"):
        text = all_text(open_page("case_quality", section=section))
        assert "未记录（不是 0）" in text, section


def test_rates_from_fewer_than_ten_are_counts(empty_engine):
    quality_county.build(empty_engine, 12)
    text = all_text(open_page("case_quality", stream="petition"))
    head = text.split("这样计算")[0]
    assert " %</b>" not in head.split("首次答复用时")[0]


def test_hostile_names_are_text(county):
    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.level != "county").values(name=HOSTILE + "\u202e"))
        connection.execute(update(Unit).values(name=HOSTILE))
    for section in SECTIONS:
        html = all_html(open_page("case_quality", section=section, by="unit"))
        assert "<img src=x" not in html
        assert "\u202e" not in html


def test_workbook_is_not_made_before_somebody_asks_for_it(county, monkeypatch):
    from govdesk.ui import tables

    def refuse(*args, **kwargs):
        raise AssertionError("made on a rerun")

    monkeypatch.setattr(tables, "write_workbook", refuse)
    for section in SECTIONS:
        open_page("case_quality", section=section)


@pytest.mark.parametrize(("section", "names"), [
    ("times", {"quality_answer_days", "quality_closing_days"}), ("compare", {"quality_funnel_district_closed_share"}),
    ("reporting", {"quality_reports"})])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_is_offered_as_picture_and_figures_and_says_what_it_shows(county, section, names, lang):
    page = open_page("case_quality", section=section, lang=lang)
    offered = {one.proto.id.rsplit("-", 1)[-1] for one in page.get("download_button")}
    for name in names:
        assert {f"{kind}_{name}" for kind in ("png", "csv", "xlsx")} <= offered
    charts = page.get("vega_lite_chart")
    assert len(charts) == len(names)
    assert all(len(json.loads(chart.proto.spec)["description"]) > 20 for chart in charts)


def test_a_week_without_a_report_is_no_zero_in_the_export(county, monkeypatch):
    taken = {}
    monkeypatch.setattr("govdesk.ui.quality_ledgers_part.draw_downloads",
                        lambda rows, columns, *, name, **kwargs: taken.update({name: (rows, columns)}))
    open_page("case_quality", section="reporting")
    rows, columns = taken["quality_reports"]
    assert "n_known" in {column.key for column in columns}
    assert rows.loc[rows["state"] == "silent", "n_known"].isna().all()
    assert rows.loc[rows["state"] == "nil", "n_known"].fillna(-1).eq(0).all()
    assert (rows["state"] == "silent").any()

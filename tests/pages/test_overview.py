"""The leader's page: full, empty, refused, with rows behind a sentence, hostile."""

import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import monday_of
from govdesk.queries.freshness import last_complete_week
from govdesk.rules.access import SYSTEM
from govdesk.settings import ROOT
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, Incident, Place
from govdesk.ui.rows_behind import RowsRequest
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY
HOSTILE = "<img src=x onerror=alert(1)>"


def test_overview_shows_sentences_six_figures_and_places(tiny_engine):
    page = open_page("overview")
    html = all_html(page)
    assert "上周变化" in html
    assert html.count('class="gd-figure"') == 6
    assert html.count('class="gd-spark"') >= 6
    assert "变化最大的乡镇" in html
    assert "第1镇" in html


def test_overview_in_english(tiny_engine):
    html = all_html(open_page("overview", lang="en"))
    assert "What changed last week" in html
    assert "13-week mean" in html


def test_figures_lead_to_their_rows(tiny_engine):
    html = all_html(open_page("overview"))
    assert 'href="/?rows=1&amp;only=open"' in html


def test_rows_behind_a_sentence_are_shown_below_it(tiny_engine):
    page = open_page("overview", rows="4", streams="dispute", place=f"{COUNTY}001")
    html = all_html(page)
    assert "对应的事件" in html
    assert "近 4 周 · 矛盾纠纷 · 第1镇" in html
    assert "/incident_map?place=990101001&amp;streams=dispute" in html


@pytest.mark.parametrize("only", ["open", "overdue", "repeat"])
def test_rows_of_a_state_are_shown(tiny_engine, only):
    assert "/incident?id=" in all_html(open_page("overview", rows="52", only=only))


@pytest.mark.parametrize("asked", [{"rows": "x"}, {"rows": "0"}, {"rows": "99999"}, {"rows": "1", "streams": HOSTILE},
                                   {"rows": "1", "place": HOSTILE}, {"rows": "1", "categories": "nope"},
                                   {"rows": "1", "only": "'"}, {"rows": "1", "place": "990101999"}])
def test_junk_in_the_address_is_left_out(tiny_engine, asked):
    html = all_html(open_page("overview", **asked))
    assert "上周变化" in html
    assert "<img src=x" not in html


def test_request_of_rows_survives_its_own_address():
    request = RowsRequest(4, "990101001", ("dispute", "petition"), ("neighbour",), "repeat")
    assert request.address() == \
        "/?rows=4&place=990101001&streams=dispute,petition&categories=neighbour&only=repeat"


def test_database_without_incidents_says_what_to_do(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    html = all_html(open_page("overview"))
    assert "import-incidents" in html
    assert ">0<" not in html.split("gd-cards")[1].split("gd-panel")[0]


def test_database_without_places(empty_engine):
    from govdesk.storage.properties import Properties
    from govdesk.storage.schema import create_database
    from govdesk.terms import DataKind
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(open_page("overview"))


def test_scoped_account_sees_its_own_area_only(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [
            {"code": "t2", "title": "t2", "role": "township", "area_code": f"{COUNTY}002", "is_active": True}])
    html = all_html(open_page("overview", account="t2", rows="52"))
    assert "第2镇" in html
    assert "第1镇" not in html
    assert "第3镇" not in html


def test_rise_is_a_sentence_with_its_rows(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        week = last_complete_week(connection, SYSTEM)
        ids = list(connection.scalars(select(Incident.id).where(Incident.week_occurred < week - 20).limit(60)))
        connection.execute(update(Incident).where(Incident.id.in_(ids)).values(
            week_occurred=week, occurred_on=monday_of(week), stream="dispute", category="neighbour"))
    html = all_html(open_page("overview"))
    assert "gd-sentences" in html
    assert "categories=neighbour" in html or "streams=dispute" in html
    assert "<b>" in html


@pytest.mark.parametrize("text", [HOSTILE, "=cmd|' /C calc'!A0", "长" * 5000, "\u202e镇"])
def test_hostile_names_are_text(tiny_engine, text):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.level == "township").values(name=text))
        connection.execute(update(Incident).values(source_ref=Incident.source_ref + text[:40]))
    html = all_html(open_page("overview", rows="52"))
    assert "<img src=x" not in html
    assert "\u202e" not in html


def test_page_is_short():
    assert len((ROOT / "pages" / "overview.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_silent_villages_are_one_click_away(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.startswith(f"{COUNTY}001002")).values(channel="hotline"))
    html = all_html(open_page("overview", rows="9", only="silent"))
    assert "没有记录不等于平安" in html
    assert f'href="/village?place={COUNTY}001002"' in html.split("自身无上报的村")[1].split("gd-card")[0]
    assert "Ask first" in all_html(open_page("overview", rows="9", only="silent", lang="en"))


def test_no_silent_village_is_said(tiny_engine):
    assert "没有自身无上报而热线有来电的村" in all_html(open_page("overview", rows="9", only="silent"))


def test_map_shows_counts_where_no_closing_is_recorded(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).values(closed_at=None, week_closed=None))
    html = all_html(open_page("overview"))
    assert "来源未记录结案" in html
    assert "各村在办事件" not in html
    assert 'href="/incident_map?measure=count"' in html

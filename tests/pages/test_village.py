"""One place of any level: full, empty, refused, unknown, hostile."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import week_of
from govdesk.settings import ROOT
from govdesk.storage.engine import write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, Incident, NilReturn, Place, PlaceChange, WorksProject
from govdesk.ui.formats import NOTHING
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY
VILLAGE = f"{COUNTY}001001"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("code", [COUNTY, f"{COUNTY}001", VILLAGE, f"{VILLAGE}-02"])
def test_place_of_every_level_shows_profile_history_and_open(tiny_engine, code):
    html = all_html(open_page("village", place=code))
    for part in ("概况", "近 52 周", "在办未结", "知道什么", "工程项目"):
        assert part in html


def test_village_in_english(tiny_engine):
    html = all_html(open_page("village", place=VILLAGE, lang="en"))
    assert "What is known, and since when" in html
    assert "Neighbours of the same kind" in html


def test_village_history_of_156_weeks_by_link(tiny_engine):
    page = open_page("village", place=VILLAGE, weeks="156")
    assert page.query_params["weeks"] == "156"


def test_village_shows_its_works(tiny_engine):
    html = all_html(open_page("village", place=VILLAGE))
    assert "高标准农田一期" in html
    assert "在建" in html


def test_open_incidents_are_links_with_their_age(tiny_engine):
    html = all_html(open_page("village", place=COUNTY))
    assert 'href="/incident?id=' in html
    assert " 天</td>" in html


def test_page_without_place_is_a_chooser(tiny_engine):
    page = open_page("village")
    assert "请选一个地区" in all_html(page)
    page.selectbox("choose_child").select(f"{COUNTY}002").run()
    assert page.query_params["place"] == f"{COUNTY}002"
    assert "第2镇" in all_html(page)


def test_place_that_does_not_exist_offers_the_chooser(tiny_engine):
    page = open_page("village", place="990101999")
    assert "没有代码为 990101999 的地区" in all_html(page)
    assert page.selectbox("choose_child") is not None


@pytest.mark.parametrize("junk", [HOSTILE, "a' or 1=1", "9" * 300, "../../x"])
def test_junk_place_is_left_out_with_a_notice(tiny_engine, junk):
    html = all_html(open_page("village", place=junk))
    assert "请选一个地区" in html
    assert "<img src=x" not in html


def test_foreign_area_is_refused(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [
            {"code": "t2", "title": "t2", "role": "township", "area_code": f"{COUNTY}002", "is_active": True}])
    html = all_html(open_page("village", account="t2", place=VILLAGE))
    assert "不在当前账号的范围内" in html
    assert "高标准农田一期" not in html
    assert "第2镇" in all_html(open_page("village", account="t2", place=f"{COUNTY}002001"))


def test_database_without_incidents_says_what_is_not_known(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    html = all_html(open_page("village", place=VILLAGE))
    assert "没有在办事件" in html
    assert "从无记录" in html
    assert "没有记录不等于没有发生" in html


def test_database_without_places_says_how_to_import(empty_engine):
    from govdesk.storage.properties import Properties
    from govdesk.storage.schema import create_database
    from govdesk.terms import DataKind
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(open_page("village"))


def test_place_of_the_past_is_shown_as_it_was(tiny_engine):
    html = all_html(open_page("village", place=f"{VILLAGE}-01"))
    assert "2026-03-02 起不再存在" in html


def test_change_of_the_place_is_marked(tiny_engine):
    html = all_html(open_page("village", place=f"{VILLAGE}-01a"))
    assert "2026-03-02 拆分" in html
    assert "50 %" in html


def test_weeks_before_a_place_existed_are_not_zero(tiny_engine):
    html = all_html(open_page("village", place=f"{VILLAGE}-01a"))
    assert "周有记录" in html
    assert "此前 52 周 0 件" not in html


def test_nil_return_is_evidence_and_shown(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(NilReturn), [{
            "source": "t", "source_ref": "n", "content_hash": "0", "recorded_at": tiny_county.NOW,
            "place_code": VILLAGE, "period_from": date(2026, 10, 1), "period_to": date(2026, 11, 1)}])
    assert "2026-10-01 至 2026-10-31" in all_html(open_page("village", place=VILLAGE))


def test_rate_under_ten_incidents_is_not_given(empty_engine):
    tiny_county.build(empty_engine, n_incidents=20)
    assert "件数过少，不算率" in all_html(open_page("village", place=VILLAGE))


@pytest.mark.parametrize("text", [HOSTILE, "=cmd|' /C calc'!A0", "长" * 100, "\u202e村\u2066", "=1\x07"])
def test_hostile_names_are_text(tiny_engine, text):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.code == VILLAGE).values(name=text))
        connection.execute(update(WorksProject).values(name=text))
        connection.execute(update(Incident).values(category=text[:40], source_ref=Incident.source_ref + text[:20]))
        connection.execute(update(PlaceChange).values(kind=text[:12]))
    for code in (VILLAGE, COUNTY, f"{VILLAGE}-01a"):
        html = all_html(open_page("village", place=code))
        assert "<img src=x" not in html
        assert "\u202e" not in html
        assert "\x07" not in html


def test_five_thousand_characters_do_not_break_a_page(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.code == VILLAGE).values(name="长" * 5000))
    assert "…" in all_html(open_page("village", place=VILLAGE))


def test_workbook_is_not_made_before_somebody_asks_for_it(tiny_engine, monkeypatch):
    from govdesk.ui import tables

    def refuse(*args, **kwargs):
        raise AssertionError("made on a rerun")

    monkeypatch.setattr(tables, "write_workbook", refuse)
    assert "在办未结" in all_html(open_page("village", place=VILLAGE))


def test_page_is_short():
    assert len((ROOT / "pages" / "village.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_silence_is_counted_from_the_day_of_the_data(tiny_engine):
    on = tiny_county.UNTIL - timedelta(days=90)
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.startswith(VILLAGE)).values(is_counted=0))
        connection.execute(update(Incident).where(Incident.id == 5).values(
            is_counted=1, place_code=f"{VILLAGE}-02", occurred_on=on, week_occurred=week_of(on)))
    html = all_html(open_page("village", place=VILLAGE))
    silence = int(html.split("距最近记录</dt><dd>")[1].split(" ")[0])
    assert 80 <= silence <= 90


def _row(html, code):
    """Return the text of the row of a place in the tables of places, which are the last ones."""
    row = [row for row in html.split("<tr")[1:] if f'href="/village?place={code}"' in row][-1]
    return re.sub(r"<[^>]+>", " ", row)


def test_place_younger_than_the_window_is_counted_since_its_day_and_not_compared(tiny_engine):
    html = all_html(open_page("village", place=VILLAGE))
    assert "起计日" in html
    young = _row(html, f"{VILLAGE}-01a")
    assert "自 2026-03-02 起" in young
    assert "不足一年，不比" in young
    assert "起" not in _row(html, f"{VILLAGE}-02")


def test_tables_without_a_young_place_have_no_column_for_it(tiny_engine):
    assert "起计日" not in all_html(open_page("village", place=f"{COUNTY}002"))


def test_place_that_began_after_the_window_has_no_count(tiny_engine):
    on = date(2026, 11, 18)  # in the last week, which is not complete yet
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.code == f"{VILLAGE}-02").values(valid_from=on))
    young = _row(all_html(open_page("village", place=VILLAGE)), f"{VILLAGE}-02")
    assert f"自 {on} 起" in young
    assert NOTHING in young


def test_counts_of_a_short_recording_say_so(empty_engine):
    tiny_county.build(empty_engine, 200, weeks=20)
    assert "周有记录" in all_html(open_page("village", place=f"{COUNTY}001"))


def test_village_with_a_new_name_keeps_its_year(tiny_engine):
    def read_figures() -> list[str]:
        return re.findall(r'class="gd-figure[^>]*>(.*?)</div>', all_html(open_page("village", place=VILLAGE)))

    before, on = read_figures(), date(2026, 9, 7)
    with write_transaction(tiny_engine) as connection:
        row = connection.execute(select(Place.__table__).where(Place.code == VILLAGE)).mappings().one()
        connection.execute(update(Place).where(Place.code == VILLAGE).values(valid_to=on))
        connection.execute(insert(Place), [{**row, "valid_from": on, "name": "新名村"}])
        bump(connection, "places")
    assert before
    assert read_figures() == before

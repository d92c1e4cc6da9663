"""The page of visits: full, empty, refused, errors that keep what was typed, hostile text."""

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Account, Place, Visit
from govdesk.terms import DataKind
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY
HOSTILE = "<img src=x onerror=alert(1)>"


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def _fill(page):
    _widget(page, "selectbox", "visit_reason_").select("own").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    _widget(page, "selectbox", "place_village_").select(f"{COUNTY}001001").run()
    _widget(page, "selectbox", "visit_found_").select("found").run()


def test_link_of_the_list_names_the_village(tiny_engine):
    page = open_page("visits", place=f"{COUNTY}002003")
    assert _widget(page, "selectbox", "place_township_").value == f"{COUNTY}002"
    assert _widget(page, "selectbox", "place_village_").value == f"{COUNTY}002003"
    _widget(page, "selectbox", "place_village_").select(f"{COUNTY}002001").run()
    assert _widget(page, "selectbox", "place_village_").value == f"{COUNTY}002001"


@pytest.mark.parametrize("place", ["nowhere", HOSTILE, "990101"])
def test_link_to_no_village_leaves_the_choice_open(tiny_engine, place):
    page = open_page("visits", place=place)
    assert not page.exception
    assert _widget(page, "selectbox", "place_township_").value is None


def _save(page):
    _widget(page, "button", "visit_save_").click().run()
    assert not page.exception
    return all_html(page)


def _n_visits(engine):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(Visit))


def test_visit_is_recorded_and_listed(tiny_engine):
    page = open_page("visits")
    assert "这段时间没有走访记录" in all_html(page)
    _fill(page)
    _widget(page, "text_area", "visit_note_").input("两户争水，13800138000").run()
    html = _save(page)
    assert "已记录：第1镇1村，2026-11-22" in html
    assert "已遮盖后保存" in html
    assert "13800138000" not in html
    page.run()
    html = all_html(page)
    assert "走访 1 次：发现苗头 1 次" in html
    assert "未满 90 天" in html
    assert "综治中心值班员" in html
    assert f"/village?place={COUNTY}001001" in html
    assert _n_visits(tiny_engine) == 1
    _widget(page, "button", "visit_again").click().run()
    assert _widget(page, "selectbox", "visit_reason_").value is None


def test_errors_name_the_fields_and_keep_what_was_typed(tiny_engine):
    page = open_page("visits")
    _widget(page, "text_area", "visit_note_").input("水渠堵了").run()
    html = _save(page)
    assert "没有保存，请改正 3 处" in html
    assert "村（社区）：请填写" in html
    assert _widget(page, "text_area", "visit_note_").value == "水渠堵了"
    assert _n_visits(tiny_engine) == 0


def test_township_instead_of_a_village_is_refused(tiny_engine):
    page = open_page("visits", lang="en")
    _widget(page, "selectbox", "visit_reason_").select("own").run()
    _widget(page, "selectbox", "place_township_").select(f"{COUNTY}001").run()
    _widget(page, "selectbox", "visit_found_").select("nothing_found").run()
    assert "第1镇 is no village" in _save(page)


@pytest.mark.parametrize(("lang", "words"), [("zh", "可以查看走访，不能记录"), ("en", "may read visits, not record them")])
def test_leader_reads_and_cannot_record(tiny_engine, lang, words):
    page = open_page("visits", account="local_leader", lang=lang)
    assert words in all_html(page)
    assert not [one for one in page.button if one.key.startswith("visit_save_")]


@pytest.mark.parametrize(("lang", "words", "use"), [
    ("zh", "本周随机抽查（2026-W47）", "不作为对村或个人的评价"), ("en", "Drawn by lot this week (2026-W47)", "no basis for judging")])
def test_lot_of_the_week_and_the_sentence_on_use(tiny_engine, lang, words, use):
    html = all_html(open_page("visits", account="local_leader", lang=lang))
    assert words in html
    assert use in html
    assert html.count("/village?place=") == 3


def test_hostile_text_is_text(empty_engine):
    tiny_county.build(empty_engine, n_incidents=20)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.level == "village").values(name=HOSTILE))
        connection.execute(insert(Visit), [{
            "source": "v", "source_ref": "1", "content_hash": "0", "recorded_at": tiny_county.NOW, "place_code": f"{COUNTY}001001",
            "reason": HOSTILE[:12], "visited_on": tiny_county.UNTIL, "found": HOSTILE[:16], "by_post": HOSTILE, "note": HOSTILE}])
    html = all_html(open_page("visits"))
    assert "<img" not in html
    assert "&lt;img" in html


def test_database_without_places_says_how_to_import(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-places" in all_html(open_page("visits"))


def test_page_is_short():
    assert len((ROOT / "pages" / "visits.py").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("role", ["department", "wall"])
def test_visits_name_no_village_to_those_who_may_not_see_alerts(tiny_engine, role):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="other", title="other", role=role, is_active=True))
        connection.execute(insert(Visit).values(
            source="register", source_ref="V1", content_hash="0", recorded_at=tiny_county.NOW, by_post="p",
            place_code=f"{COUNTY}001001", reason="alert", visited_on=tiny_county.UNTIL, found="found"))
    assert "第1镇1村" in all_html(open_page("visits"))
    text = all_html(open_page("visits", account="other"))
    assert "走访只给上门帮助的岗位看" in text
    assert "第1镇1村" not in text
    assert "村" not in text.split("走访只给上门帮助的岗位看")[1]

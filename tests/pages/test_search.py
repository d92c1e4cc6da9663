"""The search of every page: numbers, names, initials, codes; nothing found; hostile text."""

import pytest
from sqlalchemy import insert, update
from streamlit.testing.v1 import AppTest

from govdesk.settings import ROOT
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, Place
from tests.support import tiny_county
from tests.support.screens import all_html

COUNTY = tiny_county.COUNTY
HOSTILE = "<img src=x onerror=alert(1)>"


def _search(text, account=None):
    page = AppTest.from_file(str(ROOT / "govdesk" / "ui" / "main.py"), default_timeout=60)
    if account:
        page.session_state["account"] = account
    page.run()
    assert not page.exception
    page.text_input("search_text").input(text).run()
    assert not page.exception
    return all_html(page)


@pytest.mark.parametrize(("text", "href"), [
    ("第2镇", f"/village?place={COUNTY}002"),
    (f"{COUNTY}003", f"/village?place={COUNTY}003"),
    ("T0000007", "/incident?id=7"),
])
def test_search_finds_places_and_incidents_as_links(tiny_engine, text, href):
    assert f'href="{href}"' in _search(text)


def test_search_finds_a_place_by_pinyin_initials(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.code == f"{COUNTY}001001").values(initials="HQZ"))
    assert f'href="/village?place={COUNTY}001001"' in _search("hqz")


def test_nothing_found_says_what_else_to_try(tiny_engine):
    html = _search("没有这个地方")
    assert "没有找到“没有这个地方”" in html
    assert "拼音首字母" in html


def test_long_list_says_that_it_is_cut(tiny_engine):
    assert "只显示前 12 条" in _search("T00000")


@pytest.mark.parametrize("text", [HOSTILE, "%", "_", "' or 1=1 --", "长" * 5000, "\u202e\u200f", "=cmd|' /C calc'!A0"])
def test_hostile_text_is_only_looked_for(tiny_engine, text):
    assert "<img src=x" not in _search(text)


def test_hostile_name_in_a_result_is_text(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Place).where(Place.code == f"{COUNTY}001001").values(name=HOSTILE))
    html = _search("img")
    assert "<img src=x" not in html
    assert f"/village?place={COUNTY}001001" in html


def test_scoped_account_finds_nothing_outside_its_area(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account), [
            {"code": "t2", "title": "t2", "role": "township", "area_code": f"{COUNTY}002", "is_active": True}])
    assert "没有找到" in _search("第1镇1村", account="t2")


def test_search_of_a_database_without_incidents(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    assert f"/village?place={COUNTY}001" in _search("第1镇")

"""Capacity as drawn: denominators, unknown villages, few as numbers, not a ranking; empty in both languages."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from govdesk.storage.engine import write_transaction
from govdesk.tables import Capacity, Place
from tests.support import tiny_county
from tests.support.part_pages import list_specs, open_part
from tests.support.screens import all_html, all_text
from tests.support.tiny_county import NOW

COUNTY = tiny_county.COUNTY


def _draw(**kwargs):
    return open_part("capacity", "draw_capacity", **kwargs)


@pytest.fixture
def county(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Capacity), [{
            "source": "x", "source_ref": f"C{t}{v}", "content_hash": "0", "place_code": f"{COUNTY}00{t}00{v}",
            "kind": "legal_guide", "n": 6 if t < 3 else 1, "counted_on": date(2026, 1, 15),
            "recorded_at": NOW - timedelta(days=30)} for t in (1, 2, 3) for v in (1, 2, 3)])
    return tiny_engine


@pytest.mark.parametrize(("lang", "parts"), [
    ("zh", ("法律明白人：39 名，12 个村（社区）中 9 个有记录，其中 9 个至少有 1 名，3 个未知", "不是排名",
            "村法律顾问：12 个村（社区）都没有记录", "3 名", "共 4 个村")),
    ("en", ("Legal guides: 39; of 12 villages 9 have a record", "not a ranking", "the number is not known", "3 in all"))])
def test_numbers_stand_with_their_denominators(county, lang, parts):
    page = _draw(lang=lang)
    text = all_text(page)
    for part in parts:
        assert part in text
    (spec,) = [json.loads(one) for one in list_specs(page)]
    assert "2.00" in spec["description"]


@pytest.mark.parametrize(("lang", "words"), [("zh", "import-capacities"), ("en", "no lists of names")])
def test_without_counts_it_says_how_to_import(tiny_engine, lang, words):
    assert words in all_text(_draw(lang=lang))


def test_place_of_one_township_has_no_comparison(county):
    page = _draw(place_code=f"{COUNTY}001")
    assert list_specs(page) == []
    assert "法律明白人：18 名" in all_text(page)


def test_hostile_names_are_text(county):
    with write_transaction(county) as connection:
        connection.execute(update(Place).values(name="<img src=x onerror=alert(1)>"))
    assert "<img" not in all_html(_draw())

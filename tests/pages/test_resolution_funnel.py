"""Where incidents were settled, as drawn: finding, unknown levels apart, few as counts, empty, both languages."""

import json

import pytest
from sqlalchemy import update

from govdesk.storage.engine import write_transaction
from govdesk.tables import Incident
from tests.support import tiny_county
from tests.support.part_pages import list_specs, open_part
from tests.support.screens import all_text

COUNTY = tiny_county.COUNTY


def _draw(**kwargs):
    return open_part("resolution_funnel", "draw_resolution_funnel", **kwargs)


def _level(engine, *conditions, **values):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.week_closed.is_not(None), *conditions).values(**values))


def test_finding_names_share_numbers_and_what_has_no_level(tiny_engine):
    _level(tiny_engine, Incident.id % 4 == 0, resolution_level="township")
    _level(tiny_engine, Incident.id % 4 == 1, resolution_level="county")
    _level(tiny_engine, Incident.id % 10 == 0, resolution_level=None)
    page = _draw()
    text = all_text(page)
    assert "的已化解事件在组、村化解" in text
    assert "级别未记录的" in text
    assert "不评价高低" in text
    specs = [json.loads(spec) for spec in list_specs(page)]
    assert len(specs) == 2
    assert all(spec["description"] for spec in specs)
    assert "化解事件在组、村化解" in specs[0]["description"]
    assert [button.proto.label for button in page.get("download_button")].count("下载 CSV") == 2


def test_fewer_than_ten_are_counts(tiny_engine):
    _level(tiny_engine, Incident.id > 8, outcome="not_settled")
    text = all_text(_draw(weeks=150))
    assert "不足 10 件，不算比例" in text
    assert " %" not in text


def test_source_without_levels_says_so(tiny_engine):
    _level(tiny_engine, resolution_level=None)
    text = all_text(_draw())
    assert "数据来源不记录级别" in text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_source_without_closings_says_so(empty_engine, lang):
    tiny_county.build(empty_engine, n_incidents=0)
    assert {"zh": "没有记录任何办结", "en": "record no closings"}[lang] in all_text(_draw(lang=lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_settled_says_what_to_do(tiny_engine, lang):
    _level(tiny_engine, outcome="not_settled")
    assert {"zh": "没有结案且化解的事件", "en": "Nothing was closed as settled"}[lang] in all_text(_draw(lang=lang))


def test_township_sees_its_own_area_only(tiny_engine):
    everywhere, one = all_text(_draw()), all_text(_draw(place_code=f"{COUNTY}001"))
    assert everywhere != one
    assert "第1镇" in one

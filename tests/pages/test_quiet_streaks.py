"""Quiet streaks as drawn: never a number of days without its evidence, places in order, no levels no quiet."""

import re

import pytest
from sqlalchemy import update

from govdesk.storage.engine import write_transaction
from govdesk.tables import Incident, Place
from tests.support import tiny_county
from tests.support.part_pages import open_part
from tests.support.screens import all_html, all_text

COUNTY = tiny_county.COUNTY


def _draw(**kwargs):
    return open_part("quiet_streaks", "draw_quiet_streaks", **kwargs)


def test_every_village_stands_with_its_evidence_in_order_of_code(tiny_engine):
    html = all_html(_draw(weeks=13))
    codes = re.findall(r"/village\?place=(\d{12})", html)
    assert len(codes) == 12
    assert codes == sorted(codes)
    assert "有报送的周/连续期的周" in html
    assert len(re.findall(r"<td>\d+/\d+", html)) >= 12
    assert "沉默不是平安" in html
    assert "不是排名" in html


def test_streak_without_data_shows_no_days(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.like(f"{COUNTY}001%")).values(is_counted=0))
    text = all_text(_draw(place_code=f"{COUNTY}001"))
    assert "无数据 4 个" in text
    assert text.count("○ 无数据") >= 4
    assert "≥" not in text


@pytest.mark.parametrize(("lang", "words"), [("zh", "不显示任何平静天数"), ("en", "no quiet days are shown")])
def test_without_levels_nothing_is_called_quiet(tiny_engine, lang, words):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).values(resolution_level=None))
    text = all_text(_draw(lang=lang))
    assert words in text
    assert "●" not in text


def test_empty_database_and_hostile_name(empty_engine):
    tiny_county.build(empty_engine, hostile="<img src=x onerror=alert(1)>")
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.level == "township").values(name="<img src=y>"))
    html = all_html(_draw())
    assert "<img" not in html

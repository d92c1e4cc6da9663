"""Fewer reports than expected on screen: whom to ask, nothing of a rank, hostile names as text, empty and small data."""

from textwrap import dedent

import pytest
from sqlalchemy import insert, update
from streamlit.testing.v1 import AppTest

from govdesk.storage.engine import write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Account, Place
from govdesk.terms import DataKind
from tests.support import hushed_county, tiny_county
from tests.support.hushed_county import HUSHED
from tests.support.screens import all_html, all_text, open_page
from tests.support.tiny_county import COUNTY

SCRIPT = """
    from govdesk.ui.setting import read_setting
    from govdesk.ui.silence_part import draw_silence
    draw_silence(read_setting())
"""
HOSTILE = "<img src=x onerror=alert(1)>"


def draw(account=None, **params):
    page = AppTest.from_string(dedent(SCRIPT), default_timeout=60)
    if account:
        page.session_state["account"] = account
    for key, value in params.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize(("lang", "title", "counts", "meaning"), [
    ("zh", "1 个村（社区）的上报明显少于预期", "6 个村（社区）中，6 个的记录够多", "不要当作失职"),
    ("en", "1 villages reported clearly less than expected", "Of 6 villages 6 have enough records", "nor for neglect")])
def test_it_names_whom_to_ask_and_says_what_it_does_not_mean(empty_engine, lang, title, counts, meaning):
    hushed_county.build(empty_engine)
    page = draw(lang=lang)
    text = all_text(page)
    for part in (title, counts, meaning):
        assert part in text
    assert f"/village?place={HUSHED}" in all_html(page)
    assert all_html(page).count("/village?place=") == 1
    assert len(page.get("download_button")) == 1


def test_it_is_a_part_of_reporting(empty_engine):
    hushed_county.build(empty_engine)
    assert "上报偏少提示" in all_text(open_page("case_quality", section="reporting"))


def test_it_is_offered_and_read_only_when_asked_for(empty_engine):
    hushed_county.build(empty_engine)
    page = AppTest.from_string(dedent(SCRIPT).replace("draw_silence", "offer_silence"), default_timeout=60).run()
    assert "明显少于预期" not in all_text(page)
    page.toggle(key="silence_open").set_value(True).run()
    assert "1 个村（社区）的上报明显少于预期" in all_text(page)


def test_a_hostile_name_stays_text(empty_engine):
    hushed_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.code.in_((HUSHED, HUSHED[:-3]))).values(name=HOSTILE))
    html = all_html(draw())
    assert "<img" not in html
    assert "&lt;img" in html


def test_a_township_is_told_of_its_own_villages_only(empty_engine):
    hushed_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Account).values(
            code="t1", title="第1镇", role="township", area_code=f"{COUNTY}001", is_active=True))
    page = draw(account="t1")
    assert HUSHED not in all_html(page)
    assert "没有上报明显少于预期的" in all_text(page)
    assert "3 个村（社区）中，3 个的记录够多" in all_text(page)


def test_few_records_are_said_to_tell_nothing_and_named(empty_engine):
    tiny_county.build(empty_engine, 900)
    text = all_text(draw())
    assert "所有村（社区）的记录都太少" in text
    assert "第2镇3村" in text
    assert "明显少于预期。" not in text


def test_a_short_past_and_an_empty_database_say_what_is_missing(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai", title_zh="测试县"))
    assert "记录只有 0 周" in all_text(draw())


def test_a_past_of_a_year_is_too_short(empty_engine):
    tiny_county.build(empty_engine, 900, weeks=60)
    assert "至少需要 104 周" in all_text(draw())

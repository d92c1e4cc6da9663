"""The page of the weekly brief: preview, codes, files, a rewritten sentence, both versions, refused, empty, hostile."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import Account, BriefEdit
from tests.support import brief_county, tiny_county
from tests.support.screens import all_html, all_text, open_page


@pytest.fixture
def county():
    path = Path(get_settings().var) / "govdesk.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(brief_county.find_once(), path)
    return get_engine()


def _account(engine, role):
    with write_transaction(engine) as connection:
        connection.execute(insert(Account).values(code=f"test_{role}", title=role, role=role, is_active=True))
        bump(connection, "accounts")
    return f"test_{role}"


def test_preview_has_sentences_codes_and_no_village(county):
    page = open_page("brief", account=_account(county, "leader"))
    html = all_html(page)
    assert "本周要点" in html
    assert 'href="/?rows=1&amp;streams=dispute&amp;to=2026-W46"' in html
    assert "B0-02" in html
    assert "#panic" not in html
    assert not [one for one in page.button if one.key and one.key.startswith("brief_save")]  # leaders look on


def test_hostile_name_is_text_inside(county):
    html = all_html(open_page("brief", account=_account(county, "centre"), version="internal"))
    assert "#panic()" in html
    assert "&lt;b&gt;" in html
    assert "]]<b>" not in html


def test_code_tells_its_numbers_and_leads_to_rows(county):
    page = open_page("brief", account=_account(county, "analyst"), code="b0-02")
    assert "新增矛盾纠纷：" in all_text(page)
    assert "打开背后的记录" in all_text(page)
    page = open_page("brief", account="test_analyst", code="B9-99")
    assert "没有编号 B9-99" in all_text(page)


def test_address_of_a_code_shows_the_rows_of_its_week_and_office(county):
    _account(county, "analyst")
    html = all_html(open_page("overview", account="test_analyst", rows="13", to="2026-W40", only="late"))
    assert "截至 2026-W40 的 13 周" in html
    assert "晚登记两周以上" in html
    html = all_html(open_page("overview", account="test_analyst", rows="1", only="open", unit="U-LAND",
                              to="2026-W40"))
    assert "自然资源局" in html
    assert "2026-10-10" in html  # the Saturday after that week
    html = all_html(open_page("overview", account="test_analyst", rows="1", unit="nobody", to="2026-W99"))
    assert "unit=nobody" in html
    assert "to=2026-W99" in html


def test_one_click_makes_files_and_a_rewriting_asks_for_new_ones(county):
    page = open_page("brief", account=_account(county, "analyst"))
    page.button(key="brief_make").click().run()
    assert not page.exception
    assert [one.proto.label for one in page.get("download_button")] == ["下载 PDF", "下载 Word", "下载图片"]
    area = page.text_area[0]
    area.set_value("我们这样说。")
    next(one for one in page.button if one.key.startswith("brief_save")).click().run()
    assert not page.exception
    text = all_text(page)
    assert "我们这样说。" in text
    assert "原文：" in text
    assert page.button(key="brief_make")
    with county.connect() as connection:
        assert connection.scalars(select(BriefEdit.text)).all() == ["我们这样说。"]


def test_rewriting_that_names_a_village_is_refused_and_kept_as_typed(county):
    page = open_page("brief", account=_account(county, "analyst"))
    page.text_area[0].set_value("去第1镇2村。")
    next(one for one in page.button if one.key.startswith("brief_save")).click().run()
    assert "会议版不能写村名" in all_text(page)
    assert page.text_area[0].value == "去第1镇2村。"


def test_english_brief_on_a_chinese_page(county):
    page = open_page("brief", account=_account(county, "analyst"), **{"in": "en"})
    assert "What matters this week" in all_html(page)
    assert "生成周报" in [one.label for one in page.button]


@pytest.mark.parametrize("role", ["township", "department", "clerk", "wall"])
def test_others_are_refused(county, role):
    text = all_text(open_page("brief", account=_account(county, role)))
    assert "研判周报给领导" in text
    assert "本周要点" not in text


def test_without_records_it_says_what_to_do():
    tiny_county.build(get_engine(), n_incidents=0)
    text = all_text(open_page("brief", account=_account(get_engine(), "analyst")))
    assert "import-incidents" in text

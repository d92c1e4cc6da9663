"""The page of data quality: shares with what they are of, one township, files, the log; empty, refused, one area."""

import re
from datetime import date

import pytest
from sqlalchemy import func, insert, select, update

from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import Account, ImportBatch, Incident, Place, SourceChange
from govdesk.terms import DataKind
from govdesk.ui.data_quality_view import SHADES, shade_of, write_cell
from tests.support import tiny_county
from tests.support.screens import all_html, open_page

COUNTY = tiny_county.COUNTY
HOSTILE = "<img src=x onerror=alert(1)>"


def _batch(**values):
    return {"about": "incidents", "profile": "p", "file_name": "f", "file_hash": "0", "by": "local_clerk",
            "at": tiny_county.NOW, "n_read": 100, "n_inserted": 80, "n_updated": 0, "n_unchanged": 0, "n_rejected": 20,
            "n_masked": 3} | values


def _change(engine, **values):
    with write_transaction(engine) as connection:
        connection.execute(insert(SourceChange), [{
            "source": "s", "source_ref": "1", "content_hash": "0", "recorded_at": tiny_county.NOW, "kind": "new_app",
            "on": date(2026, 3, 2), "place_code": f"{COUNTY}002", "note": "随手报上线"} | values])


def test_townships_by_measures_with_windows_and_how_it_is_counted(tiny_engine):
    page = open_page("data_quality")
    html = all_html(page)
    assert "怎么算的" in [one.label for one in page.expander]
    assert "各乡镇一览" in html
    for name in ("第1镇", "第2镇", "第3镇"):
        assert name in html
    assert "2026-08-24 至 2026-11-22" in html or "2026-08-17 至 2026-11-15" in html
    assert "不排名，不用于考核个人" in html
    assert "没有记录不等于没有事" in html
    assert html.index("第1镇") < html.index("第2镇") < html.index("第3镇")


def test_page_in_english(tiny_engine):
    html = all_html(open_page("data_quality", lang="en"))
    assert "Townships at a glance" in html
    assert "never ranked" in html


def test_one_township_is_told_in_full(tiny_engine):
    html = all_html(open_page("data_quality", place=f"{COUNTY}002"))
    assert "第2镇：明细" in html
    assert "← 看全部" in html
    assert re.search(r"3 天内录入</dt><dd><span>100 %", html)


@pytest.mark.parametrize("junk", ["nowhere", HOSTILE])
def test_junk_place_is_left_out_with_a_notice(tiny_engine, junk):
    html = all_html(open_page("data_quality", place=junk))
    assert "<img" not in html
    assert "：明细" in html


def test_township_account_sees_its_own_area_and_no_files(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(
            code="t2", title="第2镇", role="township", area_code=f"{COUNTY}002", is_active=True))
        connection.execute(insert(ImportBatch), [_batch()])
    html = all_html(open_page("data_quality", account="t2"))
    assert "第2镇：明细" in html
    assert "第1镇" not in html
    assert "一个文件往往包含多个乡镇" in html


@pytest.mark.parametrize(("role", "lang", "words"), [
    ("department", "zh", "数据质量给领导、综治中心"), ("wall", "en", "Data quality is for leaders")])
def test_departments_and_the_wall_are_refused(tiny_engine, role, lang, words):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Account).values(code="other", title="other", role=role, is_active=True))
    html = all_html(open_page("data_quality", account="other", lang=lang))
    assert words in html
    assert "第1镇" not in html


def test_files_tell_what_was_refused_and_masked(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(ImportBatch), [_batch(source="hotline_12345")])
    html = all_html(open_page("data_quality"))
    assert "hotline_12345" in html
    assert "20 %" in html
    assert "/import_batches?" in html
    assert "/import_batches?" not in all_html(open_page("data_quality", account="local_leader"))


def test_log_names_the_change_and_who_told_of_it(tiny_engine):
    assert "还没有登记口径变化" in all_html(open_page("data_quality"))
    with write_transaction(tiny_engine) as connection:
        batch = connection.execute(insert(ImportBatch).values(**_batch(
            about="source_changes", file_name="register"))).inserted_primary_key[0]
    _change(tiny_engine, batch_id=batch)
    html = all_html(open_page("data_quality", account="local_clerk"))
    assert "随手报上线" in html
    assert "数据员" in html
    assert f"/import_batches?batch={batch}" in html


def _widget(page, kind, prefix):
    return next(one for one in getattr(page, kind) if one.key.startswith(prefix))


def test_change_is_told_of_on_the_page_and_errors_keep_what_was_typed(tiny_engine):
    page = open_page("data_quality")
    _widget(page, "text_area", "note_").input("改用新表").run()
    _widget(page, "button", "save_").click().run()
    assert not page.exception
    assert "请改正" in all_html(page)
    assert _widget(page, "text_area", "note_").value == "改用新表"
    _widget(page, "selectbox", "source_kind_").select("new_form").run()
    _widget(page, "button", "save_").click().run()
    assert not page.exception
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(SourceChange)) == 1
    page.run()
    assert "改用新表" in all_html(page)


@pytest.mark.parametrize("account", ["local_leader", "local_analyst"])
def test_those_who_may_not_tell_of_a_change_have_no_form(tiny_engine, account):
    page = open_page("data_quality", account=account)
    assert not [one for one in page.button if one.key.startswith("save_")]


def test_township_without_a_record_has_a_row_that_says_so(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.place_code.startswith(f"{COUNTY}003")).values(is_counted=0))
    html = all_html(open_page("data_quality"))
    row = html[html.index("第3镇</a>"):]
    assert "17 周内没有" in row[:400]


def test_few_records_are_counts_without_a_shade():
    row = {"n_timely": 2, "n_timed": 7, "n": 4, "n_point": 0, "median_days": 3.0, "last_days": 0.0}
    assert (write_cell(row, "timely").text, write_cell(row, "timely").shade) == ("2/7", None)
    assert write_cell(row, "point").text == "0/4"
    assert write_cell(row, "median").text == "—"
    assert write_cell(row | {"n_timed": 10}, "median").shade == 1
    assert [shade_of(one, SHADES) for one in (0, 0.05, 0.2, 1)] == [0, 1, 2, 3]


def test_database_without_incidents_says_how_to_import(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    assert "import-incidents" in all_html(open_page("data_quality"))


def test_hostile_text_is_text(empty_engine):
    tiny_county.build(empty_engine, n_incidents=60)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Place).where(Place.level == "township").values(name=HOSTILE))
        connection.execute(update(Incident).values(source=HOSTILE))
        batch = connection.execute(insert(ImportBatch).values(**_batch(
            source=HOSTILE, file_name=HOSTILE, by=HOSTILE))).inserted_primary_key[0]
    _change(empty_engine, note=HOSTILE, batch_id=batch)
    html = all_html(open_page("data_quality"))
    assert "<img" not in html
    assert html.count("&lt;img") >= 5


def test_page_is_short():
    assert len((ROOT / "pages" / "data_quality.py").read_text(encoding="utf-8").splitlines()) <= 150

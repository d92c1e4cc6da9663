"""The page of imports: list, one batch, its remarks, undoing in two steps, empty, refused, hostile names."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from govdesk.queries.batches import list_notes
from govdesk.rules.access import SYSTEM
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import ImportBatch, Incident
from govdesk.ui.batch_view import _export_columns
from govdesk.ui.downloads import write_csv
from govdesk.ui.export import ExportNote, write_workbook
from tests.support.importing import HEAD, about, incident, run
from tests.support.screens import all_html, open_page

HOSTILE = "<img src=x onerror=alert(1)>\u202e=1+1.csv"
PHONE = "13800138000"


def _widget(page, kind, key):
    return next(one for one in getattr(page, kind) if one.key == key)


@pytest.fixture
def batches(tiny_engine, tmp_path):
    """Return an engine with two batches of incidents, the second with errors, and one of works."""
    run(tiny_engine, tmp_path, HEAD + incident("A1") + incident("A2"))
    run(tiny_engine, tmp_path, HEAD + incident("A1", on="2026-02-01") + incident("B1") + incident("B2", on="三月")
        + incident("B3", category=f"电话{PHONE}") + incident("B4", place="nowhere"), name="second.csv")
    run(tiny_engine, tmp_path, "source_ref,name,kind,place_code,started_on\nW1,road,road,990101001001,2026-01-01\n",
        about("works"), name="works.csv")
    return tiny_engine


def _state(engine):
    with read_transaction(engine) as connection:
        return {row.id: row.withdrawn_by for row in connection.execute(select(ImportBatch))}


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["共 3 批", "工程项目", "有效", "命令行", "second.csv"]),
    ("en", ["3 batches", "works projects", "in force", "command line", "second.csv"])])
def test_list_has_the_newest_first(batches, lang, words):
    html = all_html(open_page("import_batches", account="local_clerk", lang=lang))
    for word in words:
        assert word in html
    assert html.index("batch=3") < html.index("batch=2") < html.index("batch=1")


def test_filters_are_in_the_address(batches):
    html = all_html(open_page("import_batches", account="local_clerk", about="works"))
    assert "共 1 批" in html
    assert "second.csv" not in html
    page = open_page("import_batches", account="local_clerk")
    _widget(page, "selectbox", "batches_about").select("works").run()
    assert "共 1 批" in all_html(page)


def test_registered_records_are_shown_when_asked(batches):
    with write_transaction(batches) as connection:
        connection.execute(update(ImportBatch).where(ImportBatch.id == 1).values(profile="register", file_name="register"))
    page = open_page("import_batches", account="local_clerk")
    assert "共 2 批" in all_html(page)
    _widget(page, "checkbox", "batches_single").check().run()
    assert "共 3 批" in all_html(page)
    assert "手工登记" in all_html(page)


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["退回 3", "“三月”不是常用写法的日期", "改成年-月-日", "原因", "怎么改", "第 2 批"]),
    ("en", ["Batch 2", "is no date in the usual spellings", "Write year-month-day", "How to mend it"])])
def test_batch_says_which_rows_and_how_to_mend_them(batches, lang, words):
    page = open_page("import_batches", account="local_clerk", batch="2", lang=lang)
    html = all_html(page) + str([one.options for one in page.get("button_group")])
    for word in words:
        assert word in html
    assert PHONE not in html


def test_unknown_batch_says_so(batches):
    assert "没有第 99 批" in all_html(open_page("import_batches", account="local_clerk", batch="99"))


@pytest.mark.parametrize("batch", ["0", "-1", "x", HOSTILE, "1" * 30])
def test_batch_that_means_nothing_shows_the_list(batches, batch):
    html = all_html(open_page("import_batches", account="local_clerk", batch=batch))
    assert "共 3 批" in html
    assert "<img" not in html


def test_batch_is_undone_by_a_reason_and_a_second_click(batches):
    page = open_page("import_batches", account="local_clerk", batch="2")
    _widget(page, "button", "undo_2_ask").click().run()
    assert "撤销原因：请填写" in all_html(page)
    _widget(page, "text_input", "undo_2_reason").input("发错了文件").run()
    _widget(page, "button", "undo_2_ask").click().run()
    assert "将取下 1 行，恢复 1 行" in all_html(page)
    assert _state(batches)[2] is None
    _widget(page, "button", "undo_2_do").click().run()
    assert not page.exception
    assert "已撤销：取下 1 行，恢复 1 行" in all_html(page)
    assert _state(batches)[2] == "local_clerk"
    html = all_html(open_page("import_batches", account="local_clerk", batch="2"))
    assert "发错了文件" in html
    assert not [one for one in open_page("import_batches", account="local_clerk", batch="2").button if "undo" in one.key]


def test_undoing_can_be_left(batches):
    page = open_page("import_batches", account="local_clerk", batch="3")
    _widget(page, "text_input", "undo_3_reason").input("x").run()
    _widget(page, "button", "undo_3_ask").click().run()
    _widget(page, "button", "undo_3_not").click().run()
    assert [one.key for one in page.button if one.key.startswith("undo")] == ["undo_3_ask"]
    assert _state(batches)[3] is None


@pytest.mark.parametrize(("lang", "words"), [("zh", "1 行后来又被改过，来自"), ("en", "1 rows were changed again later, from")])
def test_what_holds_a_batch_is_named_with_a_link(batches, lang, words):
    page = open_page("import_batches", account="local_clerk", batch="1", lang=lang)
    html = all_html(page)
    assert words in html
    assert "/import_batches?batch=2" in html
    assert not [one for one in page.button if one.key.startswith("undo")]


def test_centre_reads_and_cannot_undo(batches):
    page = open_page("import_batches", account="local_centre", batch="3")
    assert "可以查看批次，不能撤销" in all_html(page)
    assert not [one for one in page.button if one.key.startswith("undo")]


@pytest.mark.parametrize(("lang", "words"), [("zh", "只给管数据的岗位看"), ("en", "for those who keep the data")])
def test_leader_is_refused(batches, lang, words):
    assert words in all_html(open_page("import_batches", account="local_leader", lang=lang))


@pytest.mark.parametrize(("lang", "words"), [("zh", "还没有导入过文件"), ("en", "No file was imported yet")])
def test_empty_says_what_to_do(tiny_engine, lang, words):
    html = all_html(open_page("import_batches", account="local_clerk", lang=lang))
    assert words in html
    assert "import-incidents" in html


def test_hostile_names_are_text(batches, tmp_path):
    with write_transaction(batches) as connection:
        connection.execute(update(ImportBatch).values(file_name=HOSTILE, source=HOSTILE[:30], profile=HOSTILE[:30], by=HOSTILE[:30]))
    for params in ({}, {"batch": "2"}, {"batch": "1"}):
        html = all_html(open_page("import_batches", account="local_clerk", **params))
        assert "<img" not in html
        assert "&lt;img" in html


def test_export_neutralises_formulas_and_masks(batches, tmp_path):
    run(batches, tmp_path, HEAD + incident("C1", category="=HYPERLINK(1)") + incident("C2", on=f"电话{PHONE}") + incident("C3"))
    with read_transaction(batches) as connection:
        rows = list_notes(connection, SYSTEM, 4, "en", None, None)
    note = ExportNote("t", "f", None, is_sample=True, by="local_centre", purpose="deliberation")
    columns = _export_columns()
    assert PHONE not in write_csv(rows, columns, note, "en").decode("utf-8")
    sheet = load_workbook(io.BytesIO(write_workbook(rows, columns, note, "en"))).active
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "'=HYPERLINK(1)" in values
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_notes_are_told_in_the_other_language_with_their_hint(batches, tmp_path):
    run(batches, tmp_path, HEAD + incident("D1", category="request_raod") + incident("D2"))
    with read_transaction(batches) as connection:
        reasons = {language: list_notes(connection, SYSTEM, 4, language).loc[0, "reason"] for language in ("zh", "en")}
    assert reasons["zh"] == "没有类别“request_raod”。是否指“request_road”？"
    assert reasons["en"] == "There is no category 'request_raod'. Did you mean 'request_road'?"


def test_undone_incident_is_out_of_the_figures(batches):
    page = open_page("import_batches", account="local_clerk", batch="2")
    _widget(page, "text_input", "undo_2_reason").input("x").run()
    _widget(page, "button", "undo_2_ask").click().run()
    _widget(page, "button", "undo_2_do").click().run()
    with read_transaction(batches) as connection:
        assert connection.scalar(select(Incident.is_counted).where(Incident.source_ref == "B1")) == 0


def test_page_is_short():
    assert len((ROOT / "pages" / "import_batches.py").read_text(encoding="utf-8").splitlines()) <= 60

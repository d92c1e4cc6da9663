"""The page of the audit: entries in words, filters in the address, refused to others, hostile text, export, checking."""

import csv
import io
import json

import pytest
from sqlalchemy import insert, text

from govdesk.actions.audit_trail import forget_looks
from govdesk.actions.audit_writer import WRITER
from govdesk.actions.seal_audit import seal_events
from govdesk.queries.audit_log import AuditFilter, list_audit_events
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import AuditEvent
from govdesk.ui.audit_view import _export_columns, describe
from govdesk.ui.downloads import write_csv
from govdesk.ui.export import ExportNote
from tests.support.screens import all_html, all_text, open_page
from tests.support.tiny_county import NOW

HOSTILE = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>"


@pytest.fixture
def engine(tiny_engine):
    """Return an engine with a few entries; the look of the test itself is noted beside them."""
    forget_looks()
    rows = [("local_centre", "read_page", "early_warning", None, {}, False, None),
            ("local_leader", "import_records", "access", None, {"reason": "role"}, True, "10.1.2.3"),
            ("nobody", "sign_in", "sign_ins", None, {"typed": "ab***", "more": 57}, True, HOSTILE[:45]),
            ("local_clerk", "export", "early_warning", HOSTILE, {"about": HOSTILE}, False, None)]
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(AuditEvent), [
            {"at": NOW, "by": by, "action": action, "subject": subject, "subject_key": key,
             "detail": json.dumps(detail), "is_refused": refused, "address": address}
            for by, action, subject, key, detail, refused, address in rows])
    yield tiny_engine
    WRITER.flush()
    forget_looks()


@pytest.mark.parametrize(("lang", "words"), [
    ("zh", ["查看页面", "激化预警", "✕ 被拒", "导出文件", "10.1.2.3", "未登录者", "封存链还没有核验过", "待封存"]),
    ("en", ["read a page", "early warning", "✕ refused", "take a file away", "nobody signed in", "Not sealed yet"])])
def test_entries_are_said_in_words(engine, lang, words):
    html = all_html(open_page("audit_log", account="local_admin", lang=lang))
    for word in words:
        assert word in html
    assert "<img src=x" not in html


def test_filters_come_from_the_address(engine):
    page = all_text(open_page("audit_log", account="local_admin", refused="1"))
    assert "10.1.2.3" in page
    assert "查看页面" not in page
    page = all_text(open_page("audit_log", account="local_admin", action="export", by="local_clerk"))
    assert "共 1 条" in page
    page = all_text(open_page("audit_log", account="local_admin", until="2020-01-01"))
    assert "没有符合条件的记录" in page


@pytest.mark.parametrize("params", [
    {"edge": "x"}, {"edge": "o.9999999999999999999.1"}, {"since": "2026-13-01"}, {"by": "' OR 1=1 --"}, {"key": "\x1b"}])
def test_address_that_means_nothing_is_left_out(engine, params):
    assert "查看页面" in all_text(open_page("audit_log", account="local_admin", **params))


@pytest.mark.parametrize("account", ["local_centre", "local_leader", "local_analyst", "local_clerk"])
def test_others_are_refused_and_that_is_noted(engine, account):
    text_ = all_text(open_page("audit_log", account=account))
    assert "审计只给管理员看" in text_
    assert "10.1.2.3" not in text_
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        newest = list_audit_events(connection, SYSTEM, AuditFilter(by=account, action="open_page")).lines
    assert [line.is_refused for line in newest] == [True]


def test_looking_at_the_audit_is_in_the_audit(engine):
    open_page("audit_log", account="local_admin")
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        found = list_audit_events(connection, SYSTEM, AuditFilter(by="local_admin")).lines
    assert [(line.action, line.subject) for line in found] == [("read_page", "audit_log")]


def test_export_holds_no_formula(engine):
    with read_transaction(engine) as connection:
        rows = describe(list_audit_events(connection, SYSTEM, AuditFilter()).lines)
    written = write_csv(rows, _export_columns(), ExportNote("t", "f", NOW, is_sample=True, by="local_admin", purpose="security_check"), "zh").decode("utf-8-sig")
    assert "示例数据" in written
    cells = [cell for row in csv.reader(io.StringIO(written)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert any("cmd" in cell for cell in cells)


def test_checking_says_what_was_touched(engine):
    seal_events(engine, by=SYSTEM)
    page = open_page("audit_log", account="local_admin")
    next(one for one in page.button if one.key == "audit_check").click().run()
    assert "封存链完好" in all_text(page)
    with write_transaction(engine) as connection:
        connection.execute(text("DROP TRIGGER audit_events_go_in_time"))
        connection.execute(text("DELETE FROM audit_events WHERE id = 2"))
    next(one for one in page.button if one.key == "audit_check").click().run()
    said = all_text(page)
    assert "封存链有 1 处不符" in said
    assert "第 1 块：第 2 条被删除" in said

"""What the screens tell the audit: pages of alerts, refused pages, files taken away."""

import json

import pytest
from sqlalchemy import select

from govdesk.actions.audit_trail import forget_looks
from govdesk.actions.audit_writer import WRITER
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditEvent
from govdesk.ui.trail import noted
from tests.support.screens import open_page


@pytest.fixture(autouse=True)
def _first_look():
    forget_looks()


def rows(engine):
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        return [(row.by, row.action, row.subject, row.is_refused) for row in connection.execute(
            select(AuditEvent.__table__).order_by(AuditEvent.id))]


def test_page_of_visits_is_noted_once_over_reruns(tiny_engine):
    page = open_page("visits", account="local_centre")
    page.run()
    assert rows(tiny_engine) == [("local_centre", "read_page", "visits", False)]


def test_refused_page_is_noted(tiny_engine):
    page = open_page("threshold_tuning", account="local_clerk")
    page.run()
    assert ("local_clerk", "open_page", "page", True) in rows(tiny_engine)


def test_file_is_noted_when_it_is_taken_not_when_the_button_is_drawn(tiny_engine):
    give = noted("early_warning", "csv", lambda: b"abc", "2026-11", purpose="mediation")
    assert rows(tiny_engine) == []
    assert give() == b"abc"
    assert [row[1:] for row in rows(tiny_engine)] == [("export", "early_warning", False)]
    with read_transaction(tiny_engine) as connection:
        detail = json.loads(connection.scalar(select(AuditEvent.detail)))
    assert detail == {"kind": "csv", "about": "2026-11", "purpose": "mediation", "bytes": 3}

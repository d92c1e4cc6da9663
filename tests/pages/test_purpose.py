"""The purpose on screen: asked before the first file, refused with its reason, remembered for the sign-in."""

import json

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from govdesk.actions.audit_writer import WRITER
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditEvent

PAGE = str(ROOT / "pages" / "permissions.py")


def _draw():
    from govdesk.ui import purpose
    from govdesk.ui.giving import offer_file

    offer_file("CSV", b"abc", name="visits", kind="csv", file_name="visits.csv", mime="text/csv", key="one")
    purpose._ask()


def _run(page):
    page.session_state["account"] = "local_centre"
    page.session_state["export_purpose"] = ""
    page.run()
    assert not page.exception
    return page


def _open():
    """A page as it is: the question itself is a part that AppTest cannot redraw alone, the browser test clicks it."""
    return _run(AppTest.from_file(PAGE, default_timeout=60))


def _ask(choice):
    page = _run(AppTest.from_function(_draw, default_timeout=60))
    assert page.button(key="purpose_confirm").disabled
    page.radio(key="purpose_asked").set_value(choice).run()
    page.button(key="purpose_confirm").click().run()
    assert not page.exception
    return page


def _refusals(engine):
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        found = connection.execute(select(AuditEvent.by, AuditEvent.detail).where(
            AuditEvent.action == "export", AuditEvent.is_refused)).all()
    return [(by, json.loads(detail)["purpose"]) for by, detail in found]


def test_no_file_before_a_purpose_then_every_file_also_in_a_new_window(tiny_engine):
    page = _open()
    assert not page.get("download_button")
    offered = [one.label for one in page.button if one.key.endswith("_purpose")]
    assert "导出 XLSX" in offered
    assert len(_ask("deliberation").get("download_button")) == 1
    assert len(_open().get("download_button")) == len(offered)
    assert _refusals(tiny_engine) == []


@pytest.mark.parametrize(("choice", "said"), [("policing", "办案"), ("appraisal", "考核")])
def test_policing_and_appraisal_are_refused_with_reason_and_source(tiny_engine, choice, said):
    _ask("mediation")
    page = _ask(choice)
    assert not page.get("download_button")
    (error,) = [one.value for one in page.error]
    assert said in error
    assert "《个人信息保护法》第六条" in error
    assert _refusals(tiny_engine) == [("local_centre", choice)]
    assert not _open().get("download_button")


def test_purpose_that_was_smuggled_into_the_session_gives_no_file(tiny_engine):
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["account"] = "local_centre"
    page.session_state["export_purpose"] = "policing"
    page.run()
    assert not page.get("download_button")

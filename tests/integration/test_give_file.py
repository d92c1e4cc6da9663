"""A file leaves for a purpose of the list, or is not even made; who asks for another stands in the audit."""

import json

import pytest
from sqlalchemy import select

from govdesk.actions.audit_writer import WRITER
from govdesk.actions.give_file import give_file
from govdesk.rules.access import Scope
from govdesk.rules.export_purposes import OFFERED, REFUSED, PurposeRefusedError
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditEvent
from govdesk.terms import Role
from govdesk.words import LANGUAGES, read_words
from tests.support import empty_county

CENTRE = Scope(account="local_centre", role=Role.CENTRE, address="10.1.2.3")


@pytest.fixture
def engine(empty_engine):
    empty_county.build(empty_engine)
    return empty_engine


def _rows(engine):
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        found = connection.execute(select(AuditEvent.__table__).where(AuditEvent.action == "export")).all()
    return [(row.by, row.subject, bool(row.is_refused), json.loads(row.detail)) for row in found]


@pytest.mark.parametrize("purpose", OFFERED)
def test_file_for_a_purpose_of_the_list_is_given_and_noted_with_it(engine, purpose):
    made = give_file(engine, by=CENTRE, name="visits", kind="csv", purpose=purpose, make=lambda: b"abc", about="2026")
    assert made == b"abc"
    assert _rows(engine) == [
        ("local_centre", "visits", False, {"kind": "csv", "about": "2026", "purpose": purpose, "bytes": 3})]


@pytest.mark.parametrize(("purpose", "kept"), [
    *((one, one) for one in REFUSED), (None, "none"), ("", "none"), ("Mediation", "unknown"), ("电话13800138000", "unknown")])
def test_nothing_is_made_for_another_purpose_and_the_refusal_is_noted(engine, purpose, kept):
    made = []
    with pytest.raises(PurposeRefusedError) as refused:
        give_file(engine, by=CENTRE, name="visits", kind="csv", purpose=purpose, make=lambda: made.append(1) or b"abc")
    assert made == []
    assert refused.value.purpose == kept
    (by, subject, is_refused, detail), = _rows(engine)
    assert (by, subject, is_refused, detail["purpose"]) == ("local_centre", "visits", True, kept)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_purpose_has_a_name_and_each_refusal_a_reason_with_its_source(language):
    words = read_words(language)
    assert {f"purpose.name_{one}" for one in (*OFFERED, *REFUSED)} <= set(words)
    law = {"zh": "《个人信息保护法》第六条", "en": "Personal Information Protection Law, art. 6"}[language]
    assert all(law in words[f"purpose.refused_{one}"] for one in REFUSED)

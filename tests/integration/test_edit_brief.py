"""A rewritten sentence: signed, masked, never naming a village outside, never replacing what was written before."""

import json

import pytest
from sqlalchemy import insert, select

from govdesk.actions.edit_brief import EditRefusedError, SentenceRef, edit_brief
from govdesk.queries.brief_edits import read_edits
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, AuditEvent, BriefEdit, Post, Unit
from govdesk.terms import Role

BY = Scope("local_analyst", Role.ANALYST)


def _ref(key="lead.open", *, is_internal=False, original="在办 5 件。"):
    return SentenceRef(2960, key, "zh", is_internal, original)


def _read(engine, *, is_internal=False):
    with read_transaction(engine) as connection:
        return read_edits(connection, BY, 2960, "zh", is_internal=is_internal)


def _rows(engine, table):
    with read_transaction(engine) as connection:
        return connection.execute(select(table).order_by(table.id)).all()


def test_edit_is_kept_with_post_original_and_audit(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit).values(code="U-X", name="研判", kind="centre", content_hash="0"))
        connection.execute(insert(Post).values(code="P-1", title="研判岗", unit_code="U-X", content_hash="0"))
        connection.execute(insert(Account).values(
            code="desk", title="x", post_code="P-1", role="analyst", is_active=True))
    edit_brief(tiny_engine, by=Scope("desk", Role.ANALYST), sentence=_ref(), text="  改写\n的一句。 ")
    found = _read(tiny_engine)["lead.open"]
    assert (found.text, found.original, found.by) == ("改写 的一句。", "在办 5 件。", "研判岗")
    audit = _rows(tiny_engine, AuditEvent)[-1]
    assert (audit.action, audit.by, audit.subject_key) == ("edit_brief", "desk", "2960/lead.open")
    assert "改写" not in audit.detail
    assert _read(tiny_engine, is_internal=True) == {}


def test_second_edit_is_added_and_the_first_stays(tiny_engine):
    for text in ("一。", "二。", "二。", ""):
        done = edit_brief(tiny_engine, by=BY, sentence=_ref(), text=text)
    assert not done.is_repeated
    assert [row.text for row in _rows(tiny_engine, BriefEdit)] == ["一。", "二。", ""]
    assert _read(tiny_engine)["lead.open"].text == ""
    assert json.loads(_rows(tiny_engine, AuditEvent)[-2].detail)["repeated"] is True


def test_numbers_of_persons_are_masked(tiny_engine):
    done = edit_brief(tiny_engine, by=BY, sentence=_ref(), text="请联系 13812345678。")
    assert done.is_masked
    assert "13812345678" not in _rows(tiny_engine, BriefEdit)[-1].text


def test_village_may_be_named_inside_only(tiny_engine):
    with pytest.raises(EditRefusedError) as refused:
        edit_brief(tiny_engine, by=BY, sentence=_ref(), text="去第1镇2村看看。")
    assert refused.value.problems[0].key == "village_named"
    edit_brief(tiny_engine, by=BY, sentence=_ref(is_internal=True), text="去第1镇2村看看。")
    assert _read(tiny_engine) == {}
    assert "第1镇2村" in _read(tiny_engine, is_internal=True)["lead.open"].text


def test_long_text_and_reading_roles_are_refused(tiny_engine):
    with pytest.raises(EditRefusedError):
        edit_brief(tiny_engine, by=BY, sentence=_ref(), text="长" * 201)
    for role in (Role.LEADER, Role.TOWNSHIP, Role.WALL):
        with pytest.raises(RefusedError):
            edit_brief(tiny_engine, by=Scope("x", role), sentence=_ref(), text="一。")
    assert _rows(tiny_engine, BriefEdit) == []

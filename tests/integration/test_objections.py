"""An office or a village committee objects to a score, and is answered once."""

import json

import pytest
from sqlalchemy import select

from govdesk.actions.object_to_score import ObjectionRefusedError, answer_objection, object_to_score
from govdesk.queries.objections import list_objections
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditEvent, RiskObjection
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY

VILLAGE = f"{COUNTY}001001"
OTHER = f"{COUNTY}002001"
TOWNSHIP = Scope("town", Role.TOWNSHIP, area_code=f"{COUNTY}001")
ANALYST = Scope("judge", Role.ANALYST)


def _rows(engine):
    with read_transaction(engine) as connection:
        return connection.execute(select(RiskObjection)).all()


def _listed(engine, scope):
    with read_transaction(engine) as connection:
        return list_objections(connection, scope)


def _keys(error):
    return [one.key for one in error.value.problems]


def test_objection_is_masked_signed_and_audited(tiny_engine):
    done = object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text="两件是同一件，问 13800138000")
    assert done.is_masked
    row = _rows(tiny_engine)[0]
    assert "13800138000" not in row.text
    assert (row.by, row.place_code, row.answer) == ("town", VILLAGE, None)
    with read_transaction(tiny_engine) as connection:
        event = connection.execute(select(AuditEvent).where(AuditEvent.action == "object_to_score")).one()
    assert (event.by, event.subject_key) == ("town", str(done.objection_id))
    assert "13800138000" not in json.dumps([str(value) for value in event], ensure_ascii=False)


def test_same_words_twice_are_one_objection(tiny_engine):
    first = object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text="记录重复")
    again = object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text=" 记录重复 ")
    assert again.is_repeated
    assert again.objection_id == first.objection_id
    assert len(_rows(tiny_engine)) == 1


@pytest.mark.parametrize(("place", "text", "key"), [
    (VILLAGE, "  \u200b ", "missing"), (VILLAGE, "长" * 201, "too_long"), (OTHER, "不在所辖", "place_outside"),
    (f"{COUNTY}001", "不是村", "place_level"), ("nowhere", "没有", "place_outside")])
def test_what_cannot_be_kept_is_said_and_nothing_written(tiny_engine, place, text, key):
    with pytest.raises(ObjectionRefusedError) as error:
        object_to_score(tiny_engine, by=TOWNSHIP, place_code=place, text=text)
    assert _keys(error) == [key]
    assert _rows(tiny_engine) == []


def test_unknown_run_is_refused(tiny_engine):
    with pytest.raises(ObjectionRefusedError) as error:
        object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text="x", run_id=99)
    assert _keys(error) == ["unknown"]


def test_answer_is_given_once(tiny_engine):
    key = object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text="记录重复").objection_id
    answer_objection(tiny_engine, by=ANALYST, objection_id=key, answer="已合并，电话 13800138000")
    with pytest.raises(ObjectionRefusedError) as error:
        answer_objection(tiny_engine, by=ANALYST, objection_id=key, answer="改口")
    assert _keys(error) == ["answered"]
    row = _rows(tiny_engine)[0]
    assert row.answer.startswith("已合并")
    assert "13800138000" not in row.answer
    assert row.answered_by == "judge"
    # Answered: the same words now are a new objection.
    assert not object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text="记录重复").is_repeated


def test_answer_to_nothing_or_outside_the_area_is_refused(tiny_engine):
    key = object_to_score(tiny_engine, by=SYSTEM, place_code=OTHER, text="记录重复").objection_id
    narrow = Scope("judge", Role.ANALYST, area_code=f"{COUNTY}001")
    for objection in (key, 999):
        with pytest.raises(ObjectionRefusedError) as error:
            answer_objection(tiny_engine, by=narrow, objection_id=objection, answer="好")
        assert _keys(error) == ["unknown"]
    assert _rows(tiny_engine)[0].answer is None


@pytest.mark.parametrize("role", [Role.LEADER, Role.ANALYST, Role.DEPARTMENT, Role.WALL])
def test_roles_that_are_not_scored_cannot_object(tiny_engine, role):
    with pytest.raises(RefusedError):
        object_to_score(tiny_engine, by=Scope("x", role), place_code=VILLAGE, text="x")


@pytest.mark.parametrize("role", [Role.LEADER, Role.CENTRE, Role.TOWNSHIP, Role.DEPARTMENT, Role.CLERK, Role.WALL])
def test_only_who_judges_answers(tiny_engine, role):
    with pytest.raises(RefusedError):
        answer_objection(tiny_engine, by=Scope("x", role), objection_id=1, answer="x")


def test_list_shows_the_open_first_and_only_the_own_area(tiny_engine):
    first = object_to_score(tiny_engine, by=TOWNSHIP, place_code=VILLAGE, text="一").objection_id
    object_to_score(tiny_engine, by=SYSTEM, place_code=OTHER, text="二")
    object_to_score(tiny_engine, by=SYSTEM, place_code=None, text="三")
    answer_objection(tiny_engine, by=ANALYST, objection_id=first, answer="好")
    assert _listed(tiny_engine, SYSTEM)["text"].tolist() == ["三", "二", "一"]
    mine = _listed(tiny_engine, TOWNSHIP)
    assert mine["text"].tolist() == ["三", "一"]
    assert mine["place"].tolist()[1] == "第1镇1村"
    assert mine["answer"].isna().tolist() == [True, False]

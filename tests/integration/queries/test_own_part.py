"""What an account of a part reads: its own area under its own name, and no record that is about its own unit."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.edit_brief import SentenceRef, edit_brief
from govdesk.clock import week_of
from govdesk.queries.brief_edits import read_edits
from govdesk.queries.brief_facts import read_brief_facts
from govdesk.queries.brief_text import write_brief
from govdesk.queries.risk_list import read_reasons, read_week_list
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Place, RiskListing, RiskRun, RiskScore, Unit
from govdesk.terms import Role
from govdesk.ui.warning_words import Words, write_reasons
from tests.support import scored_county
from tests.support.more_townships import add_townships
from tests.support.scored_county import AS_OF, COUNTY

TOWN = f"{COUNTY}001"
LEADER = Scope("l", Role.LEADER, area_code=TOWN)
WEEK = week_of(AS_OF) - 1
UNIT = "U-OWN"
OFFICE = Scope("t", Role.TOWNSHIP, unit_code=UNIT)


def _named(reasons):
    return {fact["incident"] for found in reasons.values() for reason in found for fact in reason.get("facts", ())}


def _write_about_us(engine):
    """Let the first record that any reason names be about the unit; return its number in the tables and its own."""
    with read_transaction(engine) as connection:
        week = read_week_list(connection, SYSTEM, AS_OF)
        one = min(_named(read_reasons(connection, SYSTEM, week.run.id)))
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit).values(code=UNIT, name="镇政府", kind="township", content_hash="0"))
        connection.execute(update(Incident).where(Incident.id == one).values(concerns_unit=UNIT))
        ref = connection.scalar(select(Incident.source_ref).where(Incident.id == one))
    return week.run.id, one, ref


def test_reasons_never_name_a_record_about_the_readers_own_unit(empty_engine):
    scored_county.build(empty_engine)
    run, one, ref = _write_about_us(empty_engine)
    with read_transaction(empty_engine) as connection:
        theirs, ours = (read_reasons(connection, scope, run) for scope in (SYSTEM, OFFICE))
    assert one in _named(theirs)
    assert _named(ours) == _named(theirs) - {one}
    told = [str(sentence) for found in ours.values() for sentence in write_reasons(found, Words({}, "zh"))]
    assert not any(ref in sentence for sentence in told)
    assert any("反映本单位的记录，不显示" in sentence for sentence in told)
    assert [reason["kind"] for reason in next(iter(ours.values()))] == [
        reason["kind"] for reason in next(iter(theirs.values()))]


def test_brief_of_an_area_has_its_name_and_its_own_sums(empty_engine):
    scored_county.build(empty_engine)
    add_townships(empty_engine)  # enough outside of the area to tell how many the county has
    with read_transaction(empty_engine) as connection:
        facts = read_brief_facts(connection, LEADER)
        name = connection.scalar(select(Place.name).where(Place.code == TOWN))
        run, total = facts.alerts.week.run.id, facts.alerts.week.n_listed
        n = len([code for code in connection.scalars(select(RiskListing.place_code).where(
            RiskListing.run_id == run)) if code.startswith(TOWN)])
    assert 0 < n < total
    brief = write_brief(facts, "zh")
    assert brief.area == name
    lead = next(one for one in brief.sentences() if one.key == "lead.list")
    assert lead.text.startswith(f"走访名单 {n} 个村")


def test_brief_of_a_week_that_was_not_scored_shows_no_older_list(empty_engine):
    scored_county.build(empty_engine)
    with write_transaction(empty_engine) as connection:
        newest = list(connection.scalars(select(RiskRun.id).where(RiskRun.as_of == AS_OF)))
        connection.execute(RiskListing.__table__.delete().where(RiskListing.run_id.in_(newest)))
        connection.execute(RiskScore.__table__.delete().where(RiskScore.run_id.in_(newest)))
        connection.execute(RiskRun.__table__.delete().where(RiskRun.id.in_(newest)))
    with read_transaction(empty_engine) as connection:
        older = read_week_list(connection, SYSTEM, AS_OF)
        assert older is not None
        assert older.run.as_of == AS_OF - timedelta(weeks=1)
        brief = write_brief(read_brief_facts(connection, SYSTEM, WEEK), "zh", is_internal=True)
    warning = next(section for section in brief.sections if section.key == "warning")
    assert warning.sentences[0].text == "还没有为这一周评分，没有走访名单。"
    assert not warning.tables


def test_edits_of_the_whole_are_neither_read_nor_written_by_an_account_of_a_part(tiny_engine):
    ref = SentenceRef(WEEK, "warning.caught", "zh", True, "同一句。")
    edit_brief(tiny_engine, by=Scope("local_centre", Role.CENTRE), sentence=ref, text="去第2镇2村看看。")
    with read_transaction(tiny_engine) as connection:
        assert read_edits(connection, SYSTEM, WEEK, "zh", is_internal=True)["warning.caught"].text
        assert read_edits(connection, LEADER, WEEK, "zh", is_internal=True) == {}
    with pytest.raises(RefusedError):
        edit_brief(tiny_engine, by=Scope("c", Role.CENTRE, area_code=TOWN), sentence=ref, text="改写。")

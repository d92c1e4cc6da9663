"""The proposal on an incident's page: for who sends incidents on, never for whom it concerns; followed or not."""

import pytest
from sqlalchemy import delete, insert, update

from govdesk.actions.take_step import take_step
from govdesk.rules.access import Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, Incident, Step, Unit
from govdesk.terms import Role, StepKind
from tests.support.screens import all_html, open_page
from tests.support.tiny_county import COUNTY


@pytest.fixture
def engine(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(Unit), [
            {"code": "U-WATER", "name": "水利<b>局", "kind": "department", "place_code": COUNTY, "content_hash": "0"}])
        connection.execute(insert(Account), [
            {"code": "town", "title": "镇", "role": "township", "area_code": f"{COUNTY}001", "unit_code": None, "is_active": True},
            {"code": "water", "title": "水利局", "role": "department", "area_code": None,
             "unit_code": "U-WATER", "is_active": True}])
        connection.execute(update(Incident).where(Incident.id <= 3).values(
            status="reported", closed_at=None, week_closed=None, outcome=None, handling_unit=None, stream="hazard",
            category="hazard_water", severity=1, n_steps=0, place_code=f"{COUNTY}001001"))
        connection.execute(delete(Step).where(Step.incident_id <= 3))
    return tiny_engine


def _open(account="local_centre", number="1", **params):
    return all_html(open_page("incident", id=number, account=account, **params))


def test_centre_reads_the_proposal_and_its_reason(engine):
    html = _open()
    assert "建议派给" in html
    assert "水利&lt;b&gt;局" in html
    assert "防洪法" in html
    assert "近 90 天" in html


def test_proposal_in_english(engine):
    assert "Proposed unit" in _open(lang="en")


def test_incident_about_a_unit_says_refer_up_and_keep_quiet(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(concerns_unit="U-WATER"))
    html = _open()
    assert "上报上级" in html
    assert "水利&lt;b&gt;局（本件涉及它）" in html
    assert "不要转告" in html
    html = _open("town")
    assert "T0000001" in html
    assert "涉及" not in html
    assert "建议派给" not in html
    assert "没有编号为 1 的事件" in _open("water")


def test_closed_incident_has_no_proposal(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(status="closed"))
    assert "建议派给" not in _open()


def test_how_often_proposals_were_followed_stands_below_data_quality(engine):
    for number, unit in (("1", "U-WATER"), ("2", "U-LAND"), ("3", "U-WATER")):
        take_step(engine, by=Scope("local_centre", Role.CENTRE), incident_id=int(number), form_key=f"dispatch-{number}",
                  wanted=Wanted(StepKind.DISPATCH, unit_code=unit))
    html = all_html(open_page("data_quality", account="local_analyst"))
    assert "分流建议采纳情况" in html
    assert "2/3" in html
    assert "派给 自然资源局；当时建议 水利&lt;b&gt;局" in _open(number="2")
    assert "分流记录" not in _open(number="2", account="local_leader")

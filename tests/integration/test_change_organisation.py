"""Units and posts set on screen: added, renamed, switched off from a day; never a person; the second is told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from govdesk.actions.calls import place_call
from govdesk.actions.change_organisation import PostFields, UnitFields, set_post, set_unit
from govdesk.actions.change_setting import Reason, SettingRefusedError
from govdesk.actions.intake_sources import SourceRefusedError, add_source
from govdesk.actions.registering import NotRegisteredError, register_record
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.actions.visit_order_checks import check_owner
from govdesk.actions.webhooks import WebhookRefusedError, add_webhook
from govdesk.queries.organisation_settings import read_organisation
from govdesk.queries.risk_owners import read_owners
from govdesk.queries.triage import list_suggestions
from govdesk.queries.visit_orders import find_owners, list_owner_units
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.record_checks import FormRefusedError
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Post, Step, Unit
from govdesk.terms import Role, StepKind
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, UNTIL

ADMIN, OTHER = Scope(account="local_admin", role=Role.ADMIN), Scope(account="admin_2", role=Role.ADMIN)
CENTRE = Scope(account="local_centre", role=Role.CENTRE)
WATER = UnitFields("U-WATER", "水利局", "department", COUNTY)
WHY = Reason("机构改革")


def _fill(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit), [
            {"code": code, "name": name, "kind": "department", "place_code": COUNTY, "parent_code": parent,
             "content_hash": "0"} for code, name, parent in (
                ("U-WATER", "水利局", None), ("U-STATION", "水文所", "U-WATER"))])
        connection.execute(Incident.__table__.update().where(Incident.id == 1).values(
            status="reported", stream="hazard", category="hazard_water", severity=1, handling_unit=None, closed_at=None,
            week_closed=None, outcome=None, n_steps=0))
        connection.execute(Step.__table__.delete().where(Step.incident_id == 1))
    return engine


@pytest.fixture
def engine(tiny_engine):
    return _fill(tiny_engine)


def _problems(act, *args, **kwargs):
    with pytest.raises(SettingRefusedError) as caught:
        act(*args, **kwargs)
    return [(one.key, one.field) for one in caught.value.problems]


def _unit(engine, code):
    with read_transaction(engine) as connection:
        return next((one for one in read_organisation(connection, ADMIN).units if one.code == code), None)


def test_unit_is_added_renamed_and_says_by_whom(engine):
    done = set_unit(engine, by=ADMIN, unit=UnitFields("U-NEW", "应急管理局", "department", COUNTY, "U-WATER"), reason=WHY,
                    is_new=True)
    set_unit(engine, by=ADMIN, unit=UnitFields("U-NEW", "应急局", "department", COUNTY, "U-WATER"),
             reason=Reason("改名", done.change_id))
    found = _unit(engine, "U-NEW")
    assert (found.name, found.parent_code, found.change.reason, found.off_on) == ("应急局", "U-WATER", "改名", None)


def test_unit_that_is_off_is_neither_proposed_nor_sent_to_before_that_day_it_is(engine):
    later = set_unit(engine, by=ADMIN, unit=replace(WATER, off_on=UNTIL + timedelta(days=1)), reason=WHY)
    assert _proposed(engine) == "U-WATER"
    done = set_unit(engine, by=ADMIN, unit=replace(WATER, off_on=UNTIL), reason=Reason("提前", later.change_id))
    assert _proposed(engine) != "U-WATER"
    with pytest.raises(StepRefusedError) as caught:
        _send(engine)
    assert [one.key for one in caught.value.problems] == ["unit_off"]
    set_unit(engine, by=ADMIN, unit=WATER, reason=Reason("恢复", done.change_id))
    assert _proposed(engine) == "U-WATER"
    assert _send(engine).step_id


def test_unit_that_is_off_is_not_called(engine):
    set_unit(engine, by=ADMIN, unit=replace(WATER, off_on=UNTIL), reason=WHY)
    with pytest.raises(FormRefusedError) as caught:
        place_call(engine, by=CENTRE, form_key="call-0001", place_code=f"{COUNTY}001001", category="hazard_water",
                   severity=1, units=["U-WATER"], lead="U-WATER")
    assert [(one.key, dict(one.values)["unit"]) for one in caught.value.problems] == [("unit_off", "水利局")]


def test_unit_that_is_off_is_registered_for_nothing_but_may_be_what_a_report_is_about(engine):
    set_unit(engine, by=ADMIN, unit=replace(WATER, off_on=UNTIL), reason=WHY)
    values = {"place_code": f"{COUNTY}001001", "stream": "hazard", "category": "hazard_water", "channel": "visit",
              "occurred_on": UNTIL}
    with pytest.raises(NotRegisteredError) as caught:
        register_record(engine, by=ADMIN, about="incidents", form_key="register-0001", values=values | {"handling_unit": "U-WATER"})
    assert [(one.key, one.field) for one in caught.value.problems] == [("unit_off", "handling_unit")]
    assert register_record(engine, by=ADMIN, about="incidents", form_key="register-0001", values=values | {
        "concerns_unit": "U-WATER"}).row_id


def test_unit_that_is_off_gets_no_new_webhook_and_no_new_source(engine):
    set_unit(engine, by=ADMIN, unit=replace(WATER, off_on=UNTIL), reason=WHY)
    with pytest.raises(SourceRefusedError, match="switched off"):
        add_source(engine, by=ADMIN, code="app", title="热线", may_write=True, may_read=False, unit_code="U-WATER")
    with pytest.raises(WebhookRefusedError, match="switched off"):
        add_webhook(engine, by=ADMIN, address="https://hook.example/x", unit_code="U-WATER")
    assert add_source(engine, by=ADMIN, code="app", title="热线", may_write=True, may_read=False, unit_code=None).write_token


def test_visit_falls_to_nobody_who_is_off(engine):
    town = UnitFields(f"{COUNTY}001-gov", "第1镇人民政府", "township", f"{COUNTY}001")
    done = set_unit(engine, by=ADMIN, unit=town, reason=WHY, is_new=True)
    with read_transaction(engine) as connection:
        has_centre = connection.scalar(select(Unit.code).where(Unit.code == "U-CENTRE")) is not None
    if not has_centre:
        set_unit(engine, by=ADMIN, unit=UnitFields("U-CENTRE", "综治中心", "centre", COUNTY), reason=WHY, is_new=True)
    village = f"{COUNTY}001001"
    assert _owner(engine, village) == (town.code, True, [])
    set_unit(engine, by=ADMIN, unit=replace(town, off_on=UNTIL), reason=Reason("撤销", done.change_id))
    assert _owner(engine, village) == ("U-CENTRE", False, ["order_owner_off"])


def _owner(engine, village):
    """Return whom a visit falls to, whether the township's government can be chosen, what its choice is told."""
    with read_transaction(engine) as connection:
        names = read_owners(connection, CENTRE, UNTIL)
        found = find_owners(connection, CENTRE, [village], UNTIL)[village]
        offered = set(list_owner_units(connection, CENTRE)["code"])
        assert names[village] == connection.scalar(select(Unit.name).where(Unit.code == found))
        return found, f"{COUNTY}001-gov" in offered, [one.key for one in check_owner(
            connection, f"{COUNTY}001-gov", None, "")]


def _proposed(engine):
    with read_transaction(engine) as connection:
        return list_suggestions(connection, CENTRE, [1])[1].unit_code


def _send(engine):
    return take_step(engine, by=CENTRE, incident_id=1, wanted=Wanted(StepKind.DISPATCH, unit_code="U-WATER"),
                     form_key="dispatch-1-1")


@pytest.mark.parametrize("name", ["张建国", "王伟", "王主任", "李强副镇长", "值班 13800138000", ""])
def test_person_is_no_name_of_a_unit_or_post(engine, name):
    said = "personal" if name else "missing"
    assert _problems(set_unit, engine, by=ADMIN, unit=UnitFields("U-NEW", name, "department"), reason=WHY,
                     is_new=True) == [(said, "name")]
    assert _problems(set_post, engine, by=ADMIN, post=PostFields("P-NEW", name, "U-WATER"), reason=WHY,
                     is_new=True) == [(said, "title")]


@pytest.mark.parametrize(("unit", "is_new", "said"), [
    (WATER, True, ("taken", "code")), (WATER, False, ("no_change", "row")),
    (UnitFields("a b", "某局", "department"), True, ("code", "code")),
    (UnitFields("U-NONE", "某局", "department"), False, ("unknown", "row")),
    (replace(WATER, kind="pirates"), False, ("unknown", "kind")),
    (replace(WATER, place_code="000"), False, ("unknown", "place")),
    (replace(WATER, parent_code="U-STATION"), False, ("circle", "parent")),
    (replace(WATER, parent_code="U-WATER"), False, ("circle", "parent")),
    (replace(WATER, off_on=date(1900, 1, 1)), False, ("unknown", "off_on"))])
def test_unit_that_cannot_be_is_refused(engine, unit, is_new, said):
    assert _problems(set_unit, engine, by=ADMIN, unit=unit, reason=WHY, is_new=is_new) == [said]


def test_post_is_added_switched_off_and_stays_in_its_unit(engine):
    done = set_post(engine, by=ADMIN, post=PostFields("P-DESK", "水利局值班岗", "U-WATER"), reason=WHY, is_new=True)
    assert _problems(set_post, engine, by=ADMIN, post=PostFields("P-DESK", "水利局值班岗", "U-STATION"),
                     reason=Reason("x", done.change_id)) == [("unknown", "unit")]
    set_post(engine, by=ADMIN, post=PostFields("P-DESK", "水利局值班岗", "U-WATER", UNTIL),
             reason=Reason("撤岗", done.change_id))
    with read_transaction(engine) as connection:
        row = connection.execute(select(Post.valid_to, Post.place_code).where(Post.code == "P-DESK")).one()
    assert tuple(row) == (UNTIL, COUNTY)


def test_second_of_two_is_told_and_a_form_sent_twice_is_written_once(engine):
    renamed = replace(WATER, name="水务局")
    first = set_unit(engine, by=ADMIN, unit=renamed, reason=WHY)
    again = set_unit(engine, by=ADMIN, unit=renamed, reason=WHY)
    assert (again.is_repeated, again.change_id) == (True, first.change_id)
    assert ("meanwhile", "row") in _problems(set_unit, engine, by=OTHER, unit=replace(WATER, name="河务局"), reason=WHY)
    assert _unit(engine, "U-WATER").name == "水务局"


def test_nobody_else_may(engine):
    for by in (CENTRE, Scope("x", Role.ADMIN, COUNTY)):
        with pytest.raises(RefusedError):
            set_unit(engine, by=by, unit=replace(WATER, name="水务局"), reason=WHY)


@pytest.mark.postgres
def test_organisation_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 50)
    engine = _fill(postgres_engine)
    set_unit(engine, by=ADMIN, unit=replace(WATER, off_on=UNTIL), reason=WHY)
    set_post(engine, by=ADMIN, post=PostFields("P-DESK", "水利局值班岗", "U-WATER"), reason=WHY, is_new=True)
    assert _unit(engine, "U-WATER").off_on == UNTIL

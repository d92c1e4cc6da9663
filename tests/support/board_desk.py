"""Four incidents that were only reported, for the tests of the board and of an incident's page; and what is done there."""

from sqlalchemy import insert, update

from govdesk.actions.take_step import take_step
from govdesk.rules.access import Scope
from govdesk.rules.step_needs import Wanted
from govdesk.storage.engine import write_transaction
from govdesk.tables import Account, Incident, Step, Unit
from govdesk.terms import Role, StepKind
from tests.support import tiny_county
from tests.support.screens import all_html

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")
REPORTED = (1, 2, 3, 4)


def set_up(engine):
    """Four incidents of the second township were only reported; everything else that was open is closed."""
    with write_transaction(engine) as connection:
        connection.execute(insert(Unit).values(code="U-WATER", name="水利局", kind="department", content_hash="0"))
        connection.execute(insert(Account), [
            {"code": code, "title": title, "role": role, "unit_code": unit, "area_code": area, "is_active": True}
            for code, title, role, unit, area in (
                ("land", "自然资源局窗口", "department", "U-LAND", None),
                ("water", "水利局窗口", "department", "U-WATER", None),
                ("town2", "第2镇值班", "township", None, f"{tiny_county.COUNTY}002"),
                ("town1", "第1镇值班", "township", None, f"{tiny_county.COUNTY}001"))])
        connection.execute(update(Incident).where(Incident.week_closed.is_(None)).values(
            status="closed", closed_at=tiny_county.NOW, week_closed=2968, outcome="settled"))
        connection.execute(Step.__table__.delete().where(Step.incident_id.in_(REPORTED), Step.kind != "report"))
        connection.execute(update(Incident).where(Incident.id.in_(REPORTED)).values(
            status="reported", closed_at=None, week_closed=None, outcome=None, resolution_level=None,
            handling_unit=None, n_steps=1, place_code=f"{tiny_county.COUNTY}002003-01", due_at=tiny_county.NOW,
            merged_into=None, is_counted=1, concerns_unit=None, stream="request", category="request_road"))


def step(engine, number, kind, by=CENTRE, **more):
    return take_step(engine, by=by, incident_id=number, wanted=Wanted(StepKind(kind), **more),
                     form_key=f"key-{kind}-{number}-{by.account}".replace("_", "-"))


def count(page, inbox):
    """Return the figure on a card."""
    label = next(one.label for one in page.button if one.key == f"inbox_{inbox}")
    return int("".join(mark for mark in label if mark.isdigit()))


def click(page, key):
    next(one for one in page.button if one.key == key).click().run()
    assert not page.exception
    return all_html(page)


def keys(page):
    return {one.key for one in page.button}

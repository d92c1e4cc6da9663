"""Cell by cell, against tables written by hand: who may take which action, open which page, touch what lies elsewhere."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from govdesk.actions.acting import acting
from govdesk.actions.calls import add_unit, end_call, place_call, take_hop
from govdesk.actions.handover import sign_in
from govdesk.actions.merge_incidents import keep_apart, merge_incidents, undo_verdict
from govdesk.actions.object_to_score import answer_objection, object_to_score
from govdesk.actions.photos import remove_photo
from govdesk.actions.place_aliases import withdraw_alias
from govdesk.actions.take_step import take_step
from govdesk.actions.undo_import import undo_import
from govdesk.actions.visit_orders import call_off
from govdesk.rules.access import ALLOWED, WHOLE, RefusedError, Scope, allows, require
from govdesk.rules.record_checks import FormRefusedError
from govdesk.rules.step_needs import Wanted
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import (
    AuditEvent,
    DuplicateVerdict,
    ImportBatch,
    Incident,
    Photo,
    PlaceAlias,
    RiskObjection,
    VisitOrder,
)
from govdesk.terms import CallHop, Role, StepKind
from govdesk.ui.menu import ENTRIES
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
OWN, FOREIGN = f"{COUNTY}001", f"{COUNTY}003"


def _read(name):
    with (ROOT / "tests" / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return {(row[0], role): cell == "1" for row in rows for role, cell in zip(head[1:], row[1:], strict=True)}


ACTS, PAGES = _read("who_may_act"), _read("who_may_open")
#: What the product does by itself, on its machine: no screen offers it, and administrators may by command.
BY_COMMAND = {"seal_audit", "verify_audit", "remove_old_audit", "make_backup", "restore_backup", "change_own_password"}


def test_every_action_and_every_page_stands_in_the_tables_by_hand():
    assert {action for action, _ in ACTS} | BY_COMMAND >= set(ALLOWED)
    assert {page for page, _ in PAGES} >= {entry.name for entry in ENTRIES} - {"permissions", "accounts"}


@pytest.mark.parametrize("role", Role)
def test_role_may_what_the_table_by_hand_says(role, tiny_engine):
    for (action, other), may in ACTS.items():
        if other != role:
            continue
        assert allows(Scope("x", role), action) == may, action
        assert allows(Scope("x", role, OWN), action) == (may and action not in WHOLE), action
        if not may:
            with pytest.raises(RefusedError):
                require(Scope("x", role), action)
    refused = next(action for (action, other), may in ACTS.items() if other == role and not may)
    with pytest.raises(RefusedError), acting(tiny_engine, by=Scope("x", role), action=refused) as act:
        act.audit("incidents", 1)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTAKE])
def test_menu_shows_the_pages_that_the_table_by_hand_says(role):
    for entry in ENTRIES:
        if (entry.name, role.value) in PAGES and entry.name != "model_card":
            may = any(allows(Scope("x", role), action) for action in entry.actions)
            assert may == PAGES[entry.name, role.value], entry.name


# What lies elsewhere ---------------------------------------------------------------------------------------------

def _scope(role):
    return Scope(f"local_{role.value}", role, OWN)


CENTRE, CLERK, TOWN, ANALYST = (_scope(role) for role in (Role.CENTRE, Role.CLERK, Role.TOWNSHIP, Role.ANALYST))


@pytest.fixture
def county(tiny_engine):
    """A foreign incident pair judged and photographed, a call, an order, an objection, an alias, an import elsewhere."""
    at = tiny_county.NOW
    with write_transaction(tiny_engine) as connection:
        one, other = connection.scalars(select(Incident.id).where(
            Incident.place_code.startswith(FOREIGN)).order_by(Incident.id).limit(2)).all()
        connection.execute(insert(DuplicateVerdict).values(
            id=1, incident_id=one, other_id=other, verdict="different", reason="", by="local_centre", at=at))
        connection.execute(insert(Photo).values(
            id=1, incident_id=one, kind="before", stored_as="x.jpg", file_hash="0" * 64, n_bytes=1, width=1, height=1,
            by="x", at=at, delete_at=at + timedelta(days=99)))
        connection.execute(insert(RiskObjection).values(id=1, place_code=f"{FOREIGN}001", by="x", at=at, text="t"))
        connection.execute(insert(ImportBatch).values(
            id=1, about="incidents", profile="p", file_name="x", file_hash="x", by="x", at=at, n_read=1, n_inserted=1,
            n_updated=0, n_unchanged=0, n_rejected=0, n_masked=0))
        connection.execute(insert(VisitOrder).values(
            id=1, place_code=f"{FOREIGN}001", week=2967, reason="alert", owner_unit="U-CENTRE",
            due_on=tiny_county.UNTIL, ordered_by="x", ordered_at=at))
        connection.execute(insert(PlaceAlias).values(
            id=1, alias="x", folded="x", place_code=f"{FOREIGN}001", by="x", at=at))
    place_call(tiny_engine, by=Scope("local_centre", Role.CENTRE), form_key="form-0001", place_code=f"{FOREIGN}001",
               category="hazard_fire", severity=1, units=["U-LAND"], lead="U-LAND")
    return tiny_engine, one, other


def _no_place(number):
    return f"{FOREIGN}001" if number < 900_000 else "990101999001"


#: What one may try on something of another area: the scope that tries, and the act on a number.
TRIES = {
    "step": (CENTRE, lambda e, by, n: take_step(e, by=by, incident_id=n, wanted=Wanted(StepKind.ACCEPT), form_key="form-key-1")),
    "step of a township": (TOWN, lambda e, by, n: take_step(
        e, by=by, incident_id=n, wanted=Wanted(StepKind.ACCEPT), form_key="form-key-2")),
    "merge": (CLERK, lambda e, by, n: merge_incidents(e, by=by, incident_id=n, into_id=n + 1)),
    "keep apart": (CENTRE, lambda e, by, n: keep_apart(e, by=by, incident_id=n, other_id=n + 1)),
    "undo a verdict": (CLERK, lambda e, by, n: undo_verdict(e, by=by, verdict_id=n)),
    "remove a photo": (CENTRE, lambda e, by, n: remove_photo(e, by=by, photo_id=n)),
    "call a unit more": (TOWN, lambda e, by, n: add_unit(e, by=by, call_id=n, unit_code="U-CENTRE")),
    "end a call": (CENTRE, lambda e, by, n: end_call(e, by=by, call_id=n, outcome="settled")),
    "answer a call": (TOWN, lambda e, by, n: take_hop(e, by=by, call_id=n, unit_code="U-LAND", hop=CallHop.ANSWER)),
    "call off an order": (CENTRE, lambda e, by, n: call_off(e, by=by, order_id=n, why="x")),
    "answer an objection": (ANALYST, lambda e, by, n: answer_objection(e, by=by, objection_id=n, answer="x")),
    "object": (TOWN, lambda e, by, n: object_to_score(e, by=by, place_code=_no_place(n), text="x")),
    "undo an import": (CLERK, lambda e, by, n: undo_import(e, by=by, batch_id=n, reason="x", commit=True)),
    "withdraw an alias": (CLERK, lambda e, by, n: withdraw_alias(e, by=by, alias_id=n)),
    "call": (TOWN, lambda e, by, n: place_call(
        e, by=by, form_key="form-0002", place_code=_no_place(n), category="hazard_fire", severity=1, units=["U-LAND"],
        lead="U-LAND")),
    "sign in": (TOWN, lambda e, by, n: sign_in(e, by=by, handover_id=n)),
}
_INCIDENTS = {"step", "step of a township", "merge", "keep apart"}


def _refusal(engine, by, act, number):
    with pytest.raises((FormRefusedError, RefusedError, LookupError)) as error:
        act(engine, by, number)
    found = error.value
    return type(found), [one.key for one in found.problems] if hasattr(found, "problems") else None


@pytest.mark.parametrize("name", TRIES)
def test_what_lies_elsewhere_is_refused_as_if_it_were_not_there(county, name):
    engine, one, _ = county
    by, act = TRIES[name]

    def count():
        with read_transaction(engine) as connection:
            return connection.scalar(select(func.count()).select_from(AuditEvent).where(~AuditEvent.is_refused))

    before = count()
    assert _refusal(engine, by, act, one if name in _INCIDENTS else 1) == _refusal(engine, by, act, 999_000)
    assert count() == before


@pytest.mark.parametrize("action", sorted(WHOLE))
@pytest.mark.parametrize("role", [Role.CENTRE, Role.CLERK, Role.ADMIN, Role.ANALYST])
def test_whoever_sees_a_part_does_nothing_to_the_whole(role, action):
    with pytest.raises(RefusedError):
        require(_scope(role), action)

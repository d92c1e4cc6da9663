"""An incident about a unit is hidden from that unit and from its offices, and from nobody else."""

import pytest
from sqlalchemy import func, insert, select, union_all, update

from govdesk.queries.incidents import get_incident, list_steps
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Unit
from govdesk.terms import Role

UNITS = (("U-GOV", None), ("U-HOUSING", "U-GOV"), ("U-STATION", "U-HOUSING"), ("U-DESK", "U-STATION"), ("U-OTHER", "U-GOV"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request):
    from tests.support import tiny_county
    found = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(found, n_incidents=40)
    with write_transaction(found) as connection:
        connection.execute(insert(Unit), [{"code": code, "name": code, "kind": "department", "parent_code": parent,
                                           "content_hash": "0"} for code, parent in UNITS])
        connection.execute(update(Incident).where(Incident.id == 1).values(concerns_unit="U-HOUSING"))
    return found


def _sees(engine, unit):
    scope = Scope("x", Role.DEPARTMENT, unit_code=unit)
    with read_transaction(engine) as connection:
        seen = set(connection.scalars(select(Incident.id).where(visible_incidents(scope))))
        # the same condition twice in one statement, as the lists of what is open ask it
        part = select(Incident.id).where(visible_incidents(scope))
        twice = connection.scalar(select(func.count()).select_from(union_all(part, part).subquery()))
    assert twice == 2 * len(seen)
    assert seen >= set(range(2, 41))
    return 1 in seen


@pytest.mark.parametrize(("unit", "expected"), [
    ("U-HOUSING", False), ("U-STATION", False), ("U-DESK", False),
    ("U-GOV", True), ("U-OTHER", True), ("U-NOT-REGISTERED", True), (None, True)])
def test_who_sees_an_incident_about_a_unit(engine, unit, expected):
    assert _sees(engine, unit) is expected


def test_units_that_belong_to_each_other_end_the_question(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Unit).where(Unit.code == "U-GOV").values(parent_code="U-DESK"))
    assert _sees(engine, "U-GOV") is False


def test_what_was_merged_into_an_incident_about_a_unit_is_hidden_with_it(engine):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 2).values(merged_into=1, is_counted=0))
        connection.execute(update(Incident).where(Incident.id == 3).values(merged_into=4, is_counted=0))
    ours, others = (Scope("x", Role.DEPARTMENT, unit_code=unit) for unit in ("U-STATION", "U-OTHER"))
    with read_transaction(engine) as connection:
        assert get_incident(connection, ours, 2) is None
        assert list_steps(connection, ours, 2).empty
        assert get_incident(connection, ours, 3).merged_into == 4
        assert get_incident(connection, others, 2).merged_into == 1
        assert len(list_steps(connection, others, 2))

"""Who clicks while an import, or the undoing of one, changes the same incidents: on PostgreSQL, row against row."""

import threading
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from govdesk.actions.acting import acting
from govdesk.actions.append_step import NewStep, append_step
from govdesk.actions.undo_import import BatchHeldError
from govdesk.queries.standing import read_standing
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from govdesk.tables import ImportBatch, Incident, Step
from govdesk.terms import StepKind
from tests.support import tiny_county
from tests.support.importing import HEAD, about, incident, run
from tests.support.undoing import undo
from tests.support.weekly_sums import check_weekly_counts

pytestmark = pytest.mark.postgres
STEPS = about("steps")
STEP_HEAD = "source_ref,incident_ref,kind,occurred_at\n"


@pytest.fixture(scope="module")
def county(module_postgres_engine):
    """Return an engine on a county without incidents, used by all tests here."""
    tiny_county.build(module_postgres_engine, 0)
    return module_postgres_engine


def bring(engine, folder, ref):
    """Import one incident; return its number and that of its batch."""
    batch = run(engine, folder, HEAD + incident(ref)).batch
    with read_transaction(engine) as connection:
        return connection.scalar(select(Incident.id).where(Incident.source_ref == ref)), batch


@contextmanager
def begun(engine, act):
    """Begin something in a thread, give back when it waits for somebody's lock; at the end give what it raised."""
    raised = []

    def body():
        try:
            act()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    until = time.monotonic() + 10
    while time.monotonic() < until and thread.is_alive():
        with read_transaction(engine) as connection:
            if connection.scalar(text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                      " AND wait_event_type = 'Lock'")):
                break
        time.sleep(0.02)
    yield raised, thread


def meet(engine, number, kind, act, **values):
    """Hold an incident, let `act` begin and wait, take the step; return what `act` raised."""
    with acting(engine, by=SYSTEM, action="urge_overdue", changes=("incidents", "loop")) as mine:
        assert read_standing(mine.connection, SYSTEM, number, is_locked=True) is not None
        append_step(mine, number, NewStep(kind=StepKind.ACCEPT, source_ref=f"first-{number}", by_post="p"))
        with begun(engine, act) as (raised, thread):
            append_step(mine, number, NewStep(kind=kind, source_ref=f"second-{number}", by_post="p", **values))
    thread.join(30)
    return raised


def read_state(engine, number):
    with read_transaction(engine) as connection:
        return connection.execute(select(Incident.status, Incident.n_steps).where(Incident.id == number)).one()


def test_a_closing_and_an_import_of_the_same_incident_do_not_stop_each_other(county, tmp_path):
    number, _ = bring(county, tmp_path, "A1")
    changed = HEAD + incident("A1", category="request_sanitation")
    assert meet(county, number, StepKind.CLOSE, lambda: run(county, tmp_path, changed), outcome="settled",
                level="village") == []
    assert tuple(read_state(county, number)) == ("closed", 2)
    with read_transaction(county) as connection:
        assert connection.scalar(select(Incident.category).where(Incident.id == number)) == "request_sanitation"
    check_weekly_counts(county)


def test_steps_of_a_file_do_not_forget_the_step_that_is_taken_meanwhile(county, tmp_path):
    number, _ = bring(county, tmp_path, "B1")
    file = STEP_HEAD + "S1,B1,urge,2026-03-02 10:00:00\n"
    assert meet(county, number, StepKind.ANSWER, lambda: run(county, tmp_path, file, STEPS)) == []
    assert tuple(read_state(county, number)) == ("answered", 3)


def test_undoing_steps_of_a_file_does_not_forget_the_step_that_is_taken_meanwhile(county, tmp_path):
    number, _ = bring(county, tmp_path, "C1")
    batch = run(county, tmp_path, STEP_HEAD + "S2,C1,urge,2026-03-02 10:00:00\n", STEPS).batch
    assert meet(county, number, StepKind.ANSWER, lambda: undo(county, batch)) == []
    assert tuple(read_state(county, number)) == ("answered", 2)


def test_an_import_is_not_undone_under_the_step_that_is_taken_meanwhile(county, tmp_path):
    number, batch = bring(county, tmp_path, "D1")
    raised = meet(county, number, StepKind.ANSWER, lambda: undo(county, batch))
    assert [type(one) for one in raised] == [BatchHeldError]
    with read_transaction(county) as connection:
        assert connection.scalar(select(ImportBatch.withdrawn_at).where(ImportBatch.id == batch)) is None
        assert connection.scalars(select(Step.kind).where(Step.incident_id == number).order_by(Step.id)).all() == [
            "accept", "answer"]
    check_weekly_counts(county)

"""The same request from two sides at once is one incident, on both engines; and the commands of intake sources."""

import threading

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from govdesk.actions.change_request import change_request
from govdesk.actions.intake_sources import add_source
from govdesk.actions.send_incident import send_incident
from govdesk.cli import app
from govdesk.queries.intake_sources import find_caller, list_known_sources
from govdesk.queries.service_requests import list_requests
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.service_request import Change, RequestFilter, RequestRefusedError, Wanted
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditEvent, ImportBatch, Incident, Step
from govdesk.terms import Role
from tests.support import tiny_county

BY = Scope("intake:app", Role.INTAKE)
WANTED = Wanted("request_road", lon=111.03, lat=27.01, description="路灯不亮")


def _send_at_once(engine, key, n=6):
    results, faults = [], []
    start = threading.Barrier(n)

    def work():
        start.wait()
        try:
            results.append(send_incident(engine, by=BY, source="app", wanted=WANTED, key=key))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return results


def _check_once(engine, key):
    results = _send_at_once(engine, key)
    assert len({one.incident_id for one in results}) == 1
    assert sorted(one.is_repeated for one in results) == [False] + [True] * 5
    with read_transaction(engine) as connection:
        for table, where in ((Incident, Incident.source == "app"), (ImportBatch, ImportBatch.source == "app"),
                             (Step, Step.source_ref.startswith("report-")),
                             (AuditEvent, AuditEvent.subject == "incidents")):
            assert connection.scalar(select(func.count()).select_from(table).where(where)) == 1


@pytest.mark.parametrize("key", [None, "k-1"])
def test_same_request_at_once_is_one_incident(tiny_engine, key):
    _check_once(tiny_engine, key)


@pytest.mark.postgres
@pytest.mark.parametrize("key", [None, "k-1"])
def test_same_request_at_once_is_one_incident_on_postgres(postgres_engine, key):
    tiny_county.build(postgres_engine, 50)
    _check_once(postgres_engine, key)


def _live_through(engine):
    """Send, read, add a note, withdraw, each twice; say what is left."""
    number = send_incident(engine, by=BY, source="app", wanted=WANTED).incident_id
    for change in (Change(note="又坏了"), Change(withdraws=True)):
        done = [change_request(engine, by=BY, source="app", incident_id=number, change=change) for _ in range(2)]
        assert [one.is_repeated for one in done] == [False, True]
    with read_transaction(engine) as connection:
        for wanted in (RequestFilter(ids=(number,)), RequestFilter(start=tiny_county.NOW, statuses=("closed",)),
                       RequestFilter(codes=("request_road",), start=tiny_county.NOW, end=tiny_county.NOW)):
            facts, = list_requests(connection, BY, "app", wanted)
            assert (facts.id, facts.status, facts.outcome, facts.updated_at) == (
                number, "closed", "withdrawn", tiny_county.NOW)
        assert list_requests(connection, BY, "app", RequestFilter(statuses=("open",))) == []
        assert connection.scalars(select(Step.kind).where(Step.incident_id == number).order_by(Step.id)).all() == [
            "report", "report", "close"]


def test_key_of_an_update_is_none_of_another(tiny_engine):
    number = send_incident(tiny_engine, by=BY, source="app", wanted=WANTED).incident_id

    def change(note="", key="k-1", **more):
        return change_request(tiny_engine, by=BY, source="app", incident_id=number, change=Change(note, **more), key=key)

    change("又坏了")
    assert change("又坏了").is_repeated
    for wanted in ({"note": "水更深了"}, {"withdraws": True}):
        with pytest.raises(RequestRefusedError) as error:
            change(**wanted)
        assert [one.key for one in error.value.refusals] == ["key_used"]
    change(key="k-2", withdraws=True)
    assert change(key="k-3", withdraws=True).is_repeated
    with pytest.raises(RequestRefusedError):  # a note with nothing to hang on is refused, not lost
        change("不用修了", key="k-4", withdraws=True)
    with read_transaction(tiny_engine) as connection:
        assert connection.scalars(select(Step.note).where(Step.incident_id == number, Step.note.is_not(None))).all() == [
            "又坏了"]


def test_request_lives_from_report_to_withdrawal(tiny_engine):
    _live_through(tiny_engine)


@pytest.mark.postgres
def test_request_lives_from_report_to_withdrawal_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 50)
    _live_through(postgres_engine)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.INTAKE])
def test_only_an_intake_may_send(tiny_engine, role):
    with pytest.raises(RefusedError):
        send_incident(tiny_engine, by=Scope("x", role), source="app", wanted=WANTED)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_adds_a_source(tiny_engine, role):
    with pytest.raises(RefusedError):
        add_source(tiny_engine, by=Scope("x", role), code="app", title="x", may_write=True, may_read=True)


def _run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_commands_add_list_and_retire(tiny_engine):
    dry = _run("add-intake-source", "app", "城市应用", "--write", "--read", "--unit", "U-LAND")
    assert "gdw_" not in dry.output
    assert _run("list-intake-sources").output.startswith("no sources")
    done = _run("add-intake-source", "app", "城市应用", "--write", "--read", "--unit", "U-LAND", "--per-minute", "9", "--commit")
    assert done.exit_code == 0
    tokens = [line.split()[1] for line in done.output.splitlines() if "gd" in line and ": " in line]
    with read_transaction(tiny_engine) as connection:
        write, read = (find_caller(connection, token) for token in tokens)
    assert (write.may_write, write.may_read, read.may_write, read.may_read) == (True, False, False, True)
    assert (write.unit_code, write.per_minute) == ("U-LAND", 9)
    listed = _run("list-intake-sources").output
    assert "app\tactive\twrite+read\t9/min\tU-LAND" in listed
    assert not any(token in listed for token in tokens)
    assert _run("retire-intake-source", "app", "--commit").exit_code == 0
    with read_transaction(tiny_engine) as connection:
        assert [find_caller(connection, token) for token in tokens] == [None, None]
        assert not list_known_sources(connection)[0].is_active


@pytest.mark.parametrize("arguments", [
    ("register", "x", "--write"), ("A B", "x", "--write"), ("app", "x"), ("app", " ", "--write"),
    ("app", "x", "--write", "--unit", "U-NONE"), ("app", "x", "--write", "--per-minute", "0")])
def test_source_that_cannot_be_is_refused(tiny_engine, arguments):
    assert _run("add-intake-source", *arguments, "--commit").exit_code == 2
    with read_transaction(tiny_engine) as connection:
        assert list_known_sources(connection) == []


def test_retired_code_is_never_given_again(tiny_engine):
    _run("add-intake-source", "app", "x", "--write", "--commit")
    _run("retire-intake-source", "app", "--commit")
    assert _run("add-intake-source", "app", "x", "--write", "--commit").exit_code == 2

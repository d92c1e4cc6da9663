"""The schema comes from migrations alone and equals the tables in code."""

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from govdesk.actions.acting import acting
from govdesk.cli import app
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.database_check import find_fault
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import WrongDatabaseError, check_properties
from govdesk.storage.schema import NewerSchemaError, check_schema, create_database, find_drift
from govdesk.storage.versions import read_versions
from govdesk.tables import AuditEvent, Incident, SourceChange
from govdesk.terms import Role


def test_migrations_equal_tables(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        assert find_drift(connection) == []
        check_schema(connection)


def test_second_init_refused(tiny_engine):
    with pytest.raises(WrongDatabaseError, match="exists already"):
        create_database(tiny_engine, None)


def test_other_zone_refused(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        assert check_properties(connection, "Asia/Shanghai").title_en == "Test County"
        with pytest.raises(WrongDatabaseError, match="counts days in Asia/Shanghai"):
            check_properties(connection, "America/Chicago")


def test_tiny_county_has_incidents(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Incident)) == 900


def test_acting_without_audit_writes_nothing(tiny_engine):
    with pytest.raises(RuntimeError, match="without an audit row"), acting(
        tiny_engine, by=SYSTEM, action="import_records", changes=("incidents",)
    ) as act:
        act.connection.execute(Incident.__table__.update().values(is_counted=0))
    with read_transaction(tiny_engine) as connection:
        assert connection.scalar(select(func.sum(Incident.is_counted))) == 900
        assert read_versions(connection)["incidents"] == 1


def test_acting_refused_for_leader(tiny_engine):
    leader = Scope(account="local_leader", role=Role.LEADER)
    with pytest.raises(RefusedError), acting(tiny_engine, by=leader, action="import_records"):
        pass


def test_acting_audits_and_bumps(tiny_engine):
    with acting(tiny_engine, by=SYSTEM, action="import_records", changes=("incidents",)) as act:
        act.connection.execute(SourceChange.__table__.delete())
        act.audit("source_changes", 7, reason="test")
    with read_transaction(tiny_engine) as connection:
        row = connection.execute(select(AuditEvent)).one()
        assert (row.by, row.action, row.subject, row.subject_key) == ("system", "import_records", "source_changes", "7")
        assert read_versions(connection)["incidents"] == 2


def test_database_of_a_newer_program_is_left_alone(tiny_engine):
    """Somebody went back to an old release: told to upgrade, he would go in circles."""
    with write_transaction(tiny_engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    fault = find_fault()
    assert fault.key == "newer_schema"
    assert "9999" in fault.values["detail"]
    for words in (["upgrade-db"], ["upgrade-db", "--commit"]):
        said = CliRunner().invoke(app, words)
        assert said.exit_code == 3
        assert "error: the schema is 9999, of a newer program" in said.output
    with tiny_engine.connect() as connection, pytest.raises(NewerSchemaError):
        check_schema(connection)

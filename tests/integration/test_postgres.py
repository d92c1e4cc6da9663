"""The same schema, data and transactions on PostgreSQL."""

import pytest
from sqlalchemy import func, select, update

from govdesk.actions.acting import acting
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.schema import find_drift
from govdesk.storage.versions import read_versions
from govdesk.tables import Incident
from tests.support import tiny_county

pytestmark = pytest.mark.postgres


def test_migrations_equal_tables_on_postgres(postgres_engine):
    tiny_county.build(postgres_engine, 50)
    with write_transaction(postgres_engine) as connection:
        assert find_drift(connection) == []
        assert connection.scalar(select(func.count()).select_from(Incident)) == 50


def test_failed_action_leaves_postgres_untouched(postgres_engine):
    tiny_county.build(postgres_engine, 50)
    with pytest.raises(ZeroDivisionError), acting(  # noqa: PT012
        postgres_engine, by=SYSTEM, action="import_records", changes=("incidents",)
    ) as act:
        act.connection.execute(update(Incident).values(is_counted=0))
        act.audit("incidents")
        raise ZeroDivisionError
    with read_transaction(postgres_engine) as connection:
        assert connection.scalar(select(func.sum(Incident.is_counted))) == 50
        assert read_versions(connection)["incidents"] == 1

"""The weekly brief is the same on PostgreSQL."""

import pytest
from sqlalchemy import update

from govdesk.brief.make import describe_brief
from govdesk.storage.engine import write_transaction
from govdesk.tables import Incident
from tests.support import brief_county, scored_county

pytestmark = pytest.mark.postgres


def test_brief_says_the_same_on_both_engines(module_postgres_engine):
    scored_county.build(module_postgres_engine)
    with write_transaction(module_postgres_engine) as connection:
        connection.execute(update(Incident).where(Incident.id % 7 == 0).values(week_known=Incident.week_known + 3))
    there, here = brief_county.read(module_postgres_engine), brief_county.read_once(None)[1]
    for is_internal in (False, True):
        assert describe_brief(brief_county.write(there, is_internal=is_internal)) == describe_brief(
            brief_county.write(here, is_internal=is_internal))

"""The sample county can be tried as township and as department; a county of real data gets no such account."""

import pytest
from sqlalchemy import func, select

from govdesk.actions.sample_accounts import add_sample_accounts
from govdesk.queries.accounts import find_scope
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import WrongDatabaseError
from govdesk.tables import Account, Unit
from govdesk.terms import DataKind, Role
from tests.support import tiny_county


def _units(engine):
    with write_transaction(engine) as connection:
        connection.execute(Unit.__table__.insert(), [
            {"code": f"T{n}", "name": f"第{n}镇政府", "kind": "township", "place_code": f"990101{n:03d}", "content_hash": "0"}
            for n in (1, 2)])


def test_accounts_of_a_township_and_of_departments_are_added_once(tiny_engine):
    _units(tiny_engine)
    assert add_sample_accounts(tiny_engine, by=SYSTEM) == 5
    assert add_sample_accounts(tiny_engine, by=SYSTEM) == 0
    with read_transaction(tiny_engine) as connection:
        township = find_scope(connection, "sample_township")
        assert (township.role, township.area_code, township.unit_code) == (Role.TOWNSHIP, "990101001", "T1")
        assert find_scope(connection, "sample_department").unit_code == "U-LAND"
        village = find_scope(connection, "sample_village")
        assert (village.role, village.area_code, village.unit_code) == (Role.TOWNSHIP, "990101001001", None)
        assert find_scope(connection, "local_centre_2").role is Role.CENTRE
        assert find_scope(connection, "sample_wall").role is Role.WALL


def test_real_county_gets_none(empty_engine):
    tiny_county.build(empty_engine, kind=DataKind.REAL)
    with pytest.raises(WrongDatabaseError):
        add_sample_accounts(empty_engine, by=SYSTEM)
    with read_transaction(empty_engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Account).where(Account.code.like("sample%"))) == 0


def test_clerk_adds_none(tiny_engine):
    with pytest.raises(RefusedError):
        add_sample_accounts(tiny_engine, by=Scope(account="local_clerk", role=Role.CLERK))

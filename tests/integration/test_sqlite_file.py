"""The file behind the engine: not made by asking, not another one than its name says."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from govdesk.actions.acting import acting
from govdesk.rules.access import SYSTEM
from govdesk.storage.database_check import find_fault, is_answering
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import AuditEvent, Incident, SourceChange
from tests.support import tiny_county


def _count(engine, table=Incident):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_asking_makes_no_file(empty_engine, tmp_path):
    with pytest.raises(OperationalError, match="unable to open"), read_transaction(empty_engine):
        pass
    assert not is_answering()
    assert find_fault().key == "no_database"
    assert not (tmp_path / "var" / "govdesk.db").exists()


def test_database_that_comes_later_is_seen(empty_engine, tmp_path):
    """A thread that had looked before must not leave this process with an empty file of its own."""
    assert not is_answering()
    home = tmp_path / "var"
    made = get_engine(f"sqlite:///{home / 'made.db'}")
    tiny_county.build(made)
    made.dispose()
    (home / "made.db").rename(home / "govdesk.db")
    assert is_answering()
    assert find_fault() is None
    assert _count(empty_engine) == 900


def test_file_that_was_moved_away_is_not_written(tiny_engine, tmp_path):
    file = tmp_path / "var" / "govdesk.db"
    assert _count(tiny_engine) == 900
    file.rename(file.with_name("away.db"))
    with pytest.raises(OperationalError, match="unable to open"), write_transaction(tiny_engine) as connection:
        connection.execute(SourceChange.__table__.delete())
    assert not is_answering()
    assert not file.exists()
    file.with_name("away.db").rename(file)
    assert is_answering()
    assert _count(tiny_engine) == 900


def test_other_file_in_its_place_is_the_one_that_is_read(tiny_engine, tmp_path):
    file = tmp_path / "var" / "govdesk.db"
    other = get_engine(f"sqlite:///{tmp_path / 'other.db'}")
    tiny_county.build(other)
    with acting(other, by=SYSTEM, action="rebuild_counts") as act:
        act.audit("weekly_counts", reason="to tell the two apart")
    assert _count(tiny_engine, AuditEvent) == 0
    other.dispose()
    for ending in ("-wal", "-shm"):
        file.with_name(f"govdesk.db{ending}").unlink(missing_ok=True)
    (tmp_path / "other.db").replace(file)
    assert _count(tiny_engine, AuditEvent) == 1

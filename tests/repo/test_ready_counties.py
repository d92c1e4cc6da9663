"""Counties that tests build once: a copy is what would have been built, and never that of other options."""

import pytest
from sqlalchemy import func, select

from govdesk.storage.engine import get_engine, write_transaction
from govdesk.storage.properties import WrongDatabaseError
from govdesk.tables import Incident, Step
from tests.support import tiny_county


def _made(folder, *args, **options):
    engine = get_engine(f"sqlite:///{folder / 'county.db'}")
    tiny_county.build(engine, *args, **options)
    return engine


def _incidents(engine):
    with engine.connect() as connection:
        return connection.execute(select(Incident.__table__).order_by(Incident.id)).all()


def test_copy_equals_what_is_built(tmp_path):
    built = get_engine(f"sqlite:///{tmp_path / 'built.db'}")
    tiny_county.build.__wrapped__(built, 60)
    copies = [_made(tmp_path / name, 60) for name in ("first", "second")]
    assert _incidents(copies[0]) == _incidents(copies[1]) == _incidents(built)


def test_change_of_a_copy_is_in_no_other(tmp_path):
    first = _made(tmp_path / "first", 60)
    with write_transaction(first) as connection:
        connection.execute(Step.__table__.delete())
        connection.execute(Incident.__table__.delete())
    with _made(tmp_path / "second", 60).connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Incident)) == 60


def test_other_options_are_other_counties(tmp_path):
    assert len(_incidents(_made(tmp_path / "a", 60))) == 60
    assert len(_incidents(_made(tmp_path / "b", 61))) == 61
    assert _incidents(_made(tmp_path / "c", 60, seed=2)) != _incidents(_made(tmp_path / "d", 60))


def test_existing_database_is_refused_as_ever(tmp_path):
    engine = _made(tmp_path, 60)
    with pytest.raises(WrongDatabaseError):
        tiny_county.build(engine, 60)

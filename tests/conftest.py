"""Shared fixtures: a clean environment, a fixed clock, a tiny county in a database of its own."""

import asyncio
import gc
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.util._collections import LRUCache

from govdesk import settings
from govdesk.actions.audit_writer import WRITER
from govdesk.storage import engine as engine_module
from govdesk.storage.engine import get_engine
from tests.support import tiny_county
from tests.support.local_sign_in import find_local

# How long an example takes says how busy the machine is, not whether the answer is right.
hypothesis_settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("suite")


def pytest_configure(config) -> None:
    """Let the workers of a run share what is made once (`tests.support.ready`): the folder above those of their own."""
    if hasattr(config, "workerinput"):
        os.environ["SHARED_BY_TEST_WORKERS"] = str(Path(config.option.basetemp).parent / "shared")


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later collection of garbage: a million objects that never go."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """Let all SQLite engines share what is compiled: each test has an engine of its own, all have the same statements."""
    first = create_engine("sqlite://")
    first.connect().close()  # a dialect knows its server after its first connection
    compiled: LRUCache = LRUCache(5_000)

    def make(url, **options) -> Engine:
        engine = create_engine(url, **options)
        if engine.dialect.name == "sqlite":
            engine.dialect = first.dialect
            engine.update_execution_options(compiled_cache=compiled)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "create_engine", make)
        yield


@pytest.fixture(autouse=True)
def _settings(tmp_path, monkeypatch):
    """Give each test its own work folder and the fixed instant of the tiny county."""
    monkeypatch.setenv("GOVDESK_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("GOVDESK_DATABASE_URL", raising=False)
    monkeypatch.setenv("GOVDESK_NOW", tiny_county.NOW.isoformat())
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    yield
    settings.get_settings.cache_clear()
    get_engine.cache_clear()


@pytest.fixture(autouse=True)
def _signed_in(monkeypatch):
    """Let pages run without a gate as the account that the session names."""
    monkeypatch.setattr("govdesk.ui.signed_in.find", find_local)

@pytest.fixture(autouse=True)
def _no_loop_of_the_browser(request):
    """Let code that starts a loop of its own do so: a browser of the same process leaves one running in this thread."""
    if request.node.get_closest_marker("browser") is not None:
        yield
        return
    left = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(None)
    yield
    asyncio.events._set_running_loop(left)


@pytest.fixture(autouse=True)
def _audit_of_this_test_alone(monkeypatch):
    """Let no row wait for the database of a test that is over: what comes after it would wait as well."""
    monkeypatch.setattr("govdesk.actions.audit_writer.PAUSE", 0.05)
    yield
    with WRITER._changed:
        WRITER._waiting.clear()
        WRITER._floods.clear()
        WRITER._failing = False


@pytest.fixture
def empty_engine() -> Engine:
    """Return an engine on a database that does not exist yet."""
    return get_engine()


@pytest.fixture
def tiny_engine(empty_engine: Engine) -> Engine:
    """Return an engine on the tiny county: 3 townships, 12 villages, 25 grids, 900 incidents."""
    tiny_county.build(empty_engine)
    return empty_engine


@contextmanager
def _postgres_database() -> Iterator[Engine]:
    """Make an empty PostgreSQL database, and drop it."""
    server = os.environ.get("GOVDESK_TEST_POSTGRES")
    if not server:
        pytest.skip("GOVDESK_TEST_POSTGRES is not set (make test starts a server)")
    name = f"t_{uuid.uuid4().hex[:12]}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = get_engine(make_url(server).set(database=name).render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def postgres_engine() -> Iterator[Engine]:
    """Return an engine on an empty PostgreSQL database of its own; needs GOVDESK_TEST_POSTGRES."""
    with _postgres_database() as engine:
        yield engine


@pytest.fixture(scope="module")
def module_postgres_engine() -> Iterator[Engine]:
    """Return the same, kept for all tests of a module."""
    with _postgres_database() as engine:
        yield engine

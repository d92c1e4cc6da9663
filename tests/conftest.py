"""Shared fixtures: a clean environment, a fixed clock, a tiny county in a database of its own."""

import pytest
from sqlalchemy import Engine

from govdesk import settings
from govdesk.storage.engine import get_engine
from tests.support import tiny_county


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


@pytest.fixture
def empty_engine() -> Engine:
    """Return an engine on a database that does not exist yet."""
    return get_engine()


@pytest.fixture
def tiny_engine(empty_engine: Engine) -> Engine:
    """Return an engine on the tiny county: 3 townships, 12 villages, 25 grids, 900 incidents."""
    tiny_county.build(empty_engine)
    return empty_engine

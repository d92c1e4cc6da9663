"""`manage.py serve` looks before it runs."""

import subprocess

import pytest
from typer.testing import CliRunner

from govdesk.cli import app

runner = CliRunner()


@pytest.fixture
def started(monkeypatch):
    calls = []

    def run(command, **options):
        calls.append((command, options))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return calls


def test_serve_without_a_database_says_so_and_starts_nothing(started):
    result = runner.invoke(app, ["serve"])
    assert result.exit_code == 3
    assert "还没有数据库" in result.output
    assert started == []


def test_serve_says_in_one_line_where_to_look(started, tiny_engine):
    result = runner.invoke(app, ["serve", "--port", "8601"])
    assert result.exit_code == 0
    assert "http://127.0.0.1:8601" in result.output
    assert result.output.count("\n") == 1
    command, options = started[0]
    assert command[-2:] == ["--server.address", "127.0.0.1"]
    assert len(options["env"]["STREAMLIT_SERVER_COOKIE_SECRET"]) == 64

"""`manage.py serve` looks before it runs."""

import subprocess

import pytest
from typer.testing import CliRunner

from govdesk.cli import app
from govdesk.settings import get_settings

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


def test_serve_with_a_duty_list_that_means_nothing_names_row_and_reason(started, tiny_engine):
    list_of_the_office = get_settings().var / "duty_list.csv"
    list_of_the_office.write_text("about,place_kind,place_level,unit_kind,unit_words,unit_code,rank,township_first,source\n"
                                  "hazard_watr,,,department,,,1,never,x\n", encoding="utf-8")
    result = runner.invoke(app, ["serve"])
    assert result.exit_code == 3
    assert "duty_list.csv: line 2 (hazard_watr): unknown category" in result.output
    assert started == []

"""`manage.py serve` looks before it runs."""

import os
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from govdesk.cli import app
from govdesk.cli.serve import _become
from govdesk.settings import get_settings

runner = CliRunner()


@pytest.fixture
def started(monkeypatch):
    calls = []

    def execve(program, command, environment):
        calls.append((command, environment))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execve", execve)
    monkeypatch.setattr(os, "chdir", lambda folder: None)
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
    command, environment = started[0]
    assert command[-2:] == ["--server.address", "127.0.0.1"]
    assert len(environment["STREAMLIT_SERVER_COOKIE_SECRET"]) == 64
    assert environment["GOVDESK_VAR"] == str(get_settings().var)


def test_whoever_ends_what_was_started_ends_the_application(tmp_path):
    """systemd, a shell and Docker know one number; a child of it would go on and hold the port."""
    told = tmp_path / "number"
    program = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); print(os.getcwd()); time.sleep(60)"
    process = os.fork()
    if process == 0:
        signal.alarm(30)
        _become([sys.executable, "-c", program], dict(os.environ))
    while not (told.exists() and told.read_text()):
        assert os.waitpid(process, os.WNOHANG) == (0, 0), "it ended before it became the application"
    os.kill(process, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGTERM
    assert told.read_text() == str(process)
    assert not Path(f"/proc/{told.read_text()}").exists()


def test_serve_with_a_duty_list_that_means_nothing_names_row_and_reason(started, tiny_engine):
    list_of_the_office = get_settings().var / "duty_list.csv"
    list_of_the_office.write_text("about,place_kind,place_level,unit_kind,unit_words,unit_code,rank,township_first,source\n"
                                  "hazard_watr,,,department,,,1,never,x\n", encoding="utf-8")
    result = runner.invoke(app, ["serve"])
    assert result.exit_code == 3
    assert "duty_list.csv: line 2 (hazard_watr): unknown category" in result.output
    assert started == []

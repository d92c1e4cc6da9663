"""The commands: exit status, report file, refusals in one line."""

import json

import pytest
from typer.testing import CliRunner

from govdesk.cli import app
from govdesk.cli.progress import ImportProgress
from govdesk.storage.engine import get_engine
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, incident

GOOD = HEAD + incident()


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Return a function that runs a command on the tiny county: content, profile, options → status, output, report."""
    monkeypatch.setenv("GOVDESK_LANGUAGE", "en")
    tiny_county.build(get_engine(), n_incidents=0)

    def run(content=GOOD, profile=INCIDENTS, *options, command="import-incidents"):
        (tmp_path / "f.csv").write_text(content)
        (tmp_path / "p.toml").write_text(profile)
        report = tmp_path / "r.json"
        report.unlink(missing_ok=True)
        result = CliRunner().invoke(app, [command, str(tmp_path / "f.csv"), "--profile", str(tmp_path / "p.toml"),
                                          "--report", str(report), *options])
        return result.exit_code, result.output, json.loads(report.read_text()) if report.exists() else None

    return run


def test_dry_run_then_commit(call):
    status, output, report = call()
    assert (status, report["inserted"], report["committed"], report["batch"]) == (0, 1, False, None)
    assert "dry run" in output
    status, output, report = call(HEAD + incident(), INCIDENTS, "--commit")
    assert (status, report["committed"], report["batch"]) == (0, True, 1)
    status, _, report = call(HEAD + incident(), INCIDENTS, "--commit")
    assert (status, report["unchanged"], report["batch"]) == (0, 1, None)


def test_report_has_the_keys_of_the_contract(call):
    _, _, report = call(HEAD + incident() + incident("A2", stream="what"))
    assert {"read", "inserted", "updated", "unchanged", "rejected", "warnings", "errors", "batch", "duplicates", "masked"} <= set(report)
    assert {"line", "column", "code", "message"} <= set(report["errors"][0])
    assert report["errors"][0]["line"] == 3


def test_misspelt_key_is_wrong_use_and_suggests(call):
    status, output, report = call(HEAD, INCIDENTS + "own_nmaes = true\n", "--commit")
    assert status == 2
    assert "did you mean 'own_names'" in output
    assert "own_names" in report["error"]


def test_profile_about_something_else_is_wrong_use(call):
    status, output, _ = call(command="import-steps")
    assert status == 2
    assert "incidents" in output


def test_missing_column_is_status_3(call):
    status, output, report = call(HEAD.replace("stream", "straem"))
    assert status == 3
    assert "straem" in output
    assert report["errors"][0]["code"] == "column_missing"


def test_nothing_usable_is_status_3(call):
    assert call(HEAD + incident(stream="what"))[0] == 3
    assert call(HEAD)[0] == 3
    assert call(HEAD + incident() + incident("A2", stream="what"), INCIDENTS, "--strict", "--commit")[0] == 3


def test_progress_is_told_with_its_speed(monkeypatch, capsys):
    monkeypatch.setenv("GOVDESK_LANGUAGE", "en")
    monkeypatch.setattr("govdesk.cli.progress._PAUSE", 0.0)
    progress = ImportProgress()
    for done in (50_000, 100_000):
        progress("read", done, 0)
    progress("written", 10, 20)
    progress("written", 20, 20)
    progress("indexed", 0, 20)
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("read 100,000 rows, ")
    assert told[1].startswith("written 20 of 20 rows, ")
    assert told[2] == "building indexes"


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("GOVDESK_LANGUAGE", "en")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with ImportProgress() as progress:
        progress("read", 100, 0)
        progress("written", 10, 20)
        progress("written", 20, 20)
    told = capsys.readouterr().err
    assert "written 20 of 20 rows" in told
    assert "100%" in told


def test_counts_of_a_report_add_up_with_rows_that_the_profile_does_not_mean(call):
    only = INCIDENTS + '[[only]]\nfrom = "stream"\nvalues = ["request", "what"]\n'
    lines = incident() + incident() + incident("A2", stream="hazard", category="") + incident("A3", stream="what")
    _, _, report = call(HEAD + lines, only)
    assert (report["read"], report["skipped"], report["rejected"], report["duplicates"]) == (4, 1, 1, 1)
    assert report["read"] == sum(report[name] for name in (
        "inserted", "updated", "unchanged", "rejected", "duplicates", "skipped"))


def test_two_tables_side_by_side_are_refused_whichever_is_named(call):
    """Rows of the second would be lost without a word; one column that stands twice is no second table."""
    upper = "left,left,left,left,right,right,right,right\n"
    lower = "source_ref,stream,place_code,occurred_on,source_ref,stream,place_code,occurred_on\n"
    rows = "A1,dispute,990101001001,2026-03-01,B1,dispute,990101001001,2026-03-02\n"
    fields = "".join(f'[fields.{name}]\nfrom = "left {name}"\n' for name in ("source_ref", "stream", "occurred_on"))
    profile = ('about = "incidents"\nname = "t"\nsource = "t"\nsample = true\n[file]\nheader_row = 1\nheader_rows = 2\n' + fields
               + '[place.code]\nfrom = "left place_code"\n')
    status, output, _ = call(upper + lower + rows, profile)
    assert status == 3
    assert "side by side" in output
    lower = "source_ref,stream,place_code,occurred_on,occurred_on,more,note,last\n"
    status, output, report = call(upper + lower + rows, profile)
    assert (status, report.get("inserted")) == (0, 1), output

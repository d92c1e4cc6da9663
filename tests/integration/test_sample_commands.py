"""`make-sample` and `load-sample`: dry run, atomic writing, refusals, and a short county through all public commands."""

import json
import shutil

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from govdesk import tables
from govdesk.cli import app
from govdesk.cli.sample import COMMANDS
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties, read_properties
from govdesk.storage.schema import create_database
from govdesk.synthetic import files
from govdesk.terms import DataKind
from tests.support import sample_county

DAY = sample_county.date(2020, 3, 2)


@pytest.fixture(autouse=True)
def _cheap_ground(monkeypatch):
    """Lay the ground of the county once for all tests here."""
    monkeypatch.setenv("GOVDESK_LANGUAGE", "en")
    monkeypatch.setattr(files, "build_county", sample_county.county)
    monkeypatch.setattr(files, "lay_ground", lambda county: sample_county.ground(county.seed))


def _run(*words):
    return CliRunner().invoke(app, list(words))


def _make(*more):
    return _run("make-sample", "--until", DAY.isoformat(), "--seed", "1", *more)


def test_dry_run_writes_nothing(tmp_path):
    result = _make("--report", str(tmp_path / "r.json"))
    assert result.exit_code == 0
    assert "would" in result.output
    assert [path for path in get_settings().var.rglob("*") if path.is_file()] == []
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["committed"], report["until"], report["seed"]) == (False, "2020-03-02", 1)
    assert report["rows"]["incidents.csv"] > 2_000


def test_commit_writes_what_the_dry_run_said(tmp_path):
    said = json.loads(_report(tmp_path, _make))
    result = _make("--commit", "--report", str(tmp_path / "r.json"))
    assert result.exit_code == 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["rows"] == said["rows"]
    assert report["committed"] is True
    var = get_settings().var
    lines = (var / "sample" / "incidents.csv").read_text(encoding="utf-8").count("\n")
    assert lines - 1 == report["rows"]["incidents.csv"]
    assert sorted(path.name for path in var.iterdir()) == ["sample", "sample" + files.TRUTH_SUFFIX]
    assert "sample-truth" not in json.dumps(report)


def _report(folder, run):
    assert run("--report", str(folder / "said.json")).exit_code == 0
    return (folder / "said.json").read_text()


def test_crash_while_writing_leaves_the_old_county(monkeypatch, tmp_path):
    folder = tmp_path / "county"
    files.make_sample(folder, until=DAY, seed=1)
    before = sample_county.digests(folder)

    def crash(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "_replace", crash)
        assert _run("make-sample", "--until", "2020-04-06", "--folder", str(folder), "--commit").exit_code != 0
    assert sample_county.digests(folder) == before
    # The next attempt clears what was left.
    files.make_sample(folder, until=sample_county.date(2020, 3, 3), seed=1)
    assert not folder.with_name("county.writing").exists()
    assert not folder.with_name("county.old").exists()
    assert sample_county.digests(folder) != before


@pytest.mark.parametrize("more", [(), ("--commit",)])
def test_day_before_the_county_begins_is_wrong_use(more, tmp_path):
    result = _run("make-sample", "--until", "2019-11-28", "--report", str(tmp_path / "r.json"), *more)
    assert result.exit_code == 2
    assert "2019-11-25" in result.output
    assert "2019-11-25" in json.loads((tmp_path / "r.json").read_text())["error"]
    assert not (get_settings().var / "sample").exists()


@pytest.mark.parametrize("until", ["2026-13-01", "tomorrow"])
def test_day_that_is_none_is_wrong_use(until):
    assert _run("make-sample", "--until", until).exit_code == 2


def test_loading_without_files_says_what_to_do(tmp_path):
    result = _run("load-sample", "--commit", "--report", str(tmp_path / "r.json"))
    assert result.exit_code == 3
    assert "make-sample --commit" in result.output
    assert "error" in json.loads((tmp_path / "r.json").read_text())
    assert not list(get_settings().var.glob("*.db"))


def test_loading_into_a_real_database_is_refused():
    zone = get_settings().zone
    create_database(get_engine(), Properties(kind=DataKind.REAL, zone=zone, title_zh="县", title_en="County"))
    result = _run("load-sample", "--folder", str(sample_county.make(DAY)), "--commit")
    assert result.exit_code == 3
    assert "real" in result.output
    with read_transaction(get_engine()) as connection:
        assert connection.scalar(select(func.count()).select_from(tables.Incident)) == 0


def test_loading_without_commit_makes_no_database():
    result = _run("load-sample", "--folder", str(sample_county.make(DAY)))
    assert result.exit_code == 0
    assert [path for path in get_settings().var.rglob("*") if path.is_file()] == []


def test_short_county_goes_through_the_public_commands_without_a_rejected_row():
    folder = sample_county.make(DAY)
    result = _run("load-sample", "--folder", str(folder), "--commit")
    assert result.exit_code == 0, result.output[-2_000:]
    # The app has not come yet, and no grid has changed: two files have only their headers.
    assert result.output.count(" 0 rejected") == len(COMMANDS) - 2
    assert result.output.count("committed: ") == len(COMMANDS) - 2
    with read_transaction(get_engine()) as connection:
        assert read_properties(connection).kind is DataKind.SAMPLE
        # 13 weeks: too few to judge the score on, enough for a list by the baseline.
        assert connection.scalar(select(func.count()).select_from(tables.RiskBacktest)) == 0
        assert set(connection.scalars(select(tables.RiskRun.ranked_by))) == {"eb52"}
        for table, name in ((tables.Incident, "incidents"), (tables.Step, "steps"), (tables.Mediation, "mediations"),
                            (tables.Revisit, "revisits"), (tables.NilReturn, "nil_returns"), (tables.Unit, "units"),
                            (tables.Post, "posts"), (tables.GridVacancy, "vacancies"),
                            (tables.Capacity, "capacities")):
            in_table = connection.scalar(select(func.count()).select_from(table))
            assert in_table == len(sample_county.read(name, DAY)), name


def test_row_that_is_rejected_stops_the_loading(tmp_path):
    folder = tmp_path / "county"
    shutil.copytree(sample_county.make(DAY), folder)
    with (folder / "units.csv").open("a", encoding="utf-8") as file:
        file.write(",,department,990101,\n")
    result = _run("load-sample", "--folder", str(folder), "--commit")
    assert result.exit_code == 3
    assert not (get_settings().var / "sample-loaded").exists()

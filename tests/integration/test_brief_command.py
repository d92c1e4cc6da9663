"""`manage.py brief`: files, the report after its schema, and one line where nothing can be done."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select
from typer.testing import CliRunner

from govdesk.actions.audit_writer import WRITER
from govdesk.cli import app
from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import AuditEvent
from tests.support import brief_county, tiny_county

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "brief-report.json").read_text(encoding="utf-8"))


@pytest.fixture
def county():
    path = Path(get_settings().var) / "govdesk.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(brief_county.find_once(), path)
    return path


def _run(*arguments):
    return CliRunner().invoke(app, ["brief", *map(str, arguments)])


def test_files_and_report_of_the_version_for_internal_use(county, tmp_path):
    done = _run("--internal", "--purpose", "deliberation", "--out", tmp_path / "out", "--report", tmp_path / "report.json")
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(report)
    assert report["version"] == "internal"
    assert report["sample"] is True
    stem = f"brief_{report['week']}_zh_internal"
    assert {f"{stem}.pdf", f"{stem}.docx", f"{stem}_map.png", f"{stem}_course.png"} <= set(report["files"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == report["files"]
    assert {one["code"] for one in report["numbers"]} <= set(report["traces"])
    about = (tmp_path / "out" / f"{stem}_about.txt").read_text("utf-8-sig")
    assert "导出：system" in about
    assert "用途：研判会商" in about


@pytest.mark.parametrize(("arguments", "status", "said"), [
    (["--week", "last"], 2, "no ISO week"), (["--week", "2026-W60"], 2, "no ISO week"),
    (["--week", "2027-01-04"], 2, "not over"), (["--week", "1999-W10"], 3, "records begin"),
])
def test_week_that_means_nothing_is_refused_in_one_line(county, tmp_path, arguments, status, said):
    done = _run(*arguments, "--report", tmp_path / "report.json")
    assert done.exit_code == status
    assert said in done.stderr
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert list(report) == ["error"]
    Draft202012Validator(SCHEMA).validate(report)


def test_without_records_nothing_is_written(tmp_path):
    tiny_county.build(get_engine(), n_incidents=0)
    done = _run("--purpose", "deliberation", "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("purpose", "status", "said"), [
    ((), 2, "needs --purpose"), (("--purpose", "fun"), 2, "not on the list"),
    (("--purpose", "policing"), 3, "art. 34"), (("--purpose", "appraisal"), 3, "art. 6")])
def test_without_a_purpose_of_the_list_nothing_is_written(county, tmp_path, purpose, status, said):
    done = _run(*purpose, "--out", tmp_path / "out")
    assert done.exit_code == status
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
    assert WRITER.flush()
    with read_transaction(get_engine()) as connection:
        refused = connection.scalars(select(AuditEvent.is_refused).where(AuditEvent.action == "export")).all()
    assert refused == ([True] if purpose else [])

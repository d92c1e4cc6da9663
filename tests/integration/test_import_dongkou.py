"""洞口县 by the commands of `docs/places.md`, in real processes: 24 townships, 364 villages, nothing invented."""

import json
import os
import re
import shlex
import subprocess
import sys

import jsonschema
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from govdesk import settings
from govdesk.cli import app
from govdesk.settings import ROOT
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import Incident, Place, PlaceAncestor, PlaceShape

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "import-report.json").read_text(encoding="utf-8"))


def documented_commands():
    text = (ROOT / "docs" / "places.md").read_text(encoding="utf-8")
    block = next(found for found in re.findall(r"```\n(.*?)```", text, re.S) if "dongkou" in found)
    lines = [line for line in block.splitlines() if line.startswith("python manage.py") and "serve" not in line]
    return [shlex.split(line)[2:] for line in lines]


def run(words, folder, report=None):
    command = [sys.executable, str(ROOT / "manage.py"), *words, *(["--report", str(report)] if report else [])]
    environment = {**os.environ, "GOVDESK_VAR": str(folder), "GOVDESK_LANGUAGE": "zh"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def run_here(monkeypatch, words, folder, report):
    """Run a command without a process of its own: starting one costs three seconds; the first ones have theirs."""
    monkeypatch.setenv("GOVDESK_VAR", str(folder))
    settings.get_settings.cache_clear()
    get_engine.cache_clear()
    return CliRunner().invoke(app, [*words, "--report", str(report)])


@pytest.fixture(scope="module")
def dongkou(tmp_path_factory):
    """Return the folder of the database and the reports of the three imports."""
    folder = tmp_path_factory.mktemp("dongkou")
    reports = []
    for at, words in enumerate(documented_commands()):
        report = folder / f"{at}.json" if words[0] == "import-places" else None
        done = run(words, folder, report)
        assert done.returncode == 0, done.stderr
        if report:
            reports.append(json.loads(report.read_text(encoding="utf-8")))
    return folder, reports


@pytest.fixture
def engine(dongkou):
    return get_engine(f"sqlite:///{dongkou[0] / 'govdesk.db'}")


def read(engine, statement):
    with read_transaction(engine) as connection:
        return list(connection.execute(statement))


def test_all_rows_are_kept_and_reports_follow_the_schema(dongkou):
    for report, n in zip(dongkou[1], (1, 24, 364), strict=True):
        jsonschema.validate(report, SCHEMA)
        assert (report["read"], report["inserted"], report["rejected"], report["committed"]) == (n, n, 0, True)
        assert report["errors"] == []


def test_invalid_ring_is_repaired_and_said(dongkou, engine):
    assert [item["code"] for item in dongkou[1][0]["warnings"]] == ["shape_repaired"]
    [(kind, area)] = read(engine, select(PlaceShape.kind, PlaceShape.area_km2).where(PlaceShape.code == "430525"))
    assert kind == "repaired"
    assert 2_100 < area < 2_300  # the county's published area is about 2,200 km²


def test_missing_points_are_named_and_the_shared_one_said(dongkou):
    warnings = dongkou[1][1]["warnings"]
    missing = [item["message"] for item in warnings if item["code"] == "no_position"]
    assert [next(name for name in ("岩山镇", "杨林镇", "古楼乡") if name in text) for text in missing] == ["岩山镇", "杨林镇", "古楼乡"]
    shared = [item for item in warnings if item["code"] == "point_shared"]
    assert [item["line"] for item in shared] == [2, 3]
    assert [item["code"] for item in dongkou[1][2]["warnings"]] == ["level_without_positions"]


def test_every_village_can_be_drawn_below_its_township(engine):
    rows = read(engine, select(Place.code, Place.level, PlaceShape.kind).join(PlaceShape, PlaceShape.code == Place.code))
    kinds = {}
    for _, level, kind in rows:
        kinds.setdefault(level, []).append(kind)
    assert {level: len(found) for level, found in kinds.items()} == {"county": 1, "township": 24, "village": 364}
    assert (kinds["township"].count("cell"), kinds["township"].count("tile")) == (21, 3)
    assert set(kinds["village"]) == {"tile"}
    below = read(engine, select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == "430525", PlaceAncestor.depth == 2))
    assert len(below) == 364


def test_nothing_is_invented_for_real_places(engine):
    assert read(engine, select(Incident.id)) == []


def test_the_same_commands_again_change_nothing(dongkou, monkeypatch):
    folder, _ = dongkou
    for words in documented_commands()[1:]:
        report = folder / "again.json"
        assert run_here(monkeypatch, words, folder, report).exit_code == 0
        found = json.loads(report.read_text(encoding="utf-8"))
        assert (found["inserted"], found["updated"], found["batch"]) == (0, 0, None)


@pytest.mark.parametrize(("words", "status"), [
    (["import-places"], 2), (["import-places", "nowhere.csv"], 2), (["import-places", "{}", "--crs", "utm"], 2),
    (["import-places", "{}", "--crs", "bd09"], 3), (["import-places", "{}", "--level", "township"], 3),
])
def test_wrong_use_and_nothing_possible(dongkou, tmp_path, monkeypatch, words, status):
    path = tmp_path / "bad.csv"
    path.write_text("code,name\n99,a\n", encoding="utf-8")
    report = tmp_path / "report.json"
    done = run_here(monkeypatch, [word.replace("{}", str(path)) for word in words], dongkou[0], report)
    assert done.exit_code == status, done.stderr
    assert isinstance(done.exception, SystemExit)  # it ended by itself: anything else would be a traceback
    if status == 3:
        jsonschema.validate(json.loads(report.read_text(encoding="utf-8")), SCHEMA)

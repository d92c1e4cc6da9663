"""What the repository promises about itself."""

import ast
import re
import subprocess

import pytest

from govdesk.settings import ROOT


def _tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def test_tests_have_no_init_file():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_pages_are_short():
    for path in (ROOT / "pages").glob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= 150, path.name


def test_files_and_functions_stay_small():
    long_files, long_functions = [], []
    for path in _tracked("govdesk/*.py", "models/*.py", "app.py", "manage.py"):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 500:
            long_files.append(path.name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno > 60:
                long_functions.append(f"{path.name}:{node.name}")
    assert long_files == []
    assert long_functions == []


def test_no_path_of_a_machine_and_no_registry_host():
    pattern = re.compile(r"/(?:root|work|home/\w+)/\w|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org")
    found = []
    for path in _tracked("*.py", "*.md", "*.toml", "*.txt", "*.sh", "Makefile", ".ci/run", ".streamlit/*"):
        if path == ROOT / "tests" / "repo" / "test_layout.py":
            continue
        found += [f"{path.name}: {match.group()}" for match in pattern.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


def test_every_dependency_says_why_and_is_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.match(r"[\w\[\]-]+==[\w.]+(\s+# .+)?$", line), line


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_agree_with_the_constraints(name):
    constraints = {line.split("==")[0].lower().replace("_", "-"): line.split("==")[1].strip()
                   for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    for line in (ROOT / name).read_text().splitlines():
        if "==" in line:
            package, version = re.match(r"([\w-]+)(?:\[\w+\])?==([\w.]+)", line).groups()
            assert constraints[package.lower().replace("_", "-")] == version, line


def test_makefile_targets_are_documented():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme
    assert "make test" in (ROOT / ".ci" / "run").read_text()

"""What is installed is pinned and hashed, and its licence is listed."""

import re
from pathlib import Path

from tools.list_licences import write_page
from tools.lock_requirements import find_faults, fold_name, read_pins, write_lock

ROOT = Path(__file__).resolve().parents[2]
LOCK, REQUIREMENTS, CONSTRAINTS, PAGE = ((ROOT / name).read_text("utf-8") for name in (
    "requirements.lock", "requirements.txt", "constraints.txt", "docs/licences.md"))


def test_lock_pins_every_requirement_with_a_hash_of_the_tested_version():
    assert find_faults(LOCK, REQUIREMENTS, CONSTRAINTS) == []


def test_lock_names_no_place_to_fetch_from():
    assert "://" not in LOCK
    assert re.findall(r"^\s*-(?!-hash=sha256:)\S*", LOCK, re.MULTILINE) == []


def test_check_finds_a_missing_hash_another_version_a_missing_package_and_an_address():
    lines = LOCK.splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith("alembic=="))
    without_hash = "".join([*lines[:at + 1], *lines[at + 2:]])
    assert find_faults(without_hash, REQUIREMENTS, CONSTRAINTS) == ["no hash: " + lines[at].split()[0]]
    without_package = "".join([*lines[:at], *lines[at + 2:]])
    assert len(find_faults(without_package, REQUIREMENTS, CONSTRAINTS)) == 1
    assert find_faults(LOCK.replace("alembic==", "alembic==9"), REQUIREMENTS, CONSTRAINTS)
    assert find_faults(LOCK + "--index-url https://example.org/simple\n", REQUIREMENTS, CONSTRAINTS)


def test_lock_is_written_without_the_address_of_the_file():
    text = write_lock({"install": [{"metadata": {"name": "Some_Thing", "version": "1.0"}, "download_info": {
        "url": "https://example.org/x.whl", "archive_info": {"hashes": {"sha256": "0" * 64}}}}]})
    assert text.endswith("some-thing==1.0 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    assert "example.org" not in text


def test_licence_of_every_package_stands_on_the_page():
    listed = {line.split("|")[1].strip(): line.split("|")[2].strip()
              for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| package")}
    assert listed == read_pins(LOCK)
    assert {fold_name(name) for name in read_pins(REQUIREMENTS)} <= set(listed)
    assert "not stated" not in PAGE


def test_page_is_what_the_installed_packages_state():
    assert write_page(LOCK) == PAGE

"""Writes docs/licences.md: the licence of every package of requirements.lock, as its installed metadata states it."""

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "licences.md"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)
_HEAD = """# Licences

What runs beside our own code, as the metadata of each installed package states it; made by `tools/list_licences.py`
from `requirements.lock`, never by hand. This is no legal advice: who passes the product on reads the
licence files in the packages themselves.

| package | version | licence |
|---|---|---|
"""


def find_licence(name: str) -> str:
    """Return the licence a package states: its SPDX expression, else its classifiers, else its short licence field.

    Raises
    ------
    importlib.metadata.PackageNotFoundError
        When it is not installed.
    """
    about = metadata.metadata(name)
    if expressions := about.get_all("License-Expression"):
        return str(expressions[0])
    classified = [line.rsplit(" :: ", 1)[1] for line in about.get_all("Classifier") or []
                  if line.startswith("License :: ")]
    if classified:
        return ", ".join(sorted(set(classified)))
    # Some packages put the whole text into the field: its first line names it.
    lines = "".join(about.get_all("License") or []).strip().splitlines()
    return lines[0].strip()[:60] if lines else "not stated"


def write_page(lock: str) -> str:
    """Return the page for the packages pinned in a lock."""
    rows = [f"| {name} | {version} | {find_licence(name).replace('|', '/')} |" for name, version in _PIN.findall(lock)]
    return _HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page; return the exit status."""
    PAGE.write_text(write_page((ROOT / "requirements.lock").read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

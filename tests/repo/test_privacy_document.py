"""docs/privacy.md names every table once, with all that must be said of it, and no table that is not there."""

import re
from pathlib import Path

import pytest

import govdesk.tables  # noqa: F401 - fills the metadata
from govdesk.actions import retention
from govdesk.rules.access import SYSTEM
from govdesk.tables.base import Base

TEXT = (Path(__file__).resolve().parents[2] / "docs/privacy.md").read_text("utf-8")
PART = TEXT.split("## 三、")[1].split("## 四、")[0]
ROWS = {cells[0].strip("`"): cells[1:] for cells in (
    [cell.strip() for cell in line.strip("|").split("|")] for line in PART.splitlines() if line.startswith("| `"))}


def test_document_and_database_name_the_same_tables():
    assert set(ROWS) == set(Base.metadata.tables)
    assert len(re.findall(r"^\| `", PART, re.MULTILINE)) == len(ROWS)


@pytest.mark.parametrize("table", sorted(ROWS))
def test_table_has_content_purpose_basis_retention_and_deletion(table):
    cells = ROWS[table]
    assert len(cells) == 5
    assert all(cells)
    assert cells[2] in ("甲", "乙", "丙")


def test_what_the_document_removes_is_what_the_command_removes(tiny_engine):
    said = {table for table, cells in ROWS.items() if "remove-expired" in cells[4]}
    found = retention.remove_expired(tiny_engine, by=SYSTEM, commit=False)
    assert said == set(found.by_table)

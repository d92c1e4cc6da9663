"""Which configuration of escalation parts is in force: the office's own in the work folder, else the delivered one."""

import csv
from pathlib import Path

from govdesk.rules.escalation_parts import EscalationConfigError, EscalationParts, read_parts
from govdesk.settings import ROOT, get_settings
from govdesk.storage.reference import CATEGORIES

NAME = "escalation_parts.toml"
DELIVERED = ROOT / "data" / "reference" / NAME


def find_parts_file() -> Path:
    """Return the file that is in force."""
    own = get_settings().var / NAME
    return own if own.is_file() else DELIVERED


def read_parts_in_force() -> EscalationParts:
    """Return the parts in force.

    Raises
    ------
    EscalationConfigError
        When the file cannot be used; the message names it.
    """
    path = find_parts_file()
    try:
        return read_parts(path.read_text(encoding="utf-8"))
    except (EscalationConfigError, UnicodeDecodeError) as error:
        message = f"{path.name}: {error}"
        raise EscalationConfigError(message) from error


def list_delivered_categories() -> frozenset[str]:
    """Return the categories that every database begins with; others came with an import profile."""
    with CATEGORIES.open(encoding="utf-8", newline="") as file:
        return frozenset(row["code"] for row in csv.DictReader(file))

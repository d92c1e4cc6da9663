"""Which configuration of escalation parts is in force: the office's own in the work folder, else the delivered one.

What an administrator set on screen since (`tables.SettingChange`) goes before the file, part by part.
"""

from pathlib import Path

from sqlalchemy import Connection

from govdesk.rules.escalation_parts import EscalationConfigError, EscalationParts, merge_parts, read_parts
from govdesk.settings import ROOT, get_settings
from govdesk.storage.reference import read_delivered_categories
from govdesk.storage.setting_changes import read_last_changes

NAME = "escalation_parts.toml"
#: Under which its changes are kept.
SUBJECT = "escalation_parts"
DELIVERED = ROOT / "data" / "reference" / NAME


def find_parts_file() -> Path:
    """Return the file that is in force."""
    own = get_settings().var / NAME
    return own if own.is_file() else DELIVERED


def read_stamp() -> int:
    """Return a number that changes with the file."""
    try:
        return find_parts_file().stat().st_mtime_ns
    except OSError:
        return 0


def read_parts_in_force(connection: Connection) -> EscalationParts:
    """Return the parts in force: the file's, and what was set on screen since.

    Raises
    ------
    EscalationConfigError
        When the file cannot be used; the message names it.
    """
    changes = read_last_changes(connection, SUBJECT)
    return merge_parts(read_parts_file(), {name: change.value for name, change in changes.items()})


def read_parts_file() -> EscalationParts:
    """Return the parts that the file says.

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
    return frozenset(read_delivered_categories())

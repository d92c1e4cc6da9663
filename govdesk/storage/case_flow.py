"""Which case flow is in force: the office's own in the work folder, else the delivered one; read once a change."""

from functools import lru_cache
from pathlib import Path

from govdesk.rules.case_flow import CaseFlow, FlowConfigError, read_flow
from govdesk.settings import ROOT, get_settings

NAME = "case_flow.toml"
DELIVERED = ROOT / "data" / "reference" / NAME


def find_flow_file() -> Path:
    """Return the file that is in force."""
    own = get_settings().var / NAME
    return own if own.is_file() else DELIVERED


def read_flow_in_force() -> CaseFlow:
    """Return the flow in force.

    Raises
    ------
    FlowConfigError
        When the file cannot be used; the message names it, the entry and the reason.
    """
    path = find_flow_file()
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> CaseFlow:
    del changed  # a file that was saved again is read again
    try:
        return read_flow(path.read_text(encoding="utf-8"))
    except (FlowConfigError, UnicodeDecodeError) as error:
        message = f"{path.name}: {error}"
        raise FlowConfigError(message) from error

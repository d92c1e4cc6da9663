"""Which limits, office hours and notices are in force: the office's own files in the work folder, else the delivered.

Read once a change of a file.
"""

import csv
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from govdesk.rules.clock_settings import ClockSettings, read_clock_settings
from govdesk.rules.time_limits import COLUMNS, TimeLimits, TimeLimitsError, read_limits
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.settings import ROOT, get_settings
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.terms import Stage

LIMITS = "time_limits.csv"
CLOCKS = "clocks.toml"
DELIVERED = ROOT / "data" / "reference"

Kept = TypeVar("Kept")


def read_limits_in_force() -> TimeLimits:
    """Return the limits in force.

    Raises
    ------
    TimeLimitsError
        When the file cannot be used; the message names file, row and reason.
    """
    path = _find(LIMITS)
    return _read_limits(path, path.stat().st_mtime_ns)


def read_clock_settings_in_force() -> ClockSettings:
    """Return office hours, urging and notices in force.

    Raises
    ------
    TimeLimitsError
        When the file cannot be used; the message names file, key and reason.
    """
    path = _find(CLOCKS)
    return _read_settings(path, path.stat().st_mtime_ns)


def read_calendar() -> WorkingCalendar:
    """Return the working calendar of this county."""
    return read_clock_settings_in_force().build_calendar(get_settings().zone)


def check_clocks() -> None:
    """Read everything that clocks run on, before the first visitor.

    Raises
    ------
    TimeLimitsError
        When limits or settings cannot be used, or the flow names a stage that has no limits.
    FlowConfigError
        When the flow cannot be used.
    """
    read_limits_in_force()
    read_clock_settings_in_force()
    unknown = sorted(set(read_flow_in_force().stages.values()) - set(Stage))
    if unknown:
        message = f"case_flow.toml: stages: {', '.join(unknown)}: known are {', '.join(Stage)}"
        raise TimeLimitsError(message)


def _find(name: str) -> Path:
    own = get_settings().var / name
    return own if own.is_file() else DELIVERED / name


@lru_cache(maxsize=4)
def _read_limits(path: Path, changed: int) -> TimeLimits:
    del changed  # a file that was saved again is read again
    return _named(path, _parse_limits)


@lru_cache(maxsize=4)
def _read_settings(path: Path, changed: int) -> ClockSettings:
    del changed
    return _named(path, read_clock_settings)


def _named(path: Path, parse: Callable[[str], Kept]) -> Kept:
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except (TimeLimitsError, UnicodeDecodeError, csv.Error) as error:
        message = f"{path.name}: {error}"
        raise TimeLimitsError(message) from error


def _parse_limits(text: str) -> TimeLimits:
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        message = f"line 1: the columns must be {','.join(COLUMNS)}"
        raise TimeLimitsError(message)
    return read_limits(list(reader))

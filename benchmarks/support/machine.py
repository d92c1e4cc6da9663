"""On what a benchmark ran: without it a figure of time means nothing."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def describe_machine() -> str:
    """Return day, commit, machine, Python and load in one line."""
    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True,  # noqa: S607
                           check=False)
    return (f"{datetime.now(UTC):%Y-%m-%d} commit {asked.stdout.strip()} {platform.machine()} {os.cpu_count()} cores "
            f"Python {platform.python_version()} load {os.getloadavg()[0]:.1f}")

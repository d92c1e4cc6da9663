"""`serve`: look at the database, say where to look, become the application."""

import os
import sys
from typing import Annotated, NoReturn

import typer

from govdesk.cli.reporting import refuse
from govdesk.rules.case_flow import FlowConfigError
from govdesk.rules.duty_list import DutyListError
from govdesk.rules.time_limits import TimeLimitsError
from govdesk.settings import ROOT, get_settings
from govdesk.storage.database_check import find_fault
from govdesk.storage.reference_check import check_reference
from govdesk.storage.secret import read_secret
from govdesk.words import say

ADDRESS = "127.0.0.1"


def serve(
    *,
    port: Annotated[int, typer.Option("--port", help="Port to serve on.", min=1, max=65535)] = 8501,
    address: Annotated[str, typer.Option("--address", help="Interface; the default is this machine only.")] = ADDRESS,
) -> None:
    """Run the application until Ctrl+C, or until it is told to end (SIGTERM)."""
    fault = find_fault()
    if fault is not None:
        refuse(say("frame.serve_fault", title=say(f"frame.fault_{fault.key}_title"),
                   detail=say(f"frame.fault_{fault.key}", **fault.values)))
    try:
        check_reference()
    except DutyListError as error:
        refuse(say("triage.list_fault", detail=str(error)))
    except (TimeLimitsError, FlowConfigError) as error:
        refuse(say("clock.file_fault", detail=str(error)))
    typer.echo(say("frame.serving", address=address, port=port))
    environment = {
        **os.environ,
        "GOVDESK_VAR": str(get_settings().var),  # a relative one means the folder in which this was typed
        "STREAMLIT_SERVER_COOKIE_SECRET": read_secret(get_settings().var).hex(),
        "STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE": "true",
    }
    _become([sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
             "--server.address", address], environment)


def _become(command: list[str], environment: dict[str, str]) -> NoReturn:
    """Let the application take the place of this process, under the same number.

    Whoever ends or kills what was started then ends the application itself: a child would live on, and hold its port.
    """
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(command[0], command, environment)  # noqa: S606 our own words

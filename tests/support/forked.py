"""Commands in processes of their own, forked from one that has imported everything: real ones, without their start.

Starting Python and importing takes three seconds of processor time; a test that kills an import twenty times would
spend a minute on what it does not look at. The forked process opens the database itself, and a signal ends it like
any other; run as a program this file is the process that forks.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govdesk.settings import ROOT


class Forker:
    """Starts one command at a time."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._process = process

    def start(self, folder: Path, *words: str) -> int:
        """Begin a command with its work folder, and return the number of its process."""
        self._process.stdin.write("\t".join([str(folder), *words]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def wait(self) -> int:
        """Return how the command ended: its status, or a negative signal."""
        return int(self._process.stdout.readline())


@contextmanager
def forker(*warm: str) -> Iterator[Forker]:
    """Give a process that forks commands, and end it.

    Parameters
    ----------
    warm : str
        A work folder and a command that writes nothing, run once before the first fork: tables of words, folded
        characters and the like are then there in each, as they are in a server that runs.
    """
    command = [sys.executable, "-m", "tests.support.forked", *warm]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield Forker(process)
        finally:
            process.stdin.close()
            process.wait(60)


def _become(folder: str, words: list[str]) -> None:
    """Be the command: as `manage.py`, in this process, to its end."""
    from govdesk.cli import app

    os.environ["GOVDESK_VAR"] = folder
    status = 0
    try:
        app(words)
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os._exit(status)  # not a step of what the parent would do at its end


def _warm_up(folder: str, words: list[str]) -> None:
    """Run a command to its end in this process, and let go of its database."""
    from govdesk.cli import app
    from govdesk.settings import get_settings
    from govdesk.storage.engine import get_engine

    os.environ["GOVDESK_VAR"] = folder
    app(words, standalone_mode=False)
    get_engine().dispose()
    get_engine.cache_clear()
    get_settings.cache_clear()


def _serve() -> None:
    import govdesk.cli  # noqa: F401  what takes the time

    answers, quiet = os.fdopen(os.dup(1), "w"), os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # what the commands print is not an answer
    if len(sys.argv) > 1:
        _warm_up(sys.argv[1], sys.argv[2:])
    for line in sys.stdin:
        folder, *words = line.rstrip("\n").split("\t")
        number = os.fork()
        if number == 0:
            _become(folder, words)
        answers.write(f"{number}\n")
        answers.flush()
        answers.write(f"{os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])}\n")
        answers.flush()


if __name__ == "__main__":
    _serve()

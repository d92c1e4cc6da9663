"""How far a command is: a bar on a terminal, a line a second anywhere else."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from govdesk.settings import get_settings
from govdesk.words import say

#: Seconds between two lines.
_PAUSE = 1.0


class ImportProgress:
    """Tells on the error stream how far an import is; a context, so that the bar is taken away at its end."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = self._last = time.monotonic()
        console = Console(stderr=True)
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if console.is_terminal:
            self._bar = Progress(TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
                                 TimeElapsedColumn(), console=console)

    def __enter__(self) -> Self:
        """Begin to draw."""
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Stop drawing, whatever happened."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell of a stage, rows done, and rows in all (0: unknown)."""
        at = time.monotonic()
        is_new = stage != self._stage
        if is_new:
            self._stage, self._began, self._last = stage, at, at
        if self._bar is not None:
            self._draw(stage, done, total, is_new=is_new)
        elif (is_new and stage == "indexed") or (not is_new and at - self._last >= _PAUSE):
            self._last = at
            sys.stderr.write(self._say(stage, done, total) + "\n")

    def _say(self, stage: str, done: int, total: int) -> str:
        rate = int(done / max(time.monotonic() - self._began, 0.001))
        of = f" of {total:,}" if total else ""
        return say(f"import.{stage}", get_settings().language, done=f"{done:,}{of}", rate=f"{rate:,}")

    def _draw(self, stage: str, done: int, total: int, *, is_new: bool) -> None:
        assert self._bar is not None  # noqa: S101 - only called with a bar
        text = self._say(stage, done, total)
        if is_new or self._task is None:
            if self._task is not None:
                self._bar.stop_task(self._task)
            self._task = self._bar.add_task(text, total=total or None)
        self._bar.update(self._task, completed=done, total=total or None, description=text)

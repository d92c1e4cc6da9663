"""The log: one line for each event, without personal data, in words or as JSON (``GOVDESK_LOG_FORMAT``).

What somebody typed may stand in a message, and is in the message of most exceptions. Therefore an exception is told by
its type and the places it went through, never by its message; long numbers are left out; and no character that begins
a new line or steers a terminal leaves as it is, so that nobody can write a line of the log by what they type.
"""

import json
import logging
import re
import sys
import traceback
from collections import Counter
from datetime import UTC, datetime
from typing import TextIO

#: Telephone, identity and card numbers: seven digits or more in a row. Our references are hexadecimal and shorter.
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{7,}[Xx]?(?![0-9A-Za-z])")
#: Control characters, line and paragraph separators, and those that turn the direction of writing.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_LONGEST = 2_000
#: Frames of an exception that are told, those nearest to the fault.
_FRAMES = 12
#: Libraries whose own handlers would write beside ours.
_OTHERS = ("streamlit", "uvicorn", "websockets")

#: Events of level WARNING and above since the start, by logger and level, for the metrics.
COUNTED: Counter[tuple[str, str]] = Counter()


def clean(text: str) -> str:
    """Return a text as it may stand in the log: one line, no long number, at most 2,000 characters."""
    shown = _LONG_NUMBER.sub("[number]", text[:_LONGEST])
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", shown)


def describe(error: BaseException) -> dict[str, object]:
    """Return an exception without its message: its type, why the system refused, and where it went through."""
    told: dict[str, object] = {"type": type(error).__name__}
    original = getattr(error, "orig", None)
    for one in (error, original):
        if isinstance(one, OSError) and one.strerror:
            told["reason"] = clean(one.strerror)
        code = getattr(one, "sqlite_errorname", None) or getattr(one, "sqlstate", None)
        if code:
            told["code"] = clean(str(code))
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told["at"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        told["because"] = type(cause).__name__
    return told


class _Told(logging.Formatter):
    def tell(self, record: logging.LogRecord) -> dict[str, object]:
        try:
            message = record.getMessage()
        except Exception:  # arguments that do not fit the message are our mistake, and no reason to lose the event
            message = str(record.msg)
        told: dict[str, object] = {
            "at": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}Z",
            "level": record.levelname, "logger": record.name, "message": clean(message)}
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = describe(record.exc_info[1])
        return told


class JsonLines(_Told):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(self.tell(record), ensure_ascii=False)


class TextLines(_Told):
    """One line of words an event."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = self.tell(record)
        line = f"{told['at']} {told['level']} {told['logger']}: {told['message']}"
        if "error" in told:
            line += f" | {json.dumps(told['error'], ensure_ascii=False)}"
        return line


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to what is the standard error at the moment of writing, and counts what is amiss."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            COUNTED[(record.name.partition(".")[0] if not record.name.startswith("govdesk") else record.name,
                     record.levelname)] += 1
        super().emit(record)


def set_up(log_format: str, level: int = logging.INFO) -> None:
    """Let every logger of this process write through ours; may be called again.

    Parameters
    ----------
    log_format : {"text", "json"}
        ``GOVDESK_LOG_FORMAT``.
    level : int
        Lowest level of our own loggers; of others only warnings are written.
    """
    root = logging.getLogger()
    for former in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(former)
    ours = _Handler()
    ours.setFormatter(JsonLines() if log_format == "json" else TextLines())
    root.addHandler(ours)
    logging.getLogger("govdesk").setLevel(level)
    for name in list(logging.Logger.manager.loggerDict):
        if name.split(".")[0] in _OTHERS:
            logger = logging.getLogger(name)
            for handler in list(logger.handlers):
                logger.removeHandler(handler)
            logger.propagate = True
            logger.setLevel(max(logger.level, logging.WARNING))

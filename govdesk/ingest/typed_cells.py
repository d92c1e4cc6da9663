"""Typed cells of workbooks and Parquet as the text that a CSV export would hold."""

import math
from datetime import date, datetime, time, timedelta

#: Floats above it may have lost their last digits; they are written as they are.
_WHOLE = 1e15


def as_text(value: object) -> str:
    """Return a typed cell as text: 5.0 is 5, a date is ISO, a duration is hours, nothing is empty."""
    if type(value) is float and value == value // 1 and abs(value) < _WHOLE:
        return str(int(value))  # the usual number, quickly
    match value:
        case str():
            text = value
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case float():
            text = "" if math.isnan(value) else repr(value)
        case datetime():
            text = value.isoformat(sep=" ")
        case date() | time():
            text = value.isoformat()
        case timedelta():
            seconds = round(value.total_seconds())
            text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        case bytes():
            text = value.decode("utf-8", errors="replace")
        case _:
            text = str(value)
    return text

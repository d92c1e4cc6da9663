"""How numbers, shares, days and instants are written, so that no two screens differ."""

from datetime import date, datetime
from math import isfinite, isnan

import pandas as pd

from govdesk.clock import local_day, zone
from govdesk.terms import RATE_MINIMUM
from govdesk.words import say

#: Shown where nothing is known; never a zero.
NOTHING = "—"


def is_known(value: object) -> bool:
    """Return whether a cell holds something: neither None nor NaN nor NaT nor NA."""
    if isinstance(value, (str, int, float)):
        return not (isinstance(value, float) and isnan(value))  # nearly all cells: pandas asks ten times as long
    return value is not None and not (pd.api.types.is_scalar(value) and pd.isna(value))


def write_count(value: object) -> str:
    """Return a whole number with thousands marks, or a dash."""
    return f"{int(value):,}" if _is_number(value) else NOTHING  # type: ignore[call-overload]


def write_number(value: object, digits: int = 1) -> str:
    """Return a number with at most `digits` decimals, none from 100 on; a dash when it is not known."""
    if not _is_number(value):
        return NOTHING
    number = float(value)  # type: ignore[arg-type]
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.{digits}f}"


def write_change(value: object) -> str:
    """Return a difference with its sign, to one decimal; a dash when it is not known."""
    if not _is_number(value):
        return NOTHING
    text = write_number(abs(float(value)))  # type: ignore[arg-type]
    return text if text in ("0.0", "0") else f"{'+' if float(value) > 0 else '−'}{text}"  # type: ignore[arg-type]


def write_share(numerator: object, denominator: object, *, least: int = RATE_MINIMUM) -> str:
    """Return a share in per cent, or the two counts where the denominator is under `least`.

    Examples
    --------
    >>> write_share(23, 312), write_share(86, 100), write_share(2, 7), write_share(0, 0)
    ('7.4 %', '86 %', '2/7', '—')
    """
    if not (_is_number(numerator) and _is_number(denominator)) or denominator == 0:
        return NOTHING
    top, bottom = float(numerator), float(denominator)  # type: ignore[arg-type]
    if bottom < least:
        return f"{top:g}/{bottom:g}"
    percent = 100 * top / bottom
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def write_day(value: object) -> str:
    """Return a day as ISO 8601; instants become the county's day."""
    if not is_known(value):
        return NOTHING
    if isinstance(value, datetime):
        return (local_day(value) if value.tzinfo else value.date()).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)[:10]


def write_instant(value: object) -> str:
    """Return an instant in the county's time, to the minute."""
    if not is_known(value) or not isinstance(value, datetime):
        return NOTHING
    return value.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def write_age(days: object, language: str) -> str:
    """Return a number of days with its unit, or a dash."""
    return say("table.days", language, n=write_count(days)) if _is_number(days) else NOTHING


def write_term(group: str, code: object, language: str) -> str:
    """Return the word for a code of `terms`; an unknown code is shown as it is."""
    if not is_known(code):
        return NOTHING
    try:
        return say(f"term.{group}_{code}", language)
    except KeyError:
        return str(code)


def _is_number(value: object) -> bool:
    try:
        return is_known(value) and isfinite(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False

"""Reads how long each hop of a call may take: `data/reference/call_limits.toml`, checked as it is read."""

import re
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from govdesk.rules.calls import SEVERITIES, CallLimits
from govdesk.settings import ROOT
from govdesk.terms import CallHop

CALL_LIMITS = ROOT / "data" / "reference" / "call_limits.toml"
_TIMED = (CallHop.REPORT_IN, CallHop.ARRIVE, CallHop.ANSWER)
_AMOUNT = re.compile(r"([1-9]\d{0,4})([mh])")


class CallLimitsError(ValueError):
    """The file of limits says something that means nothing; `args[0]` names what."""


@cache
def read_call_limits(path: Path = CALL_LIMITS) -> CallLimits:
    """Return the limits; read once a process.

    Raises
    ------
    CallLimitsError
        When a hop has no four amounts in minutes or hours, or `desk_answer_from` is no severity (5: never).
    """
    with path.open("rb") as file:
        found = tomllib.load(file)
    desk = found.get("desk_answer_from")
    if isinstance(desk, bool) or not isinstance(desk, int) or not 1 <= desk <= len(SEVERITIES) + 1:
        message = f"desk_answer_from: {desk!r}"
        raise CallLimitsError(message)
    return CallLimits({hop: _read_hop(hop, found.get(hop.value)) for hop in _TIMED}, desk)


def _read_hop(hop: CallHop, amounts: Any) -> tuple[timedelta, timedelta, timedelta, timedelta]:
    texts = amounts if isinstance(amounts, list) else []
    matches = [_AMOUNT.fullmatch(text) for text in texts if isinstance(text, str)]
    kept = [timedelta(minutes=int(one[1]) * (60 if one[2] == "h" else 1)) for one in matches if one is not None]
    if len(kept) != len(SEVERITIES) or len(texts) != len(SEVERITIES):
        message = f"{hop.value}: {amounts!r}"
        raise CallLimitsError(message)
    return kept[0], kept[1], kept[2], kept[3]

"""The words of tooltips: a number with its denominator, or why there is none."""

import math
import re

from govdesk.queries.map_request import CAPACITIES, MapRequest
from govdesk.terms import RATE_MINIMUM
from govdesk.words import say

_INVISIBLE = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
LONGEST_NAME = 60


def one_line(text: object) -> str:
    """Return a name as one short line without controls and marks that turn the direction of writing."""
    cleaned = " ".join(_INVISIBLE.sub(" ", str(text)).split())
    return cleaned if len(cleaned) <= LONGEST_NAME else cleaned[: LONGEST_NAME - 1] + "…"


def describe_figure(request: MapRequest, state: str, n: int, denominator: float, value: float) -> str:
    """Return the figure of one place in words, with what it is out of."""
    words: dict[str, object] = {"n": f"{n:,}", "least": RATE_MINIMUM}
    if not math.isnan(denominator):
        words["of"] = f"{denominator:,.0f}"
    if state == "later":
        return say("map.tip_later", request.language)
    if request.measure in CAPACITIES:
        kind = say(f"term.capacity_{request.measure}", request.language)
        key = "map.tip_capacity_unknown" if state == "unknown" else "map.tip_capacity"
        return say(key, request.language, kind=kind, **words)
    if state == "unknown":
        return say(f"map.tip_{request.measure}_unknown", request.language, **words)
    if state == "few":
        return say("map.tip_few", request.language, **words)
    if request.measure in ("per_1000", "repeat_share"):
        words["value"] = f"{value:.1f}" if not math.isnan(value) else "0"
        if state == "zero" and "of" not in words:
            return say("map.tip_count", request.language, **words)
    return say(f"map.tip_{request.measure}", request.language, **words)

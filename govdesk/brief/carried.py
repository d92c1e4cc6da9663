"""Who takes a brief away, when, what for: on the foot of each of its pages, and beside its pictures."""

from dataclasses import dataclass
from datetime import datetime

from govdesk.clock import zone
from govdesk.rules.brief import Brief
from govdesk.rules.export_purposes import require_purpose
from govdesk.rules.plain_text import clean_line
from govdesk.words import say

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Carried:
    """A brief taken away.

    Attributes
    ----------
    by : str
        What the account is called: a post, never a name.
    at : datetime
        UTC.
    purpose : str
        As in `rules.export_purposes`.
    """

    by: str
    at: datetime
    purpose: str


def write_foot(brief: Brief, carried: Carried) -> str:
    """Return who, when, what for and of what, as one line.

    Raises
    ------
    PurposeRefusedError
        When there is no purpose of the list.
    """
    purpose = say(f"purpose.name_{require_purpose(carried.purpose)}", brief.language)
    return say("brief.carried", brief.language, by=clean_line(carried.by, _LONGEST), purpose=purpose,
               at=f"{carried.at.astimezone(zone()):%Y-%m-%d %H:%M}",
               area=clean_line(brief.area, _LONGEST), window=brief.window)


def describe_pictures(brief: Brief, carried: Carried) -> bytes:
    """Return the note that lies beside the pictures: UTF-8 with its mark, as editors of Windows want it."""
    lines = (f"{brief.title} · {brief.version}", brief.mark, write_foot(brief, carried), brief.as_of, brief.use)
    return "\r\n".join(line for line in lines if line).encode("utf-8-sig")

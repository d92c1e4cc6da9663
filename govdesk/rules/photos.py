"""What a photo may be, how long it is kept, and who may see it; pure."""

from datetime import datetime, timedelta

from govdesk.rules.access import Scope, allows
from govdesk.terms import Role

#: Photos of one incident that are kept at once.
MOST = 6
#: Bytes of a file as delivered; pixels of its picture (a telephone's are 12 to 50 million).
MOST_BYTES = 10 * 2**20
MOST_PIXELS = 40_000_000
#: Pixels of the longer side, as kept: enough to read a house number from, small enough for a slow line.
LONG_SIDE = 1600
#: Endings that the file chooser offers; what counts is the content.
ENDINGS = ("jpg", "jpeg", "png", "webp")


def find_end(at: datetime, days: int) -> datetime:
    """Return when a photo that came in at `at` is deleted, open or closed: a set time, as it was promised."""
    return at + timedelta(days=days)


def may_see(scope: Scope, *, handling_unit: str | None, concerns: bool) -> bool:
    """Return whether the caller is one of those who handle an incident that it sees anyway.

    Handling are the centre, the township of the place, the handling unit, and the administrator. That what concerns a
    unit is hidden from it and from its offices is decided before (`queries.scoping`).

    Parameters
    ----------
    handling_unit : str or None
        Unit that has it now.
    concerns : bool
        Whether it is about some unit.
    """
    if not allows(scope, "view_photos"):
        return False
    if scope.role == Role.DEPARTMENT:
        return scope.unit_code is not None and scope.unit_code == handling_unit
    # A township account that does not say of which unit it is might be of the one concerned.
    return scope.role != Role.TOWNSHIP or (
        scope.area_code is not None and not (concerns and scope.unit_code is None))

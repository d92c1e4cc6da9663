"""Puts a scene on all walls, and takes it off again."""

import re
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert

from govdesk.actions.acting import acting
from govdesk.clock import now
from govdesk.rules.access import Scope
from govdesk.tables import WallPin

#: Longest time a pin may have, in minutes; without a time it stays until it is taken off.
LONGEST = 7 * 24 * 60
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def pin_scene(engine: Engine, *, by: Scope, scene: str, minutes: int | None = None) -> datetime | None:
    """Show a scene on all walls from now on.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    scene : str
        Name of a scene; walls leave out one that they do not have.
    minutes : int, optional
        1 to `LONGEST`; None: until it is taken off.

    Returns
    -------
    datetime or None
        The instant (UTC) at which the rotation goes on.

    Raises
    ------
    ValueError
        When the name cannot be one, or the time is out of its bounds.
    RefusedError
        When the caller may not do this.
    """
    if not _NAME.fullmatch(scene) or (minutes is not None and not 1 <= minutes <= LONGEST):
        raise ValueError(scene, minutes)
    until = None if minutes is None else now() + timedelta(minutes=minutes)
    _write(engine, by, scene, until)
    return until


def unpin_scene(engine: Engine, *, by: Scope) -> None:
    """Let the scenes of all walls rotate again.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    _write(engine, by, None, None)


def _write(engine: Engine, by: Scope, scene: str | None, until: datetime | None) -> None:
    # No version is bumped: walls look at the last row themselves, and no kept answer depends on it.
    with acting(engine, by=by, action="pin_wall") as act:
        act.connection.execute(insert(WallPin).values(at=now(), by=by.account, scene=scene, until=until))
        act.audit("wall_pins", scene, until=until)

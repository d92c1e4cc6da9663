"""What the desk has put on all walls, and when it did so."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import WallPin


@dataclass(frozen=True, slots=True)
class Pin:
    """One change: the scene that was put on the walls, or None where it was taken off; instants in UTC."""

    scene: str | None
    by: str
    at: datetime
    until: datetime | None


@reads("view_wall")
def read_pin(connection: Connection, scope: Scope, now: datetime) -> Pin | None:
    """Return what is pinned at `now`, or None; it is the same for every wall, whatever its area."""
    found = list_pins(connection, scope, limit=1)
    if not found or found[0].scene is None:
        return None
    return None if found[0].until is not None and found[0].until <= now else found[0]


@reads("view_wall")
def list_pins(connection: Connection, scope: Scope, limit: int = 10) -> tuple[Pin, ...]:
    """Return the last changes, the newest first."""
    del scope  # names of scenes are of no area
    rows = connection.execute(
        select(WallPin.scene, WallPin.by, WallPin.at, WallPin.until).order_by(WallPin.id.desc()).limit(limit))
    return tuple(Pin(row.scene, row.by, row.at, row.until) for row in rows)

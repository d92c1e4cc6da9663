"""What a scene of the wall is built from, for a database of a test."""

import re
from datetime import datetime
from html import unescape

from sqlalchemy import Engine

from govdesk.clock import local_day, now
from govdesk.queries.freshness import read_data_as_of
from govdesk.rules.access import Scope
from govdesk.storage.engine import read_transaction
from govdesk.terms import DataKind, Role
from govdesk.ui.wall.scene import Scene, WallView

WALL = Scope("wall", Role.WALL)


def make_view(engine: Engine, words: str = "zh", scope: Scope = WALL, at: datetime | None = None) -> WallView:
    """Return the view of a wall that looks at `engine` now."""
    with read_transaction(engine) as connection:
        as_of = read_data_as_of(connection, scope)
    moment = at or now()
    return WallView(scope, words, moment, local_day(moment), DataKind.SAMPLE, as_of)


def tile_of(scene: Scene, name: str):
    """Return the tile of a name."""
    return next(tile for tile in scene.tiles if tile.name == name)


def words_of(markup: str) -> str:
    """Return what can be read of markup, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())

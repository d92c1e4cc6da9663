"""The first scene: where things stand."""

from govdesk.ui.markup import tag
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

NAME = "situation"


def build(view: WallView) -> Scene:
    """Return the scene."""
    title = say("wall.scene_situation", view.words)
    return Scene(NAME, title, (Tile("main", title, tag("p", title), "main", view.as_of),), "w-one")

"""Scenes of the frame itself: an interruption, a scene that failed, a county without data."""

from govdesk.queries.urgent_incidents import Urgent
from govdesk.ui.markup import tag
from govdesk.ui.wall import urgent_scene
from govdesk.ui.wall.lateness import name_instant
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say

#: Most incidents named at once.
MOST = 3


def build_urgent(view: WallView, urgent: tuple[Urgent, ...]) -> Scene:
    """Return the interruption: township, stream and time, nothing of anybody."""
    if len(urgent) == 1:
        return urgent_scene.build(view, urgent[0])
    title = say("wall.scene_urgent", view.words)
    rows = [tag("li", tag("div", say(
        "wall.urgent_where", view.words, township=one.township or say("wall.urgent_county", view.words),
        stream=say(f"term.stream_{one.stream}", view.words)), class_="w-urgent-where"),
        tag("div", say("wall.urgent_when", view.words, at=name_instant(one.reported_at, view.now, view.words)),
            class_="w-urgent-when")) for one in urgent[:MOST]]
    if len(urgent) > MOST:
        more = say("wall.urgent_more", view.words, n=len(urgent) - MOST)
        rows.append(tag("li", tag("div", more, class_="w-urgent-when")))
    body = tag("ul", *rows, class_="w-urgent-list")
    tile = Tile("urgent", title, body, "main", view.as_of, note=say("wall.urgent_note", view.words))
    return Scene("urgent", title, (tile,), "w-urgent")


def build_sentence(view: WallView, name: str, title: str, sentence: str) -> Scene:
    """Return a scene that is one calm sentence."""
    body = tag("div", tag("p", sentence), class_="w-message")
    return Scene(name, title, (Tile("sentence", title, body, "main", view.as_of),), "w-urgent")

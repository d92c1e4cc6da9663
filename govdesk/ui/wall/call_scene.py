"""The interruption by a call 乡呼县应: which township calls, since when, and which units have not reported in yet."""

from govdesk.ui.markup import tag
from govdesk.ui.wall.interruption import WaitingCall
from govdesk.ui.wall.parts import write_name
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.ui.wall.urgent_scene import NAME, build_fact, write_since
from govdesk.words import say

#: Units named at once.
MOST = 3


def build(view: WallView, call: WaitingCall, count: str = "") -> Scene:
    """Return the scene; it stays until every unit that was called has reported in."""
    title = say("wall_scenes.call_title", view.words)
    names = say("wall_scenes.join", view.words).join(write_name(one) for one in call.units[:MOST])
    if len(call.units) > MOST:
        names = say("wall_scenes.and_more", view.words, names=names, n=len(call.units))
    body = tag(
        "div", tag("div", write_name(call.township), class_="w-alarm-where"),
        tag("div", say("wall_scenes.call_what", view.words), class_="w-alarm-what"),
        tag("div", build_fact(view, "call_since", write_since(view, call.called_at)),
            build_fact(view, "call_waits", names), class_="w-alarm-facts"), class_="w-alarm-body")
    heading = " ".join(part for part in (title, count) if part)
    return Scene(NAME, title, (Tile("alarm", heading, body, "alarm", call.called_at),), "w-alarm")

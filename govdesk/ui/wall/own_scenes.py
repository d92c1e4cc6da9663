"""Scenes of the frame itself: an interruption, a scene that failed, a county without data."""

from govdesk.ui.markup import tag
from govdesk.ui.wall import call_scene, urgent_scene
from govdesk.ui.wall.interruption import Alarms, WaitingCall
from govdesk.ui.wall.rotation import pick_alarm
from govdesk.ui.wall.scene import Scene, Tile, WallView
from govdesk.words import say


def build_alarm(view: WallView, alarms: Alarms, moment: float) -> Scene:
    """Return the interruption of a moment: several take turns, each with which of how many it is."""
    place = pick_alarm(len(alarms.shown), moment)
    one = alarms.shown[place]
    count = "" if len(alarms.shown) == 1 else say("wall.alarm_of", view.words, n=place + 1, of=len(alarms.shown))
    if isinstance(one, WaitingCall):
        return call_scene.build(view, one, count)
    return urgent_scene.build(view, one, count)


def write_alert(alarms: Alarms, words: str) -> str:
    """Return the red line of what nobody accepted in its time; "" where there is none."""
    parts = []
    if alarms.n_urgent:
        parts.append(say("wall.alert_urgent", words, n=alarms.n_urgent))
    if alarms.n_calls:
        parts.append(say("wall.alert_calls", words, n=alarms.n_calls))
    return say("wall.alert_join", words).join(parts)


def build_sentence(view: WallView, name: str, title: str, sentence: str) -> Scene:
    """Return a scene that is one calm sentence."""
    body = tag("div", tag("p", sentence), class_="w-message")
    return Scene(name, title, (Tile("sentence", title, body, "main", view.as_of),), "w-urgent")

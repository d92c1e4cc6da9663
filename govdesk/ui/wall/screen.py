"""The wall as a page: a look every few seconds, on the server; what did not change is not sent again.

Whatever goes wrong, the last good picture stays, with a sentence on top of it: since when, and of when the picture is.
"""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType

import streamlit as st

from govdesk import clock
from govdesk.rules.access import RefusedError, allows
from govdesk.settings import get_settings
from govdesk.storage.database_check import find_fault, is_answering
from govdesk.storage.trouble import explain
from govdesk.ui import loaders, session, trail
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, show
from govdesk.ui.wall import own_scenes, scenes
from govdesk.ui.wall.frame import BAD, GOOD, KEPT, Heading, build_head, build_message, build_pulse, build_stage
from govdesk.ui.wall.lateness import DATA_LATE, find_late, name_instant
from govdesk.ui.wall.rotation import HOLD, LONGEST_HOLD, SECONDS, Plan, parse_names, parse_seconds
from govdesk.ui.wall.scene import Scene, WallView
from govdesk.ui.wall.state import read_look
from govdesk.words import say

log = logging.getLogger("govdesk.ui")


class AwayError(RuntimeError):
    """The database does not answer."""


@dataclass(slots=True)
class Kept:
    """What a wall keeps between two looks; of fixed size.

    Attributes
    ----------
    n : int
        Looks so far.
    heading, stage, at : the last good picture and its instant (UTC); None before the first.
    wrong_since : datetime or None
        Since when no picture could be made.
    failed : dict
        Since when which scene fails, and the reference number in the log.
    """

    n: int = 0
    heading: Heading | None = None
    stage: Html | None = None
    at: datetime | None = None
    wrong_since: datetime | None = None
    failed: dict[str, tuple[datetime, str]] = field(default_factory=dict)


def read_plan() -> Plan:
    """Return what the address asks for; what it says that means nothing is left out with a notice."""
    known = scenes.list_names()
    return Plan(
        names=session.read_param("scenes", lambda text: parse_names(text, known), known),
        seconds=session.read_param("seconds", parse_seconds, SECONDS),
        is_paused=session.read_param("pause", session.one_of("0", "1"), "0") == "1",
        hold=session.read_param("interrupt", lambda text: parse_seconds(text, 0, LONGEST_HOLD), HOLD),
    )


def draw_wall() -> None:
    """Draw the wall, and go on looking for as long as the page is open."""
    plan = read_plan()
    unusable = session.take_notices()
    trail.note_unusable(name for name, _ in unusable)
    names = ", ".join(f"{name}={text}" for name, text in unusable)
    notice = t("wall.notice_address", names=names) if unusable else None
    tick = min(get_settings().wall_tick, plan.seconds)

    @st.fragment(run_every=tick)
    def look() -> None:
        session.go_on()
        kept = session.keep_wall(Kept)
        kept.n += 1
        words = session.language()
        with st.container(key="gd-wall"):
            head, stage, state, at = _make_picture(kept, plan, words, notice)
            show(head)
            show(stage)
            show(build_pulse(kept.n, at, state, tick))

    look()


def _make_picture(kept: Kept, plan: Plan, words: str, notice: str | None) -> tuple[Html, Html, str, datetime]:
    """Return head, stage, state and instant of the picture; never raises."""
    now = clock.now()
    try:
        heading, stage = _look_afresh(kept, plan, words, now)
    except RefusedError:
        heading = Heading("", None, (), "", t("frame.product"), None)
        return build_head(heading, now, words), build_message(say("wall.notice_refused", words)), BAD, now
    except Exception as error:
        return _keep_picture(kept, words, now, error)
    kept.heading, kept.stage, kept.at, kept.wrong_since = heading, stage, now, None
    late = find_late(heading.as_of, DATA_LATE, now) if heading.as_of else None
    if late is not None and heading.as_of is not None:
        notice = say("wall.notice_late", words, at=name_instant(heading.as_of, now, words))
    return build_head(heading, now, words, notice), stage, GOOD, now


def _keep_picture(kept: Kept, words: str, now: datetime, error: Exception) -> tuple[Html, Html, str, datetime]:
    is_away = isinstance(error, AwayError)
    if kept.wrong_since is None:
        kept.wrong_since = now
        log.error("wall stopped: %s", "database away" if is_away else type(error).__name__,
                  exc_info=None if is_away else error)
    key = "wall.notice_database" if is_away else "wall.notice_stuck"
    since = name_instant(kept.wrong_since, now, words)
    if kept.heading is None or kept.stage is None or kept.at is None:
        heading = Heading("", None, (), "", say("frame.product", words), None)
        return build_head(heading, now, words), build_message(say(f"{key}_only", words, since=since)), BAD, now
    notice = say(key, words, since=since, at=name_instant(kept.at, now, words))
    return build_head(kept.heading, now, words, notice), kept.stage, KEPT, kept.at


def _look_afresh(kept: Kept, plan: Plan, words: str, now: datetime) -> tuple[Heading, Html]:
    if not is_answering():
        raise AwayError
    loaders.begin()
    scope = session.scope()
    if not allows(scope, "view_wall"):
        raise RefusedError
    look = read_look(scope, plan, words, now)
    if look.view.as_of is None:
        title = say("frame.product", words)
        scene = own_scenes.build_sentence(look.view, "empty", title, say("wall.no_data", words))
    elif look.alarms.shown:
        scene = own_scenes.build_alarm(look.view, look.alarms, look.moment)
    else:
        scene = _build_scene(kept, scenes.find(look.shown), look.view)
    names = [(name, say(f"wall.scene_{name}", words)) for name in plan.names]
    heading = Heading(look.county, look.view.kind, names, scene.name, scene.title, look.view.as_of, look.pin,
                      plan.is_paused, own_scenes.write_alert(look.alarms, words))
    return heading, build_stage(scene, now, words)


def _build_scene(kept: Kept, module: ModuleType, view: WallView) -> Scene:
    """Return a scene, or a calm sentence in its place; the others go on."""
    name = str(module.NAME)
    try:
        scene: Scene = module.build(view)
    except Exception as error:
        if explain(error) is not None or not is_answering():
            raise AwayError from error
        if name not in kept.failed:
            kept.failed[name] = (view.now, secrets.token_hex(4))
            log.error("wall scene %s error %s", name, kept.failed[name][1], exc_info=error)
        since, reference = kept.failed[name]
        sentence = say("wall.scene_failed", view.words, since=name_instant(since, view.now, view.words),
                       reference=reference)
        return own_scenes.build_sentence(view, name, say(f"wall.scene_{name}", view.words), sentence)
    kept.failed.pop(name, None)
    return scene


def draw_fault() -> None:
    """Say why there is no database to show, and look for it until it is there."""
    words = session.language()

    @st.fragment(run_every=max(get_settings().wall_tick, 1.0))
    def look() -> None:
        session.go_on()
        fault = find_fault()
        if fault is None:
            st.rerun()
            return
        kept, now = session.keep_wall(Kept), clock.now()
        kept.n += 1
        heading = Heading("", None, (), "", say("frame.product", words), None)
        sentence = say("wall.notice_fault", words, reason=say(f"frame.fault_{fault.key}_title", words))
        with st.container(key="gd-wall"):
            show(build_head(heading, now, words))
            show(build_message(sentence))
            show(build_pulse(kept.n, now, BAD, 1.0))

    look()

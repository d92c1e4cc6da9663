"""The desk's part of the wall: what is pinned on all walls, and the address that a wall is opened with."""

import logging

import streamlit as st

from govdesk import clock
from govdesk.actions.wall_pin import pin_scene, unpin_scene
from govdesk.queries.wall_pins import Pin, list_pins, read_pin
from govdesk.rules.access import Scope, allows
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.ui import session
from govdesk.ui.cards import build_notice, panel
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, address, show, tag
from govdesk.ui.wall import scenes
from govdesk.ui.wall.lateness import name_instant
from govdesk.ui.wall.rotation import SECONDS

log = logging.getLogger("govdesk.ui")

#: Minutes that a pin may be given; 0 stands for "until it is taken off".
MINUTES = (10, 30, 60, 120, 480, 0)
CHANGES = 5


def _title(name: str) -> str:
    return t(f"wall.scene_{name}") if name in scenes.list_names() else name


def draw_control(scope: Scope) -> None:
    """Draw the part; who may not pin sees what is pinned."""
    left, right = st.columns(2)
    with left, panel("wall-pin", fills=True):
        _draw_pin(scope)
    with right, panel("wall-address", fills=True):
        _draw_address()


def _draw_pin(scope: Scope) -> None:
    now = clock.now()
    with read_transaction(get_engine()) as connection:
        pin, changes = read_pin(connection, scope, now), list_pins(connection, scope, CHANGES)
    show(tag("h2", t("wall.pin_title"), class_="gd-panel-title"))
    show(build_notice(_say_pin(pin)))
    if allows(scope, "pin_wall"):
        _draw_form(scope, is_pinned=pin is not None)
    else:
        show(tag("p", t("wall.pin_refused"), class_="gd-muted gd-small"))
    if changes:
        rows = [tag("li", _say_change(change)) for change in changes]
        show(tag("div", tag("h3", t("wall.pin_changes"), class_="gd-panel-title"), tag("ul", *rows, class_="gd-hits")))


def _say_pin(pin: Pin | None) -> str:
    if pin is None or pin.scene is None:
        return t("wall.pin_none")
    words, now = session.language(), clock.now()
    since = name_instant(pin.at, now, words)
    if pin.until is None:
        return t("wall.pin_now", scene=_title(pin.scene), by=pin.by, since=since)
    return t("wall.pin_now_until", scene=_title(pin.scene), by=pin.by, since=since,
             until=name_instant(pin.until, now, words))


def _say_change(change: Pin) -> str:
    at = name_instant(change.at, clock.now(), session.language())
    if change.scene is None:
        return t("wall.pin_taken_off", at=at, by=change.by)
    return t("wall.pin_put_on", at=at, by=change.by, scene=_title(change.scene))


def _name_minutes(minutes: int) -> str:
    return t("wall.pin_minutes", n=minutes) if minutes else t("wall.pin_open_end")


def _draw_form(scope: Scope, *, is_pinned: bool) -> None:
    chosen = st.selectbox(t("wall.pin_scene"), scenes.list_names(), format_func=_title, key="wall_pin_scene")
    minutes = st.selectbox(t("wall.pin_for"), MINUTES, index=1, format_func=_name_minutes, key="wall_pin_minutes")
    with st.container(horizontal=True):
        pins = st.button(t("wall.pin_do"), type="primary", key="wall_pin_do")
        unpins = st.button(t("wall.unpin_do"), key="wall_unpin_do", disabled=not is_pinned)
    if not (pins or unpins):
        return
    try:
        if pins:
            pin_scene(get_engine(), by=scope, scene=chosen, minutes=minutes or None)
        else:
            unpin_scene(get_engine(), by=scope)
    except Exception:
        log.exception("pinning failed")
        show(build_notice(t("wall.pin_failed"), is_warning=True))
    else:
        st.rerun()


def _draw_address() -> None:
    show(tag("h2", t("wall.address_title"), class_="gd-panel-title"))
    known = scenes.list_names()
    names = st.multiselect(t("wall.address_scenes"), known, default=known, format_func=_title, key="wall_scenes",
                           placeholder=t("frame.choose"))
    seconds = st.number_input(t("wall.address_seconds"), 5, 3600, SECONDS, 5, key="wall_seconds")
    pause = st.checkbox(t("wall.address_pause"), key="wall_pause")
    asked = {"scenes": () if tuple(names) == known else names, "seconds": None if seconds == SECONDS else seconds,
             "pause": 1 if pause else None, "lang": session.language()}
    target = address("/wall", **asked)
    show(tag("div", tag("p", _open(t("wall.address_open"), target)), tag("pre", target, class_="gd-command"),
             tag("p", t("wall.address_help"), class_="gd-muted gd-small"),
             tag("p", _open(t("wall.start_file"), address("/wall/start-file", **asked))),
             tag("p", t("wall.start_file_help"), class_="gd-muted gd-small")))


def _open(text: str, target: str) -> Html:
    return tag("a", text, href=target, class_="gd-link", target="_blank", rel="noopener")

"""Part of the settings page: how many villages a week can be visited 走访能力, and what was done of late."""

import streamlit as st

from govdesk.actions.adopt_thresholds import MOST_VISITS
from govdesk.actions.capacity_changes import set_capacity, take_back_capacity
from govdesk.clock import today
from govdesk.queries.capacity_settings import CapacitySettings, read_capacity_settings
from govdesk.storage.engine import get_engine
from govdesk.storage.visit_capacity import KEY
from govdesk.ui import session
from govdesk.ui.cards import build_facts, build_notice, build_panel_title
from govdesk.ui.formats import write_day, write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.setting_forms import ask_reason, hold_seen, send_change, tell

FORM = "setting_capacity"


def draw_capacity_setting(setting: Setting) -> None:
    """Draw what holds, who said so, what the last weeks were like, and the form to set it."""
    known = load(read_capacity_settings, setting.scope, today())
    show(build_panel_title(t("settings.part_capacity"), t("settings.capacity_note")))
    tell(FORM)
    show(tag("p", t("settings.capacity_how"), class_="gd-muted gd-small"))
    show(build_facts([
        (t("settings.capacity_now"), _write_number(known.in_force.capacity_per_week)),
        (t("settings.capacity_list"), t("settings.capacity_list_adopted" if known.in_force.id else
                                        "settings.capacity_list_default", n=known.in_force.visits_per_week))]))
    show(tag("ul", tag("li", t("settings.state_line", said=_write_source(known))),
             tag("li", t("settings.capacity_visits", said=_write_visits(known))), class_="gd-sentences"))
    capacity = known.in_force.capacity_per_week
    if capacity is not None and capacity < known.in_force.visits_per_week:
        show(build_notice(t("settings.capacity_less", n=known.in_force.visits_per_week, capacity=capacity),
                          is_warning=True))
    _draw_form(setting, known)


def _write_number(visits: int | None) -> str:
    return t("settings.capacity_unknown") if visits is None else t("settings.capacity_villages", n=f"{visits:,}")


def _write_source(known: CapacitySettings) -> str:
    if known.change is not None:
        return t("settings.since", by=name_post(known.by), at=write_instant(known.change.at),
                 reason=clean_text(known.change.reason, 200))
    if known.in_force.id is None:
        return t("settings.capacity_nobody")
    return t("settings.capacity_adopted", by=name_post(known.adopted_by), at=write_instant(known.in_force.at))


def _write_visits(known: CapacitySettings) -> str:
    days = {"first": write_day(known.first_day), "last": write_day(known.last_day), "weeks": len(known.visits)}
    if not any(known.visits):
        return t("settings.capacity_no_visits", **days)
    return t("settings.capacity_range", least=min(known.visits), most=max(known.visits),
             n=f"{sum(known.visits):,}", **days)


def _draw_form(setting: Setting, known: CapacitySettings) -> None:
    key = session.form_key(FORM)
    was = hold_seen(FORM, KEY, {KEY: known.seen})
    with st.expander(t("settings.capacity_change"), key="setting_capacity_form", expanded=True):
        visits = st.number_input(t("settings.field_visits"), 1, MOST_VISITS, known.in_force.capacity_per_week or
                                 known.in_force.visits_per_week, width=200, key=f"visits_{key}")
        reason = ask_reason(f"capacity_{key}")
        with st.container(horizontal=True):
            if st.button(t("settings.save"), type="primary", key=f"capacity_save_{key}"):
                send_change(FORM, KEY, reason, was, lambda why: set_capacity(
                    get_engine(), by=setting.scope, visits=int(visits), reason=why))
            if known.change is not None and st.button(
                    t("settings.capacity_back", what=_write_number(known.adopted)), key=f"capacity_back_{key}"):
                send_change(FORM, KEY, reason, was, lambda why: take_back_capacity(
                    get_engine(), by=setting.scope, reason=why))

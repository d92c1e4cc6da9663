"""Part of the settings page: what counts as an escalation 激化构成, and which numbers a change makes old."""

import pandas as pd
import streamlit as st

from govdesk.actions.escalation_changes import derive_events, set_part, take_back_part, try_definition
from govdesk.actions.find_escalations import EscalationsFound
from govdesk.queries.escalation_definition import list_made
from govdesk.queries.escalation_settings import EscalationSettings, read_escalation_settings
from govdesk.rules.escalation_parts import PARTS
from govdesk.rules.record_checks import FormRefusedError
from govdesk.storage.engine import get_engine
from govdesk.storage.escalation_parts import read_stamp
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import NOTHING, write_day, write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.sending import draw_problems, send
from govdesk.ui.setting import Setting
from govdesk.ui.setting_escalation_fields import draw_values, write_values
from govdesk.ui.setting_forms import WORDS, ask_reason, choose, hold_seen, send_change, tell
from govdesk.ui.tables import Column, draw_table

FORM, DERIVE = "setting_escalation", "setting_derive"


def draw_escalation(setting: Setting) -> None:
    """Draw the parts with what differs from their file, the form, and what is of which definition."""
    known = load(read_escalation_settings, setting.scope, read_stamp())
    note = t("settings.escalation_note", on=len(known.parts.list_on()), n=len(PARTS), changed=len(known.changes),
             version=known.parts.version[:8])
    show(build_panel_title(t("settings.part_escalation"), note))
    tell(FORM)
    if known.fault is not None:
        show(build_notice(t("settings.escalation_fault", said=clean_text(known.fault, 400)), is_warning=True))
        return
    show(tag("p", t("settings.escalation_how_own" if known.is_own else "settings.escalation_how"),
             class_="gd-muted gd-small"))
    _draw_derive(setting, known)
    _draw_form(setting, known)
    rows = pd.DataFrame([_describe(known, part, setting.words) for part in
                         sorted(PARTS, key=lambda one: one not in known.changes)])
    draw_table(rows, _columns(), export_name="escalation_parts", empty=NOTHING,
               note=setting.note(t("settings.part_escalation"), note))
    _draw_made(setting)


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", t("escalation.rates_part"), muted=lambda row: row["about"]),
        Column("values", t("settings.escalation_values"), muted=lambda row: row["on"]),
        Column("n", t("settings.escalation_events"), "rate"),
        Column("state", t("settings.state"), muted=lambda row: row["since"] or None))


def _describe(known: EscalationSettings, part: str, words: str) -> dict[str, object]:
    change, is_on = known.changes.get(part), getattr(known.parts, part).is_on
    return {
        "name": t(f"escalation.part_{part}"), "about": t(f"escalation.about_{part}"),
        "on": t("settings.is_on" if is_on else "settings.is_off"),
        "values": write_values(getattr(known.parts, part), words),
        "n": f"{known.n_events.get(part, 0):,}" if is_on or part in known.n_events else NOTHING,
        "state": t("settings.state_changed" if change else "settings.state_file"),
        "since": t("settings.since", by=name_post(known.by[part]), at=write_instant(change.at),
                   reason=clean_text(change.reason, 200)) if change else ""}


def _draw_derive(setting: Setting, known: EscalationSettings) -> None:
    """Draw that the events on record are of another definition, and the button that derives them anew."""
    done = session.find_sent(DERIVE)
    if isinstance(done, EscalationsFound):
        session.renew_form(DERIVE)
        show(build_notice(t("settings.derived", n=f"{sum(one.n_events for one in done.parts.values()):,}",
                            version=done.rule_version[:8])))
    if not known.versions or known.is_derived:
        return
    show(build_notice(t("settings.not_derived", n=f"{sum(known.n_events.values()):,}",
                        old=", ".join(one[:8] for one in known.versions), new=known.parts.version[:8]),
                      is_warning=True))
    if st.button(t("settings.derive"), type="primary", key=f"derive_{session.form_key(DERIVE)}"):
        with st.spinner(t("settings.deriving")):
            send(DERIVE, lambda: derive_events(get_engine(), by=setting.scope), WORDS)


def _draw_form(setting: Setting, known: EscalationSettings) -> None:
    key = session.form_key(FORM)
    with st.expander(t("settings.escalation_change"), key="setting_escalation_form"):
        part = choose(t("settings.field_part"), PARTS, f"part_{key}", lambda one: t(f"escalation.part_{one}"))
        show(tag("p", t(f"escalation.about_{part}"), class_="gd-muted gd-small"))
        values = draw_values(setting, known, part, f"{part}_{key}")
        reason = ask_reason(f"{part}_{key}")
        was = hold_seen(FORM, part, known.seen)
        show(tag("p", t("settings.escalation_means"), class_="gd-small"))
        with st.container(horizontal=True):
            tried = st.button(t("settings.try"), key=f"part_try_{key}")
            saved = st.button(t("settings.save"), type="primary", key=f"part_save_{key}")
            back = part in known.changes and st.button(t("settings.act_take_back"), key=f"part_back_{key}")
        if part in known.changes:
            show(tag("p", t("settings.escalation_file_says", said=write_values(
                getattr(known.in_file, part), setting.words), on=t("settings.is_on" if getattr(
                    known.in_file, part).is_on else "settings.is_off")), class_="gd-muted gd-small"))
        if tried:
            _draw_trial(setting, known, part, values)
        if saved:
            send_change(FORM, part, reason, was, lambda why: set_part(
                get_engine(), by=setting.scope, part=part, values=values, reason=why))
        if back:
            send_change(FORM, part, reason, was, lambda why: take_back_part(
                get_engine(), by=setting.scope, part=part, reason=why))


def _draw_trial(setting: Setting, known: EscalationSettings, part: str, values: dict[str, object]) -> None:
    """Draw how many events would count, part by part, beside those on record; nothing is written."""
    try:
        with st.spinner(t("settings.deriving")):
            done = try_definition(get_engine(), by=setting.scope, part=part, values=values)
    except FormRefusedError as error:
        draw_problems(error.problems, WORDS)
        return
    lines = [t("settings.tried_part", name=t(f"escalation.part_{name}"), was=f"{known.n_events.get(name, 0):,}",
               n=f"{done.parts[name].n_events if name in done.parts else 0:,}")
             for name in PARTS if name in done.parts or known.n_events.get(name)]
    show(build_notice(t("settings.tried", version=done.rule_version[:8])))
    show(tag("ul", *(tag("li", line) for line in lines), class_="gd-sentences"))


def _draw_made(setting: Setting) -> None:
    """Draw what is made of escalations, when, and whether by the definition that the events are of."""
    show(build_panel_title(t("settings.made_title"), t("settings.made_note")))
    rows = pd.DataFrame([{
        "what": t(f"escalation.made_{one.what}"), "as_of": write_day(one.as_of) if one.as_of else NOTHING,
        "at": write_instant(one.at) if one.at else NOTHING,
        "state": t("settings.made_none" if one.at is None else "settings.made_old" if one.is_old else
                   "settings.made_now"),
        "next": t(f"settings.made_next_{one.what}") if one.is_old else ""}
        for one in load(list_made, setting.scope)])
    draw_table(rows, (
        Column("what", t("settings.made_what")), Column("as_of", t("settings.made_as_of")),
        Column("at", t("settings.made_at")), Column("state", t("settings.made_state"), muted=lambda row: row["next"]
                                                    or None)),
        export_name="made_of_escalations", empty=NOTHING, note=setting.note(t("settings.made_title"), ""))

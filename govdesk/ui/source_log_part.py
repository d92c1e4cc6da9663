"""The log of source changes: what changed, where, since when, who told of it; and the form to add one."""

import logging
from collections.abc import Mapping
from typing import Any

import streamlit as st

from govdesk.actions.registering import SOURCE, NotRegisteredError, action_of, register_record
from govdesk.queries.data_quality_parts import list_source_log
from govdesk.queries.surroundings import list_accounts
from govdesk.rules.access import SYSTEM, allows
from govdesk.storage.engine import get_engine
from govdesk.ui import faults, session
from govdesk.ui.cards import build_panel_title
from govdesk.ui.duplicate_judge import name_post
from govdesk.ui.formats import is_known, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, clean_text, show, tag
from govdesk.ui.register_form import draw_fields
from govdesk.ui.register_outcome import draw_done, draw_problems
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table

log = logging.getLogger("govdesk.ui")

FORM = "quality_source_change"


def draw_log(setting: Setting) -> None:
    """Draw the log, and the form for those who may tell of a change."""
    show(build_panel_title(t("data_quality.log"), t("data_quality.log_note")))
    rows = load(list_source_log, setting.scope)
    posts = {SYSTEM.account: t("data_quality.command_line")}
    posts |= {row["code"]: name_post(row["title"]) for row in load_common(list_accounts).to_dict("records")}
    told = rows.assign(
        what=[write_term("source", kind, setting.words) for kind in rows["kind"]],
        where=[clean_text(name if is_known(name) else code, 40) if is_known(code) else t("data_quality.everywhere")
               for code, name in zip(rows["place_code"], rows["place_name"], strict=True)],
        about=[_name_about(row, setting) for row in rows.to_dict("records")],
        told_by=[posts.get(by, clean_text(by, 40)) if is_known(by) else "—" for by in rows["by"]],
        from_file=[t("data_quality.by_hand") if name == SOURCE else clean_text(name, 40) if is_known(name) else "—"
                   for name in rows["file_name"]])
    can_undo = allows(setting.scope, "undo_import")
    columns = (
        Column("on", t("data_quality.since"), "day"), Column("what", t("data_quality.what")),
        Column("where", t("data_quality.where")), Column("about", t("data_quality.about"), is_narrow=False),
        Column("note", t("data_quality.note")), Column("told_by", t("data_quality.told_by"), is_narrow=False),
        Column("from_file", t("data_quality.from_file"), is_narrow=False, href=lambda row: address(
            "/import_batches", batch=row["batch_id"]) if can_undo and is_known(row["batch_id"]) else None),
        Column("recorded_at", t("data_quality.recorded_at"), "instant", is_narrow=False))
    draw_table(told, columns, export_name="source_changes", empty=t("data_quality.log_empty"),
               note=setting.note(t("data_quality.log"), ""), n_shown=20)
    show(tag("p", t("data_quality.log_marks"), " ", t("data_quality.log_undo") if can_undo else None,
             class_="gd-muted gd-small"))
    if allows(setting.scope, action_of("source_changes")):
        with st.expander(t("data_quality.log_add"), expanded=session.find_sent(FORM) is not None):
            _draw_form(setting)


def _name_about(row: Mapping[str, Any], setting: Setting) -> str:
    parts = [write_term(group, row[name], setting.words) for group, name in (("stream", "stream"), (
        "channel", "channel")) if is_known(row[name])]
    return " · ".join(parts) or t("data_quality.all_records")


def _draw_form(setting: Setting) -> None:
    sent = session.find_sent(FORM)
    if isinstance(sent, tuple):
        result, values = sent
        draw_done("source_changes", result, values)
        st.button(t("register.again"), key=f"again_{FORM}", on_click=session.renew_form, args=(FORM,))
        return
    key = session.form_key(FORM)
    show(tag("p", t("register.privacy"), class_="gd-muted gd-small"))
    values = draw_fields("source_changes", setting, key)
    if not st.button(t("register.save"), type="primary", key=f"save_{key}"):
        return
    try:
        session.act_and_keep(FORM, lambda: (register_record(
            get_engine(), by=setting.scope, about="source_changes", values=values, form_key=key), values), key=key)
    except NotRegisteredError as error:
        draw_problems("source_changes", error)
    except Exception as error:
        # Nothing was kept; what was typed must not be lost with it.
        log.exception("a source change could not be kept")
        faults.draw_not_saved(error, t("register.failed", reason=t("register.failed_reason")))
    else:
        st.rerun()

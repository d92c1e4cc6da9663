"""Part of the settings page: categories 类别 of incidents, renamed, switched off for what is new, added."""

import pandas as pd
import streamlit as st

from govdesk.actions.category_changes import LONGEST_NAME, CategoryFields, set_category, take_back_category
from govdesk.clock import today
from govdesk.queries.category_settings import CategoryLine, CategorySettings, read_category_settings
from govdesk.storage.engine import get_engine
from govdesk.terms import Stream
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.setting_forms import ask_off, ask_reason, choose, hold_seen, send_change, tell, write_off
from govdesk.ui.tables import Column, draw_table

FORM = "setting_categories"
_ACTS = ("change", "add", "take_back")


def draw_categories(setting: Setting) -> None:
    """Draw all categories with how many incidents each has, and the form to change one."""
    known = load(read_category_settings, setting.scope)
    n_off = sum(line.off_on is not None and line.off_on <= today() for line in known.lines)
    note = t("settings.categories_note", n=len(known.lines), off=n_off,
             changed=sum(_state(line) != "file" for line in known.lines))
    show(build_panel_title(t("settings.part_categories"), note))
    tell(FORM)
    show(tag("p", t("settings.categories_how"), class_="gd-muted gd-small"))
    _draw_form(setting, known)
    shown = sorted(known.lines, key=lambda line: _state(line) == "file")  # what differs from the file goes first
    draw_table(pd.DataFrame([_describe(line, setting.words) for line in shown]), _columns(),
               export_name="categories", empty=t("settings.nothing_changed"),
               note=setting.note(t("settings.part_categories"), note))


def _state(line: CategoryLine) -> str:
    """Return ``file``, ``changed``, ``added`` or ``imported``."""
    if line.origin == "file":
        return "file" if line.is_as_file else "changed"
    return "added" if line.origin == "screen" else "imported" if line.change is None else "changed"


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", t("settings.field_category"), muted=lambda row: row["code"]),
        Column("other", t("settings.other_name"), is_narrow=False),
        Column("stream", t("settings.field_stream")),
        Column("n", t("settings.n_incidents"), "count"),
        Column("n_open", t("settings.col_open"), "count"),
        Column("off", t("settings.col_use")),
        Column("state", t("settings.state"), muted=lambda row: row["since"] or None))


def _describe(line: CategoryLine, words: str) -> dict[str, object]:
    zh, en = clean_text(line.name_zh, 60), clean_text(line.name_en, 60)
    return {
        "name": zh if words == "zh" else en, "other": en if words == "zh" else zh, "code": line.code,
        "stream": write_term("stream", line.stream, words), "n": line.n, "n_open": line.n_open,
        "off": write_off(line.off_on), "state": t(f"settings.state_{_state(line)}"),
        "since": t("settings.since", by=name_post(line.by), at=write_instant(line.change.at),
                   reason=clean_text(line.change.reason, 200)) if line.change else ""}


def _draw_form(setting: Setting, known: CategorySettings) -> None:
    key = session.form_key(FORM)
    with st.expander(t("settings.categories_change"), key="setting_categories_form"):
        act = str(st.segmented_control(t("settings.act"), _ACTS, default=_ACTS[0], required=True, key="category_act",
                                       format_func=lambda one: t(f"settings.category_{one}")))
        if act == "add":
            _draw_fields(setting, known, None, f"new_{key}")
            return
        standing = [line for line in known.lines if act == "change" or (
            line.origin == "file" and line.change is not None)]
        if not standing:
            show(tag("p", t("settings.categories_as_file"), class_="gd-empty"))
            return
        names = {line.code: " · ".join((write_term("stream", line.stream, setting.words), clean_text(
            line.name_zh if setting.words == "zh" else line.name_en, 60))) for line in standing}
        code = choose(t("settings.field_category"), list(names), f"category_{act}_{key}",
                      lambda one: names.get(one, one))
        line = next(one for one in standing if one.code == code)
        if act == "change":
            _draw_fields(setting, known, line, f"{code}_{key}")
        else:
            _draw_back(setting, known, line, key)


def _draw_fields(setting: Setting, known: CategorySettings, line: CategoryLine | None, key: str) -> None:
    if line is not None and line.n_open:
        show(build_notice(t("settings.category_open", n=f"{line.n_open:,}", all=f"{line.n:,}")))
    left, right = st.columns(2)
    with left:
        zh = st.text_input(t("settings.field_name_zh"), line.name_zh if line else "", key=f"zh_{key}",
                           max_chars=LONGEST_NAME) or ""
        code = line.code if line else (st.text_input(t("settings.field_category_code"), key=f"code_{key}",
                                                     max_chars=40, help=t("settings.category_code_help")) or "").strip()
    with right:
        en = st.text_input(t("settings.field_name_en"), line.name_en if line else "", key=f"en_{key}",
                           max_chars=LONGEST_NAME) or ""
        stream = line.stream if line else choose(
            t("settings.field_stream"), [one.value for one in Stream], f"stream_{key}",
            lambda one: write_term("stream", one, setting.words))
    off_on = ask_off(line.off_on, key, t("settings.category_off_help")) if line else None
    reason = ask_reason(key)
    was = hold_seen(FORM, code, known.seen)
    if st.button(t("settings.save" if line else "settings.add"), type="primary", key=f"category_save_{key}"):
        fields = CategoryFields(code, stream, zh, en, off_on)
        send_change(FORM, code, reason, was, lambda why: set_category(
            get_engine(), by=setting.scope, category=fields, reason=why, is_new=line is None))


def _draw_back(setting: Setting, known: CategorySettings, line: CategoryLine, key: str) -> None:
    show(tag("p", t("settings.category_back"), class_="gd-muted"))
    reason = ask_reason(f"back_{line.code}_{key}")
    was = hold_seen(FORM, line.code, known.seen)
    if st.button(t("settings.do_take_back"), type="primary", key=f"category_back_{key}"):
        send_change(FORM, line.code, reason, was, lambda why: take_back_category(
            get_engine(), by=setting.scope, code=line.code, reason=why))

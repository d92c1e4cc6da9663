"""Part of the settings page: the duty list 权责清单, row by row, and what differs from its file."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from govdesk.actions.duty_list_changes import remove_duty_row, set_duty_row, take_back_duty_row
from govdesk.queries.duty_settings import DutyLine, DutySettings, read_duty_settings
from govdesk.rules.duty_list import ANY
from govdesk.rules.duty_list_changes import NAMING, key_of
from govdesk.storage.duty_list import read_stamp
from govdesk.storage.engine import get_engine
from govdesk.terms import Stream
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_instant, write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting, name_categories
from govdesk.ui.setting_duty_fields import draw_naming, draw_rest
from govdesk.ui.setting_forms import ask_reason, choose, hold_seen, send_change, tell
from govdesk.ui.tables import Column, draw_table

FORM = "setting_duty"
_ACTS = ("change", "add", "remove", "take_back")
#: Units that a row names, written out at most.
_NAMED = 3


def draw_duty_list(setting: Setting) -> None:
    """Draw the list with who changed what, and the form to change it."""
    known = load(read_duty_settings, setting.scope, read_stamp())
    n_changed = sum(line.state != "file" for line in known.lines)
    show(build_panel_title(t("settings.part_duty"), t("settings.duty_note", n=len(known.lines), changed=n_changed)))
    tell(FORM)
    if known.fault is not None:
        show(build_notice(t("settings.duty_fault", said=clean_text(known.fault, 400)), is_warning=True))
        return
    show(tag("p", t("settings.duty_how_own" if known.is_own else "settings.duty_how"), class_="gd-muted gd-small"))
    names = name_about(setting.words)
    _draw_form(setting, known, names)
    shown = sorted(known.lines, key=lambda line: line.state == "file")  # what differs from the file goes first
    rows = pd.DataFrame([_describe(line, names, setting.words) for line in shown])
    draw_table(rows, _columns(), export_name="duty_list", empty=t("settings.duty_none"),
               note=setting.note(t("settings.part_duty"), t("settings.duty_note", n=len(rows), changed=n_changed)))


def name_about(words: str) -> dict[str, str]:
    """Return what a row can be about: categories, streams, everything."""
    streams = {stream.value: t("settings.whole_stream", stream=write_term("stream", stream.value, words))
               for stream in Stream}
    return {**{code: clean_text(name, 40) for code, name in name_categories(words).items()}, **streams,
            ANY: t("settings.everything")}


def _columns() -> tuple[Column, ...]:
    return (
        Column("line", t("settings.line"), "count"),
        Column("about", t("settings.field_about"), muted=lambda row: row["narrowed"] or None),
        Column("rank", t("settings.field_rank"), "count"),
        Column("units", t("settings.unit"), muted=lambda row: row["rule"]),
        Column("first", t("settings.field_township_first")),
        Column("source", t("settings.field_source"), is_narrow=False),
        Column("state", t("settings.state"), muted=lambda row: row["since"] or None),
    )


def _describe(line: DutyLine, names: Mapping[str, str], words: str) -> dict[str, object]:
    cells = line.cells
    narrowed = [write_term(group, cells[name], words)
                for group, name in (("kind", "place_kind"), ("level", "place_level")) if cells[name]]
    return {
        "line": line.line, "about": names.get(cells["about"], cells["about"]), "narrowed": " · ".join(narrowed),
        "rank": int(cells["rank"]), "units": _write_units(line), "rule": write_rule(cells),
        "first": t(f"settings.first_{cells['township_first']}"), "source": clean_text(cells["source"], 300),
        "state": t(f"settings.state_{line.state}"), "since": _write_since(line)}


def _write_units(line: DutyLine) -> str:
    if line.line is None:
        return t("settings.no_longer")
    if not line.units:
        return t("settings.names_nobody")
    shown = t("settings.and").join(clean_text(name, 30) for name in line.units[:_NAMED])
    return shown if len(line.units) <= _NAMED else t("settings.and_more", names=shown, n=len(line.units))


def write_rule(cells: Mapping[str, str]) -> str:
    """Return how a row names its unit."""
    if cells["unit_code"]:
        return t("settings.by_code", code=clean_text(cells["unit_code"], 40))
    kind = _name_kind(cells["unit_kind"]) if cells["unit_kind"] else t("settings.any_kind")
    if not cells["unit_words"]:
        return kind
    said = t("settings.or").join(clean_text(word, 30) for word in cells["unit_words"].split("|"))
    return t("settings.by_words", kind=kind, words=said)


def _name_kind(code: str) -> str:
    try:
        return t(f"settings.kind_{code}")
    except KeyError:
        return clean_text(code, 20)


def _write_since(line: DutyLine) -> str:
    if line.change is None:
        return ""
    return t("settings.since", by=name_post(line.by), at=write_instant(line.change.at),
             reason=clean_text(line.change.reason, 200))


def _draw_form(setting: Setting, known: DutySettings, names: Mapping[str, str]) -> None:
    key = session.form_key(FORM)
    with st.expander(t("settings.duty_change"), expanded=False, key="setting_duty_form"):
        act = st.segmented_control(t("settings.act"), _ACTS, default=_ACTS[0], required=True, key="duty_act",
                                   format_func=lambda one: t(f"settings.act_{one}"))
        if act == "add":
            _draw_add(setting, known, names, key)
            return
        standing = {
            "change": [line for line in known.lines if line.line is not None],
            "remove": [line for line in known.lines if line.line is not None],
            "take_back": [line for line in known.lines if line.change is not None]}[str(act)]
        if not standing:
            show(tag("p", t("settings.nothing_changed"), class_="gd-empty"))
            return
        labels = {line.key: _label(line, names) for line in standing}
        row = choose(t("settings.row"), list(labels), f"duty_row_{act}_{key}", lambda one: labels.get(one, one))
        line = next(one for one in standing if one.key == row)
        was = hold_seen(FORM, row, known.seen)
        if act == "change":
            _draw_change(setting, line, key, was)
        else:
            _draw_end(setting, line, str(act), key, was)


def _label(line: DutyLine, names: Mapping[str, str]) -> str:
    about = names.get(line.cells["about"], line.cells["about"])
    number = t("settings.removed_row") if line.line is None else t("settings.row_number", n=line.line)
    return t("settings.row_label", number=number, about=about, rank=line.cells["rank"], rule=write_rule(line.cells))


def _draw_change(setting: Setting, line: DutyLine, key: str, was: int) -> None:
    show(tag("p", t("settings.duty_fixed"), class_="gd-muted gd-small"))
    cells = {**{name: line.cells[name] for name in NAMING}, **draw_rest(setting, f"{line.key}_{key}", line.cells)}
    reason = ask_reason(f"{line.key}_{key}")
    if st.button(t("settings.save"), type="primary", key=f"duty_save_{key}"):
        send_change(FORM, line.key, reason, was, lambda why: set_duty_row(
            get_engine(), by=setting.scope, cells=cells, reason=why))


def _draw_add(setting: Setting, known: DutySettings, names: Mapping[str, str], key: str) -> None:
    cells = {**draw_naming(setting, f"new_{key}", names), **draw_rest(setting, f"new_{key}", {})}
    reason = ask_reason(f"new_{key}")
    row = key_of(cells)
    was = hold_seen(FORM, row, known.seen)
    if st.button(t("settings.add"), type="primary", key=f"duty_add_{key}"):
        send_change(FORM, row, reason, was, lambda why: set_duty_row(
            get_engine(), by=setting.scope, cells=cells, reason=why, is_new=True))


def _draw_end(setting: Setting, line: DutyLine, act: str, key: str, was: int) -> None:
    """Draw what taking a row out, or taking a change back, will leave."""
    if act == "take_back":
        left = t("settings.gone") if line.in_file is None else t(
            "settings.file_says", rule=write_rule(line.in_file), first=t(
                f"settings.first_{line.in_file['township_first']}"), source=clean_text(line.in_file["source"], 300))
        show(tag("p", left, class_="gd-muted"))
    reason = ask_reason(f"{act}_{line.key}_{key}")
    if st.button(t(f"settings.do_{act}"), type="primary", key=f"duty_{act}_{key}"):
        run = remove_duty_row if act == "remove" else take_back_duty_row
        send_change(FORM, line.key, reason, was, lambda why: run(
            get_engine(), by=setting.scope, key=line.key, reason=why))

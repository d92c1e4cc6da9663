"""Part of the settings page: units 单位 and their posts 岗位, from when they are switched off, who set them."""


import pandas as pd
import streamlit as st

from govdesk.actions.change_organisation import KINDS, LONGEST_NAME, PostFields, UnitFields, set_post, set_unit
from govdesk.clock import today
from govdesk.queries.organisation_settings import OrganisationSettings, PostLine, UnitLine, read_organisation
from govdesk.storage.engine import get_engine
from govdesk.storage.setting_changes import LastChange
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.setting_forms import ask_off, ask_reason, choose, hold_seen, send_change, tell, write_off
from govdesk.ui.tables import Column, draw_table

FORM = "setting_units"
_WHAT = ("change_unit", "add_unit", "change_post", "add_post")


def draw_organisation(setting: Setting) -> None:
    """Draw all units with what is open there, and the form to change a unit or a post."""
    known = load(read_organisation, setting.scope)
    n_off = sum(unit.off_on is not None and unit.off_on <= today() for unit in known.units)
    note = t("settings.units_note", n=len(known.units), off=n_off, posts=len(known.posts))
    show(build_panel_title(t("settings.part_units"), note))
    tell(FORM)
    show(tag("p", t("settings.units_how"), class_="gd-muted gd-small"))
    _draw_form(setting, known)
    names = {unit.code: clean_text(unit.name, 60) for unit in known.units}
    rows = pd.DataFrame([_describe(unit, names) for unit in known.units])
    draw_table(rows, _columns(), export_name="units", empty=t("settings.units_none"),
               note=setting.note(t("settings.part_units"), note))


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", t("settings.col_name"), muted=lambda row: row["code"]),
        Column("kind", t("settings.field_kind")),
        Column("place", t("settings.field_place")),
        Column("parent", t("settings.field_parent"), is_narrow=False),
        Column("n_posts", t("settings.col_posts"), "count"),
        Column("n_open", t("settings.col_open"), "count"),
        Column("state", t("settings.field_off_on")),
        Column("set", t("settings.col_set"), is_narrow=False),
    )


def _describe(unit: UnitLine, names: dict[str, str]) -> dict[str, object]:
    return {
        "name": names[unit.code], "code": clean_text(unit.code, 40), "kind": name_kind(unit.kind),
        "place": clean_text(unit.place, 40) or t("settings.no_place"),
        "parent": names.get(unit.parent_code or "", t("settings.no_parent")), "n_posts": unit.n_posts,
        "n_open": unit.n_open, "state": write_off(unit.off_on), "set": _write_change(unit.change, unit.by)}


def name_kind(code: str) -> str:
    """Return the word for a kind of unit; the county's own kinds stay as they are."""
    return t(f"settings.kind_{code}") if code in KINDS else clean_text(code, 20)


def _write_change(change: LastChange | None, by: str) -> str:
    if change is None:
        return t("settings.never_set")
    return t("settings.since", by=name_post(by), at=write_instant(change.at), reason=clean_text(change.reason, 200))


def _draw_form(setting: Setting, known: OrganisationSettings) -> None:
    with st.expander(t("settings.units_change"), key="setting_units_form"):
        what = str(st.segmented_control(t("settings.act"), _WHAT, default=_WHAT[0], required=True, key="units_what",
                                        format_func=lambda one: t(f"settings.what_{one}")))
        if not known.units and what != "add_unit":
            show(tag("p", t("settings.units_none"), class_="gd-empty"))
            return
        unit = None if what == "add_unit" else _choose_unit(known, what)
        key = f"{what}_{unit.code if unit else ''}_{session.form_key(FORM)}"
        if what.endswith("unit"):
            _draw_unit(setting, known, unit, key)
        elif unit is not None:
            _draw_post(setting, known, unit, key, is_new=what == "add_post")


def _choose_unit(known: OrganisationSettings, what: str) -> UnitLine:
    names = {unit.code: clean_text(unit.name, 60) for unit in known.units}
    code = choose(t("settings.col_name"), list(names), f"unit_{what}_{session.form_key(FORM)}",
                  lambda one: names.get(one, one))
    return next(unit for unit in known.units if unit.code == code)


def _draw_unit(setting: Setting, known: OrganisationSettings, unit: UnitLine | None, key: str) -> None:
    if unit is not None and unit.n_open:
        show(build_notice(t("settings.open_there", name=clean_text(unit.name, 60), n=f"{unit.n_open:,}")))
    code = unit.code if unit else _ask_code(key)
    names = {"": t("settings.no_parent"), **{one.code: clean_text(one.name, 60) for one in known.units
                                             if one.code != code}}
    areas = {"": t("settings.no_place"), **{one.place_code: clean_text(one.place, 40) for one in known.units
                                            if one.place_code}}
    kinds = list(dict.fromkeys([*KINDS, *(one.kind for one in known.units)]))
    left, right = st.columns(2)
    with left:
        name = st.text_input(t("settings.field_name"), unit.name if unit else "", key=f"name_{key}",
                             max_chars=LONGEST_NAME) or ""
        place = choose(t("settings.field_place"), list(areas), f"place_{key}", lambda one: areas.get(one, one),
                       (unit.place_code or "") if unit else None)
    with right:
        kind = choose(t("settings.field_kind"), kinds, f"unit_kind_{key}", name_kind, unit.kind if unit else None)
        parent = choose(t("settings.field_parent"), list(names), f"parent_{key}", lambda one: names.get(one, one),
                        (unit.parent_code or "") if unit else None)
    off_on = ask_off(unit.off_on, key) if unit else None
    reason = ask_reason(key)
    row = f"unit {code}"
    was = hold_seen(FORM, row, {row: unit.change.id} if unit and unit.change else {})
    if st.button(t("settings.save" if unit else "settings.add"), type="primary", key=f"unit_save_{key}"):
        fields = UnitFields(code, name, kind, place or None, parent or None, off_on)
        send_change(FORM, row, reason, was, lambda why: set_unit(
            get_engine(), by=setting.scope, unit=fields, reason=why, is_new=unit is None))


def _draw_post(setting: Setting, known: OrganisationSettings, unit: UnitLine, key: str, *, is_new: bool) -> None:
    posts = [post for post in known.posts if post.unit_code == unit.code]
    if not is_new and not posts:
        show(tag("p", t("settings.post_none"), class_="gd-empty"))
        return
    post = None if is_new else _choose_post(unit, posts, key)
    code = _ask_code(key) if post is None else post.code
    key = f"{key}_{post.code if post else ''}"
    title = st.text_input(t("settings.field_title"), post.title if post else "", key=f"title_{key}",
                          max_chars=LONGEST_NAME) or ""
    off_on = None if post is None else ask_off(post.off_on, key)
    reason = ask_reason(key)
    row = f"post {code}"
    was = hold_seen(FORM, row, {row: post.change.id} if post and post.change else {})
    if st.button(t("settings.add" if is_new else "settings.save"), type="primary", key=f"post_save_{key}"):
        send_change(FORM, row, reason, was, lambda why: set_post(
            get_engine(), by=setting.scope, post=PostFields(code, title, unit.code, off_on), reason=why,
            is_new=is_new))


def _choose_post(unit: UnitLine, posts: list[PostLine], key: str) -> PostLine:
    names = {post.code: clean_text(post.title, 60) for post in posts}
    code = choose(t("settings.post_of", unit=clean_text(unit.name, 60)), list(names), f"post_{key}",
                  lambda one: names.get(one, one))
    return next(post for post in posts if post.code == code)


def _ask_code(key: str) -> str:
    return (st.text_input(t("settings.field_code"), key=f"code_{key}", max_chars=40, help=t("settings.code_help"))
            or "").strip()

"""Part of the settings page: villages merged and split 撤并拆分, with what it means before it is written."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from govdesk.actions.merge_or_split import MOST_AHEAD, Outlook, Regrouping, Successor, look_ahead, regroup
from govdesk.clock import today
from govdesk.queries.place_settings import PastChange, PlaceSettings, read_place_settings
from govdesk.rules.record_checks import EARLIEST
from govdesk.storage.engine import get_engine
from govdesk.terms import Level
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.sending import draw_problems
from govdesk.ui.setting import Setting
from govdesk.ui.setting_forms import WORDS, ask_reason, choose, hold_seen, send_change, tell
from govdesk.ui.tables import Column, draw_table

FORM = "setting_places"
_KINDS = ("merge", "split")
_SHOWN = 5
#: Villages merged at once: who means a whole township takes the import, a slip of the hand does not.
_MOST = 10


def draw_places(setting: Setting) -> None:
    """Draw what was merged and split, and the form to do so."""
    known = load(read_place_settings, setting.scope)
    note = t("settings.places_note", n=f"{len(known.list_of(Level.VILLAGE)):,}", changes=f"{len(known.changes):,}")
    show(build_panel_title(t("settings.part_places"), note))
    tell(FORM)
    show(tag("p", t("settings.places_how"), class_="gd-muted gd-small"))
    _draw_form(setting, known)
    rows = pd.DataFrame([_describe(one) for one in known.changes])
    draw_table(rows, (
        Column("on", t("settings.places_on"), "day"), Column("kind", t("settings.places_kind")),
        Column("old", t("settings.places_from"), muted=lambda row: row["from_code"]),
        Column("new", t("settings.places_to"), muted=lambda row: row["to_code"]),
        Column("share", t("settings.field_share"), "rate")), export_name="place_changes",
        empty=t("settings.places_none"), note=setting.note(t("settings.part_places"), note), n_shown=20)


def _describe(one: PastChange) -> dict[str, object]:
    return {"on": pd.Timestamp(one.on), "kind": t(f"settings.place_{one.kind}"), "old": clean_text(one.from_name, 60),
            "from_code": one.from_code, "new": clean_text(one.to_name, 60), "to_code": one.to_code,
            "share": f"{one.share:.0%}"}


def _draw_form(setting: Setting, known: PlaceSettings) -> None:
    key = session.form_key(FORM)
    with st.expander(t("settings.places_change"), key="setting_places_form"):
        kind = str(st.segmented_control(t("settings.act"), _KINDS, default=_KINDS[0], required=True, key="places_kind",
                                        format_func=lambda one: t(f"settings.do_{one}")))
        wanted = _draw_wanted(known, kind, f"{kind}_{key}")
        if wanted is None:
            return
        with st.spinner(t("settings.places_looking")):
            ahead = look_ahead(get_engine(), by=setting.scope, wanted=wanted, language=setting.words)
        if ahead.problems:
            draw_problems(ahead.problems, WORDS)
            return
        _draw_outlook(known, wanted, ahead)
        reason = ask_reason(f"places_{key}")
        was = hold_seen(FORM, "places", {"places": known.version})
        if st.button(t(f"settings.confirm_{kind}"), type="primary", key=f"places_save_{key}"):
            with st.spinner(t("settings.places_writing")):
                send_change(FORM, "places", reason, was, lambda why: regroup(
                    get_engine(), by=setting.scope, wanted=wanted, reason=why))


def _draw_wanted(known: PlaceSettings, kind: str, key: str) -> Regrouping | None:
    """Draw the places and the day; None while something is still to be chosen."""
    towns = {one.code: clean_text(one.name, 40) for one in known.list_of(Level.TOWNSHIP)}
    left, right = st.columns(2)
    with left:
        town = choose(t("settings.field_township"), list(towns), f"town_{key}", lambda one: towns.get(one, one)) \
            if towns else None
        on = st.date_input(t("settings.field_on"), today(), min_value=EARLIEST + timedelta(days=1),
                           max_value=today() + MOST_AHEAD, format="YYYY-MM-DD", key=f"on_{key}",
                           help=t("settings.on_help"))
    villages = {one.code: clean_text(one.name, 40) for one in known.list_of(Level.VILLAGE, town)}
    with right:
        chosen = st.multiselect(
            t("settings.field_places"), list(villages), key=f"villages_{town}_{key}", placeholder=t("frame.choose"),
            format_func=lambda one: villages.get(one, one), max_selections=1 if kind == "split" else _MOST)
    if len(chosen) < (2 if kind == "merge" else 1) or not hasattr(on, "year"):
        show(tag("p", t(f"settings.choose_{kind}"), class_="gd-muted"))
        return None
    successors = _draw_successors(kind, f"{town}_{key}")
    if any(not one.code for one in successors):
        show(tag("p", t("settings.successor_codes"), class_="gd-muted"))
        return None
    children = _draw_children(known, chosen[0], successors, key) if kind == "split" else ()
    return Regrouping(kind, tuple(chosen), tuple(successors), on, children)


def _draw_successors(kind: str, key: str) -> list[Successor]:
    """Draw code and name of each place that goes on, and for a split its share of the people."""
    number = 1 if kind == "merge" else int(st.number_input(t("settings.n_successors"), 2, 6, 2, width=200,
                                                           key=f"number_{key}"))
    found = []
    for one in range(number):
        columns = st.columns(2 if kind == "merge" else 3)
        with columns[0]:
            code = (st.text_input(t("settings.field_successor"), key=f"code_{one}_{key}", max_chars=40,
                                  help=t("settings.successor_help")) or "").strip()
        with columns[1]:
            name = (st.text_input(t("settings.field_successor_name"), key=f"name_{one}_{key}", max_chars=100)
                    or "").strip()
        share = 1.0
        if kind == "split":
            with columns[2]:
                share = round(int(st.number_input(t("settings.share_percent"), 0, 100, round(100 / number),
                                                  key=f"share_{number}_{one}_{key}")) / 100, 2)
        found.append(Successor(code, name, share))
    return found


def _draw_children(known: PlaceSettings, village: str, successors: list[Successor], key: str,
                   ) -> tuple[tuple[str, str], ...]:
    """Draw to which successor each grid goes."""
    names = {one.code: clean_text(one.name or one.code, 40) for one in successors}
    return tuple((child.code, choose(
        t("settings.child_goes_to", name=clean_text(child.name, 40)), list(names), f"child_{child.code}_{key}",
        lambda code: names.get(code, code))) for child in known.list_below(village))


def _draw_outlook(known: PlaceSettings, wanted: Regrouping, ahead: Outlook) -> None:
    """Draw in sentences what will be written, and what stays."""
    names = {one.code: clean_text(one.name, 40) for one in known.places}
    old = t("settings.and").join(names.get(code, code) for code in wanted.from_codes)
    new = t("settings.and").join(clean_text(one.name or names.get(one.code, one.code), 40) for one in wanted.successors)
    lines = [t("settings.outlook_kept", n=f"{ahead.n_kept:,}", day=wanted.on.isoformat()), t("settings.outlook_trend"),
             t("settings.outlook_children", n=ahead.n_children), t("settings.outlook_scores")]
    for key, titles in (("accounts", ahead.accounts), ("units", ahead.units)):
        if titles:
            shown = t("settings.and").join(clean_text(one, 40) for one in titles[:_SHOWN])
            lines.append(t(f"settings.outlook_{key}", n=len(titles), names=shown))
    lines += [clean_text(one, 300) for one in ahead.warnings]
    show(build_notice(t(f"settings.outlook_{wanted.kind}", old=old, new=new, day=wanted.on.isoformat())))
    show(tag("ul", *(tag("li", line) for line in lines), class_="gd-sentences"))

"""The parts of the page of visits: the form, this week's lot, and what was recorded."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.actions.record_visit import VisitRecorded, record_visit
from govdesk.clock import today, week_label, week_of
from govdesk.queries.places import list_places
from govdesk.queries.visit_orders import find_order
from govdesk.queries.visits import last_contacts, list_visits, lot_seed, read_lot
from govdesk.rules.access import allows
from govdesk.rules.record_checks import EARLIEST, LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.terms import Level, VisitFinding, VisitReason
from govdesk.ui import session, trail
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import is_known, write_day
from govdesk.ui.i18n import t
from govdesk.ui.incident_view import parse_number
from govdesk.ui.loaders import load, load_loop, load_properties
from govdesk.ui.markup import address, clean_text, link, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.register_form import choose_place
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table
from govdesk.ui.visit_outcome_part import draw_outcome_form

log = logging.getLogger("govdesk.ui")

FORM = "visit"
#: Weeks of visits that are listed.
WEEKS = 26


def is_for_order() -> bool:
    """Return whether the address names an order: its form then stands first."""
    return session.read_param("order", parse_number, None) is not None


def draw_form(setting: Setting) -> None:
    """Draw the form, or what became of it; for accounts that may only read, say so."""
    show(build_panel_title(t("visits.form")))
    if not allows(setting.scope, "record_visit"):
        show(build_notice(t("visits.refused", role=t(f"term.role_{setting.scope.role}"))))
        return
    order = _read_order(setting)
    number = None if order is None else int(order["id"])
    sent = session.find_sent(FORM)
    if isinstance(sent, tuple) and number not in (None, sent[-1]):
        session.renew_form(FORM)  # the address leads to another order
        sent = None
    if isinstance(sent, tuple):
        _draw_done(*sent[:-1])
        return
    key = f"{session.form_key(FORM)}{'' if number is None else f'-{number}'}"
    show(tag("p", t("visits.form_note"), class_="gd-muted gd-small"))
    if order is not None:
        _draw_ordered(order)
    left, right = st.columns(2)
    with left:
        day = st.date_input(t("visits.visited_on"), value=today(), min_value=EARLIEST, max_value=today(),
                            format="YYYY-MM-DD", key=f"visited_on_{key}")
    with right:
        reason = _choose("reason", [one.value for one in VisitReason], key,
                         None if order is None else str(order["reason"]))
    # A link of the list names the village, one of an order the order.
    start = (str(order["place_code"]) if order is not None
             else session.read_param("place", session.place_code, None))
    place = choose_place(setting, f"visit_{key}{start or ''}", day or today(), start)
    found = _choose("found", [one.value for one in VisitFinding], key)
    note = st.text_area(t("visits.note"), key=f"visit_note_{key}", help=t("visits.note_help"),
                        max_chars=LONGEST_SUMMARY, height=80)
    if st.button(t("visits.save"), type="primary", key=f"visit_save_{key}"):
        send(FORM, lambda: record_visit(
            get_engine(), by=setting.scope, place_code=place, reason=reason, visited_on=day, found=found,
            note=note or "", form_key=session.form_key(FORM), order=number), "visits", fields="",
            keep=lambda result: (result, _name(setting, place), write_day(pd.Timestamp(day)), number),
            key=session.form_key(FORM))


def _read_order(setting: Setting) -> Mapping[str, Any] | None:
    """Return the order that the address names; None without one, or where the account may not see it."""
    number = session.read_param("order", parse_number, None)
    if number is None:
        return None
    found = load_loop(find_order, setting.scope, number, today())
    if found is None:
        trail.note_missing("order", number)
        show(build_notice(t("visits.order_gone"), is_warning=True))
    return found


def _draw_ordered(order: Mapping[str, Any]) -> None:
    """Say which order the form answers, or that it was answered already."""
    if order["state"] in ("done", "called_off"):
        show(build_notice(t(f"visits.order_{order['state']}", place=clean_text(order["place"], 40)), is_warning=True))
        return
    show(build_notice(t("visits.order_form", place=clean_text(order["place"], 40), due=write_day(order["due_on"]),
                        owner=clean_text(order["owner"], 40))))


def _choose(field: str, codes: list[str], key: str, start: str | None = None) -> str | None:
    names = {code: t(f"visits.{field}_{code}") for code in codes}
    at = codes.index(start) if start in codes else None
    found = st.selectbox(t(f"visits.{field}"), codes, index=at, key=f"visit_{field}_{key}",
                         format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    return None if found is None else str(found)


def _name(setting: Setting, code: str | None) -> str:
    villages = load(list_places, setting.scope, Level.VILLAGE, today())
    return str(dict(zip(villages["code"], villages["name"], strict=True)).get(code, code))


def _draw_done(result: VisitRecorded, place: str, day: str) -> None:
    words = t("visits.done_already") if result.is_repeated else t("visits.done", place=place, day=day)
    show(build_notice(words))
    if result.is_masked:
        show(build_notice(t("visits.done_masked"), is_warning=True))
    st.button(t("visits.again"), key="visit_again", on_click=session.renew_form, args=(FORM,))


def draw_lot(setting: Setting) -> None:
    """Draw the villages that this week's lot fell on, each with its last contact."""
    villages = load(list_places, setting.scope, Level.VILLAGE, today())
    properties = load_properties()
    lot = load(read_lot, setting.scope, today(), lot_seed(properties))
    show(build_panel_title(t("visits.sample", week=week_label(week_of(today())))))
    note = t("visits.sample_note_area") if lot.n_from is None else t("visits.sample_note", n=lot.n_from)
    show(tag("p", note, class_="gd-muted gd-small"))
    if not lot.codes:
        show(tag("p", t("visits.none_left"), class_="gd-empty"))
        return
    names = dict(zip(villages["code"], villages["name"], strict=True))
    contacts = load(last_contacts, setting.scope)
    last = dict(zip(contacts["place_code"], contacts["visited_on"], strict=True))
    show(tag("ul", *(tag("li", link(clean_text(names[code]), address("/village", place=code)), " ",
                         tag("span", t("visits.last", day=write_day(last[code])) if code in last
                             else t("visits.never"), class_="gd-muted gd-small")) for code in lot.codes)))


def draw_list(setting: Setting) -> None:
    """Draw the visits of the last `WEEKS` weeks with what followed, and their export."""
    last, first = today(), today() - timedelta(weeks=WEEKS)
    rows = load(list_visits, setting.scope, first, last + timedelta(days=1), today()).copy()
    show(build_panel_title(t("visits.list"), t("visits.list_note", first=first, last=last)))
    if len(rows):
        counts = rows["found"].value_counts()
        show(tag("p", t("visits.summary", n=len(rows), **{
            name: int(counts.get(code, 0)) for name, code in (
                ("found", VisitFinding.FOUND), ("known", VisitFinding.ALREADY_KNOWN),
                ("nothing", VisitFinding.NOTHING_FOUND))})))
    visits = rows.copy()
    rows["outcome_small"] = [_tell_outcome(row) for row in rows.to_dict("records")]
    for field in ("reason", "found", "outcome"):
        rows[field] = [_word(field, code) for code in rows[field]]
    rows["post"] = [name_post(title) for title in rows["post"]]
    columns = (
        Column("visited_on", t("visits.visited_on"), "day"),
        Column("place", t("visits.place"), href=lambda row: address("/village", place=row["place_code"])),
        Column("reason", t("visits.reason"), is_narrow=False),
        Column("found", t("visits.found")),
        Column("outcome", t("visits.outcome"), muted=lambda row: row["outcome_small"] or None),
        Column("post", t("visits.by_post"), is_narrow=False),
        Column("note", t("visits.note"), is_narrow=False),
    )
    draw_table(rows, columns, export_name="visits", empty=t("visits.empty"),
               note=setting.note(t("visits.list"), f'{t("visits.filters", first=first, last=last)} {t("visits.use")}'),
               prepare_export=lambda table: table.assign(outcome=[
                   f"{text} {small}".strip() for text, small in zip(
                       table["outcome"], table["outcome_small"], strict=True)]))
    if len(visits):
        draw_outcome_form(setting, visits)


def _tell_outcome(row: Mapping[Any, Any]) -> str:
    """Say what stands behind an outcome: escalations on record, and who recorded it."""
    found = [t("visits.n_escalations", n=row["n_escalations"])] if row["n_escalations"] > 0 else []
    if is_known(row["recorded_outcome"]):
        found.append(t("visits.recorded_by", by=name_post(row["recorded_by"]) if is_known(row["recorded_by"]) else ""))
        if row["derived"] not in (row["recorded_outcome"], "pending"):
            found.append(t("visits.records_say", outcome=_word("outcome", row["derived"])))
    return t("visits.comma").join(found)


def _word(field: str, code: object) -> str:
    try:
        return t(f"visits.{field}_{code}")
    except KeyError:
        return clean_text(code)

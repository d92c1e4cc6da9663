"""The form that calls units: where, what, how urgent, whom, who leads; prefilled from an incident."""

from collections.abc import Sequence

import streamlit as st

from govdesk.actions.calls import CallDone, place_call
from govdesk.clock import today
from govdesk.queries.incidents import IncidentFacts, get_incident
from govdesk.queries.triage import read_units
from govdesk.rules.calls import MOST_UNITS, SEVERITIES
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.category_changes import list_off_categories
from govdesk.storage.engine import get_engine
from govdesk.ui import session, trail
from govdesk.ui.call_acts import name_units
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.i18n import t
from govdesk.ui.incident_view import parse_number
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import Html, address, clean_text, link, show, tag
from govdesk.ui.register_form import choose_place
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting, name_categories

FORM = "call"


def draw_form(setting: Setting) -> None:
    """Draw the form, or what became of it."""
    show(build_panel_title(t("calls.form")))
    sent = session.find_sent(FORM)
    if isinstance(sent, tuple):
        _draw_done(*sent)
        return
    key = session.form_key(FORM)
    about = _find_incident(setting)
    if about is None:
        place = choose_place(setting, f"call_{key}", today(), session.read_param("place", session.place_code, None))
    else:
        place = about.place_code
        show(_build_about(about))
    names = name_categories(setting.words)
    off_categories = load_common(list_off_categories) - {about.category if about else None}
    names = {code: name for code, name in names.items() if code not in off_categories}
    category = _choose("category", list(names), names, f"call_category_{key}",
                       None if about is None else about.category)
    grades = {str(n): t(f"calls.severity_{n}") for n in SEVERITIES}
    severity = _choose("severity", list(grades), grades, f"call_severity_{key}",
                       None if about is None or about.severity is None else str(about.severity))
    off = {code for code, unit in load_common(read_units).by_code.items() if unit.is_off}
    every = {code: name for code, name in name_units().items() if code not in {setting.scope.unit_code, *off}}
    units = st.multiselect(t("calls.units"), list(every), key=f"call_units_{key}", max_selections=MOST_UNITS,
                           format_func=lambda code: every.get(code, code), placeholder=t("calls.choose_units"),
                           help=t("calls.units_help"))
    lead = _choose_lead(units, every, key)
    note = st.text_area(t("calls.note"), key=f"call_note_{key}", help=t("calls.note_help"), max_chars=LONGEST_SUMMARY,
                        height=80)
    if st.button(t("calls.send"), type="primary", key=f"call_send_{key}"):
        send(FORM, lambda: place_call(
            get_engine(), by=setting.scope, place_code=place, category=category,
            severity=int(severity) if severity else None, units=units, lead=lead,
            incident_id=None if about is None else about.id, note=note or "", form_key=key), "calls", fields="",
            keep=lambda done: (done, [every[code] for code in units]), key=key)


def _find_incident(setting: Setting) -> IncidentFacts | None:
    """Return the incident that a link names, when the account may see it; else say that it was left out."""
    number = session.read_param("incident", parse_number, None)
    if number is None:
        return None
    found = load(get_incident, setting.scope, number)
    if found is None:
        trail.note_missing("incident", number)
        show(build_notice(t("calls.incident_gone"), is_warning=True))
    return found


def _build_about(about: IncidentFacts) -> Html:
    where = clean_text(" ".join(dict.fromkeys(part for part in (about.township_name, about.place_name) if part)))
    number = link(clean_text(about.source_ref), address("/incident", id=about.id))
    return tag("p", t("calls.form_about"), number, " ", tag("span", where, class_="gd-muted"))


def _choose(field: str, codes: list[str], names: dict[str, str], key: str, start: str | None) -> str | None:
    if key not in st.session_state and start in codes:
        st.session_state[key] = start
    found = st.selectbox(t(f"calls.{field}"), codes, index=None, key=key,
                         format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    return None if found is None else str(found)


def _choose_lead(units: Sequence[str], names: dict[str, str], key: str) -> str | None:
    """Return the one unit that is called; with several, ask which of them leads."""
    if len(units) < 2:
        return units[0] if units else None
    found = st.selectbox(t("calls.lead_field"), units, index=None, key=f"call_lead_{key}_{len(units)}",
                         format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    return None if found is None else str(found)


def _draw_done(done: CallDone, units: list[str]) -> None:
    names = t("calls.list_mark").join(map(clean_text, units))
    show(build_notice(t("calls.sent_already") if done.is_repeated else t("calls.sent", units=names)))
    if done.is_masked:
        show(build_notice(t("calls.done_masked"), is_warning=True))
    st.button(t("calls.again"), key="call_again", on_click=session.renew_form, args=(FORM,))

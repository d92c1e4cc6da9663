"""What an account may do to a call that goes on: the called unit's buttons, the centre for it, whoever called."""

import streamlit as st

from govdesk.actions.calls import CallDone, add_unit, end_call, take_hop
from govdesk.queries.calls import CalledUnit, CallFacts
from govdesk.queries.surroundings import list_units
from govdesk.rules.access import Scope, allows
from govdesk.rules.calls import MOST_UNITS, Side, find_side, list_next, may_call, may_take
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.call_limits import read_call_limits
from govdesk.storage.engine import get_engine
from govdesk.terms import CallHop, CallOutcome
from govdesk.ui import session
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import show
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting

#: What was done last, said once at the top of the page.
DONE = "call_act"


def draw_done() -> None:
    """Say what was done by the run before."""
    sent = session.find_sent(DONE)
    if isinstance(sent, tuple):
        done, words = sent
        if isinstance(done, CallDone):
            show(build_notice(t("calls.done_already") if done.is_repeated else t("calls.done", what=words)))
            if done.is_masked:
                show(build_notice(t("calls.done_masked"), is_warning=True))
        session.renew_form(DONE)


def draw_unit_acts(call: CallFacts, unit: CalledUnit, setting: Setting) -> None:
    """Draw the buttons for one called unit: open for the unit itself, folded for who acts for it."""
    side, hops = list_hops(call, unit, setting.scope)
    if not hops:
        return
    key = f"{call.id}_{unit.code}"
    if side == "unit":
        _draw_hops(call, unit, hops, setting, key)
        return
    with st.popover(t(f"calls.act_{side}"), key=f"call_pop_{key}"):
        _draw_hops(call, unit, hops, setting, key)


def list_hops(call: CallFacts, unit: CalledUnit, scope: Scope) -> tuple[Side | None, list[CallHop]]:
    """Return in which part an account stands towards a unit, and the hops that it may take for it now."""
    called = [one.code for one in call.units]
    side = find_side(scope, unit.code, called, is_caller_area=call.is_in_area)
    if side is None or not allows(scope, "answer_call"):
        return None, []
    following = list_next(unit.taken, call.severity, read_call_limits(), is_lead=unit.is_lead)
    return side, [hop for hop in following if may_take(side, hop, scope)]


def _draw_hops(call: CallFacts, unit: CalledUnit, hops: list[CallHop], setting: Setting, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        note = st.text_input(t("calls.hop_note"), key=f"call_note_{key}", max_chars=LONGEST_SUMMARY,
                             placeholder=t("calls.hop_note_help"))
        asked = None
        for number, hop in enumerate(hops):
            if st.button(t(f"calls.do_{hop}"), key=f"call_{hop}_{key}", width="content",
                         type="primary" if number == 0 and hop != CallHop.RELEASE else "secondary"):
                asked = hop
    if asked is not None:
        hop = asked
        send(DONE, lambda: take_hop(get_engine(), by=setting.scope, call_id=call.id, unit_code=unit.code, hop=hop,
                                    note=note or ""),
             "calls", fields="", keep=lambda done: (done, f"{unit.name} {write_term('hop', hop, setting.words)}"))


def draw_caller_acts(call: CallFacts, setting: Setting) -> None:
    """Draw what whoever called may do: call one unit more, end the call with its outcome."""
    called = [unit.code for unit in call.units]
    if not (allows(setting.scope, "call_units") and may_call(setting.scope, called, is_caller_area=call.is_in_area)):
        return
    with st.container(horizontal=True, gap="small"):
        with st.popover(t("calls.end"), key=f"call_pop_end_{call.id}"):
            _draw_end(call, setting)
        if len(called) < MOST_UNITS:
            with st.popover(t("calls.add"), key=f"call_pop_add_{call.id}"):
                _draw_add(call, called, setting)


def _draw_end(call: CallFacts, setting: Setting) -> None:
    names = {one.value: write_term("call", one.value, setting.words) for one in CallOutcome}
    outcome = st.selectbox(t("calls.outcome"), list(names), index=None, key=f"call_outcome_{call.id}",
                           format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    note = st.text_input(t("calls.end_note"), key=f"call_end_note_{call.id}", max_chars=LONGEST_SUMMARY)
    st.caption(t("calls.end_help"))
    if st.button(t("calls.end_now"), key=f"call_end_{call.id}", type="primary"):
        send(DONE, lambda: end_call(get_engine(), by=setting.scope, call_id=call.id, outcome=outcome, note=note or ""),
             "calls", fields="", keep=lambda done: (done, t("calls.ended_as", outcome=names.get(str(outcome), ""))))


def _draw_add(call: CallFacts, called: list[str], setting: Setting) -> None:
    names = {code: name for code, name in name_units().items() if code not in (*called, setting.scope.unit_code)}
    unit = st.selectbox(t("calls.unit"), list(names), index=None, key=f"call_add_unit_{call.id}",
                        format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    note = st.text_input(t("calls.note"), key=f"call_add_note_{call.id}", max_chars=LONGEST_SUMMARY)
    if st.button(t("calls.add_now"), key=f"call_add_{call.id}", type="primary", disabled=unit is None):
        send(DONE, lambda: add_unit(get_engine(), by=setting.scope, call_id=call.id, unit_code=str(unit),
                                    note=note or ""),
             "calls", fields="", keep=lambda done: (done, t("calls.added", unit=names.get(str(unit), ""))))


def name_units() -> dict[str, str]:
    """Return the name of every unit by code."""
    units = load_common(list_units)
    return dict(zip(units["code"], units["name"], strict=True))

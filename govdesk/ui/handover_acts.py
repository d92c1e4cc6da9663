"""What is signed and noted on the page of handovers."""

import streamlit as st

from govdesk.actions.handover import HandoverDone, leave_note, sign_in, sign_out
from govdesk.queries.handover import Signed
from govdesk.rules.access import allows
from govdesk.rules.handover import HandoverFacts
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.handover_view import build_signed, name_subject
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting

#: What was done last, said once at the top of the page; the forms have keys of their own.
DONE, OUT, NOTE = "handover_act", "handover_out", "handover_note"
#: What a note may be about, of what is listed.
_NOTED = ("incident", "call", "visit_order")


def draw_done() -> None:
    """Say what was done by the run before, and begin its form anew."""
    sent = session.find_sent(DONE)
    if not isinstance(sent, tuple):
        return
    done, key, form = sent
    if isinstance(done, HandoverDone):
        show(build_notice(t("handover.done_already" if done.is_repeated else key)))
        if done.is_masked:
            show(build_notice(t("handover.done_masked"), is_warning=True))
    session.renew_form(DONE)
    session.renew_form(form)


def draw_waiting(setting: Setting, earlier: tuple[Signed, ...]) -> None:
    """Draw the handovers that nobody has signed for, each with its button."""
    for signed in earlier:
        if signed.in_post is not None:
            continue
        show(build_notice(build_signed(signed), is_warning=True))
        if allows(setting.scope, "sign_handover") and st.button(
                t("handover.sign_in"), key=f"handover_in_{signed.id}", type="primary"):
            send(DONE, lambda number=signed.id: sign_in(  # type: ignore[misc]
                get_engine(), by=setting.scope, handover_id=number), "handover", fields="",
                keep=lambda done: (done, "handover.done_in", DONE))


def draw_note(setting: Setting, facts: HandoverFacts) -> None:
    """Draw the form of a note: about the shift, or about one thing that is listed."""
    show(build_panel_title(t("handover.note_form")))
    named = {(row.subject, row.id): row for one in facts.lists for row in one.rows if row.subject in _NOTED}
    key = session.form_key(NOTE)
    about = st.selectbox(
        t("handover.subject"), [None, *named], key=f"handover_about_{key}",
        format_func=lambda one: t("handover.shift") if one is None else f"{t(f'handover.about_{one[0]}')} "
                                                                       f"{name_subject(named[one], setting)}")
    note = st.text_area(t("handover.note"), key=f"handover_note_{key}", max_chars=LONGEST_SUMMARY, height=80,
                        help=t("handover.note_help"))
    if st.button(t("handover.leave"), key=f"handover_leave_{key}"):
        subject, number = about or ("shift", None)
        send(DONE, lambda: leave_note(
            get_engine(), by=setting.scope, subject=subject, subject_id=number, note=note or ""), "handover",
            fields="", keep=lambda done: (done, "handover.done_note", NOTE))


def draw_sign_out(setting: Setting, earlier: tuple[Signed, ...]) -> None:
    """Draw the going shift's signature."""
    show(build_panel_title(t("handover.sign")))
    key = session.form_key(OUT)
    # What the form was drawn with: who signs meanwhile makes this signature one of something else.
    seen = st.session_state.setdefault(f"_handover_seen_{key}", earlier[0].id if earlier else None)
    remark = st.text_area(t("handover.remark"), key=f"handover_remark_{key}", max_chars=LONGEST_SUMMARY, height=80,
                          help=t("handover.note_help"))
    show(tag("p", t("handover.sign_note"), class_="gd-muted gd-small"))
    if st.button(t("handover.sign_out"), key=f"handover_out_{key}", type="primary"):
        send(DONE, lambda: sign_out(get_engine(), by=setting.scope, seen_id=seen, remark=remark or "", form_key=key),
             "handover", fields="", keep=lambda done: (done, "handover.done_out", OUT), key=key)
    if seen != (earlier[0].id if earlier else None) and st.button(t("handover.look_again"), key="handover_again"):
        session.renew_form(OUT)
        st.rerun()

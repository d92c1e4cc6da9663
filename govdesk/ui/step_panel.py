"""What can be done with one incident now: the steps that its flow allows this account, each with what it needs."""

import streamlit as st

from govdesk.actions.take_step import StepTaken, take_step
from govdesk.queries.step_options import StepOptions, read_options
from govdesk.rules.access import allows
from govdesk.rules.case_flow import CaseFlow
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.engine import get_engine
from govdesk.terms import Status, StepKind
from govdesk.ui import session
from govdesk.ui.board_words import name_signature
from govdesk.ui.cards import build_notice
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.sending import send
from govdesk.ui.setting import Setting
from govdesk.ui.step_form import draw_fields

FORM = "step"

#: What usually comes next; it is what the panel opens with.
_NEXT = {
    Status.REPORTED: StepKind.DISPATCH, Status.DISPATCHED: StepKind.ACCEPT, Status.ACCEPTED: StepKind.ANSWER,
    Status.ANSWERED: StepKind.CLOSE, Status.PAUSED: StepKind.RESUME, Status.CLOSED: StepKind.REVISIT,
}


def draw_outcome(setting: Setting) -> None:
    """Say once what became of the step that was sent last."""
    sent = session.find_sent(FORM)
    if not isinstance(sent, tuple):
        return
    number, ref, kind, done = sent
    assert isinstance(done, StepTaken)  # noqa: S101 - kept by `_send`
    show(build_notice(t(f"board.{_word(kind, done)}", ref=clean_text(ref),
                        did=write_term("step", kind, setting.words),
                        status=write_term("status", done.status, setting.words),
                        then=write_term("step", _NEXT[Status(done.status)], setting.words))))
    if done.is_masked:
        show(build_notice(t("board.done_masked"), is_warning=True))
    session.renew_form(FORM)
    session.forget_draft(_seen_name(number))
    session.forget_draft(_kind_name(number))


def _word(kind: StepKind, done: StepTaken) -> str:
    """Return which sentence tells it: a revisit either leaves an incident closed or opens it again."""
    if done.is_repeated:
        return "done_already"
    if kind is not StepKind.REVISIT:
        return "done"
    return "done_revisit" if done.status == Status.CLOSED else "done_again"


def draw_panel(setting: Setting, incident_id: int, ref: str) -> None:
    """Draw the steps of one incident; what is typed stays while others work on it, and they are named."""
    options = load(read_options, setting.scope, incident_id)
    if options is None:
        show(tag("p", t("board.gone"), class_="gd-empty"))
        return
    flow = read_flow_in_force()
    seen = _hold_seen(options)
    chosen = _choose_step(flow, options, f"kind_{incident_id}_{seen}")
    if chosen is None:
        show(tag("p", _say_why_not(setting, options), class_="gd-muted"))
        return
    if options.held.standing.n_steps != seen:
        _draw_moved_on(setting, options, chosen)
    step = flow.find_step(chosen)
    assert step is not None  # noqa: S101 - chosen among those of the flow
    name = f"{incident_id}_{chosen}"
    wanted = draw_fields(setting, step, options, name)
    if st.button(t(f"steps.do_{chosen}"), type="primary", key=f"send_{name}", shortcut="shift+s", width="stretch"):
        key = session.form_key(f"step_{name}_{seen}")
        send(FORM, lambda: take_step(get_engine(), by=setting.scope, incident_id=incident_id, wanted=wanted,
                                     form_key=key, seen=seen),
             "steps", fields="", keep=lambda done: (incident_id, ref, chosen, done), key=key)


def _seen_name(incident_id: int) -> str:
    return f"seen_{incident_id}"


def _hold_seen(options: StepOptions) -> int:
    """Return how many steps stood there when the form was opened."""
    seen = session.find_draft(_seen_name(options.held.id))
    if isinstance(seen, int):
        return seen
    session.keep_draft(_seen_name(options.held.id), options.held.standing.n_steps)
    return options.held.standing.n_steps


def _draw_moved_on(setting: Setting, options: StepOptions, chosen: StepKind) -> None:
    last = options.held.standing.last
    if last is not None:
        show(build_notice(t("board.moved_on", by=name_signature(last.by_post),
                            did=write_term("step", last.kind, setting.words),
                            status=write_term("status", options.held.standing.status, setting.words)),
                          is_warning=True))
    st.button(t("board.look_again"), key=f"again_{options.held.id}", on_click=_look_again,
              args=(options.held.id, chosen))


def _look_again(incident_id: int, chosen: StepKind) -> None:
    """Go on from the present state with the same step, where it may still be taken."""
    session.forget_draft(_seen_name(incident_id))
    session.keep_draft(_kind_name(incident_id), chosen)


def _kind_name(incident_id: int) -> str:
    return f"kind_{incident_id}"


def _choose_step(flow: CaseFlow, options: StepOptions, key: str) -> StepKind | None:
    """Draw the steps that may be taken; one that is being filled in stays, though somebody else was first."""
    kept = st.session_state.get(key)
    kinds = [step.kind for step in flow.step if step.kind in options.allowed or step.kind == kept]
    if not kinds:
        return None
    before = session.find_draft(_kind_name(options.held.id))
    usual = before if isinstance(before, StepKind) else _NEXT[options.held.standing.status]
    names = {kind: t(f"steps.do_{kind}") for kind in kinds}
    found = st.radio(t("board.steps"), kinds, index=kinds.index(usual) if usual in kinds else 0, horizontal=True,
                     key=key, format_func=lambda kind: names.get(kind, kind))
    return None if found is None else StepKind(found)


def _say_why_not(setting: Setting, options: StepOptions) -> str:
    """Say why nothing can be done."""
    if not allows(setting.scope, "take_step"):
        return t("board.only_reads", role=t(f"term.role_{setting.scope.role}"))
    if not options.held.standing.is_live:
        return t("steps.error_not_live")
    return t("board.others_turn", status=write_term("status", options.held.standing.status, setting.words))

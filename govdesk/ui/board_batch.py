"""One step for many rows: what will happen to how many is said before, what became of each after."""

from collections.abc import Mapping, Sequence

import streamlit as st

from govdesk.actions.take_steps import IN_BATCH, MOST, BatchResult, take_steps
from govdesk.queries.inbox_rows import BoardRow
from govdesk.queries.step_options import StepOptions, read_options_of
from govdesk.queries.triage import read_units
from govdesk.rules.case_flow import Need
from govdesk.rules.step_needs import Wanted
from govdesk.rules.triage import check_route
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.engine import get_engine
from govdesk.terms import StepKind
from govdesk.ui import session
from govdesk.ui.board_rows import forget_chosen
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load, load_common
from govdesk.ui.markup import address, clean_text, join, link, show, tag
from govdesk.ui.sending import send, write_problems
from govdesk.ui.setting import Setting
from govdesk.ui.step_form import choose_severity, choose_unit, draw_note, name_units

FORM = "board_batch"
_SEEN = "batch_seen"


def draw_outcome(setting: Setting) -> None:
    """Say once what became of the last batch: how many, and of each refused one why."""
    sent = session.find_sent(FORM)
    if not isinstance(sent, tuple):
        return
    kind, refs, results = sent
    refused = [one for one in results if one.taken is None]
    words = write_term("step", kind, setting.words)
    with st.container(key="gd-panel-batch-done", border=True):
        show(build_notice(t("board.batch_done", did=words, n=len(results) - len(refused), total=len(results)),
                          is_warning=bool(refused)))
        if any(one.taken is not None and one.taken.is_masked for one in results):
            show(build_notice(t("board.done_masked"), is_warning=True))
        if refused:
            show(tag("ul", *(_describe_refused(one, refs) for one in refused), class_="gd-hits"))
    forget_chosen(one.incident_id for one in results)
    session.forget_draft(_SEEN)
    session.renew_form(FORM)


def _describe_refused(one: BatchResult, refs: Mapping[int, str]) -> object:
    ref = link(clean_text(refs.get(one.incident_id, one.incident_id)), address("/incident", id=one.incident_id))
    return tag("li", ref, " ", join(write_problems(one.problems, "steps", ""), " "))


def draw_batch(setting: Setting, chosen: Sequence[BoardRow]) -> None:
    """Draw the form for the rows chosen."""
    options = load(read_options_of, setting.scope, tuple(row.id for row in chosen[:MOST]))
    refs = {row.id: clean_text(row.source_ref, 40) for row in chosen}
    show(build_panel_title(t("board.batch_title", n=len(chosen)), t("board.batch_note", most=MOST)))
    seen = _hold_seen(options)
    kinds = [kind for kind in IN_BATCH if any(kind in one.allowed for one in options.values())]
    if not kinds:
        show(tag("p", t("board.batch_none"), class_="gd-empty"))
        return
    names = {kind: t(f"steps.do_{kind}") for kind in IN_BATCH}
    kind = st.radio(t("board.steps"), kinds, horizontal=True, key="batch_kind",
                    format_func=lambda one: names.get(one, one))
    wanted = _draw_wanted(StepKind(kind or kinds[0]))
    fitting, left_out = _sort_out(options, wanted)
    _draw_sentence(names[wanted.kind], wanted, fitting, left_out, refs)
    key = session.form_key(FORM)
    if st.button(t("board.batch_send", did=names[wanted.kind], n=len(fitting)), type="primary", key="batch_send",
                 disabled=not fitting or _lacks(wanted), shortcut="shift+b", width="stretch"):
        with st.spinner(t("board.batch_running", n=len(fitting))):
            send(FORM, lambda: take_steps(
                get_engine(), by=setting.scope, seen={number: seen[number] for number in fitting}, wanted=wanted,
                form_key=key), "steps", keep=lambda results: (wanted.kind, refs, results), key=key)


def _hold_seen(options: Mapping[int, StepOptions]) -> dict[int, int]:
    """Return how many steps of each row stood there when it was chosen."""
    kept = session.find_draft(_SEEN)
    before: dict[int, int] = kept if isinstance(kept, dict) else {}
    seen = {number: before.get(number, one.held.standing.n_steps) for number, one in options.items()}
    session.keep_draft(_SEEN, seen)
    return seen


def _draw_wanted(kind: StepKind) -> Wanted:
    key = f"batch_{kind}"
    unit = choose_unit(name_units(), key) if kind is StepKind.DISPATCH else None
    severity = choose_severity(key) if kind is StepKind.TRIAGE else None
    note = "" if kind is StepKind.ACCEPT else draw_note(key, is_needed=_needs_note(kind))
    return Wanted(kind, note=note, unit_code=unit, severity=severity)


def _needs_note(kind: StepKind) -> bool:
    step = read_flow_in_force().find_step(kind)
    return step is not None and Need.NOTE in step.needs


def _lacks(wanted: Wanted) -> bool:
    return wanted.kind is StepKind.DISPATCH and wanted.unit_code is None


def _sort_out(options: Mapping[int, StepOptions], wanted: Wanted) -> tuple[list[int], dict[str, list[int]]]:
    """Return the incidents that the step can be taken of, and the others by reason."""
    units = load_common(read_units)
    fitting: list[int] = []
    left_out: dict[str, list[int]] = {}
    for number, one in options.items():
        why = one.obstacles.get(wanted.kind)
        if why is None and check_route(one.held.standing.concerns_unit, wanted.unit_code, units) is not None:
            why = "concerns"
        if why is None:
            fitting.append(number)
        else:
            left_out.setdefault(why, []).append(number)
    return fitting, left_out


def _draw_sentence(
    words: str, wanted: Wanted, fitting: Sequence[int], left_out: Mapping[str, Sequence[int]], refs: Mapping[int, str]
) -> None:
    unit = None if wanted.unit_code is None else name_units().get(wanted.unit_code, wanted.unit_code)
    said = t("board.batch_will_unit", did=words, n=len(fitting), unit=unit) if unit else t(
        "board.batch_will", did=words, n=len(fitting))
    lines = [t("board.batch_left_out", n=len(numbers), why=t(f"board.obstacle_{why}"),
               refs=", ".join(refs.get(number, str(number)) for number in numbers))
             for why, numbers in left_out.items()]
    show(tag("div", tag("strong", said), *(tag("div", line, class_="gd-small") for line in lines),
             class_="gd-notice", role="status"))

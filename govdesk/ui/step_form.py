"""The fields of one step: only what it needs, and how they become what is wanted."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from govdesk.clock import now, today
from govdesk.queries.step_options import StepOptions
from govdesk.queries.surroundings import list_units
from govdesk.queries.triage import may_be_told, read_triage, read_units
from govdesk.rules.case_flow import AllowedStep, Need
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.rules.step_needs import Wanted, is_quick
from govdesk.rules.triage import check_route
from govdesk.terms import Outcome, PauseReason, QuickReason, ResolutionLevel, RevisitResult, StepKind
from govdesk.ui.formats import write_term
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common, load_loop
from govdesk.ui.markup import clean_text
from govdesk.ui.setting import Setting

#: Steps that stand for themselves: nothing is said with them, so that one click takes them.
_WORDLESS = frozenset({StepKind.ACCEPT, StepKind.RESUME, StepKind.EXTEND})


def draw_fields(setting: Setting, step: AllowedStep, options: StepOptions, key: str) -> Wanted:
    """Draw what a step needs and return what is wanted; `key` keeps what was typed, also after a refusal."""
    wanted = Wanted(step.kind)
    if step.kind is StepKind.DISPATCH:
        wanted = replace(wanted, unit_code=_choose_unit(setting, options, key))
    if step.kind is StepKind.TRIAGE:
        wanted = replace(wanted, severity=choose_severity(key))
    if step.kind is StepKind.CLOSE:
        wanted = _draw_closing(setting, wanted, options, key)
    elif Need.LEVEL in step.needs:
        wanted = replace(wanted, level=_choose("level", ResolutionLevel, "resolution", key, setting))
    if Need.PAUSE_REASON in step.needs:
        wanted = replace(wanted, reason=_choose("reason", PauseReason, "pause", key, setting))
    if Need.RESULT in step.needs:
        wanted = replace(wanted, reason=_choose("result", RevisitResult, "revisit", key, setting))
        if wanted.reason not in (None, RevisitResult.NOT_REACHED):
            wanted = replace(wanted, satisfaction=_choose_satisfaction(key))
    if step.kind is StepKind.ASK_EXTEND:
        wanted = replace(wanted, extension=st.number_input(
            t("board.extension"), 1, 3660, value=None, step=1, key=f"extension_{key}",
            placeholder=t("board.extension_all"), help=t("board.extension_help")))
    if step.kind not in _WORDLESS or Need.NOTE in step.needs:
        is_quick_closing = step.kind is StepKind.CLOSE and wanted.reason is not None
        wanted = replace(wanted, note=draw_note(key, is_needed=Need.NOTE in step.needs or is_quick_closing))
    return wanted


def draw_note(key: str, *, is_needed: bool) -> str:
    """Draw the field for a reason or remark."""
    label = t("steps.note") if is_needed else t("board.note_maybe")
    return st.text_area(label, key=f"note_{key}", max_chars=LONGEST_SUMMARY, height=80,
                        help=t("board.note_help")) or ""


def _choose_satisfaction(key: str) -> int | None:
    found = st.selectbox(t("steps.satisfaction"), [1, 2, 3, 4, 5], index=None, key=f"satisfaction_{key}",
                         placeholder=t("board.satisfaction_none"))
    return None if found is None else int(found)


def choose_severity(key: str) -> int | None:
    """Draw the choice of a severity; None leaves it as it is."""
    found = st.selectbox(t("steps.severity"), [1, 2, 3, 4], index=None, key=f"severity_{key}",
                         format_func=lambda n: t(f"board.severity_{n}"), placeholder=t("board.severity_stays"))
    return None if found is None else int(found)


def choose_unit(names: dict[str, str], key: str, first: Sequence[str] = ()) -> str | None:
    """Draw the choice of a unit by typing its name; units of `first` are proposed and stand first."""
    order = [*first, *(code for code in names if code not in first)]
    found = st.selectbox(
        t("steps.unit"), order, index=None, key=f"unit_{key}", placeholder=t("board.unit_choose"),
        format_func=lambda code: t("board.unit_proposed", unit=names.get(code, code)) if code in first
        else names.get(code, code))
    return None if found is None else str(found)


def name_units() -> dict[str, str]:
    """Return the names of all units by code."""
    units = load_common(list_units)
    return {code: clean_text(name) for code, name in zip(units["code"], units["name"], strict=True)}


def _choose_unit(setting: Setting, options: StepOptions, key: str) -> str | None:
    concerns = options.held.standing.concerns_unit
    units = load_common(read_units)
    off = {code for code, unit in units.by_code.items() if unit.is_off}
    names = {code: name for code, name in name_units().items()
             if code not in off and check_route(concerns, code, units) is None}
    first: list[str] = []
    if may_be_told(setting.scope):
        facts = load_loop(read_triage, setting.scope, options.held.id)
        suggestion = None if facts is None else facts.suggestion
        if suggestion is not None and suggestion.unit_code in names:
            first = [str(suggestion.unit_code)]
    return choose_unit(names, key, first)


def _draw_closing(setting: Setting, wanted: Wanted, options: StepOptions, key: str) -> Wanted:
    left, right = st.columns(2)
    with left:
        outcome = _choose("outcome", Outcome, "outcome", key, setting)
    with right:
        level = _choose("level", ResolutionLevel, "resolution", key, setting)
    wanted = replace(wanted, outcome=outcome, level=level)
    if outcome == Outcome.AGREEMENT:
        wanted = replace(wanted, promised_on=st.date_input(
            t("steps.promised_on"), value=None, min_value=today(), format="YYYY-MM-DD", key=f"promised_{key}"))
    if is_quick(options.held.standing, int(now().timestamp())):
        wanted = replace(wanted, reason=_choose("quick", QuickReason, "quick", key, setting))
    return wanted


def _choose(field: str, codes: Callable[..., Any], group: str, key: str, setting: Setting) -> str | None:
    values = [one.value for one in codes]  # type: ignore[attr-defined]
    names = {code: write_term(group, code, setting.words) for code in values}
    found = st.selectbox(t(f"steps.{field}"), values, index=None, key=f"{field}_{key}",
                         format_func=lambda code: names.get(code, code), placeholder=t("frame.choose"))
    return None if found is None else str(found)

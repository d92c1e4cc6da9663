"""Part of the model card: which groups of features are in the score, who decided it, and the form to decide."""

import logging
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.actions.adopt_groups import PASSED, GroupsAdopted, adopt_groups
from govdesk.actions.backtesting import BacktestRequest, backtest_labels
from govdesk.actions.training import TooLittleDataError
from govdesk.queries.candidate_groups import GroupDecision, groups_in_report, list_group_decisions
from govdesk.rules.access import allows
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.card_judge import read_figure
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import write
from govdesk.ui.cards import build_notice, build_panel_title
from govdesk.ui.formats import write_instant
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.sending import send
from govdesk.ui.tables import Column, draw_table

log = logging.getLogger("govdesk.ui")

FORM, _SEEN, _DONE = "groups", "groups_seen", "_card_backtested"


def draw_groups(view: CardView, label: str) -> None:
    """Draw which groups are in use, the decisions, and for an analyst the form."""
    title = t("groups.title", label=t(f"model_card.label_{label}"))
    decisions = load(list_group_decisions, view.setting.scope, label)
    show(build_panel_title(title, t("groups.note")))
    show(tag("p", _tell_in_use(view, label), class_="gd-card-line"))
    is_waiting = _draw_state(view, label, decisions)
    _draw_outcome()
    if allows(view.setting.scope, "adopt_groups") and view.setting.scope.area_code is None:
        _draw_form(view, label, decisions)
    is_tried = bool(view.report.get("ablation", {}).get(label))
    if not is_tried:
        show(tag("p", t("groups.not_tried"), class_="gd-muted gd-small"))
    if is_waiting or not is_tried:
        _draw_backtest(view)
    _draw_history(view, label, decisions)


def name_group(group: str) -> str:
    """Return the word for a group of candidates; an unknown one is shown as it is."""
    try:
        return t(f"model_card.group_{group}")
    except KeyError:
        return clean_text(group, 40)


def _name_groups(groups: Sequence[str]) -> str:
    return t("model_card.comma").join(name_group(group) for group in groups) or t("groups.none")


def _tell_in_use(view: CardView, label: str) -> str:
    groups = groups_in_report(view.report, label)
    if not groups or view.figures is None:
        return t("groups.in_use_none")
    trial = view.label_report(label).get("together", {})
    figures = {name: write(read_figure(trial.get(key)).value, is_signed=True) for name, key in (
        ("gain", "delta_auc"), ("low", "delta_auc_low"), ("skill", "brier_skill"))}
    return t("groups.in_use", groups=_name_groups(groups), as_of=view.figures.as_of, **figures)


def _draw_state(view: CardView, label: str, decisions: Sequence[GroupDecision]) -> bool:
    """Say what became of the newest decision; return whether it waits for a backtest."""
    if not decisions:
        return False
    newest = decisions[0]
    together = view.label_report(label).get("together", {})
    judged = tuple(together.get("groups", ()))
    if newest.groups != judged:
        show(build_notice(t("groups.waiting", at=write_instant(newest.at), post=name_post(newest.post),
                            groups=_name_groups(newest.groups)), is_warning=True))
        return True
    if newest.groups and not groups_in_report(view.report, label):
        show(build_notice(t("groups.not_together", groups=_name_groups(newest.groups),
                            verdict=t(f"model_card.admission_{together['verdict']}")), is_warning=True))
    return False


def _draw_form(view: CardView, label: str, decisions: Sequence[GroupDecision]) -> None:
    trials = view.report.get("ablation", {}).get(label) or []
    passed = [str(trial["group"]) for trial in trials if trial.get("verdict") in PASSED]
    decided = decisions[0].groups if decisions else ()
    if not passed and not decided:
        if trials:
            show(tag("p", t("groups.nothing_passed"), class_="gd-muted gd-small"))
        return
    key = f"{label}_{session.form_key(FORM)}"
    chosen = st.multiselect(
        t("groups.choose"), passed, default=[group for group in decided if group in passed], format_func=name_group,
        key=f"groups_{key}", help=t("groups.choose_help"), placeholder=t("groups.none"))
    reason = st.text_input(t("groups.reason"), key=f"groups_reason_{key}", max_chars=LONGEST_SUMMARY,
                           help=t("tuning.reason_help"))
    seen = decisions[0].id if decisions else None
    if st.button(t("groups.decide"), type="primary", key=f"groups_decide_{key}", on_click=session.keep_sent,
                 args=(_SEEN, (seen,))):
        kept = session.find_sent(_SEEN)
        send(FORM, lambda: adopt_groups(
            get_engine(), by=view.setting.scope, label=label, groups=chosen, reason=reason or "",
            seen_id=kept[0] if isinstance(kept, tuple) else None), "groups")


def _draw_outcome() -> None:
    """Draw what became of the last decision, until the next one is begun, and of a backtest."""
    told = st.session_state.pop(_DONE, None)
    if told is not None:
        show(build_notice(told))
    done = session.find_sent(FORM)
    if not isinstance(done, GroupsAdopted):
        return
    show(build_notice(t("groups.done", id=done.id)))
    if done.is_masked:
        show(build_notice(t("tuning.done_masked"), is_warning=True))
    for first in done.firsts:
        show(build_notice(t("groups.done_first", post=name_post(first.post), at=write_instant(first.at),
                            groups=_name_groups(first.groups)), is_warning=True))
    session.renew_form(FORM)


def _draw_backtest(view: CardView) -> None:
    """Draw the button that judges what was decided, with its progress; leaving the page ends it without a trace."""
    if not allows(view.setting.scope, "backtest_labels"):
        show(tag("p", t("groups.backtest_by"), class_="gd-muted gd-small"))
        return
    if not st.button(t("groups.backtest"), key="groups_backtest", help=t("groups.backtest_help")):
        return
    bar = st.progress(0.0, text=t("groups.backtest_running"))
    n_placebos = min((one["n_seeds"] for one in view.report.get("placebo", {}).values()), default=0)
    asked = BacktestRequest(n_placebos=n_placebos, with_trials=True)

    def tell(_: str, share: float) -> None:
        bar.progress(min(max(share, 0.0), 1.0), text=t("groups.backtest_running"))

    try:
        backtest_labels(get_engine(), by=view.setting.scope, asked=asked, commit=True, progress=tell)
    except TooLittleDataError:
        bar.empty()
        show(build_notice(t("groups.backtest_too_little"), is_warning=True))
    except Exception:
        log.exception("a backtest failed")
        bar.empty()
        show(build_notice(t("groups.backtest_failed"), is_warning=True))
    else:
        st.session_state[_DONE] = t("groups.backtest_done")
        st.rerun()


def _draw_history(view: CardView, label: str, decisions: Sequence[GroupDecision]) -> None:
    if not decisions:
        return
    rows = pd.DataFrame([_describe(one) for one in decisions])
    columns = (Column("id", t("tuning.number"), "count"), Column("at", t("tuning.adopted_at"), "instant"),
               Column("groups", t("groups.choose"), muted=lambda row: row["trial"] or None),
               Column("post", t("tuning.by")), Column("reason", t("groups.reason")))
    with st.expander(t("groups.history", n=len(decisions))):
        draw_table(rows, columns, export_name=f"card_groups_{label}", note=view.note(t("groups.history", n=len(rows))),
                   empty=t("groups.none"))


def _describe(one: GroupDecision) -> dict[str, Any]:
    trial = t("model_card.comma").join(
        f"{name_group(group)} ΔAUC {write(read_figure(figures.get('delta_auc')).value, is_signed=True)}"
        for group, figures in one.trial.items())
    return {"id": one.id, "at": one.at, "groups": _name_groups(one.groups), "trial": trial,
            "post": name_post(one.post), "reason": clean_text(one.reason, LONGEST_SUMMARY)}


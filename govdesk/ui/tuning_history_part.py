"""All that was adopted: who, when, why, with the figures of then; two of them compared; the newest undone."""

import pandas as pd
import streamlit as st

from govdesk.actions.adopt_thresholds import undo_adoption
from govdesk.queries.adopted_thresholds import DEFAULT, Adoption, Thresholds, list_adoptions
from govdesk.rules.record_checks import LONGEST_SUMMARY
from govdesk.storage.engine import get_engine
from govdesk.ui import session
from govdesk.ui.cards import build_panel_title
from govdesk.ui.formats import write_day
from govdesk.ui.i18n import t
from govdesk.ui.loaders import load_common
from govdesk.ui.markup import clean_text, show, tag
from govdesk.ui.posts import name_post
from govdesk.ui.setting import Setting
from govdesk.ui.tables import Column, draw_table
from govdesk.ui.tuning_adopt_form import FORM, find_seen, keep_seen, may_adopt, send_adoption, tell_figures
from govdesk.ui.tuning_compare_part import draw_compare
from govdesk.ui.tuning_view import View
from govdesk.ui.tuning_words import write_edges, write_figures, write_split

#: Adoptions drawn; all are in the export.
SHOWN = 10


def draw_history(setting: Setting, view: View | None) -> None:
    """Draw the history, the comparison of two and the undoing; without a view nothing can be judged."""
    adoptions = load_common(list_adoptions)
    show(build_panel_title(t("tuning.history"), t("tuning.history_note")))
    rows = pd.DataFrame([_describe(one) for one in adoptions])
    columns = (
        Column("id", t("tuning.number"), "count"), Column("at", t("tuning.adopted_at"), "instant"),
        Column("setting", t("tuning.setting"), muted=lambda row: row["split"]), Column("edges", t("tuning.line_edges")),
        Column("capacity", t("tuning.capacity"), "count", is_narrow=False), Column("post", t("tuning.by")),
        Column("reason", t("tuning.reason")), Column("figures", t("tuning.figures_then"), "rate"),
        Column("replaces", t("tuning.replaces"), is_narrow=False))
    draw_table(rows, columns, export_name="tuning-history", note=setting.note(t("tuning.history"), ""),
               empty=t("tuning.no_history"), n_shown=SHOWN)
    if len(adoptions) > 1 and view is not None and view.has_curve:
        _draw_comparison(view, adoptions)
    if adoptions and may_adopt(setting):
        _draw_undo(setting, view, adoptions)


def _describe(one: Adoption) -> dict[str, object]:
    setting = one.thresholds
    return {
        "id": setting.id, "at": setting.at, "setting": t("tuning.villages", n=setting.visits_per_week),
        "split": write_split(setting), "edges": write_edges(setting), "capacity": setting.capacity_per_week,
        "post": name_post(one.post), "reason": clean_text(setting.reason or ""), "figures": write_figures(one.backtest),
        "replaces": t("tuning.replaces_none") if one.replaces_id is None else str(one.replaces_id)}


def _name(one: Adoption) -> str:
    return t("tuning.record", id=one.thresholds.id, day=write_day(one.thresholds.at),
             k=one.thresholds.visits_per_week)


def _draw_comparison(view: View, adoptions: list[Adoption]) -> None:
    """Draw two records side by side, judged on the backtest of today: figures of then stand in the history."""
    with st.expander(t("tuning.compare_two")):
        names = {int(one.thresholds.id or 0): _name(one) for one in adoptions}
        chosen = []
        with st.container(horizontal=True):
            for name, default in (("first", 1), ("second", 0)):
                chosen.append(st.selectbox(t(f"tuning.compare_{name}"), list(names), index=default, width=320,
                                           format_func=lambda code: names[code], key=f"tuning_compare_{name}",
                                           placeholder=t("frame.choose")))
        by_id = {one.thresholds.id: one.thresholds for one in adoptions}
        first, second = (by_id[one] for one in chosen)
        show(tag("p", t("tuning.compare_today"), class_="gd-muted gd-small"))
        draw_compare(view, second, first, (names[int(first.id or 0)], names[int(second.id or 0)]))


def _draw_undo(setting: Setting, view: View | None, adoptions: list[Adoption]) -> None:
    """Draw the undoing of the newest record: a new one with the values before it."""
    newest, earlier = adoptions[0], adoptions[1].thresholds if len(adoptions) > 1 else DEFAULT
    with st.expander(t("tuning.undo_title", name=_name(newest))):
        show(tag("p", t("tuning.undo_note", k=earlier.visits_per_week, split=write_split(earlier),
                        edges=write_edges(earlier)), class_="gd-small"))
        key = session.form_key(FORM)
        reason = st.text_input(t("tuning.undo_reason"), key=f"tuning_undo_reason_{key}", max_chars=LONGEST_SUMMARY,
                               help=t("tuning.reason_help"))
        if st.button(t("tuning.undo"), key=f"tuning_undo_{key}", on_click=keep_seen, args=(newest.thresholds.id,)):
            send_adoption(lambda: undo_adoption(
                get_engine(), by=setting.scope, undoes_id=find_seen() or 0, reason=reason or "",
                backtest=_tell(view, earlier)))


def _tell(view: View | None, setting: Thresholds) -> dict[str, object]:
    return {} if view is None else tell_figures(view, setting)

"""Part of the model card: the groups of features that were tried, each with the verdict of the one admission rule."""

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.ui.card_charts import build_dots
from govdesk.ui.card_groups_part import draw_groups, name_group
from govdesk.ui.card_judge import read_figure
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import name_feature, write
from govdesk.ui.cards import build_panel_title
from govdesk.ui.formats import NOTHING
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column, draw_table
from models.admission import LEAST_DELTA_AUC_LOW, MOST_FEATURES


def draw_trials(view: CardView, label: str) -> None:
    """Draw what each group of candidates did, and why it enters the score or not."""
    title = t("model_card.trials_title")
    show(build_panel_title(title))
    show(tag("p", t("model_card.trials_rule", low=write(LEAST_DELTA_AUC_LOW), most=MOST_FEATURES)))
    found = view.report.get("ablation", {}).get(label) or []
    rows = pd.DataFrame([_tell(trial) for trial in found])
    if len(rows):
        drawn = rows[["name", "value", "low", "high", "is_ours", "text"]]
        drawn = drawn[drawn["value"].notna()].reset_index(drop=True)
        if len(drawn):
            alt = t("model_card.dots_alt", title=title, text=t("model_card.comma").join(
                f"{name} {text}" for name, text in zip(drawn["name"], drawn["text"], strict=True)))
            drawn, spec = build_dots(drawn, t("model_card.axis_trial"), alt=alt, number="+.3f",
                                     rule=LEAST_DELTA_AUC_LOW)
            st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_trials")
    columns = (
        Column("name", t("model_card.group"), muted=lambda row: row["features"] or None),
        Column("delta", t("model_card.trial_gain"), "rate"), Column("delta_low", t("model_card.trial_low"), "rate"),
        Column("skill", t("model_card.figure_brier_skill"), "rate"), Column("verdict", t("model_card.verdict")),
    )
    draw_table(rows, columns, export_name=f"card_trials_{label}", note=view.note(title, label),
               empty=t("model_card.trials_empty"))
    draw_groups(view, label)


def _tell(trial: Mapping[str, Any]) -> dict[str, object]:
    delta, low = (read_figure(trial.get(name)).value for name in ("delta_auc", "delta_auc_low"))
    verdict = t(f"model_card.admission_{trial['verdict']}") if trial.get("verdict") else NOTHING
    features = trial.get("features")
    names = features if isinstance(features, (list, tuple)) else []
    return {
        "name": name_group(str(trial.get("group"))), "value": delta, "low": low,
        "high": delta if isfinite(low) else nan, "is_ours": trial.get("verdict") == "enters",
        "text": f"{write(delta, is_signed=True)} · {verdict}",
        "features": t("model_card.comma").join(name_feature(str(name)) for name in names),
        "delta": write(delta, is_signed=True), "delta_low": write(low, is_signed=True),
        "skill": write(read_figure(trial.get("brier_skill")).value, is_signed=True), "verdict": verdict}

"""Part of the model card: figures next to every baseline and the placebo, strata, horizons, and what was tried."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import pandas as pd
import streamlit as st

from govdesk.ui.card_charts import build_dots
from govdesk.ui.card_judge import BASELINES, CLASSIFIER, find_difference, find_score, read_figure
from govdesk.ui.card_trials_part import draw_trials
from govdesk.ui.card_view import CardView
from govdesk.ui.card_words import (
    tell_best,
    tell_ground,
    tell_verdict,
    write,
    write_figure,
    write_interval,
    write_percent,
    write_range,
)
from govdesk.ui.cards import build_notice, build_panel_title, panel
from govdesk.ui.formats import NOTHING
from govdesk.ui.i18n import t
from govdesk.ui.markup import show, tag
from govdesk.ui.tables import Column, draw_table

SCORERS = (CLASSIFIER, *BASELINES)
#: Columns of the table, in order.
FIGURES = ("auc", "average_precision", "precision_at_10", "capture_at_10", "brier_skill", "ece", "slope")


def draw_accuracy(view: CardView) -> None:
    """Draw how well one label is found."""
    label = view.label
    if not view.label_report(label):
        show(tag("p", t("model_card.label_not_judged"), class_="gd-empty"))
        return
    verdict = view.judge(label)
    with panel("card-scores"):
        title = t("model_card.captures_title", label=t(f"model_card.label_{label}"))
        show(build_panel_title(title, view.say_window(label)))
        best = tell_best(verdict)
        if best:
            show(build_notice(best, is_warning=True))
        show(tag("p", tag("b", tell_verdict(verdict)), " · ", tell_ground(verdict)))
        _draw_captures(view, label, title)
        _draw_scores(view, label)
    with panel("card-strata"):
        _draw_strata(view, label)
    with panel("card-horizons"):
        _draw_horizons(view, label)
    with panel("card-trials"):
        draw_trials(view, label)


def _draw_captures(view: CardView, label: str, title: str) -> None:
    rows = []
    for name in SCORERS:
        figure = find_score(view.report, label, name, "capture_at_10")
        text, interval = write_figure("capture_at_10", figure)
        rows.append({"name": t(f"model_card.scorer_{name}"), "value": figure.value, "low": figure.low,
                     "high": figure.high, "is_ours": name == CLASSIFIER, "text": f"{text} {interval}".strip()})
    frame = pd.DataFrame(rows)
    frame = frame[frame["value"].notna()].reset_index(drop=True)
    if frame.empty:
        return
    alt = t("model_card.dots_alt", title=title, text=t("model_card.comma").join(
        f"{row['name']} {row['text']}" for row in frame.to_dict("records")))
    drawn, spec = build_dots(frame, t("model_card.axis_capture"), alt=alt, number=".0%")
    st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_captures")


def _draw_scores(view: CardView, label: str) -> None:
    title = t("model_card.scores_title")
    show(build_panel_title(title, t("model_card.scores_note")))
    rows = pd.DataFrame([_build_row(view, label, name) for name in SCORERS])
    columns = [Column("name", t("model_card.scorer"), muted=lambda row: row["about"])]
    columns += [Column(name, t(f"model_card.figure_{name}"), "rate", muted=_small(name), is_narrow=name == "auc")
                for name in ("auc", "gain", *FIGURES[1:])]
    draw_table(rows, tuple(columns), export_name=f"card_scores_{label}", note=view.note(title, label),
               empty=t("model_card.label_not_judged"), prepare_export=_spell_out)


def _small(name: str) -> Any:
    return lambda row: row[f"{name}_small"] or None


def _spell_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with each interval beside its figure: an export has no small print."""
    return rows.assign(**{
        name: [f"{text} {small}".strip() for text, small in zip(rows[name], rows[f"{name}_small"], strict=True)]
        for name in ("auc", "gain", *FIGURES[1:])})


def _build_row(view: CardView, label: str, scorer: str) -> dict[str, object]:
    row: dict[str, object] = {"name": t(f"model_card.scorer_{scorer}"), "about": t(f"model_card.about_{scorer}")}
    for name in FIGURES:
        row[name], row[f"{name}_small"] = write_figure(name, find_score(view.report, label, scorer, name))
    gain = find_difference(view.report, label, scorer, "auc")
    small = [write_interval(gain, is_signed=True)]
    if scorer == CLASSIFIER:
        # Printed beside the real gain, and nowhere without it.
        verdict = view.judge(label)
        key = "groups.row_without" if verdict.has_groups else "model_card.placebo_range"
        small.append(t(key, gain=write(verdict.gain.value, is_signed=True), range=write_range(verdict.placebos)))
    row["gain"] = NOTHING if scorer == "eb52" else write(gain.value, is_signed=True)
    row["gain_small"] = " ".join(part for part in small if part)
    return row


def _draw_strata(view: CardView, label: str) -> None:
    title = t("model_card.strata_title")
    show(build_panel_title(title, t("model_card.strata_note")))
    found = view.figures.strata.get(label) if view.figures else None
    if found is None or found.empty:
        show(tag("p", t("model_card.strata_empty"), class_="gd-empty"))
        return
    rows = _tell_strata(found)
    known = rows[rows["caught"].notna()].reset_index(drop=True)
    if len(known):
        drawn = pd.DataFrame({
            "name": known["name"], "value": known["caught"], "low": known["caught_low"], "high": known["caught_high"],
            "other": known["caught_baseline"], "is_ours": True, "text": known["caught_text"]})
        alt = t("model_card.dots_alt", title=title, text=t("model_card.comma").join(
            f"{name} {text}" for name, text in zip(known["name"], known["caught_text"], strict=True)))
        drawn, spec = build_dots(drawn, t("model_card.axis_strata"), alt=alt, number=".0%")
        st.vega_lite_chart(drawn, spec, theme=None, width="stretch", key="card_strata")
    columns = (
        Column("name", t("model_card.stratum")), Column("n_places", t("model_card.n_places"), "count"),
        Column("rate_text", t("model_card.base_rate"), "rate", muted=lambda row: row["rate_of"]),
        Column("caught_text", t("model_card.caught"), "rate", muted=lambda row: row["caught_of"] or None),
        Column("auc_text", t("model_card.figure_auc"), "rate", is_narrow=False,
               muted=lambda row: t("model_card.baseline_auc", auc=row["auc_baseline_text"])),
        Column("delta_text", t("model_card.figure_gain"), "rate", muted=lambda row: row["delta_small"] or None),
    )
    draw_table(rows, columns, export_name=f"card_strata_{label}", note=view.note(title, label),
               empty=t("model_card.strata_empty"))


def _tell_strata(found: pd.DataFrame) -> pd.DataFrame:
    """Return the strata with their figures as text; counts only where they are too few."""
    told = []
    for row in found.to_dict("records"):
        is_few = not isfinite(row["caught"])
        interval = (f"[{write_percent(row['caught_low'])}, {write_percent(row['caught_high'])}]"
                    if isfinite(row["caught_low"]) else "")
        gain = read_figure({"value": row["delta"], "low": row["delta_low"], "high": row["delta_high"]})
        told.append({
            "name": t(f"model_card.stratum_{row['stratum']}"),
            "rate_text": NOTHING if is_few else write_percent(row["n_positive"] / row["n_rows"]),
            "rate_of": f"{row['n_positive']:,}/{row['n_rows']:,}",
            "caught_text": f"{row['n_caught']}/{row['n_positive']}" if is_few else
            f"{write_percent(row['caught'])} {interval}".strip(),
            "caught_of": "" if is_few else t("model_card.caught_of", n=f"{row['n_caught']:,}",
                                             of=f"{row['n_positive']:,}", eb52=write_percent(row["caught_baseline"])),
            "auc_text": write(row["auc"]), "auc_baseline_text": write(row["auc_baseline"]),
            "delta_text": write(row["delta"], is_signed=True), "delta_small": write_interval(gain, is_signed=True)})
    return pd.concat([found.reset_index(drop=True), pd.DataFrame(told)], axis=1)


def _draw_horizons(view: CardView, label: str) -> None:
    title = t("model_card.horizons_title")
    show(build_panel_title(title, t("model_card.horizons_note")))
    rows = pd.DataFrame(list_horizons(view.report.get("horizons") or {}, label))
    columns = (
        Column("weeks", t("model_card.horizon_weeks"), "count"),
        Column("least", t("model_card.least"), "rate"), Column("base_rate", t("model_card.base_rate"), "rate"),
        Column("auc", t("model_card.figure_auc"), "rate"),
        Column("gain", t("model_card.figure_gain"), "rate", muted=lambda row: row["gain_small"] or None),
        Column("capture", t("model_card.figure_capture_at_10"), "rate"),
        Column("skill", t("model_card.figure_brier_skill"), "rate"),
        Column("slope", t("model_card.figure_slope"), "rate"), Column("dates", t("model_card.n_dates"), "count"),
    )
    draw_table(rows, columns, export_name=f"card_horizons_{label}", note=view.note(title, label),
               empty=t("model_card.horizons_empty"))


def list_horizons(horizons: Mapping[str, Any], label: str) -> list[dict[str, object]]:
    """Return the short figures of a label by horizon, the shortest first."""
    rows: list[dict[str, object]] = []
    for weeks in sorted(horizons, key=int):
        found = horizons[weeks].get(label)
        if not found:
            continue
        gain, rate = read_figure(found.get("delta_auc")), read_figure(found.get("base_rate")).value
        auc, capture, skill, slope = (read_figure(found.get(name)) for name in (
            "auc", "capture_at_10", "brier_skill", "slope"))
        rows.append({
            "weeks": int(weeks), "base_rate": write(rate), "least": (
                t("model_card.own_count") if label == "surge" else t(
                    "model_card.at_least", n=found.get("min_count", NOTHING))),
            "auc": write(auc.value),
            "gain": write(gain.value, is_signed=True), "gain_small": write_interval(gain, is_signed=True),
            "capture": write_percent(capture.value),
            "skill": write(skill.value, is_signed=True), "slope": write(slope.value, digits=2),
            "dates": found.get("dates", 0)})
    return rows
